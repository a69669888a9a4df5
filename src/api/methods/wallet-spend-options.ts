// What callers say about a payment beside its recipients: rates and how they are estimated, coins, change (Core wallet/rpc/spend.cpp
// SetFeeEstimateMode, InterpretFeeEstimationInstructions, InterpretSubtractFeeFromOutputInstructions, FundTransaction).

import { TRUC_VERSION, TRUC_VSIZE_MAX, TX_WEIGHT_MAX } from '../../kernel/policy/limits.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import type { AddressType } from '../../wallet/books/available-coin.ts';
import type { FeeEstimateMode } from '../../wallet/chain-source.ts';
import type { CoinControl } from '../../wallet/tx-builder/coin-control.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { amountFromValue } from '../amount.ts';
import { type Arguments, asFlag, asHash, asInt64, asInteger, asList, asObject, asText } from '../arguments.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import { JsonNumber, type JsonObject, type JsonValue, jsonKind } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';
import { readSolvingData } from './wallet-solving-data.ts';

/** Decimals of a rate in sat/vB. */
const FEE_RATE_DECIMALS = 3;

/** Modes in the order of Core's error. */
const MODES = ['unset', 'economical', 'conservative'];

/** Weight of an input without any script (Core GetTransactionInputWeight of an empty CTxIn). */
const INPUT_WEIGHT_MIN = 165;

