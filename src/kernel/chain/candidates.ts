// Which blocks could be the next tip, and which of them is the best (Core ReceivedBlockTransactions, TryAddBlockIndexCandidate,
// FindMostWorkChain, InvalidBlockFound). Changes the index and the set of candidates together, so that a block is a candidate
// exactly when it and all before it were seen, nothing is known against it, and it is not worse than the tip.

import type { ActiveChain } from './active-chain.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';
import { VALIDITY } from './block-status.ts';
import type { BlockPosition } from './block-store.ts';
import type { CandidateSet } from './candidate-set.ts';

/** What choosing a tip needs to see. */
export interface CandidateContext {
  readonly index: BlockIndex;
  readonly active: ActiveChain;
  readonly candidates: CandidateSet;
}

/** A block as it is stored. */
export interface StoredBlock {
  readonly position: BlockPosition;
  readonly txCount: number;
  /** The rules of witnesses held when it was checked. */
  readonly hasWitnessRules: boolean;
}

/**
 * Takes note that a block is stored; it and those that waited for it may become candidates: of the chain, and of the one `behind` that
 * verifies what it began with, if there is one.
 */
export function noteStored(
  context: CandidateContext,
  entry: BlockEntry,
  stored: StoredBlock,
  behind: CandidateContext | null = null,
): void {
  const { index, active } = context;
  const wasLinked = index.isLinked(entry);
  index.setData(entry, stored.position, stored.txCount, stored.hasWitnessRules);
  const parent = index.parent(entry);
  if (parent !== NO_ENTRY && !index.isLinked(parent)) {
    // In the meantime the sequence says when it came; it gets another one when it is linked. A snapshot's block is linked, and sorted.
    if (!wasLinked) index.assignSequence(entry);
    return;
  }
  // A block that was pruned and came back changes nothing on the active chain; beside it, its descendants may be reachable now.
  if (wasLinked && active.contains(entry)) {
    if (behind !== null) addCandidate(behind, entry);
    return;
  }
  linkFrom(context, entry, behind);
}

/** Links an entry whose parent is linked, then its descendants in the order of their heights, as far as they are stored. */
function linkFrom(context: CandidateContext, lowest: BlockEntry, behind: CandidateContext | null = null): void {
  const { index } = context;
  const queue: BlockEntry[] = [lowest];
  for (let i = 0; i < queue.length; i++) {
    const entry = queue[i]!;
    if (!index.isLinked(entry)) {
      index.link(entry);
      // First seen wins a tie, and seen is what can be connected: a header alone, or a block without its ancestors, is not.
      index.assignSequence(entry);
    }
    addCandidate(context, entry);
    if (behind !== null) addCandidate(behind, entry);
    const first = queue.length;
    for (let child = index.firstChild(entry); child !== NO_ENTRY; child = index.nextSibling(child)) {
      if (index.hasData(child)) queue.push(child);
    }
    // Children are listed latest first; those seen first go first.
    if (queue.length - first > 1) for (const child of queue.splice(first).sort((a, b) => a - b)) queue.push(child);
  }
}

/** Links what stands on an entry that was linked without its ancestors, as far as it is stored. */
export function linkAbove(context: CandidateContext, entry: BlockEntry): void {
  linkFrom(context, entry);
}

/** Adds an entry to the candidates if it is one. */
export function addCandidate({ index, active, candidates }: CandidateContext, entry: BlockEntry): void {
  if (!index.isLinked(entry) || !index.isValid(entry, VALIDITY.transactions)) return;
  if (active.tip !== NO_ENTRY && index.comparePreference(entry, active.tip) < 0) return;
  candidates.add(entry);
}

/** Adds every entry that is a candidate. */
export function addAllCandidates(context: CandidateContext): void {
  for (let entry = 0; entry < context.index.count; entry++) addCandidate(context, entry);
}

/** The best candidate whose blocks up from the active chain are all stored and not invalid; the tip itself when there is no better. */
export function findMostWork(context: CandidateContext): BlockEntry {
  const { index, active, candidates } = context;
  for (;;) {
    const best = candidates.best;
    if (best === NO_ENTRY) return active.tip;
    let entry = best;
    while (entry !== NO_ENTRY && !active.contains(entry) && index.hasData(entry) && !index.isFailed(entry)) {
      entry = index.parent(entry);
    }
    if (entry === NO_ENTRY || active.contains(entry)) return best;
    // A pruned or invalid block on the way: nothing from there up can be reached, until it arrives or is reconsidered.
    for (let unreachable = best; unreachable !== entry; unreachable = index.parent(unreachable)) {
      candidates.remove(unreachable);
    }
    candidates.remove(entry);
  }
}

/** Marks a block and all its descendants as invalid; none of them is on the active chain. */
export function markInvalid({ index, active, candidates }: CandidateContext, entry: BlockEntry): void {
  const isOnBestHeader = index.descendsFrom(index.bestHeader, entry);
  index.markFailed(entry);
  candidates.remove(entry);
  index.forEachDescendant(entry, (descendant) => {
    index.markFailed(descendant);
    candidates.remove(descendant);
    return true;
  });
  if (isOnBestHeader) index.recalculateBestHeader(active.tip);
}
