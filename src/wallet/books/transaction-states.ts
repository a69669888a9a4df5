// How the states of a wallet's transactions move together: what a block excludes, what the mempool excludes, what a chain that gives
// way leaves behind, and what follows from each for the transactions that spend from it (Core MarkConflicted, mempool_conflicts,
// blockDisconnected, AbandonTransaction, RecursiveUpdateTxState).

import { TRUC_VERSION } from '../../kernel/policy/limits.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { BookTransaction } from './book-transaction.ts';
import type { ChangeList } from './change-list.ts';
import type { TransactionSet } from './transaction-set.ts';
import type { TxState } from './wallet-transaction.ts';

/** A block that excludes transactions. */
export interface ConflictingBlock {
  readonly blockHash: BlockHash;
  readonly height: number;
}

/** The states of the transactions of a set. */
export class TransactionStates {
  readonly #set: TransactionSet;

  constructor(set: TransactionSet) {
    this.#set = set;
  }

  /** Gives a transaction another state. */
  set(subject: BookTransaction, state: TxState, changes: ChangeList): true {
    this.#set.setState(subject, state);
    changes.put(subject.stateRecord());
    return this.touch(subject, changes);
  }

  /** Notes a change that is not in the state. */
  touch(subject: BookTransaction, changes: ChangeList): true {
    this.#set.bump();
    changes.touch(subject.txidText);
    return true;
  }

  /** Gives up a transaction and what spends from it, as far as they wait nowhere. */
  abandon(subject: BookTransaction, changes: ChangeList): void {
    this.spread(subject, (reached) => {
      if (reached.state.kind !== 'inactive' || reached.state.isAbandoned) return false;
      return this.set(reached, { kind: 'inactive', isAbandoned: true }, changes);
    });
  }

  /** Blocks above a height no longer count. A reward without its block is nothing, nor is what spends from it. */
  unconfirmAbove(lastHeight: number, changes: ChangeList): void {
    const coinbases: BookTransaction[] = [];
    for (const known of this.#set.ordered) {
      const { state } = known;
      if (state.kind !== 'confirmed' && state.kind !== 'block-conflicted') continue;
      if (state.height <= lastHeight) continue;
      if (state.kind === 'confirmed') changes.meet(known.txidText);
      this.set(known, { kind: 'inactive', isAbandoned: false }, changes);
      if (known.isCoinbase) coinbases.push(known);
    }
    for (const coinbase of coinbases) {
      this.spread(coinbase, (reached) => this.set(reached, { kind: 'inactive', isAbandoned: true }, changes));
    }
  }

  /** What spends the same as a transaction in a block can never be in that chain, nor can what follows from it. */
  markConflicts(transaction: Transaction, { blockHash, height }: ConflictingBlock, changes: ChangeList): void {
    const text = formatHash(transaction.txid);
    const state: TxState = { kind: 'block-conflicted', blockHash, height };
    for (let i = 0; i < transaction.inputCount; i++) {
      for (const spender of this.#set.slotOf(transaction, i)?.spenders.slice() ?? []) {
        if (spender.txidText === text) continue;
        this.spread(spender, (reached) => isDeeper(height, reached.state) && this.set(reached, state, changes));
      }
    }
  }

  /** A transaction of the mempool keeps those that spend the same out of it. */
  enterMempool(transaction: Transaction, changes: ChangeList): void {
    const text = formatHash(transaction.txid);
    for (let i = 0; i < transaction.inputCount; i++) {
      for (const spender of this.#set.slotOf(transaction, i)?.spenders ?? []) {
        if (spender.txidText !== text) this.#addMempoolConflict(spender, text, changes);
      }
    }
    for (const parent of this.#trucParents(transaction)) {
      if (parent.isDead || parent.state.kind === 'confirmed') continue;
      parent.trucChild = text;
      this.touch(parent, changes);
      // TRUC allows one child: its siblings are kept out as well.
      for (const sibling of this.#set.children(parent)) {
        if (sibling.txidText !== text) this.#addMempoolConflict(sibling, text, changes);
      }
    }
  }

  #addMempoolConflict(subject: BookTransaction, text: string, changes: ChangeList): void {
    this.spread(subject, (reached) => {
      if (reached.mempoolConflicts.has(text)) return false;
      reached.mempoolConflicts.add(text);
      return this.touch(reached, changes);
    });
  }

  /** A transaction of the mempool keeps nothing out any more. */
  leaveMempool(transaction: Transaction, changes: ChangeList): void {
    const text = formatHash(transaction.txid);
    const forget = (subject: BookTransaction): void => {
      this.spread(subject, (reached) => reached.mempoolConflicts.delete(text) && this.touch(reached, changes));
    };
    for (let i = 0; i < transaction.inputCount; i++) this.#set.slotOf(transaction, i)?.spenders.forEach(forget);
    for (const parent of this.#trucParents(transaction)) {
      if (parent.trucChild !== text) continue;
      parent.trucChild = null;
      this.touch(parent, changes);
      for (const sibling of this.#set.children(parent)) forget(sibling);
    }
  }

  /** Transactions of the wallet that a version 3 transaction spends from. */
  #trucParents(transaction: Transaction): readonly BookTransaction[] {
    if (transaction.version !== TRUC_VERSION) return [];
    const parents: Set<BookTransaction> = new Set();
    for (let i = 0; i < transaction.inputCount; i++) {
      const parent = this.#set.find(transaction.prevout(i).txid);
      if (parent !== null) parents.add(parent);
    }
    return [...parents];
  }

  /** Applies a change to a transaction and, as long as it changes something, to those that spend it (Core RecursiveUpdateTxState). */
  spread(from: BookTransaction, change: (reached: BookTransaction) => boolean): void {
    const waiting = [from];
    const seen: Set<BookTransaction> = new Set(waiting);
    for (let reached = waiting.pop(); reached !== undefined; reached = waiting.pop()) {
      if (!change(reached)) continue;
      for (const child of this.#set.children(reached)) {
        if (seen.has(child)) continue;
        seen.add(child);
        waiting.push(child);
      }
    }
  }
}

/** The deepest conflict counts. A confirmed transaction cannot be excluded by its own chain: it is on another one that is given up. */
function isDeeper(height: number, state: TxState): boolean {
  return state.kind !== 'block-conflicted' || height < state.height;
}
