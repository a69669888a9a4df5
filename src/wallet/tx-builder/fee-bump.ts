// A transaction that takes the place of an unconfirmed one and pays more (Core wallet/feebumper.cpp, BIP125): it spends all inputs of
// the old one, so that only one of the two can ever be confirmed, and pays the same recipients; change, or new coins, pay the rest.

import { computeFeerate, computeFeeSat } from '../../kernel/policy/feerate.ts';
import { TRUC_VERSION } from '../../kernel/policy/limits.ts';
import { formatMoney } from '../../kernel/primitives/amount.ts';
import { formatHash, type Txid } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import { type Transaction, type TransactionOutput, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { weightToVsize } from '../descriptor/input-size.ts';
import { createTransaction } from './build.ts';
import type { CoinControl, PresetInput } from './coin-control.ts';
import type { CreatedTransaction, Recipient } from './created.ts';
import type { SpendEnvironment } from './environment.ts';
import { minimumFeeRate, requiredFeeRate } from './fee-rate.ts';
import { type KnownOutput, presetInputsOf, sumOfOutputs } from './preset.ts';
import { computeResignedWeight, computeSignedSize, measureInput } from './signed-size.ts';
import { type SpendError, spendError } from './spend-error.ts';

/** Rate in sat/kvB that a replacement adds at least, above what nodes ask for today (Core WALLET_INCREMENTAL_RELAY_FEE). */
const ADDED_FEE_RATE = 5_000;

/** What decides whether a transaction can be replaced. */
export interface BumpFacts {
  /** A transaction of the wallet spends one of its outputs. */
  readonly hasWalletSpend: boolean;
  /** A transaction of the mempool does. */
  readonly hasMempoolDescendants: boolean;
  /** Its confirmations; 0: none; negative: one that it conflicts with has so many. */
  readonly depth: number;
  /** What has replaced it already. */
  readonly replacedBy: Txid | null;
}

/** The transaction that is to be replaced, with what the wallet and the node know of it. */
export interface BumpSubject extends BumpFacts {
  readonly transaction: Transaction;
  /** What its inputs spend, in their order; null: that is spent already. */
  readonly spent: readonly (KnownOutput | null)[];
}

/** How it is replaced. */
export interface BumpRequest {
  /** All its inputs must be of the wallet; where others sign too, they need not. */
  readonly requiresMine: boolean;
  /** Outputs in place of the old ones; empty: the old ones. */
  readonly outputs: readonly TransactionOutput[];
  /** The output that pays the fee; null: change is what looks like change. */
  readonly changeIndex: number | null;
  /** True for scripts of the wallet that nobody was given as an address. */
  readonly isChange: (scriptPubKey: Uint8Array) => boolean;
}

type Failure = ReturnType<typeof spendError>;

/** A replacement that waits to be signed. */
export interface FeeBump {
  readonly created: CreatedTransaction;
  readonly oldFeeSat: number;
}

/** Why a transaction cannot be replaced; null: it can (Core PreconditionChecks). */
export function findBumpObstacle(facts: BumpFacts, txid: Txid): SpendError | null {
  const { hasWalletSpend, hasMempoolDescendants, depth, replacedBy } = facts;
  if (hasWalletSpend) return { kind: 'invalid-parameter', message: 'Transaction has descendants in the wallet' };
  if (hasMempoolDescendants) {
    return { kind: 'invalid-parameter', message: 'Transaction has descendants in the mempool' };
  }
  if (depth !== 0) {
    return {
      kind: 'wallet',
      message: 'Transaction has been mined, or is conflicted with a mined transaction',
    };
  }
  if (replacedBy === null) return null;
  const message = `Cannot bump transaction ${formatHash(txid)} which was already bumped by transaction ${formatHash(replacedBy)}`;
  return { kind: 'wallet', message };
}

/** Builds the replacement. */
export function* createFeeBump(
  subject: BumpSubject,
  request: BumpRequest,
  control: CoinControl,
  environment: SpendEnvironment,
): Steps<Result<FeeBump, SpendError>> {
  const checked = checkSubject(subject, request);
  if (!checked.ok) return checked;
  const { transaction } = subject;
  const presetInputs = checked.value;
  const old = toTransactionData(transaction);
  const inputsSat = sumOfOutputs(presetInputs.map(({ output }) => output!));
  const oldFeeSat = inputsSat - sumOfOutputs(old.outputs);
  const keepsOutputs = request.outputs.length === 0;
  const outputs = keepsOutputs ? old.outputs : request.outputs;
  // Where all is change, and nobody asks for another amount, the old fee counts as change too.
  const allChangeSat = keepsOutputs ? inputsSat : sumOfOutputs(outputs);
  const split = splitOutputs(outputs, request, control.changeScript, allChangeSat);
  if (!split.ok) return split;
  const { recipients, changeScript } = split.value;
  const wishes: CoinControl = {
    ...control,
    presetInputs,
    changeScript,
    version: transaction.version === TRUC_VERSION ? TRUC_VERSION : control.version,
    allowsOtherInputs: true,
    // A replacement must not bring new unconfirmed inputs (BIP125, rule 2).
    depthMin: 1,
  };
  const feeRate = control.feeRate ?? proposeFeeRate(transaction, oldFeeSat, wishes, environment);
  const tooLow = control.feeRate === null ? null : checkGivenRate(wishes, outputs, feeRate, oldFeeSat, environment);
  if (tooLow !== null) return tooLow;
  const created = yield* createTransaction(recipients, { ...wishes, feeRate }, environment);
  if (!created.ok) return spendError(`Unable to create transaction. ${created.error.message}`);
  return ok({ created: created.value, oldFeeSat });
}

/** The inputs of the old transaction as preset ones, unless something forbids to replace it. */
function checkSubject(subject: BumpSubject, request: BumpRequest): Result<readonly PresetInput[], SpendError> {
  const { transaction, spent } = subject;
  if (request.outputs.length > 0 && request.changeIndex !== null) {
    return spendError(
      "The options 'outputs' and 'original_change_index' are incompatible. You can only either specify a new set of outputs, or designate a change output to be recycled.",
      'invalid-parameter',
    );
  }
  if (request.changeIndex !== null && request.changeIndex >= transaction.outputCount) {
    return spendError('Change position is out of range', 'invalid-parameter');
  }
  const missing = spent.indexOf(null);
  if (missing >= 0) {
    return spendError(`${formatOutpoint(transaction.prevout(missing))} is already spent`, 'misc');
  }
  const obstacle = findBumpObstacle(subject, transaction.txid);
  if (obstacle !== null) return { ok: false, error: obstacle };
  if (request.requiresMine && spent.some((known) => known?.isExternal === true)) {
    return spendError("Transaction contains inputs that don't belong to this wallet");
  }
  // What strangers have signed may become longer when they sign again.
  return ok(
    presetInputsOf(transaction, spent).map((input, i) =>
      input.isExternal ? { ...input, weightWu: computeResignedWeight(transaction, i) } : input,
    ),
  );
}

/** Whom the replacement pays, and where its change goes. */
interface SplitOutputs {
  readonly recipients: readonly Recipient[];
  readonly changeScript: Uint8Array | null;
}

function splitOutputs(
  outputs: readonly TransactionOutput[],
  { changeIndex, isChange }: BumpRequest,
  wantedChange: Uint8Array | null,
  allChangeSat: number,
): Result<SplitOutputs, SpendError> {
  const recipients: Recipient[] = [];
  let changeScript = wantedChange;
  for (const [i, { valueSat, scriptPubKey }] of outputs.entries()) {
    if (changeIndex === null ? isChange(scriptPubKey) : changeIndex === i) changeScript = scriptPubKey;
    else recipients.push({ scriptPubKey, valueSat, subtractsFee: false });
  }
  if (recipients.length > 0) return ok({ recipients, changeScript });
  if (changeScript === null) {
    return spendError(
      'Unable to create transaction. Transaction must have at least one recipient',
      'invalid-parameter',
    );
  }
  // All of it is change: it pays the fee.
  const all = { scriptPubKey: changeScript, valueSat: allChangeSat, subtractsFee: true };
  return ok({ recipients: [all], changeScript: null });
}

/** A rate that is high enough for a replacement (Core EstimateFeeRate). */
function proposeFeeRate(
  transaction: Transaction,
  oldFeeSat: number,
  control: CoinControl,
  environment: SpendEnvironment,
): number {
  // One more, as the rate of the old transaction was rounded down.
  const oldRate = computeFeerate(oldFeeSat, weightToVsize(transaction.weightWu)) + 1;
  const addedRate = Math.max(environment.chain.incrementalRelayFeeRate(), ADDED_FEE_RATE);
  return Math.max(oldRate + addedRate, minimumFeeRate({ ...control, feeRate: null }, environment).feeRate);
}

/** Whether a rate that was given is enough for a replacement, and not too much (Core CheckFeeRate). */
function checkGivenRate(
  { presetInputs, externalRing }: CoinControl,
  outputs: readonly TransactionOutput[],
  feeRate: number,
  oldFeeSat: number,
  environment: SpendEnvironment,
): Failure | null {
  const { chain } = environment;
  const minimum = chain.mempoolMinFeeRate();
  if (feeRate < minimum) {
    const [given, least] = [feeRate, minimum].map(formatMoney);
    return spendError(
      `New fee rate (${given}) is lower than the minimum fee rate (${least}) to get into the mempool -- `,
    );
  }
  const inputs = presetInputs.map(({ output, isExternal, weightWu = null }) => {
    return { measure: measureInput(output!.scriptPubKey, isExternal, externalRing, environment), weightWu };
  });
  const size = computeSignedSize(inputs, outputs);
  if (size === null) return spendError('Missing solving data for estimating transaction size');
  const outpoints = presetInputs.map(({ outpoint }) => outpoint);
  const bumpFeeSat = chain.bumpFees(outpoints, feeRate).combined;
  if (bumpFeeSat === null) {
    return spendError(
      'Failed to calculate bump fees, because unconfirmed UTXOs depend on an enormous cluster of unconfirmed transactions.',
    );
  }
  return checkNewFee(computeFeeSat(feeRate, size.vsize) + bumpFeeSat, oldFeeSat, size.vsize, environment);
}

/** A replacement pays for itself on top of the old fee (BIP125, rules 3 and 4), what is required, and no more than allowed. */
function checkNewFee(feeSat: number, oldFeeSat: number, vsize: number, environment: SpendEnvironment): Failure | null {
  const { chain, settings } = environment;
  const addedSat = computeFeeSat(chain.incrementalRelayFeeRate(), vsize);
  const [fee, least, old, added] = [feeSat, oldFeeSat + addedSat, oldFeeSat, addedSat].map(formatMoney);
  if (feeSat < oldFeeSat + addedSat) {
    return spendError(
      `Insufficient total fee ${fee}, must be at least ${least} (oldFee ${old} + incrementalFee ${added})`,
      'invalid-parameter',
    );
  }
  const requiredSat = computeFeeSat(requiredFeeRate(environment), vsize);
  if (feeSat < requiredSat) {
    const required = formatMoney(requiredSat);
    return spendError(`Insufficient total fee (cannot be less than required fee ${required})`, 'invalid-parameter');
  }
  if (feeSat <= settings.feeMaxSat) return null;
  const most = formatMoney(settings.feeMaxSat);
  return spendError(`Specified or calculated fee ${fee} is too high (cannot be higher than -maxtxfee ${most})`);
}
