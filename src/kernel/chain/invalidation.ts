// What an operator may say about blocks: that one is invalid, that it is not after all, that one of several equal ones is to be
// preferred (Core InvalidateBlock, ResetBlockFailureFlags, PreciousBlock). These change what is known of blocks; the best chain
// is chosen afterwards.

import type { BestChain } from './best-chain.ts';
import { type BlockEntry, NO_ENTRY } from './block-index.ts';
import { addAllCandidates, addCandidate, type CandidateContext, markInvalid } from './candidates.ts';

/** Marks a block other than the first one and its descendants as invalid, after taking off those that are on the active chain. */
export async function invalidate(context: CandidateContext, bestChain: BestChain, entry: BlockEntry): Promise<void> {
  const { index, active, candidates } = context;
  while (active.contains(entry)) {
    const tip = active.tip;
    await bestChain.disconnectTip(true);
    // Each at once: a crash in between must not leave a valid block on an invalid one.
    candidates.remove(tip);
    index.markFailed(tip);
    candidates.add(active.tip);
  }
  markInvalid(context, entry);
  // Blocks that were worse than the old tip may be as good as this one.
  addAllCandidates(context);
}

/** Takes the mark of invalidity from a block, its ancestors and its descendants. They prove themselves again when connected. */
export function reconsider(context: CandidateContext, entry: BlockEntry): void {
  const { index, active } = context;
  const clear = (marked: BlockEntry): void => {
    if (!index.isFailed(marked)) return;
    index.clearFailed(marked);
    addCandidate(context, marked);
  };
  for (let ancestor = index.parent(entry); ancestor !== NO_ENTRY; ancestor = index.parent(ancestor)) clear(ancestor);
  clear(entry);
  index.forEachDescendant(entry, (descendant) => {
    clear(descendant);
    return true;
  });
  index.recalculateBestHeader(active.tip);
}

/** Counts downwards, so that the block preferred last comes first among its equals. */
export class PreciousSequence {
  #next = -1;
  #tipWork = 0n;

  /** Makes a block the first among those of equal work; one with less work than the tip stays what it is. */
  prefer(context: CandidateContext, entry: BlockEntry): void {
    const { index, active, candidates } = context;
    const tipWork = index.chainWork(active.tip);
    if (index.chainWork(entry) < tipWork) return;
    // Since the chain grew, earlier preferences have no meaning any more.
    if (tipWork > this.#tipWork) this.#next = -1;
    this.#tipWork = tipWork;
    candidates.remove(entry);
    index.setSequence(entry, this.#next);
    if (this.#next > SEQUENCE_MIN) this.#next--;
    addCandidate(context, entry);
    candidates.removeWorseThan(active.tip);
  }
}

/** Sequences have 32 bits. */
const SEQUENCE_MIN: number = -(2 ** 31);
