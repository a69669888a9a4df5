// A transaction of the wallet and where it stands (Core CWalletTx, TxState): data that the transaction book keeps and others read.

import type { BlockHash, Txid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';

/** Where a transaction stands. */
export type TxState =
  | { readonly kind: 'confirmed'; readonly blockHash: BlockHash; readonly height: number; readonly index: number }
  | { readonly kind: 'in-mempool' }
  /** A block has another transaction that spends an input of it or of an ancestor. */
  | { readonly kind: 'block-conflicted'; readonly blockHash: BlockHash; readonly height: number }
  /** Neither in a block nor in the mempool; abandoned: its inputs may be spent again. */
  | { readonly kind: 'inactive'; readonly isAbandoned: boolean };

/** What is noted about a transaction besides its bytes. */
export interface TransactionNotes {
  readonly comment?: string;
  readonly commentTo?: string;
  /** The transaction that this one was made to replace, and the one that replaced it, as texts. */
  readonly replacesTxid?: string;
  readonly replacedByTxid?: string;
}

/** A transaction of the wallet. A view of the book's own: read it, and do not keep it over a command. */
export interface WalletTransaction {
  readonly txid: Txid;
  /** As people read it. */
  readonly txidText: string;
  readonly transaction: Transaction;
  readonly isCoinbase: boolean;
  readonly state: TxState;
  readonly notes: TransactionNotes;
  /** Its place among all transactions of the wallet, in the order in which they became known. */
  readonly orderPosition: number;
  readonly timeReceivedSec: number;
  /** Its time as shown: steady, and in the order of the positions as far as possible (Core nTimeSmart). */
  readonly timeSmartSec: number;
  /** Transactions of the mempool that exclude it: they spend an input of it or of an ancestor, or TRUC allows no second child. */
  readonly mempoolConflicts: ReadonlySet<string>;
  /** The one child that TRUC allows, while it waits in the mempool. */
  readonly trucChild: string | null;
  /** What its inputs took from own outputs. */
  readonly debitSat: number;
  /** What it pays to own scripts. */
  readonly creditSat: number;
  /** It spends own outputs (Core IsFromMe). */
  readonly isFromMe: boolean;
}

/** An own output: spent or not. */
export interface OwnOutput {
  readonly from: WalletTransaction;
  readonly index: number;
  /** `txid:index`. */
  readonly name: string;
  readonly valueSat: number;
  /** The output script, hexadecimal: the name of its address. */
  readonly scriptHex: string;
}

/** How an own output is spent, by the strongest of its spenders (Core SpendType). */
export type SpendKind = 'unspent' | 'confirmed' | 'mempool' | 'inactive';
