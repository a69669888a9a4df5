// Coins for a payment (Core SelectCoins, AutomaticCoinSelection): the preset ones alone where they suffice, else with others, taken
// from ever younger coins: confirmed ones first, then own change that waits, with few relatives and then with more, the unsafe last.

import { TRUC_CHILD_VSIZE_MAX, TRUC_VERSION } from '../../kernel/policy/limits.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { err, ok } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { type Candidate, effectiveValueOf } from './candidate.ts';
import { attemptSelection, type ChoiceParams } from './choose.ts';
import { type EligibilityFilter, GROUP_COIN_COUNT_MAX, groupCandidates, type OutputGroup } from './groups.ts';
import { mergeSelections, NO_SELECTION, type SelectionResult, selectManually } from './selection.ts';
import { shuffled } from './shuffle.ts';

/** How coins for a payment are found. */
export interface SelectParams extends ChoiceParams {
  readonly avoidsPartialSpends: boolean;
  readonly includesUnsafe: boolean;
  /** Version of the payment. */
  readonly version: number;
  readonly spendsUnconfirmedChange: boolean;
  readonly rejectsLongChains: boolean;
  /** Limits of relatives in the mempool that peers may have. */
  readonly ancestorCountMax: number;
  readonly descendantCountMax: number;
}

/** What there is to choose from. */
export interface CoinSources {
  /** Spent in any case. */
  readonly preset: readonly Candidate[];
  /** Others; none of them preset. */
  readonly candidates: readonly Candidate[];
  /** Others may be added to the preset ones. */
  readonly allowsOtherInputs: boolean;
}

/** Heaviest transaction that spends an unconfirmed TRUC output (Core TRUC_CHILD_MAX_WEIGHT). */
const TRUC_CHILD_WEIGHT_MAX_WU: number = TRUC_CHILD_VSIZE_MAX * WITNESS_SCALE_FACTOR;

/** Coins that bring the target. */
export function* selectCoins(targetSat: number, sources: CoinSources, params: SelectParams): Steps<SelectionResult> {
  const { subtractsFee } = params;
  const presetSat = sumOf(sources.preset, subtractsFee);
  const missingSat = targetSat - presetSat;
  if (!sources.allowsOtherInputs && missingSat > 0) {
    return err(
      'The preselected coins total amount does not cover the transaction target. Please allow other inputs to be automatically selected or include more coins manually',
    );
  }
  if (missingSat <= 0) return ok(selectManually(targetSat, sources.preset, subtractsFee));
  if (missingSat > sumOf(sources.candidates, subtractsFee)) return NO_SELECTION;
  const found = yield* selectAutomatically(missingSat, sources.candidates, params);
  if (!found.ok || sources.preset.length === 0) return found;
  const merged = mergeSelections(found.value, selectManually(presetSat, sources.preset, subtractsFee));
  if (merged.weightWu > params.weightMaxWu - params.baseVsize * WITNESS_SCALE_FACTOR) {
    return err(
      "The combination of the pre-selected inputs and the wallet automatic inputs selection exceeds the transaction maximum weight. Please try sending a smaller amount or manually consolidating your wallet's UTXOs",
    );
  }
  return ok(merged);
}

/** What coins bring towards a target. */
function sumOf(coins: readonly Candidate[], subtractsFee: boolean): number {
  return coins.reduce((sum, coin) => sum + (subtractsFee ? coin.valueSat : effectiveValueOf(coin)), 0);
}

/** Tries one filter after another. */
export function* selectAutomatically(
  targetSat: number,
  candidates: readonly Candidate[],
  params: SelectParams,
): Steps<SelectionResult> {
  // Groups that are cut at a hundred coins must not show in which order the wallet keeps them.
  const isCut = params.avoidsPartialSpends && candidates.length > GROUP_COIN_COUNT_MAX;
  const ordered = isCut ? shuffled(candidates, params.rng) : candidates;
  const { pools, discarded } = yield* groupCandidates(ordered, createFilters(params), params);
  const shortage = findShortage(targetSat, candidates, discarded, params);
  if (shortage !== null) return shortage;
  let firstError: string | null = null;
  let { weightMaxWu } = params;
  for (const pool of pools) {
    const { filter } = pool;
    if (params.version === TRUC_VERSION && (filter.depthMinMine === 0 || filter.depthMinTheirs === 0)) {
      weightMaxWu = Math.min(weightMaxWu, TRUC_CHILD_WEIGHT_MAX_WU);
    }
    const result = yield* attemptSelection(targetSat, pool, { ...params, weightMaxWu });
    if (result.ok) return result;
    firstError ??= result.error;
  }
  return err(firstError);
}

/** Whether what no filter lets through is missing; null: there is enough without. */
function findShortage(
  targetSat: number,
  candidates: readonly Candidate[],
  discarded: readonly OutputGroup[],
  params: SelectParams,
): SelectionResult | null {
  const valueSat = candidates.reduce((sum, coin) => sum + coin.valueSat, 0);
  const usableSat = valueSat - sumOfGroups(discarded);
  if (usableSat >= targetSat) return null;
  const inLongChains = discarded.filter(
    (group) =>
      group.ancestorCount >= Math.max(1, params.ancestorCountMax) ||
      group.clusterCount >= Math.max(1, params.descendantCountMax),
  );
  if (usableSat + sumOfGroups(inLongChains) <= targetSat) return NO_SELECTION;
  return err(
    'Unconfirmed UTXOs are available, but spending them creates a chain of transactions that will be rejected by the mempool',
  );
}

function sumOfGroups(groups: readonly OutputGroup[]): number {
  return groups.reduce((sum, group) => sum + group.selectionSat, 0);
}

/** The filters in the order in which they are tried. */
export function createFilters(params: SelectParams): readonly EligibilityFilter[] {
  const filter = (depthMinMine: number, depthMinTheirs: number, ancestors: number, cluster = ancestors) => ({
    depthMinMine,
    depthMinTheirs,
    ancestorCountMax: ancestors,
    clusterCountMax: cluster,
    includesPartialGroups: false,
    allowsMixedTypes: true,
  });
  const filters: EligibilityFilter[] = [{ ...filter(1, 6, 0), allowsMixedTypes: false }, filter(1, 1, 0)];
  if (!params.spendsUnconfirmedChange) return filters;
  const ancestors = Math.max(1, params.ancestorCountMax);
  const cluster = Math.max(1, params.descendantCountMax);
  const part = (of: number, divisor: number): number => Math.floor(of / divisor);
  filters.push(
    filter(0, 1, 2),
    filter(0, 1, Math.min(4, part(ancestors, 3)), Math.min(4, part(cluster, 3))),
    filter(0, 1, part(ancestors, 2), part(cluster, 2)),
    { ...filter(0, 1, ancestors - 1, cluster - 1), includesPartialGroups: true },
  );
  if (params.includesUnsafe) {
    filters.push({ ...filter(0, 0, ancestors - 1, cluster - 1), includesPartialGroups: true });
  }
  if (!params.rejectsLongChains) {
    filters.push({ ...filter(0, 1, Number.POSITIVE_INFINITY), includesPartialGroups: true });
  }
  return filters;
}
