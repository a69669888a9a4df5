// What building a transaction takes and gives: recipients, and the unsigned transaction with all that is to be said of it.

import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import type { Result } from '../../kernel/util/result.ts';
import type { SelectionAlgorithm } from '../coin-selection/selection.ts';
import type { FeeRule } from './fee-rate.ts';
import type { SpendError } from './spend-error.ts';

/** A payment. Data outputs are scripts like others. */
export interface Recipient {
  readonly scriptPubKey: Uint8Array;
  readonly valueSat: number;
  /** The fee, or its share of it, is taken from the amount. */
  readonly subtractsFee: boolean;
}

/** A transaction that waits to be signed. */
export interface CreatedTransaction {
  /** Unsigned, but for scripts that preset inputs came with. */
  readonly transaction: Transaction;
  /** What its inputs spend, in their order. */
  readonly spentOutputs: readonly TransactionOutput[];
  readonly feeSat: number;
  /** Index of the change output; null: there is none, and the script for change is still fresh. */
  readonly changePosition: number | null;
  /** Rate in sat/kvB that was aimed at, and what decided it. */
  readonly feeRule: FeeRule;
  readonly algorithm: SelectionAlgorithm;
  /** Core's measure of a selection: less is better. */
  readonly wasteSat: number;
  /** Greatest size once it is signed. */
  readonly vsizeMax: number;
  readonly weightMaxWu: number;
  /** What spending coins of one script together would cost, or costs; null: it was not tried. */
  readonly grouping: GroupingFees | null;
}

/** Fees of both ways to choose coins, of which one was taken. */
export interface GroupingFees {
  readonly singleFeeSat: number;
  readonly groupedFeeSat: number;
  readonly isGrouped: boolean;
}

/** What building ends in. */
export type SpendResult = Result<CreatedTransaction, SpendError>;
