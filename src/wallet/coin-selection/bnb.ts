// Branch and bound (Core SelectCoinsBnB, after M. Erhardt's thesis of 2016): a set of groups that needs no change, because what it has
// above the target is less than change would cost. Among several the one that wastes least.

import { MAX_MONEY } from '../../kernel/primitives/amount.ts';
import { ok } from '../../kernel/util/result.ts';
import type { OutputGroup } from './groups.ts';
import { computeLookahead, type Move, SelectionWalk } from './search-tree.ts';
import { NO_SELECTION, type SelectionResult, selectGroups, TOO_HEAVY } from './selection.ts';

/** What is searched for. */
export interface BnbTarget {
  readonly targetSat: number;
  /** Most that a set may have above the target. */
  readonly costOfChangeSat: number;
  /** Heaviest set of inputs. */
  readonly weightMaxWu: number;
}

/** Searches among groups that all bring something. */
export function selectByBranchAndBound(pool: readonly OutputGroup[], target: BnbTarget): SelectionResult {
  const { targetSat, weightMaxWu } = target;
  const groups = pool.slice().sort(byAmountThenWaste);
  const { after, totalSat } = computeLookahead(groups);
  const [first] = groups;
  if (first === undefined || totalSat < targetSat) return NO_SELECTION;
  // Fees of one group tell how the rate compares with that of quiet times.
  const isRateHigh = first.feeSat > first.longTermFeeSat;
  const ceilingSat = targetSat + target.costOfChangeSat;
  let best: readonly OutputGroup[] = [];
  let bestWasteSat = MAX_MONEY;
  let wasTooHeavy = false;
  const search = new SelectionWalk(groups).run((walk): Move => {
    if (walk.amountSat + after[walk.last]! < targetSat) return 'cut';
    if (walk.weightWu > weightMaxWu) {
      wasTooHeavy = true;
      return 'shift';
    }
    if (walk.amountSat > ceilingSat) return 'shift';
    // At a high rate every further input wastes more; at a low one it may save.
    if (isRateHigh && walk.wasteSat > bestWasteSat) return 'shift';
    if (walk.amountSat < targetSat) return 'explore';
    const wasteSat = walk.wasteSat + walk.amountSat - targetSat;
    if (wasteSat <= bestWasteSat) {
      best = walk.chosen;
      bestWasteSat = wasteSat;
    }
    return 'shift';
  });
  if (best.length === 0) return wasTooHeavy ? TOO_HEAVY : NO_SELECTION;
  return ok(selectGroups('bnb', targetSat, best, search));
}

/** Larger amounts first; of equal ones that which wastes less. */
export function byAmountThenWaste(a: OutputGroup, b: OutputGroup): number {
  return b.selectionSat - a.selectionSat || a.feeSat - a.longTermFeeSat - (b.feeSat - b.longTermFeeSat);
}
