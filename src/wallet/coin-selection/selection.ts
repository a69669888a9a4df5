// A selection of coins (Core SelectionResult): which coins, found how, for which target; what change it leaves, what it wastes.

import { assert } from '../../kernel/util/assert.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { type Candidate, effectiveValueOf, inputWeightOf } from './candidate.ts';
import type { OutputGroup } from './groups.ts';

/** How coins were found; named as in Core's logs. */
export type SelectionAlgorithm = 'bnb' | 'knapsack' | 'srd' | 'cg' | 'manual';

/** Coins for a payment. */
export interface Selection {
  readonly algorithm: SelectionAlgorithm;
  /** Amount that the coins are to bring: the recipients' and the fee of everything but inputs and change. */
  readonly targetSat: number;
  readonly coins: readonly Candidate[];
  /** Coins count less the fee of their inputs; false where recipients pay it. */
  readonly usesEffectiveValue: boolean;
  readonly weightWu: number;
  /** What the coins' ancestors cost less together than each by itself. */
  readonly bumpDiscountSat: number;
  /** Sets of coins that were looked at. */
  readonly tryCount: number;
  /** False: the search was cut short, there may be better. */
  readonly isComplete: boolean;
}

/** No selection: null when the coins are not enough, else Core's words for what stands in the way. */
export type SelectionResult = Result<Selection, string | null>;

/** No selection without a special reason. */
export const NO_SELECTION: SelectionResult = err(null);

/** No selection that is light enough. */
export const TOO_HEAVY: SelectionResult = err(
  "The inputs size exceeds the maximum weight. Please try sending a smaller amount or manually consolidating your wallet's UTXOs",
);

/** Costs of change that decide whether there is any. */
export interface ChangeCosts {
  /** Least change that is worth an output. */
  readonly minViableChangeSat: number;
  /** Fee of the output. */
  readonly changeFeeSat: number;
  /** Fee of the output, and of spending it one day. */
  readonly costOfChangeSat: number;
}

/** A selection of whole groups. */
export function selectGroups(
  algorithm: SelectionAlgorithm,
  targetSat: number,
  groups: readonly OutputGroup[],
  search: { readonly tryCount: number; readonly isComplete: boolean } = { tryCount: 0, isComplete: true },
): Selection {
  return {
    algorithm,
    targetSat,
    coins: distinct(groups.flatMap((group) => group.coins)),
    usesEffectiveValue: groups.every((group) => !group.subtractsFee),
    weightWu: groups.reduce((sum, group) => sum + group.weightWu, 0),
    bumpDiscountSat: 0,
    ...search,
  };
}

/** The selection of exactly these coins. */
export function selectManually(targetSat: number, coins: readonly Candidate[], subtractsFee: boolean): Selection {
  return {
    algorithm: 'manual',
    targetSat,
    coins: distinct(coins),
    usesEffectiveValue: !subtractsFee,
    weightWu: coins.reduce((sum, coin) => sum + inputWeightOf(coin), 0),
    bumpDiscountSat: 0,
    tryCount: 0,
    isComplete: true,
  };
}

/** Two selections as one, found as the first was. */
export function mergeSelections(found: Selection, preset: Selection): Selection {
  return {
    ...found,
    targetSat: found.targetSat + preset.targetSat,
    coins: distinct([...found.coins, ...preset.coins]),
    usesEffectiveValue: found.usesEffectiveValue || preset.usesEffectiveValue,
    weightWu: found.weightWu + preset.weightWu,
  };
}

function distinct(coins: readonly Candidate[]): readonly Candidate[] {
  assert(new Set(coins.map((coin) => coin.name)).size === coins.length, 'selection: no coin twice');
  return coins;
}

/** Value of the coins. */
export function selectedValueSat({ coins }: Selection): number {
  return coins.reduce((sum, coin) => sum + coin.valueSat, 0);
}

/** Value of the coins less the fees of their inputs. */
export function selectedEffectiveValueSat({ coins, bumpDiscountSat }: Selection): number {
  return coins.reduce((sum, coin) => sum + effectiveValueOf(coin), 0) + bumpDiscountSat;
}

/** Fee for the coins' ancestors. */
export function totalBumpFeesSat({ coins, bumpDiscountSat }: Selection): number {
  return coins.reduce((sum, coin) => sum + coin.bumpFeeSat, 0) - bumpDiscountSat;
}

/** What the coins bring towards the target. */
function broughtSat(selection: Selection): number {
  return selection.usesEffectiveValue ? selectedEffectiveValueSat(selection) : selectedValueSat(selection);
}

/** Change that the selection leaves; 0: none, the rest goes to the fee (Core GetChange). */
export function changeSat(selection: Selection, costs: ChangeCosts): number {
  const feeSat = selection.usesEffectiveValue ? costs.changeFeeSat : 0;
  const rest = broughtSat(selection) - selection.targetSat - feeSat;
  return rest < costs.minViableChangeSat ? 0 : rest;
}

/**
 * What the selection wastes: the fees of its inputs now instead of in quiet times, and either the cost of change or what goes to the
 * fee for want of it (Core RecalculateWaste).
 */
export function computeWasteSat(selection: Selection, costs: ChangeCosts): number {
  const { coins, bumpDiscountSat, targetSat } = selection;
  const timingSat = coins.reduce((sum, coin) => sum + coin.feeSat - coin.longTermFeeSat, 0) - bumpDiscountSat;
  if (changeSat(selection, costs) > 0) return timingSat + costs.costOfChangeSat;
  const excessSat = broughtSat(selection) - targetSat;
  assert(excessSat >= 0, 'selection: the target is met');
  return timingSat + excessSat;
}

/** The selection that wastes least; of equal ones that with more inputs, then the first. */
export function leastWasteful(selections: readonly Selection[], costs: ChangeCosts): SelectionResult {
  let best: { readonly selection: Selection; readonly wasteSat: number } | null = null;
  for (const selection of selections) {
    const wasteSat = computeWasteSat(selection, costs);
    const isBetter =
      best === null ||
      wasteSat < best.wasteSat ||
      (wasteSat === best.wasteSat && selection.coins.length > best.selection.coins.length);
    if (isBetter) best = { selection, wasteSat };
  }
  return best === null ? NO_SELECTION : ok(best.selection);
}
