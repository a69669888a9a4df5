// Block filters (BIP157), which we offer where the operator says so. Our version message tells, and who asks for what we do not have
// has not listened and would wait for ever (W14; Core disconnects).

import { type BlockEntry, NO_ENTRY } from '../../../kernel/chain/block-index.ts';
import { formatHash } from '../../../kernel/primitives/hashes.ts';
import { BASIC_FILTER_TYPE } from '../../index/block-filter.ts';
import type { GetCFCheckptMessage, GetCFiltersMessage } from '../../wire/messages.ts';
import { NODE_COMPACT_FILTERS } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import { FILTER_HASHES_MAX, FILTERS_MAX } from '../filter-serving.ts';
import type { Peer } from '../peer.ts';

/** `getcfilters` (BIP157) */
export function onGetCFilters(context: P2pContext, peer: Peer, message: GetCFiltersMessage): void {
  const stop = findStop(context, peer, message);
  if (stop === NO_ENTRY || !isWithinBounds(context, peer, message, stop, FILTERS_MAX)) return;
  context.filterServing.add(peer.id, { type: 'filters', startHeight: message.startHeight, stop });
  serveNextFilters(context, peer);
}

/** `getcfheaders` (BIP157) */
export function onGetCFHeaders(context: P2pContext, peer: Peer, message: GetCFiltersMessage): void {
  const stop = findStop(context, peer, message);
  if (stop === NO_ENTRY || !isWithinBounds(context, peer, message, stop, FILTER_HASHES_MAX)) return;
  context.filterServing.add(peer.id, { type: 'hashes', startHeight: message.startHeight, stop });
  serveNextFilters(context, peer);
}

/** `getcfcheckpt` (BIP157) */
export function onGetCFCheckpt(context: P2pContext, peer: Peer, message: GetCFCheckptMessage): void {
  const stop = findStop(context, peer, message);
  if (stop === NO_ENTRY) return;
  context.filterServing.add(peer.id, { type: 'checkpoints', stop });
  serveNextFilters(context, peer);
}

/** Answers the next portion of the request that waits; called again by the shell as long as there is more. */
export function serveNextFilters(context: P2pContext, peer: Peer): void {
  const portion = context.filterServing.takeNext(peer.id);
  if (portion !== null) context.serveFilters(peer, portion);
}

/** The last block that a request names, if we serve filters of such blocks to this peer; NO_ENTRY: it is being disconnected. */
function findStop(
  context: P2pContext,
  peer: Peer,
  { filterType, stopHash }: GetCFiltersMessage | GetCFCheckptMessage,
): BlockEntry {
  const isOffered = (peer.localServices & NODE_COMPACT_FILTERS) !== 0n;
  if (!isOffered || filterType !== BASIC_FILTER_TYPE) {
    context.misbehaving(peer, 'unsupported-block-filter', String(filterType));
    return NO_ENTRY;
  }
  const stop = context.chain.index.find(stopHash);
  if (stop !== NO_ENTRY && context.serving.isAllowed(stop)) return stop;
  context.misbehaving(peer, 'unknown-block-filter-stop', formatHash(stopHash));
  return NO_ENTRY;
}

function isWithinBounds(
  context: P2pContext,
  peer: Peer,
  { startHeight }: GetCFiltersMessage,
  stop: BlockEntry,
  countMax: number,
): boolean {
  const stopHeight = context.chain.index.height(stop);
  if (startHeight > stopHeight) {
    context.misbehaving(peer, 'backward-block-filters', `start height ${startHeight} and stop height ${stopHeight}`);
    return false;
  }
  const count = stopHeight - startHeight + 1;
  if (count <= countMax) return true;
  context.misbehaving(peer, 'too-many-block-filters', `${count} / ${countMax}`);
  return false;
}
