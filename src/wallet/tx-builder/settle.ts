// From selected coins to the outputs of a transaction (the second half of Core CreateTransactionInternal): what change gets, what the
// recipients give for the fee, and the fee that is left, exactly.

import type { TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import type { Recipient } from './created.ts';
import { isDust } from './payment-plan.ts';
import { sumOfOutputs } from './preset.ts';
import { type SpendError, spendError } from './spend-error.ts';

/** What there is to share out. */
export interface Settlement {
  /** Value of all inputs. */
  readonly inputsSat: number;
  /** Change as the selection meant it; 0: none. */
  readonly changeSat: number;
  /** Least change that is worth an output. */
  readonly changeMinSat: number;
  /** Fee for the signed transaction at its rate, with what ancestors lack. */
  readonly feeNeededSat: number;
  /** Rate in sat/kvB below which outputs are dust. */
  readonly dustRate: number;
}

/** What everybody gets. */
export interface Settled {
  readonly payments: readonly TransactionOutput[];
  readonly changeSat: number;
  readonly feeSat: number;
}

/** Shares out what the inputs bring. Inputs are always outputs and fee together. */
export function settle(recipients: readonly Recipient[], settlement: Settlement): Result<Settled, SpendError> {
  const { inputsSat, feeNeededSat, changeMinSat } = settlement;
  const subtractsFee = recipients.some((recipient) => recipient.subtractsFee);
  const wantedSat = sumOfOutputs(recipients);
  const restSat = inputsSat - wantedSat;
  assert(restSat >= settlement.changeSat, 'payment: the coins bring what is paid');
  let { changeSat } = settlement;
  if (changeSat > 0) {
    const affordedSat = restSat - feeNeededSat;
    // Change takes what the fee does not need, and gives what the estimate of the size was short of.
    if (affordedSat > changeSat || (!subtractsFee && affordedSat >= changeMinSat)) changeSat = affordedSat;
  }
  const missingSat = feeNeededSat - (restSat - changeSat);
  const payments = subtractsFee
    ? subtractFee(recipients, missingSat, settlement.dustRate)
    : ok(recipients.map(toOutput));
  if (!payments.ok) return payments;
  const feeSat = inputsSat - changeSat - sumOfOutputs(payments.value);
  if (feeSat < feeNeededSat) return spendError('Internal bug detected: Fee needed > fee paid', 'misc');
  return ok({ payments: payments.value, changeSat, feeSat });
}

/** Takes the fee from those who pay it, in equal parts; the first gives the rest of the division. */
function subtractFee(
  recipients: readonly Recipient[],
  feeSat: number,
  dustRate: number,
): Result<readonly TransactionOutput[], SpendError> {
  const payerCount = recipients.filter((recipient) => recipient.subtractsFee).length;
  const shareSat = Math.trunc(feeSat / payerCount);
  let restSat = feeSat - shareSat * payerCount;
  const payments: TransactionOutput[] = [];
  for (const recipient of recipients) {
    const { valueSat, scriptPubKey } = recipient;
    if (!recipient.subtractsFee) {
      payments.push({ valueSat, scriptPubKey });
      continue;
    }
    const payment = { valueSat: valueSat - shareSat - restSat, scriptPubKey };
    restSat = 0;
    if (isDust(payment, dustRate)) {
      return spendError(
        payment.valueSat < 0
          ? 'The transaction amount is too small to pay the fee'
          : 'The transaction amount is too small to send after the fee has been deducted',
      );
    }
    payments.push(payment);
  }
  return ok(payments);
}

function toOutput({ valueSat, scriptPubKey }: Recipient): TransactionOutput {
  return { valueSat, scriptPubKey };
}
