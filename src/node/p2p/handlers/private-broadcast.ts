// What is said on a connection of private broadcast (Core net_processing.cpp, wherever it asks IsPrivateBroadcastConn): one
// transaction, and nothing about us. Our version says the same for every node; the transaction is offered by its txid, handed over
// when it is asked for, and a ping behind it shows by its pong that it has arrived. Then the connection is over. Whatever else the
// peer says is ignored, and nothing else leaves, whoever would send it.

import { formatHash } from '../../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../../kernel/primitives/transaction.ts';
import { equalBytes } from '../../../kernel/util/bytes.ts';
import type { InventoryMessage, Message, PongMessage, VersionMessage } from '../../wire/messages.ts';
import { unspecifiedAddress } from '../../wire/net-address.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import { MSG_TX, NODE_NONE, sanitizeText, WTXID_RELAY_VERSION } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import { formatPeerForLog } from '../misbehavior.ts';
import type { Peer } from '../peer.ts';
import { maybeSendPing, onPong } from './ping.ts';

/** The version that is said to be spoken: the last one that most nodes speak (Core AdvertisedVersion). */
export const PRIVATE_VERSION: number = WTXID_RELAY_VERSION;

/** What every node calls itself there (Core): so that none is told from another. */
const PRIVATE_USER_AGENT = '/pynode:0.0.1/';

/** A connection lasts no longer (Core PRIVATE_BROADCAST_MAX_CONNECTION_LIFETIME). */
const LIFETIME_MS: number = 3 * 60_000;

/** All that may leave (Core IsOutboundMessageAllowedInPrivateBroadcast). */
const OUTGOING: ReadonlySet<string> = new Set<Message['type']>(['version', 'verack', 'inv', 'tx', 'ping']);

/** Whether the connection is for one transaction of our own. */
export function isPrivate(peer: Pick<Peer, 'kind'>): boolean {
  return peer.kind === 'private-broadcast';
}

/** False for a message that must not leave: it would show something about us. */
export function mayLeave(context: P2pContext, peer: Peer, type: string): boolean {
  if (!isPrivate(peer) || OUTGOING.has(type)) return true;
  context.debug('privatebroadcast', `Omitting send of message '${sanitizeText(type)}', ${formatPeerForLog(peer)}`);
  return false;
}

/** Takes what comes in; false for what belongs to the handshake, which is the same as everywhere. */
export function onPrivateMessage(context: P2pContext, peer: Peer, message: Message): boolean {
  const isEstablished = peer.stage === 'established';
  if (!isEstablished && (message.type === 'version' || message.type === 'verack')) return false;
  if (isEstablished && message.type === 'getdata') handOver(context, peer, message);
  else if (isEstablished && message.type === 'pong') takePong(context, peer, message);
  else ignoreMessage(context, peer, message.type);
  return true;
}

/** A message that is not listened to on this connection. */
export function ignoreMessage(context: P2pContext, peer: Peer, type: string): void {
  context.debug('privatebroadcast', `Ignoring incoming message '${sanitizeText(type)}', ${formatPeerForLog(peer)}`);
}

/** What introduces us: nothing in it is of us. */
export function privateVersion({ localNonce }: Peer): VersionMessage {
  return {
    type: 'version',
    version: PRIVATE_VERSION,
    services: NODE_NONE,
    timeSec: 0,
    receiverServices: NODE_NONE,
    receiver: unspecifiedAddress(),
    nonce: localNonce,
    userAgent: PRIVATE_USER_AGENT,
    startHeight: 0,
    relay: false,
  };
}

/** The peer has introduced itself. */
export function answerVersion(context: P2pContext, peer: Peer, { relay }: VersionMessage): void {
  if (relay) context.send(peer, { type: 'verack' });
  else end(context, peer, 'does not support transaction relay (connected in vain)');
}

/** The handshake is done: the transaction is offered. */
export function offerTransaction(context: P2pContext, peer: Peer): void {
  const transaction = context.privateBroadcast.choose(peer.id, peer.address, context);
  if (transaction === null) {
    end(context, peer, 'no more transactions for private broadcast (connected in vain)');
    return;
  }
  const { txid, wtxid, hasWitness } = transaction;
  const name = `txid=${formatHash(txid)}${hasWitness ? `, wtxid=${formatHash(wtxid)}` : ''}`;
  const what = `P2P handshake completed, sending INV for ${name}`;
  context.debug('privatebroadcast', `${what}, ${formatPeerForLog(peer)}`);
  context.send(peer, { type: 'inv', items: InventoryList.of([{ type: MSG_TX, hash: txid }]) });
}

/** The peer asks for something; the transaction is all it gets. */
function handOver(context: P2pContext, peer: Peer, { items }: InventoryMessage): void {
  const transaction = context.privateBroadcast.chosenFor(peer.id);
  if (transaction === null) {
    end(context, peer, 'got GETDATA without sending an INV');
    return;
  }
  const isExpected = items.count === 1 && items.type(0) === MSG_TX && equalBytes(items.hash(0), transaction.txid);
  if (!isExpected) {
    end(context, peer, 'got an unexpected GETDATA message');
    return;
  }
  context.send(peer, { type: 'tx', transaction, isStripped: false });
  peer.isPingQueued = true;
  maybeSendPing(context, peer);
}

/** The pong to our ping shows that what was sent before it has arrived. */
function takePong(context: P2pContext, peer: Peer, message: PongMessage): void {
  const isAnswer = message.nonce !== null && message.nonce === peer.pingNonce;
  onPong(context, peer, message);
  if (!isAnswer) return;
  context.privateBroadcast.confirmed(peer.id, context);
  const what = 'Got a PONG (the transaction will probably reach the network), marking for disconnect';
  context.debug('privatebroadcast', `${what}, ${formatPeerForLog(peer)}`);
  context.disconnect(peer, '');
}

/** The regular work: the connection is over in time. */
export function tickPrivate(context: P2pContext, peer: Peer): void {
  if (context.nowMs - peer.connectedAtMs <= LIFETIME_MS) return;
  end(context, peer, `did not complete the transaction send within ${LIFETIME_MS / 1000} seconds`);
}

/** Somebody has sent us a transaction: if it is one of these, it has reached the network. */
export function noteReturned(context: P2pContext, peer: Peer, transaction: Transaction): void {
  if (!context.privateBroadcast.remove(transaction)) return;
  const what = `Received our privately broadcast transaction (txid=${formatHash(transaction.txid)}) from the network`;
  context.debug('privatebroadcast', `${what} from ${formatPeerForLog(peer)}; stopping private broadcast attempts`);
}

function end(context: P2pContext, peer: Peer, why: string): void {
  context.debug('privatebroadcast', `Disconnecting: ${why}, ${formatPeerForLog(peer)}`);
  context.disconnect(peer, '');
}
