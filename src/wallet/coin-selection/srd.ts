// Single random draw (Core SelectCoinsSRD): groups in random order until they pay the target and a change that is worth having. A set
// that grows too heavy loses its least valuable groups.

import type { Rng } from '../../kernel/util/prng.ts';
import { ok } from '../../kernel/util/result.ts';
import { CHANGE_MIN_SAT } from './change-target.ts';
import { byAmountThenWeight } from './coin-grinder.ts';
import type { OutputGroup } from './groups.ts';
import { NO_SELECTION, type SelectionResult, selectGroups, TOO_HEAVY } from './selection.ts';
import { shuffled } from './shuffle.ts';

/** What is drawn for. */
export interface DrawTarget {
  readonly targetSat: number;
  /** Fee of the change output. */
  readonly changeFeeSat: number;
  /** Heaviest set of inputs. */
  readonly weightMaxWu: number;
}

/** Draws from groups that all bring something. */
export function selectByRandomDraw(pool: readonly OutputGroup[], target: DrawTarget, rng: Rng): SelectionResult {
  const neededSat = target.targetSat + CHANGE_MIN_SAT + target.changeFeeSat;
  /** The most valuable first; never longer than what is light enough. */
  const drawn: OutputGroup[] = [];
  let amountSat = 0;
  let weightWu = 0;
  let wasTooHeavy = false;
  for (const group of shuffled(pool, rng)) {
    drawn.splice(findPlace(drawn, group), 0, group);
    amountSat += group.selectionSat;
    weightWu += group.weightWu;
    while (weightWu > target.weightMaxWu && drawn.length > 0) {
      wasTooHeavy = true;
      const least = drawn.pop()!;
      amountSat -= least.selectionSat;
      weightWu -= least.weightWu;
    }
    if (amountSat >= neededSat) return ok(selectGroups('srd', target.targetSat, drawn));
  }
  return wasTooHeavy ? TOO_HEAVY : NO_SELECTION;
}

/** Where a group belongs in a sorted list, by bisection. */
function findPlace(sorted: readonly OutputGroup[], group: OutputGroup): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (byAmountThenWeight(sorted[middle]!, group) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
