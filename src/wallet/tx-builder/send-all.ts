// Sending everything (Core's RPC sendall): all coins, or those that pay for themselves, or exactly the given ones, to recipients of
// whom those without an amount share what is left. There is no change.

import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction, type TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { filterAvailable } from '../coin-selection/available.ts';
import { computeInputVsize } from '../descriptor/input-size.ts';
import { FEE_TOO_HIGH } from './build.ts';
import { availabilityOf, findTopologyError } from './candidates.ts';
import type { CoinControl, PresetInput } from './coin-control.ts';
import type { SpendEnvironment } from './environment.ts';
import { decideFeeRate, type FeeRule } from './fee-rate.ts';
import { allowsChosenLocktime, chooseLocktime, SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from './locktime.ts';
import { isDust } from './payment-plan.ts';
import { distinctPresets, sumOfOutputs } from './preset.ts';
import { computeSignedSize, measureInput, type SignedSize } from './signed-size.ts';
import { type SpendError, spendError } from './spend-error.ts';
import { heaviestWanted } from './weight-limit.ts';

/** One who gets something. */
export interface SendAllRecipient {
  readonly scriptPubKey: Uint8Array;
  /** Null: a share of what is left. */
  readonly valueSat: number | null;
  /** Its address, for messages. */
  readonly address: string;
}

/** Who gets everything, and which coins that is. */
export interface SendAllRequest {
  /** At least one without an amount. */
  readonly recipients: readonly SendAllRecipient[];
  /** Exactly these coins; null: all that are available. */
  readonly inputs: readonly PresetInput[] | null;
  /** Leaves coins behind that cost more than they bring. */
  readonly leavesUneconomic: boolean;
}

/** A transaction without change that waits to be signed. */
export interface SendAllTransaction {
  readonly transaction: Transaction;
  /** What its inputs spend, in their order. */
  readonly spentOutputs: readonly TransactionOutput[];
  readonly feeSat: number;
  readonly feeRule: FeeRule;
  /** Greatest size once it is signed. */
  readonly vsizeMax: number;
  readonly weightMaxWu: number;
}

/** Builds the transaction that sends everything. */
export function* createSendAll(
  request: SendAllRequest,
  control: CoinControl,
  environment: SpendEnvironment,
): Steps<Result<SendAllTransaction, SpendError>> {
  const { recipients } = request;
  if (recipients.every(({ valueSat }) => valueSat !== null)) {
    return spendError('Must provide at least one address without a specified amount', 'invalid-parameter');
  }
  const rule = decideFeeRate(control, environment);
  if (!rule.ok) return rule;
  const { feeRate } = rule.value;
  const gathered = yield* gatherInputs(request, control, environment, feeRate);
  if (!gathered.ok) return gathered;
  const inputs = gathered.value;
  const spentOutputs = inputs.map(({ output }) => output!);
  yield;
  const size = measureAll(inputs, recipients, control, environment);
  if (size === null) {
    return spendError('Unable to determine the size of the transaction, the wallet contains unsolvable descriptors');
  }
  yield;
  const sizeFeeSat = computeFeeSat(feeRate, size.vsize);
  const outpoints = inputs.map(({ outpoint }) => outpoint);
  const bumpFeeSat = outpoints.length === 0 ? 0 : (environment.chain.bumpFees(outpoints, feeRate).combined ?? 0);
  const budgetSat = sumOfOutputs(spentOutputs) - sizeFeeSat - bumpFeeSat;
  const fault = findFault({ request, inputs, size, sizeFeeSat, budgetSat }, control, environment);
  if (fault !== null) return fault;
  const shared = shareOut(recipients, sumOfOutputs(spentOutputs), budgetSat, environment.chain.dustRelayFeeRate());
  if (!shared.ok) return shared;
  return ok({
    transaction: createUnsigned(inputs, shared.value, control, environment),
    spentOutputs,
    feeSat: sumOfOutputs(spentOutputs) - sumOfOutputs(shared.value),
    feeRule: rule.value,
    vsizeMax: size.vsize,
    weightMaxWu: size.weightWu,
  });
}

/** The coins that are sent; each of their outputs is known. */
function* gatherInputs(
  { inputs, leavesUneconomic }: SendAllRequest,
  control: CoinControl,
  environment: SpendEnvironment,
  feeRate: number,
): Steps<Result<readonly PresetInput[], SpendError>> {
  if (inputs !== null) return checkGiven(inputs, control, environment);
  const available = filterAvailable(environment.coins, availabilityOf(control, 0));
  yield;
  const kept = available.filter(({ scriptPubKey, valueSat }) => {
    const vsize = Math.max(computeInputVsize(environment.measureInput(scriptPubKey)), 0);
    return !leavesUneconomic || computeFeeSat(feeRate, vsize) <= valueSat;
  });
  yield;
  return ok(
    kept.map(({ outpoint, valueSat, scriptPubKey, depth, version }) => {
      return { outpoint, output: { valueSat, scriptPubKey }, isExternal: false, depth, version };
    }),
  );
}

/** Coins that the owner names must be unspent ones of the wallet. */
function checkGiven(
  inputs: readonly PresetInput[],
  control: CoinControl,
  { coins }: SpendEnvironment,
): Result<readonly PresetInput[], SpendError> {
  const unspent = new Set(coins.map((coin) => coin.name));
  for (const input of inputs) {
    const name = formatOutpoint(input.outpoint);
    if (input.output === null || input.isExternal) {
      return spendError(`Input not found. UTXO (${name}) is not part of wallet.`, 'invalid-parameter');
    }
    if (!unspent.has(name)) {
      return spendError(`Input not available. UTXO (${name}) was already spent.`, 'invalid-parameter');
    }
    const wrong = findTopologyError(input, control.version);
    if (wrong !== null) return spendError(wrong, 'invalid-parameter');
  }
  return ok(distinctPresets(inputs));
}

function measureAll(
  inputs: readonly PresetInput[],
  recipients: readonly SendAllRecipient[],
  control: CoinControl,
  environment: SpendEnvironment,
): SignedSize | null {
  const toSign = inputs.map(({ output }) => ({
    measure: measureInput(output!.scriptPubKey, false, control.externalRing, environment),
    weightWu: null,
  }));
  return computeSignedSize(
    toSign,
    recipients.map(({ scriptPubKey }) => ({ scriptPubKey, valueSat: 0 })),
  );
}

/** What is left to be judged before anything is shared out. */
interface Draft {
  readonly request: SendAllRequest;
  readonly inputs: readonly PresetInput[];
  readonly size: SignedSize;
  readonly sizeFeeSat: number;
  readonly budgetSat: number;
}

function findFault(
  { request, inputs, size, sizeFeeSat, budgetSat }: Draft,
  control: CoinControl,
  { settings }: SpendEnvironment,
): ReturnType<typeof spendError> | null {
  if (sizeFeeSat > settings.feeMaxSat) return spendError(FEE_TOO_HIGH);
  if (budgetSat <= 0) {
    return spendError(
      request.leavesUneconomic
        ? 'Total value of UTXO pool too low to pay for transaction, try using lower feerate.'
        : "Total value of UTXO pool too low to pay for transaction. Try using lower feerate or excluding uneconomic UTXOs with 'send_max' option.",
      'insufficient-funds',
    );
  }
  const heaviestWu = heaviestWanted({ ...control, presetInputs: inputs });
  return size.weightWu > heaviestWu ? spendError('Transaction too large.') : null;
}

/** Everybody gets his amount, or an equal share; the first share gets what the division leaves. */
function shareOut(
  recipients: readonly SendAllRecipient[],
  inputsSat: number,
  budgetSat: number,
  dustRate: number,
): Result<readonly TransactionOutput[], SpendError> {
  const claimedSat = recipients.reduce((sum, { valueSat }) => sum + (valueSat ?? 0), 0);
  if (claimedSat > inputsSat) {
    return spendError('Assigned more value to outputs than available funds.', 'insufficient-funds');
  }
  const remainderSat = budgetSat - claimedSat;
  if (remainderSat < 0) {
    return spendError('Insufficient funds for fees after creating specified outputs.', 'insufficient-funds');
  }
  const shareCount = recipients.filter(({ valueSat }) => valueSat === null).length;
  const shareSat = Math.floor(remainderSat / shareCount);
  let restSat = remainderSat - shareSat * shareCount;
  const outputs: TransactionOutput[] = [];
  for (const { scriptPubKey, valueSat, address } of recipients) {
    const output = { scriptPubKey, valueSat: valueSat ?? shareSat + restSat };
    if (valueSat === null) restSat = 0;
    if (isDust(output, dustRate)) {
      return valueSat === null
        ? spendError('Dynamically assigned remainder results in dust output.', 'insufficient-funds')
        : spendError(`Specified output amount to ${address} is below dust threshold.`, 'invalid-parameter');
    }
    outputs.push(output);
  }
  return ok(outputs);
}

function createUnsigned(
  presets: readonly PresetInput[],
  outputs: readonly TransactionOutput[],
  control: CoinControl,
  environment: SpendEnvironment,
): Transaction {
  const signals = control.signalsReplacement ?? environment.settings.signalsReplacement;
  const sequence = signals ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL;
  const inputs = presets.map((preset) => ({
    prevout: preset.outpoint,
    scriptSig: EMPTY_BYTES,
    sequence: preset.sequence ?? sequence,
  }));
  const isPlain = inputs.every((input) => allowsChosenLocktime(input.sequence));
  const locktime = control.locktime ?? (isPlain ? chooseLocktime(environment) : 0);
  return buildTransaction({ version: control.version, inputs, outputs, locktime });
}
