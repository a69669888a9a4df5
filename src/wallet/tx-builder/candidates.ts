// The coins of one payment with their prices: those that it must spend (Core FetchSelectedInputs) and those that it may.

import { TRUC_VERSION } from '../../kernel/policy/limits.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import { isP2sh } from '../../kernel/script/script.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import type { AvailableCoin } from '../books/available-coin.ts';
import { addressTypeOfScript } from '../books/output-type.ts';
import { type Availability, filterAvailable } from '../coin-selection/available.ts';
import {
  type Candidate,
  type CandidateRates,
  type CoinType,
  priceCoin,
  type UnpricedCoin,
} from '../coin-selection/candidate.ts';
import { computeInputVsize, type InputMeasure, weightToVsize } from '../descriptor/input-size.ts';
import type { CoinControl, PresetInput } from './coin-control.ts';
import type { SpendEnvironment } from './environment.ts';
import { measureInput } from './signed-size.ts';
import { type SpendError, spendError } from './spend-error.ts';

/** Coins of one step. */
const COINS_PER_STEP = 1_000;

/** The preset inputs, or what is wrong with one of them. */
export function pricePresets(
  control: CoinControl,
  environment: SpendEnvironment,
  rates: CandidateRates,
): Result<readonly Candidate[], SpendError> {
  const outpoints = control.presetInputs.map((preset) => preset.outpoint);
  const bumpFeesSat = bumpFeesOf(outpoints, environment, rates.feeRate);
  const candidates: Candidate[] = [];
  for (const [i, preset] of control.presetInputs.entries()) {
    const coin = describePreset(preset, control, environment);
    if (!coin.ok) return coin;
    candidates.push(priceCoin({ ...coin.value, bumpFeeSat: bumpFeesSat[i]! }, rates));
  }
  return ok(candidates);
}

function describePreset(
  preset: PresetInput,
  control: CoinControl,
  environment: SpendEnvironment,
): Result<UnpricedCoin, SpendError> {
  const { outpoint, output, depth, isExternal, weightWu = null } = preset;
  const wrong = findTopologyError(preset, control.version);
  if (wrong !== null) return spendError(wrong);
  if (output === null) return spendError(`Not found pre-selected input ${describeOutpoint(outpoint)}`);
  const measure = measureInput(output.scriptPubKey, isExternal, control.externalRing, environment);
  const inputVsize = weightWu === null ? computeInputVsize(measure) : weightToVsize(weightWu);
  if (inputVsize < 0) return spendError(`Not solvable pre-selected input ${describeOutpoint(outpoint)}`);
  const name = formatOutpoint(outpoint);
  // What filters go by does not matter: it is spent in any case.
  const unfiltered = { isFromMe: false, type: 'unknown', ancestorCount: 0, clusterCount: 0 } as const;
  return ok({ ...output, ...unfiltered, outpoint, name, depth, inputVsize, bumpFeeSat: 0 });
}

/** Versions with and without restricted topology do not follow each other in the mempool (BIP431). */
export function findTopologyError(preset: PresetInput, version: number): string | null {
  if (preset.isExternal || preset.output === null || preset.depth !== 0) return null;
  const isRestricted = preset.version === TRUC_VERSION;
  if (isRestricted === (version === TRUC_VERSION)) return null;
  return `Can't spend unconfirmed version ${preset.version} pre-selected input with a version ${version} tx`;
}

/** Core's short text of an outpoint (COutPoint::ToString). */
function describeOutpoint({ txid, index }: Outpoint): string {
  return `COutPoint(${formatHash(txid).slice(0, 10)}, ${index})`;
}

/** The coins that may be added to the preset ones. */
export function* priceAvailable(
  control: CoinControl,
  environment: SpendEnvironment,
  rates: CandidateRates,
): Steps<readonly Candidate[]> {
  const coins = filterAvailable(environment.coins, availabilityOf(control, 1));
  const unconfirmed = coins.filter((coin) => coin.depth === 0);
  const fees = bumpFeesOf(
    unconfirmed.map((coin) => coin.outpoint),
    environment,
    rates.feeRate,
  );
  const bumpFeesSat = new Map(unconfirmed.map((coin, i) => [coin, fees[i]!]));
  const candidates: Candidate[] = [];
  for (const [i, coin] of coins.entries()) {
    if (i % COINS_PER_STEP === 0) yield;
    const { outpoint, name, valueSat, scriptPubKey, depth, isFromMe, ancestorCount, clusterCount } = coin;
    const measure = environment.measureInput(scriptPubKey);
    const type = coinTypeOf(coin, measure);
    const inputVsize = computeInputVsize(measure);
    const bumpFeeSat = bumpFeesSat.get(coin) ?? 0;
    const own = { outpoint, name, valueSat, scriptPubKey, depth, isFromMe, ancestorCount, clusterCount };
    candidates.push(priceCoin({ ...own, type, inputVsize, bumpFeeSat }, rates));
  }
  return candidates;
}

/** What a payment asks of coins that are not preset. */
export function availabilityOf(control: CoinControl, valueMinSat: number): Availability {
  const { version, includesUnsafe, depthMin, depthMax, avoidsReuse, presetInputs } = control;
  const except = new Set(presetInputs.map((preset) => formatOutpoint(preset.outpoint)));
  return { version, includesUnsafe, depthMin, depthMax, avoidsReuse, valueMinSat, except };
}

function bumpFeesOf(outpoints: readonly Outpoint[], { chain }: SpendEnvironment, feeRate: number): readonly number[] {
  return outpoints.length === 0 ? [] : chain.bumpFees(outpoints, feeRate).each;
}

/** The address does not show what is behind a script hash, the measure does. */
function coinTypeOf({ scriptPubKey }: AvailableCoin, measure: InputMeasure | null): CoinType {
  if (isP2sh(scriptPubKey, 0, scriptPubKey.length) && measure?.isSegwit === true) return 'p2sh-segwit';
  return addressTypeOfScript(scriptPubKey) ?? 'unknown';
}
