// Bloom filters (BIP37, BIP111; Core net_processing.cpp: filterload, filteradd, filterclear) and the list of the mempool (BIP35),
// which goes with them. Offered to everybody where the operator says so (-peerbloomfilters), otherwise to those with the permission
// `bloomfilter`; our version message tells. Who uses what we do not offer has not listened and would wait for ever (W14).

import type { EmptyMessage, FilterAddMessage, FilterLoadMessage } from '../../wire/messages.ts';
import { MAX_FILTERADD_BYTES, NODE_BLOOM } from '../../wire/protocol.ts';
import { BloomFilter, isWithinFilterLimits } from '../bloom-filter.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

function isOffered(peer: Peer): boolean {
  return (peer.localServices & NODE_BLOOM) !== 0n;
}

/** `mempool` (BIP35) */
export function onMempool(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  if (!peer.permissions.mempool) {
    if (!isOffered(peer)) {
      context.misbehaving(peer, 'mempool-without-bloom');
      return;
    }
    if (context.uploadTarget.isReached) {
      context.misbehaving(peer, 'mempool-over-limit');
      return;
    }
  }
  context.txRelay.requestMempool(peer.id);
}

/** `filterload`: from now on the peer hears of what its filter matches alone. */
export function onFilterLoad(context: P2pContext, peer: Peer, message: FilterLoadMessage): void {
  if (!isOffered(peer)) context.misbehaving(peer, 'unoffered-filterload');
  else if (!isWithinFilterLimits(message)) context.misbehaving(peer, 'oversize-bloom-filter');
  else if (peer.mayWantTransactions) setFilter(peer, new BloomFilter(message));
}

/** `filteradd`: an element for the filter, no longer than what a script can push. */
export function onFilterAdd(context: P2pContext, peer: Peer, { element }: FilterAddMessage): void {
  if (!isOffered(peer)) context.misbehaving(peer, 'unoffered-filteradd');
  else if (element.length > MAX_FILTERADD_BYTES) context.misbehaving(peer, 'bad-filteradd');
  else if (peer.bloomFilter !== null) peer.bloomFilter.insert(element);
  else if (peer.mayWantTransactions) context.misbehaving(peer, 'bad-filteradd');
}

/** `filterclear`: from now on the peer hears of all transactions. */
export function onFilterClear(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  if (!isOffered(peer)) context.misbehaving(peer, 'unoffered-filterclear');
  else if (peer.mayWantTransactions) setFilter(peer, null);
}

/** Whoever says what it wants to hear of wants to hear something. */
function setFilter(peer: Peer, filter: BloomFilter | null): void {
  peer.bloomFilter = filter;
  peer.wantsTransactions = true;
}
