// createTransaction (Core CreateTransaction): from recipients, wishes and coins to an unsigned transaction with its fee. A second try
// spends coins of one script together, and is taken where it costs no more than the settings allow.

import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import { formatMoney } from '../../kernel/primitives/amount.ts';
import { buildTransaction, type TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { type Candidate, effectiveValueOf } from '../coin-selection/candidate.ts';
import { selectCoins } from '../coin-selection/select.ts';
import {
  changeSat as changeSatOf,
  computeWasteSat,
  type Selection,
  selectedValueSat,
  totalBumpFeesSat,
} from '../coin-selection/selection.ts';
import { priceAvailable, pricePresets } from './candidates.ts';
import type { CoinControl } from './coin-control.ts';
import type { CreatedTransaction, Recipient, SpendResult } from './created.ts';
import type { SpendEnvironment } from './environment.ts';
import { createInputs, measureSigned, orderCoins } from './inputs.ts';
import { allowsChosenLocktime, chooseLocktime } from './locktime.ts';
import { type PaymentPlan, planPayment } from './payment-plan.ts';
import { distinctPresets } from './preset.ts';
import { settle } from './settle.ts';
import { type SpendError, spendError } from './spend-error.ts';
import { heaviestRelayed } from './weight-limit.ts';

/** A fee above the highest that the owner allows. */
export const FEE_TOO_HIGH = 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)';

/**
 * Builds a transaction that pays the recipients. `changePosition` is where change is to stand; null: anywhere. The script for change is
 * used up when the result has a change position. Among many coins the search takes a while: in steps.
 */
export function* createTransaction(
  recipients: readonly Recipient[],
  wishes: CoinControl,
  environment: SpendEnvironment,
  changePosition: number | null = null,
): Steps<SpendResult> {
  if (recipients.length === 0) return spendError('Transaction must have at least one recipient');
  if (recipients.some(({ valueSat }) => valueSat < 0)) return spendError('Transaction amounts must not be negative');
  const control = { ...wishes, presetInputs: distinctPresets(wishes.presetInputs) };
  const single = yield* createOnce(recipients, control, environment, changePosition);
  const { groupingFeeMaxSat } = environment.settings;
  if (!single.ok || single.value.feeSat === 0 || groupingFeeMaxSat < 0 || control.avoidsPartialSpends) return single;
  yield;
  const grouped = yield* createOnce(recipients, { ...control, avoidsPartialSpends: true }, environment, changePosition);
  if (!grouped.ok) return single;
  const [singleFeeSat, groupedFeeSat] = [single.value.feeSat, grouped.value.feeSat];
  const isGrouped = groupedFeeSat <= singleFeeSat + groupingFeeMaxSat;
  const { value } = isGrouped ? grouped : single;
  return ok({ ...value, grouping: { singleFeeSat, groupedFeeSat, isGrouped } });
}

function* createOnce(
  recipients: readonly Recipient[],
  control: CoinControl,
  environment: SpendEnvironment,
  changePosition: number | null,
): Steps<SpendResult> {
  const plan = planPayment(recipients, control, environment);
  if (!plan.ok) return plan;
  const selection = yield* selectFor(plan.value, control, environment);
  if (!selection.ok) return selection;
  const changeSat = changeSatOf(selection.value, plan.value.params);
  const position = changeSat > 0 ? (changePosition ?? environment.rng.below(recipients.length + 1)) : null;
  if (position !== null && position > recipients.length) {
    return spendError('Transaction change output index out of range');
  }
  const draft = { recipients, plan: plan.value, selection: selection.value, changeSat, changePosition: position };
  const created = assemble(draft, control, environment);
  return created.ok ? checkCreated(created.value, control, environment) : created;
}

