// The moment in which a chain goes on with the coins of a snapshot, and the chain that it was becomes the one behind it. Nothing waits
// here: whoever looks sees the chain before or the chain after.

import type { AssumeUtxo } from '../consensus/params.ts';
import { addAllCandidates, linkAbove } from './candidates.ts';
import { createState, divideScopes } from './chain-open.ts';
import type { ChainState } from './chain-state.ts';
import type { CoinsStore } from './coins-store.ts';

/**
 * Sets the chain on the block of a snapshot, over the coins in `store`. Everything is flushed. The result is the chain that was, which
 * goes up to that block and no further.
 */
export function switchToSnapshot(state: ChainState, store: CoinsStore, snapshot: AssumeUtxo): ChainState {
  const { index, active, candidates, coins } = state;
  const background = createState(state, coins.moveTo(store));
  background.active.setTip(active.tip);
  const base = index.find(snapshot.blockHash);
  index.linkAs(base, snapshot.chainTxCount);
  candidates.clear();
  divideScopes(state, background, snapshot);
  active.setTip(base);
  // Blocks on top may have come before, when nobody knew how many transactions are below.
  linkAbove(state, base);
  addAllCandidates(state);
  addAllCandidates(background);
  return background;
}
