// Services that we do not offer: bloom filters (BIP37) and block filters over the network (BIP157). Our version message says so, and
// who asks all the same has not listened and would wait for ever (W14; Core disconnects). The list of the mempool (BIP35) goes with
// bloom filters, and is given to whom the operator permits it.

import type {
  EmptyMessage,
  FilterAddMessage,
  FilterLoadMessage,
  GetCFCheckptMessage,
  GetCFiltersMessage,
} from '../../wire/messages.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

/** `mempool` (BIP35) */
export function onMempool(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  if (peer.permissions.mempool) context.txRelay.requestMempool(peer.id);
  else context.misbehaving(peer, 'mempool-without-bloom');
}

/** `filterload` (BIP37) */
export function onFilterLoad(context: P2pContext, peer: Peer, _message: FilterLoadMessage): void {
  context.misbehaving(peer, 'unoffered-filterload');
}

/** `filteradd` (BIP37) */
export function onFilterAdd(context: P2pContext, peer: Peer, _message: FilterAddMessage): void {
  context.misbehaving(peer, 'unoffered-filteradd');
}

/** `filterclear` (BIP37) */
export function onFilterClear(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  context.misbehaving(peer, 'unoffered-filterclear');
}

/** `getcfilters`, `getcfheaders` and `getcfcheckpt` (BIP157) */
export function onGetBlockFilters(
  context: P2pContext,
  peer: Peer,
  message: GetCFiltersMessage | GetCFCheckptMessage,
): void {
  context.misbehaving(peer, 'unsupported-block-filter', String(message.filterType));
}
