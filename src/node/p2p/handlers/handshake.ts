// The negotiation at the beginning of a connection (Core net_processing.cpp: PushNodeVersion, and the messages up to verack). Who
// connected speaks first; each side answers the other's version with what it can do and a verack. Nothing else is listened to
// before (W06), and nothing of this may come after it (W07).

import type { EmptyMessage, FeatureMessage, VersionMessage } from '../../wire/messages.ts';
import { formatNetAddress, isAddrV1Compatible, isRoutable, unspecifiedAddress } from '../../wire/net-address.ts';
import {
  FEATURE_VERSION,
  MIN_FEATUREID_LENGTH,
  MIN_PEER_PROTO_VERSION,
  NODE_BLOOM,
  PROTOCOL_VERSION,
  SHORT_IDS_BLOCKS_VERSION,
  sanitizeText,
  WTXID_RELAY_VERSION,
} from '../../wire/protocol.ts';
import { isOutboundOrBlockRelay } from '../connection-kind.ts';
import type { P2pContext } from '../context.ts';
import { estimateBlocksBehind, getDesirableServices, hasDesirableServices } from '../desirable-services.ts';
import { formatPeerForLog } from '../misbehavior.ts';
import type { Peer } from '../peer.ts';
import { computeTimeOffset } from '../time-offsets.ts';
import { answerVersion, isPrivate, offerTransaction, PRIVATE_VERSION, privateVersion } from './private-broadcast.ts';
import { offerReconciliation, settleReconciliation } from './reconciliation.ts';
import { refusesTransactions } from './transaction-refusal.ts';

/** Introduces us. */
export function sendVersion(context: P2pContext, peer: Peer): void {
  const message = isPrivate(peer) ? privateVersion(peer) : ownVersion(context, peer);
  const { version, startHeight, relay } = message;
  context.send(peer, message);
  context.debug(
    'net',
    `send version message: version=${version}, blocks=${startHeight}, txrelay=${relay ? 1 : 0}, peer=${peer.id}`,
  );
}

function ownVersion(context: P2pContext, peer: Peer): VersionMessage {
  const { address } = peer;
  return {
    type: 'version',
    version: PROTOCOL_VERSION,
    services: peer.localServices,
    timeSec: context.nowSec,
    receiverServices: 0n,
    receiver: isRoutable(address) && isAddrV1Compatible(address) ? address : unspecifiedAddress(),
    nonce: peer.localNonce,
    userAgent: context.local.userAgent,
    startHeight: context.chain.active.height,
    relay: !refusesTransactions(context, peer),
  };
}

function toHex8(services: bigint): string {
  return services.toString(16).padStart(8, '0');
}

/** True when the peer is of use; otherwise it is being disconnected. */
function checkUsefulness(context: P2pContext, peer: Peer, message: VersionMessage): boolean {
  const { chain, params, nowSec } = context;
  const tipTimeSec = chain.index.timeSec(chain.active.tip);
  const behind = estimateBlocksBehind(tipTimeSec, nowSec, params.consensus.pow.spacingSec);
  peer.hasWantedServices = hasDesirableServices(message.services, behind);
  const expectsServices = isOutboundOrBlockRelay(peer.kind) || peer.kind === 'addr-fetch';
  if (expectsServices && !peer.hasWantedServices) {
    const wanted = getDesirableServices(message.services, behind);
    context.misbehaving(peer, 'missing-services', `${toHex8(message.services)} offered, ${toHex8(wanted)} expected`);
    return false;
  }
  if (message.version < MIN_PEER_PROTO_VERSION) {
    context.misbehaving(peer, 'obsolete-version', String(message.version));
    return false;
  }
  return true;
}

/** `version` */
export function onVersion(context: P2pContext, peer: Peer, message: VersionMessage): void {
  if (peer.stage !== 'awaiting-version') {
    context.misbehaving(peer, 'redundant-version');
    return;
  }
  const isInbound = peer.kind === 'inbound';
  // What is learnt on a connection for one transaction must not show anywhere else.
  if (!isInbound && !isPrivate(peer)) context.addressManager.setServices(peer.address, message.services);
  if (!checkUsefulness(context, peer, message)) return;
  if (isInbound && context.isOwnNonce(message.nonce)) {
    context.info(`connected to self at ${formatNetAddress(peer.address)}, disconnecting`);
    context.disconnect(peer, 'connected to self');
    return;
  }
  if (isInbound && isRoutable(message.receiver)) context.addrRelay.seenLocal(message.receiver);
  if (isInbound) sendVersion(context, peer);
  noteVersion(context, peer, message);
  context.privateBroadcast.noteIntroduction(peer);
  if (isPrivate(peer)) {
    answerVersion(context, peer, message);
    return;
  }
  sendFeatures(context, peer);
  context.joined(peer);
  if (!isInbound) context.addressManager.good(peer.address, context.nowSec);
  noteTimeOffset(context, peer, message);
  if (peer.kind === 'feeler') context.disconnect(peer, 'feeler connection completed');
}

