// The history of a wallet as lists show it (Core CachedTxGetAmounts, listtransactions, listsinceblock, gettransaction): what each
// transaction sent and received, newest first, a page at a time.

import { toHex } from '../../kernel/util/bytes.ts';
import type { AddressBook } from './address-book.ts';
import type { ScriptBook } from './script-book.ts';
import type { TxView } from './tx-view.ts';
import type { WalletTransaction } from './wallet-transaction.ts';

/** The books that history is read from. */
export interface HistoryPorts {
  readonly view: TxView;
  readonly scripts: ScriptBook;
  readonly addresses: AddressBook;
}

/** What an entry is about, in the words of Core's RPC. */
export type HistoryCategory = 'send' | 'receive' | 'generate' | 'immature' | 'orphan';

/** One output of a transaction, sent or received. A payment to oneself is both. */
export interface HistoryEntry {
  readonly transaction: WalletTransaction;
  readonly category: HistoryCategory;
  readonly index: number;
  /** Negative for what was sent. */
  readonly amountSat: number;
  /** Of the whole transaction, negative; null for what was received. */
  readonly feeSat: number | null;
  /** The output script: the name of its address. */
  readonly scriptHex: string;
  /** Null: the address has no entry in the address book. */
  readonly label: string | null;
}

/** Which entries of a transaction are wanted. */
export interface EntryFilter {
  /** Only what was received on addresses with this label. */
  readonly label?: string | undefined;
  /** What went back to the wallet is an entry too. */
  readonly includesChange?: boolean;
  /** Confirmations that what was received must have; 0 when not given. */
  readonly minDepth?: number;
}

/** A transaction as a whole, from the wallet's point of view. */
export interface TransactionSummary {
  /** What the wallet has more, or less, the fee left out. */
  readonly amountSat: number;
  /** Negative; null for transactions of others. */
  readonly feeSat: number | null;
}

/** Reads history. */
export class History {
  readonly #ports: HistoryPorts;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /** True when an output went back to the wallet: its script is the wallet's and not in the address book (Core ScriptIsChange). */
  isChange(scriptPubKey: Uint8Array): boolean {
    const { scripts, addresses } = this.#ports;
    return scripts.isMine(scriptPubKey) && addresses.get(toHex(scriptPubKey)) === null;
  }

  /** The entries of a transaction: what was sent, then what was received. */
  entriesOf(transaction: WalletTransaction, filter: EntryFilter = {}): readonly HistoryEntry[] {
    const sent = filter.label === undefined ? this.#sent(transaction, filter.includesChange === true) : [];
    return [...sent, ...this.#received(transaction, filter)];
  }

  #sent(transaction: WalletTransaction, includesChange: boolean): readonly HistoryEntry[] {
    if (!transaction.isFromMe) return [];
    const { transaction: tx } = transaction;
    const feeSat = -computeFeeSat(transaction);
    const entries: HistoryEntry[] = [];
    for (let index = 0; index < tx.outputCount; index++) {
      const scriptPubKey = tx.scriptPubKey(index);
      if (!includesChange && this.isChange(scriptPubKey)) continue;
      const scriptHex = toHex(scriptPubKey);
      // No negative zero: texts would show it.
      const amountSat = 0 - tx.valueSat(index);
      const label = this.#ports.addresses.labelOf(scriptHex);
      entries.push({ transaction, category: 'send', index, amountSat, feeSat, scriptHex, label });
    }
    return entries;
  }

  #received(transaction: WalletTransaction, filter: EntryFilter): readonly HistoryEntry[] {
    const { view, addresses } = this.#ports;
    if (view.depth(transaction) < (filter.minDepth ?? 0)) return [];
    const category = this.#categoryOf(transaction);
    const entries: HistoryEntry[] = [];
    for (const { index, valueSat, scriptHex } of view.ownOutputsOf(transaction)) {
      const label = addresses.labelOf(scriptHex);
      if (transaction.isFromMe && label === null && filter.includesChange !== true) continue;
      if (filter.label !== undefined && (label ?? '') !== filter.label) continue;
      entries.push({ transaction, category, index, amountSat: valueSat, feeSat: null, scriptHex, label });
    }
    return entries;
  }

  #categoryOf(transaction: WalletTransaction): HistoryCategory {
    if (!transaction.isCoinbase) return 'receive';
    if (this.#ports.view.depth(transaction) < 1) return 'orphan';
    return this.#ports.view.isImmature(transaction) ? 'immature' : 'generate';
  }

  /** Entries from the newest transaction back. */
  *latest(filter: EntryFilter = {}): Generator<HistoryEntry, void, void> {
    const { ordered } = this.#ports.view;
    for (let i = ordered.length - 1; i >= 0; i--) yield* this.entriesOf(ordered[i]!, filter);
  }

  /** Transactions that became known before the one at a position, the newest first: the next page of a list that grows at its top. */
  before(orderPosition: number | null, count: number): readonly WalletTransaction[] {
    const { ordered } = this.#ports.view;
    const end = orderPosition === null ? ordered.length : countBelow(ordered, orderPosition);
    return ordered.slice(Math.max(0, end - count), end).reverse();
  }

  /** Entries of transactions that a block above a height confirmed, or that none has confirmed; from all without a height. */
  *since(height: number | null, filter: EntryFilter = {}): Generator<HistoryEntry, void, void> {
    const { view } = this.#ports;
    const depth = height === null ? Number.POSITIVE_INFINITY : (view.tip?.height ?? -1) + 1 - height;
    for (const transaction of view.ordered) {
      if (Math.abs(view.depth(transaction)) < depth) yield* this.entriesOf(transaction, filter);
    }
  }

  /** Sums of a transaction. Young rewards do not count yet. */
  summarize(transaction: WalletTransaction): TransactionSummary {
    const creditSat = this.#ports.view.isImmature(transaction) ? 0 : transaction.creditSat;
    const netSat = creditSat - transaction.debitSat;
    if (!transaction.isFromMe) return { amountSat: netSat, feeSat: null };
    const feeSat = -computeFeeSat(transaction);
    return { amountSat: netSat - feeSat, feeSat };
  }
}

/** What own inputs brought beyond all outputs; too little, even negative, where others paid too (as in Core). */
function computeFeeSat({ transaction, debitSat }: WalletTransaction): number {
  let paidSat = 0;
  for (let index = 0; index < transaction.outputCount; index++) paidSat += transaction.valueSat(index);
  return debitSat - paidSat;
}

/** Transactions with a smaller position, by halving. */
function countBelow(ordered: readonly WalletTransaction[], orderPosition: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (ordered[middle]!.orderPosition < orderPosition) low = middle + 1;
    else high = middle;
  }
  return low;
}
