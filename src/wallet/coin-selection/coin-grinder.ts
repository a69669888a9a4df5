// CoinGrinder (Core): the lightest set of groups that pays the target and leaves change, for times when every byte is dear.

import { MAX_MONEY } from '../../kernel/primitives/amount.ts';
import { ok } from '../../kernel/util/result.ts';
import type { OutputGroup } from './groups.ts';
import { computeLookahead, type Move, SelectionWalk } from './search-tree.ts';
import { NO_SELECTION, type SelectionResult, selectGroups, TOO_HEAVY } from './selection.ts';

/** What is searched for. */
export interface GrinderTarget {
  readonly targetSat: number;
  /** Least change. */
  readonly changeTargetSat: number;
  /** Heaviest set of inputs. */
  readonly weightMaxWu: number;
}

/** Searches among groups that all bring something. */
export function selectLightest(pool: readonly OutputGroup[], target: GrinderTarget): SelectionResult {
  const neededSat = target.targetSat + target.changeTargetSat;
  const groups = pool.slice().sort(byAmountThenWeight);
  const { after, totalSat } = computeLookahead(groups);
  if (groups.length === 0 || totalSat < neededSat) return NO_SELECTION;
  const lightestAfter = computeLightestAfter(groups);
  let best: readonly OutputGroup[] = [];
  let bestAmountSat = MAX_MONEY;
  let bestWeightWu = target.weightMaxWu;
  let wasTooHeavy = false;
  const search = new SelectionWalk(groups).run((walk): Move => {
    const { last, amountSat, weightWu } = walk;
    const lastGroup = groups[last]!;
    // No group that follows is lighter than the last one: leaving it out does not help.
    const giveUp = (): Move => (lastGroup.weightWu <= lightestAfter[last]! ? 'cut' : 'shift');
    if (amountSat + after[last]! < neededSat) return 'cut';
    if (weightWu > bestWeightWu) {
      if (weightWu > target.weightMaxWu) wasTooHeavy = true;
      return giveUp();
    }
    if (amountSat >= neededSat) {
      if (weightWu < bestWeightWu || (weightWu === bestWeightWu && amountSat < bestAmountSat)) {
        best = walk.chosen;
        bestWeightWu = weightWu;
        bestAmountSat = amountSat;
      }
      return 'shift';
    }
    if (best.length === 0) return 'explore';
    // Groups that follow bring no more than the last one: so many of them are missing at least.
    const missingCount = Math.ceil((neededSat - amountSat) / lastGroup.selectionSat);
    return weightWu + lightestAfter[last]! * missingCount > bestWeightWu ? giveUp() : 'explore';
  });
  if (best.length === 0) return wasTooHeavy ? TOO_HEAVY : NO_SELECTION;
  return ok(selectGroups('cg', target.targetSat, best, search));
}

/** Larger amounts first; of equal ones the lighter. */
export function byAmountThenWeight(a: OutputGroup, b: OutputGroup): number {
  return b.selectionSat - a.selectionSat || a.weightWu - b.weightWu;
}

/** For every group, the least weight among those after it; infinite where there is none. */
function computeLightestAfter(groups: readonly OutputGroup[]): Float64Array {
  const lightest = new Float64Array(groups.length);
  let weightWu = Number.POSITIVE_INFINITY;
  for (let i = groups.length - 1; i >= 0; i--) {
    lightest[i] = weightWu;
    weightWu = Math.min(weightWu, groups[i]!.weightWu);
  }
  return lightest;
}
