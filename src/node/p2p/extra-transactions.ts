// Transactions that are not in the mempool and may be in the next block all the same: those that were replaced, refused or found to
// be orphans lately (Core vExtraTxnForCompact). Blocks in compact form are put together from them, too. A ring of a hundred: the
// oldest makes room for the newest.

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { TransactionPool } from './partial-block.ts';

/** How many are kept (Core DEFAULT_BLOCK_RECONSTRUCTION_EXTRA_TXN; -blockreconstructionextratxn). */
export const EXTRA_TRANSACTIONS = 100;

/** Larger ones are not kept when they were refused: strangers choose them (Core ProcessInvalidTx, there of memory in use). */
const REFUSED_BYTES_MAX = 100_000;

/** See the top of the file. */
export class ExtraTransactions implements TransactionPool {
  readonly #capacity: number;
  readonly #ring: Transaction[] = [];
  #next = 0;

  /** Keeps the last `capacity` transactions; 0: none. */
  constructor(capacity: number = EXTRA_TRANSACTIONS) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#ring.length;
  }

  /** A transaction that was in the mempool and is not any more. */
  addReplaced(transaction: Transaction): void {
    if (this.#capacity === 0) return;
    this.#ring[this.#next] = transaction.detach();
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** A transaction that the mempool did not take. */
  addRefused(transaction: Transaction): void {
    if (transaction.totalSize < REFUSED_BYTES_MAX) this.addReplaced(transaction);
  }

  forEachTransaction(visit: (wtxids: Uint8Array, at: number, transaction: Transaction) => boolean): void {
    for (const transaction of this.#ring) if (!visit(transaction.wtxid, 0, transaction)) return;
  }
}
