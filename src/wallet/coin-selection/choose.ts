// The best selection out of one filter's groups (Core AttemptSelection, ChooseSelectionResult): every algorithm has its try, and what
// wastes least is taken. Types of coins are mixed only when none suffices alone.

import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { err } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { selectByBranchAndBound } from './bnb.ts';
import { type CandidateRates, COIN_TYPES } from './candidate.ts';
import { selectLightest } from './coin-grinder.ts';
import type { FilteredPools, GroupPool } from './groups.ts';
import { selectByKnapsack } from './knapsack.ts';
import { type ChangeCosts, leastWasteful, NO_SELECTION, type Selection, type SelectionResult } from './selection.ts';
import { selectByRandomDraw } from './srd.ts';

/** Inputs are made few above so many times the rate of quiet times. */
const HIGH_RATE_FACTOR = 3;

/** What a selection is made for (Core CoinSelectionParams). */
export interface ChoiceParams extends ChangeCosts, CandidateRates {
  /** Change that is aimed at where there is change. */
  readonly changeTargetSat: number;
  /** Virtual bytes of the change output. */
  readonly changeOutputVsize: number;
  /** Virtual bytes of the transaction without inputs and change. */
  readonly baseVsize: number;
  /** Recipients pay the fee. */
  readonly subtractsFee: boolean;
  /** Heaviest transaction. */
  readonly weightMaxWu: number;
  /** Fee that unconfirmed ancestors of these coins lack together at the rate of the payment; null: they are too many to tell. */
  readonly combinedBumpFeeSat: (outpoints: readonly Outpoint[]) => number | null;
  readonly rng: Rng;
}

/** Chooses within one type of coins, or, where the filter allows it, over all types. */
export function* attemptSelection(
  targetSat: number,
  pools: FilteredPools,
  params: ChoiceParams,
): Steps<SelectionResult> {
  const found: Selection[] = [];
  for (const type of COIN_TYPES) {
    const pool = pools.byType.get(type);
    if (pool === undefined) continue;
    const result = yield* chooseSelection(targetSat, pool, params);
    if (result.ok) found.push(result.value);
    else if (result.error !== null) return result;
  }
  if (found.length > 0) return leastWasteful(found, params);
  if (!pools.filter.allowsMixedTypes || pools.byType.size <= 1) return NO_SELECTION;
  return yield* chooseSelection(targetSat, pools.all, params);
}

/** Lets every algorithm choose, in steps of its own, and takes what wastes least. */
export function* chooseSelection(targetSat: number, pool: GroupPool, params: ChoiceParams): Steps<SelectionResult> {
  const inputsWu = params.weightMaxWu - params.baseVsize * WITNESS_SCALE_FACTOR;
  if (inputsWu <= 0) return err('Maximum transaction weight is less than transaction weight without inputs');
  const withChangeWu = inputsWu - params.changeOutputVsize * WITNESS_SCALE_FACTOR;
  yield;
  // Where recipients pay the fee, a set without change has often little to do with what they get: not searched for.
  const changeless = params.subtractsFee
    ? NO_SELECTION
    : selectByBranchAndBound(pool.positive, {
        targetSat,
        costOfChangeSat: params.costOfChangeSat,
        weightMaxWu: inputsWu,
      });
  if (withChangeWu < 0 && !changeless.ok) {
    return err('Maximum transaction weight is too low, can not accommodate change output');
  }
  const results = [changeless, ...(yield* selectWithChange(targetSat, pool, params, withChangeWu))];
  const found = results.flatMap((result) => (result.ok ? [result.value] : []));
  if (found.length === 0) return results.find((result) => !result.ok && result.error !== null) ?? NO_SELECTION;
  return takeLeastWasteful(found, params);
}

function* selectWithChange(
  targetSat: number,
  pool: GroupPool,
  params: ChoiceParams,
  weightMaxWu: number,
): Steps<readonly SelectionResult[]> {
  const { changeTargetSat, changeFeeSat, rng } = params;
  yield;
  const results = [yield* selectByKnapsack(pool.mixed, { targetSat, changeTargetSat, weightMaxWu }, rng)];
  if (params.feeRate > HIGH_RATE_FACTOR * params.longTermFeeRate) {
    yield;
    results.push(selectLightest(pool.positive, { targetSat, changeTargetSat, weightMaxWu }));
  }
  yield;
  results.push(selectByRandomDraw(pool.positive, { targetSat, changeFeeSat, weightMaxWu }, rng));
  return results;
}

/** What ancestors that several coins share lack is paid once. */
function takeLeastWasteful(found: readonly Selection[], params: ChoiceParams): SelectionResult {
  const selections: Selection[] = [];
  for (const selection of found) {
    const unconfirmed = selection.coins.filter((coin) => coin.depth <= 0);
    const summedSat = unconfirmed.reduce((sum, coin) => sum + coin.bumpFeeSat, 0);
    const combinedSat = params.combinedBumpFeeSat(unconfirmed.map((coin) => coin.outpoint));
    if (combinedSat === null) {
      return err(
        'Failed to calculate bump fees, because unconfirmed UTXOs depend on an enormous cluster of unconfirmed transactions.',
      );
    }
    // The mempool may have changed between the two looks at it.
    selections.push({ ...selection, bumpDiscountSat: Math.max(summedSat - combinedSat, 0) });
  }
  return leastWasteful(selections, params);
}
