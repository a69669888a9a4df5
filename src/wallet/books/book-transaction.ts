// A transaction as the transaction book holds it, with its outputs and the outpoints that it spends: what others read
// (WalletTransaction, OwnOutput), what may change, and the record of it.

import type { Txid } from '../../kernel/primitives/hashes.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { StoredTxState, TransactionRecord, TransactionStateRecord } from './records.ts';
import type { OwnOutput, TransactionNotes, TxState, WalletTransaction } from './wallet-transaction.ts';

/** What is known of one outpoint. */
export interface OutpointSlot {
  /** Transactions of the wallet that spend it; several exclude each other. */
  readonly spenders: BookTransaction[];
  /** The output, if its transaction is known and it is the wallet's. */
  own: BookOutput | null;
}

/** An own output. */
export class BookOutput implements OwnOutput {
  readonly from: BookTransaction;
  readonly slot: OutpointSlot;
  readonly index: number;
  readonly name: string;
  readonly valueSat: number;
  readonly scriptHex: string;

  constructor(from: BookTransaction, index: number, slot: OutpointSlot) {
    const { transaction, txid } = from;
    this.from = from;
    this.slot = slot;
    this.index = index;
    this.name = formatOutpoint({ txid, index });
    this.valueSat = transaction.valueSat(index);
    this.scriptHex = toHex(transaction.scriptPubKey(index));
  }
}

/** What is fixed once a transaction became known. */
export interface BookTransactionData {
  readonly orderPosition: number;
  readonly timeReceivedSec: number;
  readonly state: TxState;
  readonly notes: TransactionNotes;
}

/** A transaction of the wallet. */
export class BookTransaction implements WalletTransaction {
  readonly txid: Txid;
  readonly txidText: string;
  readonly isCoinbase: boolean;
  readonly orderPosition: number;
  readonly timeReceivedSec: number;
  /** Another one with the same txid when a witness comes to light that was missing. */
  transaction: Transaction;
  timeSmartSec: number;
  state: TxState;
  notes: TransactionNotes;
  trucChild: string | null = null;
  readonly mempoolConflicts: Set<string> = new Set();
  /** Of its inputs, in order; none for a coinbase. */
  readonly inputs: OutpointSlot[] = [];
  /** Its outputs that are the wallet's. */
  readonly ownOutputs: BookOutput[] = [];

  /** `transaction` stands for itself: it pins no block. */
  constructor(transaction: Transaction, data: BookTransactionData) {
    this.transaction = transaction;
    this.txid = transaction.txid;
    this.txidText = formatHash(transaction.txid);
    this.isCoinbase = transaction.isCoinbase;
    this.orderPosition = data.orderPosition;
    this.timeReceivedSec = data.timeReceivedSec;
    this.timeSmartSec = data.timeReceivedSec;
    this.state = data.state;
    this.notes = data.notes;
  }

  get debitSat(): number {
    let sum = 0;
    for (const { own } of this.inputs) sum += own?.valueSat ?? 0;
    return sum;
  }

  get creditSat(): number {
    let sum = 0;
    for (const { valueSat } of this.ownOutputs) sum += valueSat;
    return sum;
  }

  get isFromMe(): boolean {
    return this.inputs.some(({ own }) => own !== null);
  }

  /** It takes no coins away: abandoned, or excluded by the chain or the mempool. */
  get isDead(): boolean {
    const { state } = this;
    if (state.kind === 'block-conflicted' || this.mempoolConflicts.size > 0) return true;
    return state.kind === 'inactive' && state.isAbandoned;
  }

  record(): TransactionRecord {
    return { kind: 'transaction', id: this.txidText, hex: toHex(this.transaction.serialized()) };
  }

  stateRecord(): TransactionStateRecord {
    const { txidText: id, orderPosition, timeReceivedSec, timeSmartSec, notes } = this;
    const state = toStoredState(this.state);
    return { kind: 'transaction-state', id, state, orderPosition, timeReceivedSec, timeSmartSec, ...notes };
  }
}

function toStoredState(state: TxState): StoredTxState {
  switch (state.kind) {
    case 'in-mempool':
      return { kind: 'inactive', isAbandoned: false };
    case 'inactive':
      return state;
    default:
      return { ...state, blockHash: formatHash(state.blockHash) };
  }
}
