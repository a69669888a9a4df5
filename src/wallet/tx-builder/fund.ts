// Funding a transaction that exists in part (Core FundTransaction): its inputs stay as they are, with their scripts and sequences, and
// its locktime and version; coins and change are added.

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { createTransaction } from './build.ts';
import type { CoinControl } from './coin-control.ts';
import type { Recipient, SpendResult } from './created.ts';
import type { SpendEnvironment } from './environment.ts';
import { type GivenWeights, type KnownOutput, presetInputsOf, withWeights } from './preset.ts';
import { spendError } from './spend-error.ts';

/** What is funded. */
export interface FundRequest {
  /** Its inputs, locktime and version count; outputs are `recipients`. */
  readonly transaction: Transaction;
  /** What its inputs spend, in their order; null where nobody knows the output. */
  readonly spent: readonly (KnownOutput | null)[];
  readonly recipients: readonly Recipient[];
  /** Where change is to stand; null: anywhere. */
  readonly changePosition: number | null;
  /** Weights of signed inputs, by `txid:index`. */
  readonly inputWeights: GivenWeights;
}

/** The transaction with inputs enough for its outputs and the fee. */
export function* fundTransaction(
  request: FundRequest,
  control: CoinControl,
  environment: SpendEnvironment,
): Steps<SpendResult> {
  const { transaction, spent } = request;
  if (spent.includes(null)) return spendError('Unable to find UTXO for external input');
  const inputs = presetInputsOf(transaction, spent).map((input, i) => ({
    ...input,
    sequence: transaction.sequence(i),
    scriptSig: transaction.scriptSig(i),
    witness: transaction.witness(i),
  }));
  const { locktime, version } = transaction;
  const funding: CoinControl = {
    ...control,
    presetInputs: withWeights(inputs, request.inputWeights),
    locktime,
    version,
  };
  return yield* createTransaction(request.recipients, funding, environment, request.changePosition);
}