/** Throws with Core's code for parameters that make no sense. */
export function refuseParameter(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

/** What is said about the rate. */
export interface FeeWords {
  readonly confirmTarget: JsonValue;
  readonly estimateMode: JsonValue;
  readonly feeRate: JsonValue;
}

/** The part of the wishes that is about the rate. */
export type FeeControl = Pick<
  CoinControl,
  'feeRate' | 'overridesFeeRate' | 'confirmTarget' | 'estimateMode' | 'signalsReplacement'
>;

/** A field of options; null when it is not there. */
export function option(options: JsonObject, name: string): JsonValue {
  return options.get(name) ?? null;
}

/** The options of a call, none being empty ones. */
export function readOptions(args: Arguments): JsonObject {
  return args.has('options') ? asObject(args.value('options')) : new Map();
}

/** What parameters and options say about the rate; never both. */
export function mergeFeeWords(args: Arguments, options: JsonObject): FeeWords {
  const isInOptions = options.has('conf_target') || options.has('estimate_mode');
  if (isInOptions && (args.has('conf_target') || args.has('estimate_mode'))) {
    refuseParameter('Pass conf_target and estimate_mode either as arguments or in the options object, but not both');
  }
  if (options.has('fee_rate') && args.has('fee_rate')) {
    refuseParameter('Pass the fee_rate either as an argument, or in the options object, but not both');
  }
  const confirmTarget = isInOptions ? option(options, 'conf_target') : args.value('conf_target');
  const estimateMode = isInOptions ? option(options, 'estimate_mode') : args.value('estimate_mode');
  const feeRate = options.has('fee_rate') ? option(options, 'fee_rate') : args.value('fee_rate');
  const hasMode = estimateMode !== null && asText(estimateMode) !== 'unset';
  if (confirmTarget !== null && !hasMode) refuseParameter('Specify estimate_mode');
  return { confirmTarget, estimateMode, feeRate };
}

/** Reads what is said about the rate. */
export function readFeeControl(
  wallet: Wallet,
  { confirmTarget, estimateMode, feeRate }: FeeWords,
  overridesFeeRate: boolean,
  signalsReplacement: boolean | null,
): FeeControl {
  if (feeRate !== null) {
    if (confirmTarget !== null) {
      refuseParameter(
        'Cannot specify both conf_target and fee_rate. Please provide either a confirmation target in blocks for automatic fee estimation, or an explicit fee rate.',
      );
    }
    if (estimateMode !== null && asText(estimateMode) !== 'unset') {
      refuseParameter('Cannot specify both estimate_mode and fee_rate');
    }
    return {
      feeRate: amountFromValue(feeRate, FEE_RATE_DECIMALS),
      overridesFeeRate,
      confirmTarget: null,
      estimateMode: null,
      signalsReplacement: signalsReplacement ?? true,
    };
  }
  return {
    feeRate: null,
    overridesFeeRate: false,
    estimateMode: readEstimateMode(estimateMode),
    confirmTarget: confirmTarget === null ? null : readConfirmTarget(wallet, confirmTarget),
    signalsReplacement,
  };
}

function readEstimateMode(value: JsonValue): FeeEstimateMode | null {
  if (value === null) return null;
  const mode = asText(value).toLowerCase();
  if (!MODES.includes(mode)) {
    refuseParameter(`Invalid estimate_mode parameter, must be one of: "${MODES.join('", "')}"`);
  }
  return mode === 'unset' ? null : (mode as FeeEstimateMode);
}

function readConfirmTarget(wallet: Wallet, value: JsonValue): number {
  const target = asInteger(value);
  const targetMax = wallet.chain.estimateTargetMax();
  if (target >= 1 && target <= targetMax) return target;
  return refuseParameter(`Invalid conf_target, must be between 1 and ${targetMax}`);
}

/** The recipients who pay the fee, by their positions; `destinations` are their names, in order. */
export function readSubtractFee(value: JsonValue, destinations: readonly string[]): ReadonlySet<number> {
  const positions: Set<number> = new Set();
  if (value === null) return positions;
  const wrong = (what: string): never => refuseParameter(`Invalid parameter 'subtract fee from output', ${what}`);
  for (const one of asList(value)) {
    let position = -1;
    if (typeof one === 'string') {
      position = destinations.indexOf(one);
      if (position < 0) wrong(`destination ${one} not found in tx outputs`);
    } else if (one instanceof JsonNumber) {
      position = asInteger(one);
    } else {
      wrong(`invalid value type: ${jsonKind(one)}`);
    }
    if (positions.has(position)) wrong(`duplicated position: ${position}`);
    if (position < 0) wrong(`negative position: ${position}`);
    if (position >= destinations.length) wrong(`position too large: ${position}`);
    positions.add(position);
  }
  return positions;
}

const OUTDATED: readonly (readonly [old: string, message: string])[] = [
  ['feeRate', 'Use fee_rate (sat/vB) instead of feeRate'],
  ['changeAddress', 'Use change_address instead of changeAddress'],
  ['changePosition', 'Use change_position instead of changePosition'],
  ['lockUnspents', 'Use lock_unspents instead of lockUnspents'],
  ['subtractFeeFromOutputs', 'Use subtract_fee_from_outputs instead of subtractFeeFromOutputs'],
];

/** Throws for names that other methods use. */
export function refuseOutdatedOptions(options: JsonObject): void {
  for (const [old, message] of OUTDATED) {
    if (options.has(old)) refuseParameter(message);
  }
}

/** The type of addresses that a text names; null for others. */
export function parseAddressType(text: string): AddressType | null {
  return text === 'legacy' || text === 'p2sh-segwit' || text === 'bech32' || text === 'bech32m' ? text : null;
}

/** Wishes for a transaction that is to be funded. */
export interface FundOptions {
  /** Without inputs and change script, which the wallet adds. */
  readonly control: CoinControl;
  readonly changePosition: number | null;
  readonly changeType: AddressType | null;
  /** Coins that are chosen are locked. */
  readonly locksCoins: boolean;
  /** Weights of inputs where the caller says so, by `txid:index`. */
  readonly inputWeights: ReadonlyMap<string, number>;
}

const FUND_FIELDS = {
  add_inputs: 'bool',
  include_unsafe: 'bool',
  add_to_wallet: 'bool',
  changeAddress: 'string',
  change_address: 'string',
  changePosition: 'number',
  change_position: 'number',
  change_type: 'string',
  includeWatching: 'bool',
  include_watching: 'bool',
  inputs: 'array',
  lockUnspents: 'bool',
  lock_unspents: 'bool',
  locktime: 'number',
  psbt: 'bool',
  solving_data: 'object',
  subtractFeeFromOutputs: 'array',
  subtract_fee_from_outputs: 'array',
  replaceable: 'bool',
  conf_target: 'number',
  estimate_mode: 'string',
  minconf: 'number',
  maxconf: 'number',
  input_weights: 'array',
  max_tx_weight: 'number',
} as const;

/** Reads the options of methods that fund; `base` is what the method itself wants. */
export function readFundOptions(
  wallet: Wallet,
  options: JsonObject,
  recipientCount: number,
  base: CoinControl,
  overridesFeeRate: boolean,
): FundOptions {
  checkFields(options, FUND_FIELDS, { allowsNull: true, isStrict: true, others: ['fee_rate', 'feeRate'] });
  const flag = (name: string, fallback: boolean): boolean => {
    const value = option(options, name);
    return value === null ? fallback : asFlag(value);
  };
  const changeText = option(options, 'change_address') ?? option(options, 'changeAddress');
  const changeScript = changeText === null ? base.changeScript : readChangeScript(wallet, asText(changeText));
  const changePosition = readChangePosition(options, recipientCount);
  const changeType = readChangeType(options, changeText !== null);
  const signalsReplacement = options.has('replaceable')
    ? asFlag(option(options, 'replaceable'))
    : base.signalsReplacement;
  const fees = readFundFees(wallet, options, overridesFeeRate, signalsReplacement);
  const { depthMin, depthMax } = readDepths(options, base);
  const externalRing = options.has('solving_data')
    ? readSolvingData(wallet, asObject(option(options, 'solving_data')))
    : base.externalRing;
  return {
    control: {
      ...base,
      ...fees,
      allowsOtherInputs: flag('add_inputs', base.allowsOtherInputs),
      includesUnsafe: flag('include_unsafe', base.includesUnsafe),
      changeScript,
      depthMin,
      depthMax,
      externalRing,
      weightMaxWu: readWeightMax(options, base),
    },
    changePosition,
    changeType,
    locksCoins: flag('lock_unspents', flag('lockUnspents', false)),
    inputWeights: readInputWeights(option(options, 'input_weights')),
  };
}

function readChangeScript(wallet: Wallet, text: string): Uint8Array {
  const { script } = readAddress(text, wallet.chain.params.prefixes);
  if (script !== null) return script;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Change address must be a valid bitcoin address');
}

function readChangePosition(options: JsonObject, recipientCount: number): number | null {
  const value = option(options, 'change_position') ?? option(options, 'changePosition');
  if (value === null) return null;
  const position = asInteger(value);
  if (position < 0 || position > recipientCount) refuseParameter('changePosition out of bounds');
  return position;
}

function readChangeType(options: JsonObject, hasAddress: boolean): AddressType | null {
  if (!options.has('change_type')) return null;
  const value = option(options, 'change_type');
  if (hasAddress) refuseParameter('Cannot specify both change address and address type options');
  const type = parseAddressType(asText(value));
  if (type === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Unknown change type '${asText(value)}'`);
  return type;
}

/** The rate in BTC/kvB comes from an older time and goes with nothing else. */
function readFundFees(
  wallet: Wallet,
  options: JsonObject,
  overridesFeeRate: boolean,
  signalsReplacement: boolean | null,
): FeeControl {
  const oldRate = option(options, 'feeRate');
  if (oldRate !== null) {
    if (options.has('fee_rate')) refuseParameter('Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)');
    if (options.has('conf_target')) {
      refuseParameter(
        'Cannot specify both conf_target and feeRate. Please provide either a confirmation target in blocks for automatic fee estimation, or an explicit fee rate.',
      );
    }
    if (options.has('estimate_mode')) refuseParameter('Cannot specify both estimate_mode and feeRate');
    const feeRate = amountFromValue(oldRate);
    return { feeRate, overridesFeeRate: true, confirmTarget: null, estimateMode: null, signalsReplacement };
  }
  const words = {
    confirmTarget: option(options, 'conf_target'),
    estimateMode: option(options, 'estimate_mode'),
    feeRate: option(options, 'fee_rate'),
  };
  return readFeeControl(wallet, words, overridesFeeRate, signalsReplacement);
}

function readDepths(options: JsonObject, base: CoinControl): Pick<CoinControl, 'depthMin' | 'depthMax'> {
  const { depthMin, depthMax } = readDepthRange(options, base, () => 'Negative minconf');
  return { depthMin, depthMax };
}

/** The confirmations that coins may have. */
export function readDepthRange(
  options: JsonObject,
  base: CoinControl,
  describeNegative: (depth: number) => string,
): Pick<CoinControl, 'depthMin' | 'depthMax'> {
  const depthMin = options.has('minconf') ? asInteger(option(options, 'minconf')) : base.depthMin;
  if (depthMin < 0) refuseParameter(describeNegative(depthMin));
  const depthMax = options.has('maxconf') ? asInteger(option(options, 'maxconf')) : base.depthMax;
  if (depthMax < depthMin) refuseParameter(`maxconf can't be lower than minconf: ${depthMax} < ${depthMin}`);
  return { depthMin, depthMax };
}

function readWeightMax(options: JsonObject, base: CoinControl): number | null {
  const weightMaxWu = options.has('max_tx_weight') ? asInteger(option(options, 'max_tx_weight')) : base.weightMaxWu;
  if (base.version !== TRUC_VERSION) return weightMaxWu;
  return Math.min(weightMaxWu ?? TRUC_VSIZE_MAX * WITNESS_SCALE_FACTOR, TRUC_VSIZE_MAX * WITNESS_SCALE_FACTOR);
}

function readInputWeights(value: JsonValue): ReadonlyMap<string, number> {
  const weights: Map<string, number> = new Map();
  if (value === null) return weights;
  for (const one of asList(value)) {
    const input = asObject(one);
    const txid = asHash(option(input, 'txid'), 'txid');
    const index = option(input, 'vout');
    if (!(index instanceof JsonNumber)) refuseParameter('Invalid parameter, missing vout key');
    if (asInteger(index) < 0) refuseParameter('Invalid parameter, vout cannot be negative');
    const weight = option(input, 'weight');
    if (!(weight instanceof JsonNumber)) refuseParameter('Invalid parameter, missing weight key');
    weights.set(`${formatHash(txid)}:${asInteger(index)}`, readInputWeight(asInt64(weight)));
  }
  return weights;
}

function readInputWeight(weightWu: number): number {
  if (weightWu < INPUT_WEIGHT_MIN) {
    refuseParameter(
      'Invalid parameter, weight cannot be less than 165 (41 bytes (size of outpoint + sequence + empty scriptSig) * 4 (witness scaling factor)) + 1 (empty witness)',
    );
  }
  if (weightWu > TX_WEIGHT_MAX) {
    refuseParameter(
      `Invalid parameter, weight cannot be greater than the maximum standard tx weight of ${TX_WEIGHT_MAX}`,
    );
  }
  return weightWu;
}

/** Weights that stand in the inputs themselves go to the options. */
export function moveInputWeights(inputs: JsonValue, options: JsonObject): JsonObject {
  if (options.has('input_weights')) {
    refuseParameter('Input weights should be specified in inputs rather than in options.');
  }
  if (inputs === null || asList(inputs).length === 0) return options;
  const weights = asList(inputs).filter((input) => asObject(input).has('weight'));
  return new Map<string, JsonValue>([...options, ['input_weights', weights]]);
}
