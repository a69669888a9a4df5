// The knapsack solver of old (Core KnapsackSolver): a random search for the set of groups that is nearest above the target, or above
// the target with change; else the smallest group that pays all alone. It also spends coins that cost more than they bring.

import type { Rng } from '../../kernel/util/prng.ts';
import { ok } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { byAmountThenWaste } from './bnb.ts';
import type { OutputGroup } from './groups.ts';
import { NO_SELECTION, type SelectionResult, selectGroups, TOO_HEAVY } from './selection.ts';
import { shuffled } from './shuffle.ts';

/** Random sets that are tried for one target (Core ApproximateBestSubset), and how often is drawn for them in all: some 10 ms. */
const ROUND_COUNT_MAX = 1_000;
const DRAW_COUNT_MAX = 1_000_000;

/** What is searched for. */
export interface KnapsackTarget {
  readonly targetSat: number;
  /** Change that is aimed at where the target cannot be met exactly. */
  readonly changeTargetSat: number;
  /** Heaviest set of inputs. */
  readonly weightMaxWu: number;
}

/** Groups by their use for a target. */
interface SortedGroups {
  /** One that meets the target exactly. */
  readonly exact: OutputGroup | null;
  /** Those below target and change. */
  readonly lower: readonly OutputGroup[];
  readonly lowerSat: number;
  /** The smallest that pays target and change alone. */
  readonly larger: OutputGroup | null;
  /** Some were too heavy. */
  readonly wasTooHeavy: boolean;
}

/** Searches among all groups. */
export function* selectByKnapsack(
  pool: readonly OutputGroup[],
  target: KnapsackTarget,
  rng: Rng,
): Steps<SelectionResult> {
  const { targetSat, weightMaxWu } = target;
  const { exact, lower, lowerSat, larger, wasTooHeavy } = sortGroups(shuffled(pool, rng), target);
  const select = (groups: readonly OutputGroup[]): SelectionResult => ok(selectGroups('knapsack', targetSat, groups));
  if (exact !== null) return select([exact]);
  const isLowerTooHeavy = weightOf(lower) > weightMaxWu;
  if (lowerSat === targetSat && !isLowerTooHeavy) return select(lower);
  if (lowerSat < targetSat) {
    if (larger !== null) return select([larger]);
    return wasTooHeavy ? TOO_HEAVY : NO_SELECTION;
  }
  yield;
  const { groups, amountSat } = yield* searchSubset(lower.slice().sort(byAmountThenWaste), lowerSat, target, rng);
  const isLargerBetter =
    larger !== null &&
    ((amountSat !== targetSat && amountSat < targetSat + target.changeTargetSat) || larger.selectionSat <= amountSat);
  if (!isLargerBetter && weightOf(groups) <= weightMaxWu) return select(groups);
  return larger === null ? TOO_HEAVY : select([larger]);
}

function sortGroups(groups: readonly OutputGroup[], target: KnapsackTarget): SortedGroups {
  const lower: OutputGroup[] = [];
  let lowerSat = 0;
  let larger: OutputGroup | null = null;
  let wasTooHeavy = false;
  for (const group of groups) {
    const amountSat = group.selectionSat;
    if (group.weightWu > target.weightMaxWu) {
      wasTooHeavy = true;
    } else if (amountSat === target.targetSat) {
      return { exact: group, lower, lowerSat, larger, wasTooHeavy };
    } else if (amountSat < target.targetSat + target.changeTargetSat) {
      lower.push(group);
      lowerSat += amountSat;
    } else if (larger === null || amountSat < larger.selectionSat) {
      larger = group;
    }
  }
  return { exact: null, lower, lowerSat, larger, wasTooHeavy };
}

function weightOf(groups: readonly OutputGroup[]): number {
  return groups.reduce((sum, group) => sum + group.weightWu, 0);
}

/** A set with what it amounts to. */
interface Subset {
  readonly groups: readonly OutputGroup[];
  readonly amountSat: number;
}

/** First for the target, then, when that is not met exactly and there is enough, for the target with change. */
function* searchSubset(
  groups: readonly OutputGroup[],
  totalSat: number,
  { targetSat, changeTargetSat, weightMaxWu }: KnapsackTarget,
  rng: Rng,
): Steps<Subset> {
  const search = new SubsetSearch(groups, totalSat, weightMaxWu, rng);
  const subset = search.run(targetSat);
  if (subset.amountSat === targetSat || totalSat < targetSat + changeTargetSat) return subset;
  yield;
  return search.run(targetSat + changeTargetSat);
}

/** The random search for one pool. */
class SubsetSearch {
  readonly #groups: readonly OutputGroup[];
  readonly #totalSat: number;
  readonly #weightMaxWu: number;
  readonly #rng: Rng;
  readonly #amountsSat: Float64Array;
  readonly #weightsWu: Float64Array;
  readonly #included: Uint8Array;
  #coins = 0;
  #coinCount = 0;

  constructor(groups: readonly OutputGroup[], totalSat: number, weightMaxWu: number, rng: Rng) {
    this.#groups = groups;
    this.#totalSat = totalSat;
    this.#weightMaxWu = weightMaxWu;
    this.#rng = rng;
    this.#amountsSat = Float64Array.from(groups, (group) => group.selectionSat);
    this.#weightsWu = Float64Array.from(groups, (group) => group.weightWu);
    this.#included = new Uint8Array(groups.length);
  }

  /** The best set that was met in all rounds; at worst everything. */
  run(targetSat: number): Subset {
    let bestSat = this.#totalSat;
    let best: Uint8Array | null = null;
    const roundCount = Math.min(ROUND_COUNT_MAX, Math.ceil(DRAW_COUNT_MAX / Math.max(this.#included.length, 1)));
    for (let round = 0; round < roundCount && bestSat !== targetSat; round++) {
      const foundSat = this.#round(targetSat, bestSat, (included) => {
        best = included.slice();
      });
      bestSat = Math.min(bestSat, foundSat);
    }
    const chosen: Uint8Array | null = best;
    return { groups: this.#groups.filter((_, i) => chosen === null || chosen[i] === 1), amountSat: bestSat };
  }

  /**
   * Groups by the toss of a coin, then, if these are too few, the others one after another; whenever a group brings the set above the
   * target, the set is noted if it is the nearest so far, and the group is left out again. Gives the amount of the nearest set.
   */
  #round(targetSat: number, bestSat: number, note: (included: Uint8Array) => void): number {
    const included = this.#included.fill(0);
    const amountsSat = this.#amountsSat;
    const weightsWu = this.#weightsWu;
    let nearestSat = bestSat;
    let amountSat = 0;
    let weightWu = 0;
    let isReached = false;
    for (let pass = 0; pass < 2 && !isReached; pass++) {
      for (let i = 0; i < included.length; i++) {
        if (pass === 0 ? !this.#toss() : included[i] === 1) continue;
        amountSat += amountsSat[i]!;
        weightWu += weightsWu[i]!;
        included[i] = 1;
        if (amountSat < targetSat || weightWu > this.#weightMaxWu) continue;
        isReached = true;
        if (amountSat < nearestSat) {
          nearestSat = amountSat;
          note(included);
        }
        amountSat -= amountsSat[i]!;
        weightWu -= weightsWu[i]!;
        included[i] = 0;
      }
    }
    return nearestSat;
  }

  /** One bit of chance; 32 are drawn at once. */
  #toss(): boolean {
    if (this.#coinCount === 0) {
      this.#coins = this.#rng.nextU32();
      this.#coinCount = 32;
    }
    this.#coinCount--;
    return ((this.#coins >>> this.#coinCount) & 1) === 1;
  }
}
