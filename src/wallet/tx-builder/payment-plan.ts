// What a payment amounts to before any coin is chosen (the first half of Core CreateTransactionInternal): amounts, sizes, rates, change.

import { compactSizeLength } from '../../kernel/encoding/compact-size.ts';
import { computeDustThreshold } from '../../kernel/policy/dust.ts';
import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import { TX_STRIPPED_SIZE_MIN, TX_WEIGHT_MAX } from '../../kernel/policy/limits.ts';
import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import { type TransactionOutput, WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import { drawChangeTarget } from '../coin-selection/change-target.ts';
import type { SelectParams } from '../coin-selection/select.ts';
import { type ChangePlan, planChange } from './change.ts';
import type { CoinControl } from './coin-control.ts';
import type { Recipient } from './created.ts';
import type { SpendEnvironment } from './environment.ts';
import { decideFeeRate, discardFeeRate, type FeeRule } from './fee-rate.ts';
import { sumOfOutputs } from './preset.ts';
import { outputLength } from './signed-size.ts';
import { type SpendError, spendError } from './spend-error.ts';
import { heaviestWanted } from './weight-limit.ts';

/** Version, locktime, the count of inputs, and marker and flag with the counts of witnesses, rounded up. */
const FRAME_VSIZE = 10;

/** The lightest transaction that may be asked for. */
const WEIGHT_FLOOR_WU: number = TX_STRIPPED_SIZE_MIN * WITNESS_SCALE_FACTOR;

/** A payment before its coins. */
export interface PaymentPlan {
  readonly recipientsSat: number;
  /** What the coins must bring beside their own fees. */
  readonly targetSat: number;
  readonly feeRule: FeeRule;
  readonly change: ChangePlan;
  readonly params: SelectParams;
}

/** Plans a payment, or says what is wrong with it whatever the coins. */
export function planPayment(
  recipients: readonly Recipient[],
  control: CoinControl,
  environment: SpendEnvironment,
): Result<PaymentPlan, SpendError> {
  const weightMaxWu = heaviestWanted(control);
  if (weightMaxWu < WEIGHT_FLOOR_WU || weightMaxWu > TX_WEIGHT_MAX) {
    return spendError(`Maximum transaction weight must be between ${WEIGHT_FLOOR_WU} and ${TX_WEIGHT_MAX}`);
  }
  const dustRate = environment.chain.dustRelayFeeRate();
  if (recipients.some((recipient) => isDust(recipient, dustRate))) return spendError('Transaction amount too small');
  const rule = decideFeeRate(control, environment);
  if (!rule.ok) return rule;
  const { feeRate } = rule.value;
  const recipientsSat = sumOfOutputs(recipients);
  const outputsVsize = recipients.reduce((sum, { scriptPubKey }) => sum + outputLength(scriptPubKey), 0);
  const baseVsize = FRAME_VSIZE + compactSizeLength(recipients.length) + outputsVsize;
  const subtractsFee = recipients.some((recipient) => recipient.subtractsFee);
  const targetSat = recipientsSat + (subtractsFee ? 0 : computeFeeSat(feeRate, baseVsize));
  if (targetSat === 0 && control.presetInputs.length === 0) {
    return spendError(
      'Transaction requires one destination of non-zero value, a non-zero feerate, or a pre-selected input',
    );
  }
  const change = planChange(control, environment, { feeRate, discardFeeRate: discardFeeRate(environment) });
  const averageSat = Math.floor(recipientsSat / recipients.length);
  const changeTargetSat = drawChangeTarget(averageSat, change.changeFeeSat, environment.rng);
  const sizes = { feeRate, baseVsize, subtractsFee, weightMaxWu, changeTargetSat };
  const params = { ...paramsOf(control, environment, change, feeRate), ...sizes };
  return ok({ recipientsSat, targetSat, feeRule: rule.value, change, params });
}

/** What selection has to know that the amounts do not decide. */
function paramsOf(
  { avoidsPartialSpends, includesUnsafe, version }: CoinControl,
  { chain, settings, rng }: SpendEnvironment,
  { changeFeeSat, costOfChangeSat, minViableChangeSat, outputVsize }: ChangePlan,
  feeRate: number,
) {
  const { spendsUnconfirmedChange, rejectsLongChains, ancestorCountMax, descendantCountMax } = settings;
  return {
    changeFeeSat,
    costOfChangeSat,
    minViableChangeSat,
    changeOutputVsize: outputVsize,
    longTermFeeRate: settings.consolidateFeeRate,
    combinedBumpFeeSat: (outpoints: readonly Outpoint[]) =>
      outpoints.length === 0 ? 0 : chain.bumpFees(outpoints, feeRate).combined,
    rng,
    avoidsPartialSpends,
    includesUnsafe,
    version,
    spendsUnconfirmedChange,
    rejectsLongChains,
    ancestorCountMax,
    descendantCountMax,
  };
}

/** True when an output is worth less than relay asks for. */
export function isDust({ valueSat, scriptPubKey }: TransactionOutput, dustRate: number): boolean {
  return valueSat < computeDustThreshold(scriptPubKey, 0, scriptPubKey.length, dustRate);
}
