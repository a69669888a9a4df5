// What there is to read of a wallet's transactions: each with its state, the own outputs, who spends what, how deep something lies.
// Nothing changes here; how it comes to be is the transaction book's.

import { COINBASE_MATURITY } from '../../kernel/consensus/limits.ts';
import type { BlockHash, Txid } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { BlockPlace, BlockTrail } from './block-trail.ts';
import { BookOutput, BookTransaction } from './book-transaction.ts';
import { spendKindOf, type TransactionSet } from './transaction-set.ts';
import type { OwnOutput, SpendKind, WalletTransaction } from './wallet-transaction.ts';

/** The transactions of a wallet, to be read. */
export class TxView {
  readonly #set: TransactionSet;
  readonly #trail: BlockTrail;

  constructor(set: TransactionSet, trail: BlockTrail) {
    this.#set = set;
    this.#trail = trail;
  }

  /** Grows with every change, also of the tip: what was computed before may be kept as long as it is the same. */
  get version(): number {
    return this.#set.version;
  }

  /** The last block that was seen; null before the first. */
  get tip(): BlockPlace | null {
    return this.#trail.tip;
  }

  /** All transactions, the one that became known first at the front. */
  get ordered(): readonly WalletTransaction[] {
    return this.#set.ordered;
  }

  /** Own outputs that no confirmed transaction spends, whatever their own transactions are. */
  get live(): ReadonlySet<OwnOutput> {
    return this.#set.live;
  }

  get(txidText: string): WalletTransaction | null {
    return this.#set.get(txidText);
  }

  find(txid: Txid): WalletTransaction | null {
    return this.#set.find(txid);
  }

  /** An own output; null for others. */
  ownOutput(txidText: string, index: number): OwnOutput | null {
    return this.#set.ownOutput(txidText, index);
  }

  /** The own outputs of a transaction. */
  ownOutputsOf(from: WalletTransaction): readonly OwnOutput[] {
    return toEntry(from).ownOutputs;
  }

  /** Own outputs with a script, in the order in which they became known. */
  outputsOf(scriptHex: string): readonly OwnOutput[] {
    return this.#set.outputsOf(scriptHex);
  }

  /** Own scripts that something was paid to. */
  paidScripts(): Iterable<string> {
    return this.#set.paidScripts();
  }

  /** The own outputs that the inputs of a transaction spend, in order; null where an input spends what is not the wallet's. */
  spentBy(spender: WalletTransaction): readonly (OwnOutput | null)[] {
    return toEntry(spender).inputs.map(({ own }) => own);
  }

  /** How an own output is spent. */
  spendKind(output: OwnOutput): SpendKind {
    return spendKindOf(toOutput(output).slot);
  }

  /** True when a transaction that still counts spends it (Core IsSpent). */
  isSpent(output: OwnOutput): boolean {
    return this.spendKind(output) !== 'unspent';
  }

  /** Transactions of the wallet that spend an own output; several exclude each other. */
  spendersOf(output: OwnOutput): readonly WalletTransaction[] {
    return toOutput(output).slot.spenders;
  }

  /** Transactions of the wallet that spend what this one spends (Core GetTxConflicts), by their texts in order. */
  conflictsOf(subject: WalletTransaction): readonly string[] {
    const texts: Set<string> = new Set();
    for (const { spenders } of toEntry(subject).inputs) {
      for (const spender of spenders) if (spender !== subject) texts.add(spender.txidText);
    }
    return [...texts].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Blocks on top of a transaction with its own; 0 without a block; negative for blocks on top of a conflict with that one. */
  depth({ state }: WalletTransaction): number {
    if (state.kind !== 'confirmed' && state.kind !== 'block-conflicted') return 0;
    const depth = (this.tip?.height ?? state.height) - state.height + 1;
    return state.kind === 'confirmed' ? depth : -depth;
  }

  /** Blocks until its outputs can be spent; 0 for all but young coinbases. A coinbase without a block has all before it. */
  blocksToMaturity(subject: WalletTransaction): number {
    return subject.isCoinbase ? Math.max(0, COINBASE_MATURITY + 1 - this.depth(subject)) : 0;
  }

  isImmature(subject: WalletTransaction): boolean {
    return this.blocksToMaturity(subject) > 0;
  }

  /** The last block that was seen and is on the chain still, going by heights of blocks on it. */
  findFork(heightOf: (blockHash: BlockHash) => number | null): BlockPlace | null {
    return this.#trail.findFork(heightOf);
  }
}

function toEntry(subject: WalletTransaction): BookTransaction {
  assert(subject instanceof BookTransaction, 'tx view: the transaction is of this book');
  return subject;
}

function toOutput(subject: OwnOutput): BookOutput {
  assert(subject instanceof BookOutput, 'tx view: the output is of this book');
  return subject;
}
