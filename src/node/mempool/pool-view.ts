// The pool as compact blocks see it (the shape of TransactionPool in node/p2p/partial-block.ts): every transaction with the place of
// its wtxid, side by side in one array, so that a block is matched against 300,000 of them without an object for each.

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { MempoolIndex } from './mempool-index.ts';

/** Transactions with their wtxids, packed. */
export class PoolView {
  readonly #index: MempoolIndex;

  constructor(index: MempoolIndex) {
    this.#index = index;
  }

  /** Number of transactions. */
  get count(): number {
    return this.#index.size;
  }

  /** Calls `visit` with each transaction and the place of its wtxid, until it returns false. The pool must not change meanwhile. */
  forEachTransaction(visit: (wtxids: Uint8Array, at: number, transaction: Transaction) => boolean): void {
    this.#index.visit((entry, wtxids, at) => visit(wtxids, at, entry.transaction));
  }
}
