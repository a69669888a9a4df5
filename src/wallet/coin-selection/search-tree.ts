// A walk over all sets of groups, depth first (Core SelectCoinsBnB and CoinGrinder share it): a step adds the next group, then whoever
// judges the set says whether to go deeper, to leave the last group out, or to give up the last two. Sets that equal or follow a
// worse one are passed by: groups are sorted so that of equal amounts the better comes first.

import type { OutputGroup } from './groups.ts';

/** Most sets that are looked at (Core TOTAL_TRIES). */
export const TRY_COUNT_MAX = 100_000;

/** Where to go from a set: add more, leave the last group out, or leave the one before out. */
export type Move = 'explore' | 'shift' | 'cut';

/** How far a walk came. */
export interface WalkEnd {
  readonly tryCount: number;
  /** Every set was looked at, or was known to be no better. */
  readonly isComplete: boolean;
}

/** The set that a walk stands at. */
export class SelectionWalk {
  readonly #groups: readonly OutputGroup[];
  readonly #chosen: number[] = [];
  #next = 0;
  amountSat = 0;
  weightWu = 0;
  /** Fees of the inputs now, less those in quiet times. */
  wasteSat = 0;

  /** `groups` are sorted, all bring something. */
  constructor(groups: readonly OutputGroup[]) {
    this.#groups = groups;
  }

  /** The groups of the set. */
  get chosen(): readonly OutputGroup[] {
    return this.#chosen.map((index) => this.#groups[index]!);
  }

  /** Index of the group that was added last. */
  get last(): number {
    return this.#chosen.at(-1)!;
  }

  /** Walks until nothing is left or it takes too long; `judge` sees every set. */
  run(judge: (walk: SelectionWalk) => Move): WalkEnd {
    for (let tryCount = 1; ; tryCount++) {
      this.#add();
      let move = judge(this);
      if (tryCount >= TRY_COUNT_MAX) return { tryCount, isComplete: false };
      if (this.#next === this.#groups.length) move = 'cut';
      if (move === 'cut') this.#dropLast();
      if (move !== 'explore' && !this.#shift()) return { tryCount, isComplete: true };
    }
  }

  #add(): void {
    const group = this.#groups[this.#next]!;
    this.amountSat += group.selectionSat;
    this.weightWu += group.weightWu;
    this.wasteSat += group.feeSat - group.longTermFeeSat;
    this.#chosen.push(this.#next++);
  }

  #dropLast(): void {
    const group = this.#groups[this.#chosen.pop()!]!;
    this.amountSat -= group.selectionSat;
    this.weightWu -= group.weightWu;
    this.wasteSat -= group.feeSat - group.longTermFeeSat;
  }

  /** Leaves the last group out, and all that follow with the same amount; false when no set is left. */
  #shift(): boolean {
    const groups = this.#groups;
    while (this.#chosen.length > 0) {
      const left = this.last;
      this.#dropLast();
      let next = left + 1;
      while (next < groups.length && groups[next]!.selectionSat === groups[left]!.selectionSat) next++;
      if (next < groups.length) {
        this.#next = next;
        return true;
      }
    }
    return false;
  }
}

/** For every group, what all groups after it bring together; the last entry is what all bring. */
export function computeLookahead(groups: readonly OutputGroup[]): {
  readonly after: Float64Array;
  readonly totalSat: number;
} {
  const after = new Float64Array(groups.length);
  let totalSat = 0;
  for (let i = groups.length - 1; i >= 0; i--) {
    after[i] = totalSat;
    totalSat += groups[i]!.selectionSat;
  }
  return { after, totalSat };
}