/** Coins for the payment, or why there are none. */
function* selectFor(
  plan: PaymentPlan,
  control: CoinControl,
  environment: SpendEnvironment,
): Steps<Result<Selection, SpendError>> {
  const { params, targetSat, recipientsSat } = plan;
  const preset = pricePresets(control, environment, params);
  if (!preset.ok) return preset;
  const { allowsOtherInputs } = control;
  const candidates = allowsOtherInputs ? yield* priceAvailable(control, environment, params) : [];
  const result = yield* selectCoins(targetSat, { preset: preset.value, candidates, allowsOtherInputs }, params);
  if (result.ok) return result;
  if (result.error !== null) return spendError(result.error);
  const all = [...preset.value, ...candidates];
  const sumOf = (of: (coin: Candidate) => number): number => all.reduce((sum, coin) => sum + of(coin), 0);
  if (sumOf((coin) => coin.valueSat) >= recipientsSat && sumOf(effectiveValueOf) < targetSat) {
    const fee = formatMoney(targetSat - recipientsSat);
    return spendError(
      `The total exceeds your balance when the ${fee} transaction fee is included.`,
      'insufficient-funds',
    );
  }
  return spendError('Insufficient funds', 'insufficient-funds');
}

/** A payment with the coins that pay it. */
interface Draft {
  readonly recipients: readonly Recipient[];
  readonly plan: PaymentPlan;
  readonly selection: Selection;
  /** Change as the selection means it; 0: none. */
  readonly changeSat: number;
  /** Where it stands. */
  readonly changePosition: number | null;
}

/** Puts inputs and outputs in their places and shares out what the inputs bring. */
function assemble(draft: Draft, control: CoinControl, environment: SpendEnvironment): SpendResult {
  const { recipients, plan, selection, changePosition } = draft;
  const { params, change } = plan;
  const spent = orderCoins(selection.coins, control, environment);
  const size = measureSigned(spent, placeChange(draft, recipients, draft.changeSat), control, environment);
  if (size === null) return spendError('Missing solving data for estimating transaction size');
  const settled = settle(recipients, {
    inputsSat: selectedValueSat(selection),
    changeSat: draft.changeSat,
    changeMinSat: params.minViableChangeSat,
    feeNeededSat: computeFeeSat(params.feeRate, size.vsize) + totalBumpFeesSat(selection),
    dustRate: environment.chain.dustRelayFeeRate(),
  });
  if (!settled.ok) return settled;
  if (changePosition !== null && change.script === null) {
    const fault = environment.change.fault ?? '';
    return spendError(`Transaction needs a change address, but we can't generate it. ${fault}`.trimEnd());
  }
  const inputs = createInputs(spent, control, environment);
  const outputs = placeChange(draft, settled.value.payments, settled.value.changeSat);
  const isPlain = inputs.every((input) => allowsChosenLocktime(input.sequence));
  const locktime = control.locktime ?? (isPlain ? chooseLocktime(environment) : 0);
  return ok({
    transaction: buildTransaction({ version: control.version, inputs, outputs, locktime }),
    spentOutputs: spent.map(({ coin: { valueSat, scriptPubKey } }) => ({ valueSat, scriptPubKey })),
    feeSat: settled.value.feeSat,
    changePosition,
    feeRule: plan.feeRule,
    algorithm: selection.algorithm,
    wasteSat: computeWasteSat(selection, params),
    vsizeMax: size.vsize,
    weightMaxWu: size.weightWu,
    grouping: null,
  });
}

/** The payments with change among them. */
function placeChange(
  { plan, changePosition }: Draft,
  payments: readonly TransactionOutput[],
  valueSat: number,
): readonly TransactionOutput[] {
  if (changePosition === null) return payments;
  const change = { valueSat, scriptPubKey: plan.change.script ?? EMPTY_BYTES };
  return [...payments.slice(0, changePosition), change, ...payments.slice(changePosition)];
}

/** What would be refused, or costs more than the owner allows, is not handed out. */
function checkCreated(
  created: CreatedTransaction,
  control: CoinControl,
  { chain, settings }: SpendEnvironment,
): SpendResult {
  if (created.weightMaxWu > heaviestRelayed(control)) return spendError('Transaction too large');
  if (created.feeSat > settings.feeMaxSat) return spendError(FEE_TOO_HIGH);
  if (settings.rejectsLongChains && !chain.checkChainLimits(created.transaction)) {
    return spendError('too many unconfirmed transactions in cluster');
  }
  return ok(created);
}
