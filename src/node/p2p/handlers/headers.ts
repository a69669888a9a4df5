// Headers that come in, and the questions that bring them (Core net_processing.cpp: headers, ProcessHeadersMessage,
// HeadersDirectFetchBlocks, and what SendMessages does about headers). The decisions are headers-sync.ts's.

import type { BlockEntry } from '../../../kernel/chain/block-index.ts';
import { asBlockHash, type BlockHash, formatHash, HASH_BYTES } from '../../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../../kernel/primitives/header.ts';
import type { HeadersMessage } from '../../wire/messages.ts';
import { HashList, InventoryList } from '../../wire/packed-lists.ts';
import { MAX_HEADERS_RESULTS, MSG_BLOCK, MSG_CMPCT_BLOCK } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import type { HeadersFault, HeadersRequest, SyncLine } from '../headers-sync.ts';
import { type BlockSource, findBlockOffence } from '../misbehavior.ts';
import { asHealthChain } from '../outbound-health.ts';
import type { Peer } from '../peer.ts';

/** In a `getheaders`: as far as the peer can. */
const NO_STOP: BlockHash = asBlockHash(new Uint8Array(HASH_BYTES));

/** `headers` */
export function onHeaders(context: P2pContext, peer: Peer, { headers }: HeadersMessage): void {
  if (headers.length > MAX_HEADERS_RESULTS) {
    context.misbehaving(peer, 'oversize-headers', String(headers.length));
    return;
  }
  processHeaders(context, peer, headers, 'headers');
}

/** Takes in headers of a peer, whichever way they came. */
export function processHeaders(
  context: P2pContext,
  peer: Peer,
  headers: readonly BlockHeader[],
  source: Extract<BlockSource, 'headers' | 'compact-block-as-headers'>,
): void {
  const { request, fault, accepted, lines } = context.headersSync.receive(peer.id, headers, context);
  for (const line of lines) writeLine(context, line);
  if (fault !== null) punish(context, peer, fault, source);
  if (request !== null) sendRequest(context, peer, request);
  if (accepted === null) return;
  const { download, health, chain } = context;
  const bestKnown = download.bestKnown(peer.id);
  const offence = health.headersAccepted(peer, { ...accepted, bestKnown }, asHealthChain(chain), context.nowMs);
  if (offence !== null) context.misbehaving(peer, offence);
  if (!peer.isDisconnecting) fetchDirectly(context, peer, accepted.last);
}

function writeLine(context: P2pContext, { to, text }: SyncLine): void {
  if (to === 'info') context.info(text);
  else context.debug(to, text);
}

function punish(context: P2pContext, peer: Peer, fault: HeadersFault, source: BlockSource): void {
  if (fault.offence !== 'invalid-header') {
    context.misbehaving(peer, fault.offence);
    return;
  }
  const { kind, debug } = fault.reject;
  const isInbound = peer.kind === 'inbound';
  if (kind === 'cached-invalid' && !isInbound) {
    context.info(
      `${debug ?? fault.reject.reason} (received from peer=${peer.id}). If this happens with all peers, consider database ` +
        'corruption (that -reindex may fix) or a potential consensus incompatibility.',
    );
  }
  const offence = findBlockOffence(kind, source, isInbound);
  if (offence === null) context.debug('net', `peer=${peer.id}: invalid header received`);
  else context.misbehaving(peer, offence);
}

/** Sends a `getheaders` that headers-sync.ts has decided on. */
export function sendRequest(context: P2pContext, peer: Peer, { locator, text }: HeadersRequest): void {
  sendGetHeaders(context, peer, locator);
  context.debug('net', text);
}

function sendGetHeaders(context: P2pContext, peer: Peer, locator: readonly BlockHash[]): void {
  context.send(peer, { type: 'getheaders', locator: HashList.of(locator), stopHash: NO_STOP });
}

/** Asks for headers from an entry on, unless the peer still owes an answer (Core MaybeSendGetHeaders). */
export function askForHeaders(context: P2pContext, peer: Peer, from: BlockEntry): void {
  const locator = context.headersSync.ask(peer.id, from, context.nowMs);
  if (locator !== null) sendGetHeaders(context, peer, locator);
}

/** Asks for headers up to a block that the peer named, and that we neither know nor have asked for. */
export function askForHeadersTo(context: P2pContext, peer: Peer, blockHash: Uint8Array): void {
  const request = context.headersSync.blockAnnounced(peer.id, blockHash, context);
  if (request !== null) sendRequest(context, peer, request);
}

/** Begins to ask the peer for headers when it is its turn; part of the regular work on a peer. */
export function tickHeaders(context: P2pContext, peer: Peer): void {
  const request = context.headersSync.start(peer.id, context);
  if (request !== null) sendRequest(context, peer, request);
}

/** Fetches the blocks towards a header that the peer has just shown, if they are few and our tip is of today. */
function fetchDirectly(context: P2pContext, peer: Peer, last: BlockEntry): void {
  const { download, chain } = context;
  const { index } = chain;
  const plan = download.fetchDirectly(peer.id, last, context);
  if (plan === null) return;
  const target = `${formatHash(index.blockHash(last))} (${index.height(last)})`;
  if (plan.outcome === 'large-reorg') {
    context.debug('net', `Large reorg, won't direct fetch to ${target}`);
    return;
  }
  for (const entry of plan.entries) {
    context.debug('net', () => `Requesting block ${formatHash(index.blockHash(entry))} from peer=${peer.id}`);
  }
  if (plan.entries.length > 1) context.debug('net', `Downloading blocks toward ${target} via headers direct fetch`);
  const asCompact = plan.suitsCompact && !context.local.isBlocksOnly && context.compact.providesCompact(peer.id);
  const type = asCompact ? MSG_CMPCT_BLOCK : (download.role(peer.id)?.blockType ?? MSG_BLOCK);
  const items = plan.entries.map((entry) => ({ type, hash: index.blockHash(entry) }));
  context.send(peer, { type: 'getdata', items: InventoryList.of(items) });
}