function noteVersion(context: P2pContext, peer: Peer, message: VersionMessage): void {
  peer.stage = 'awaiting-verack';
  peer.version = Math.min(message.version, isPrivate(peer) ? PRIVATE_VERSION : PROTOCOL_VERSION);
  peer.services = message.services;
  peer.userAgent = sanitizeText(message.userAgent);
  peer.startHeight = message.startHeight;
  peer.seenLocalAddress = message.receiver;
  const isForTransactions = peer.kind !== 'block-relay-only' && peer.kind !== 'feeler' && !isPrivate(peer);
  peer.wantsTransactions = isForTransactions && message.relay;
  // Where we offer bloom filters it may want them later.
  peer.mayWantTransactions = isForTransactions && (message.relay || (peer.localServices & NODE_BLOOM) !== 0n);
  const who = peer.userAgent === '' ? '<no user agent>' : peer.userAgent;
  context.debug(
    'net',
    `receive version message: ${who}: version ${message.version}, blocks=${message.startHeight}, ` +
      `us=${formatNetAddress(message.receiver)}, txrelay=${message.relay ? 1 : 0}, peer=${peer.id}${describeSystem(context, peer)}`,
  );
}

/** How a line about a peer ends: with its autonomous system, where there is a map that knows it. */
function describeSystem({ addressManager }: P2pContext, { address }: Peer): string {
  const system = addressManager.tables.groups.mappedAs(address);
  return system === 0 ? '' : `, mapped_as=${system}`;
}

/** What we can do, before our verack. */
function sendFeatures(context: P2pContext, peer: Peer): void {
  if (peer.version >= WTXID_RELAY_VERSION) {
    context.send(peer, { type: 'wtxidrelay' });
    context.send(peer, { type: 'sendaddrv2' });
  }
  offerReconciliation(context, peer);
  context.send(peer, { type: 'verack' });
}

function noteTimeOffset(context: P2pContext, peer: Peer, message: VersionMessage): void {
  peer.timeOffsetSec = computeTimeOffset(message.timeSec, context.nowSec);
  // Whoever connects to us is not asked: anybody could make our warnings false.
  if (peer.kind !== 'inbound') context.noteTimeOffset(peer.timeOffsetSec);
}

/** `verack` */
export function onVerack(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  if (peer.stage === 'established') {
    context.misbehaving(peer, 'redundant-verack');
    return;
  }
  const { kind, transport, version } = peer;
  const who = `${formatPeerForLog(peer)}${describeSystem(context, peer)}`;
  const line = `New ${kind} peer connected: transport: ${transport}, version: ${version}, ${who}`;
  // Others could fill the log with connections to us.
  if (peer.kind === 'inbound') context.debug('net', line);
  else context.info(line);
  if (isPrivate(peer)) {
    peer.stage = 'established';
    offerTransaction(context, peer);
    return;
  }
  if (peer.version >= SHORT_IDS_BLOCKS_VERSION) context.send(peer, { type: 'sendcmpct', announce: 0, version: 2n });
  settleReconciliation(context, peer);
  context.txDownload.peerJoined(peer.id, {
    isPreferred: context.download.role(peer.id)?.isPreferred ?? false,
    hasRelayPermission: peer.permissions.relay,
    announcesByWtxid: peer.announcesByWtxid,
  });
  peer.stage = 'established';
}

/** `wtxidrelay` (BIP339) */
export function onWtxidRelay(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  if (peer.stage === 'established') {
    context.misbehaving(peer, 'late-wtxidrelay');
  } else if (peer.version < WTXID_RELAY_VERSION) {
    context.debug('net', `ignoring wtxidrelay due to old common version=${peer.version} from peer=${peer.id}`);
  } else if (peer.announcesByWtxid) {
    context.misbehaving(peer, 'redundant-wtxidrelay');
  } else {
    peer.announcesByWtxid = true;
  }
}

/** `sendaddrv2` (BIP155) */
export function onSendAddrV2(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  if (peer.stage === 'established') context.misbehaving(peer, 'late-sendaddrv2');
  else peer.wantsAddrV2 = true;
}

/** `sendheaders` (BIP130) */
export function onSendHeaders(_context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  peer.wantsHeaders = true;
}

/** `feature` (BIP434): we know none yet, so that a well-formed one is ignored. */
export function onFeature(context: P2pContext, peer: Peer, message: FeatureMessage): void {
  if (peer.stage === 'established') {
    context.misbehaving(peer, 'late-feature');
  } else if (peer.version < FEATURE_VERSION) {
    context.misbehaving(peer, 'feature-without-version', String(peer.version));
  } else if (message.featureId.length < MIN_FEATUREID_LENGTH) {
    context.misbehaving(peer, 'invalid-feature');
  } else {
    context.debug('net', `unknown feature advertised: ${sanitizeText(message.featureId)}`);
  }
}
