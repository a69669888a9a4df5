// Transactions of blocks that a reorganisation took off the chain, kept until it is over (Core DisconnectedBlockTransactions): most
// are in the new blocks too, and only the rest is offered to the mempool again. Copies, since a block must not stay in memory for
// them. Beyond a bound the ones nearest to the old tip are given up, so that what is left still finds its parents.

import type { Block } from '../../kernel/primitives/block.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { detachInOnePiece } from './entry.ts';

/** Most bytes of transactions that are kept, by the account below (Core MAX_DISCONNECTED_TX_POOL_BYTES). */
export const DISCONNECTED_BYTES_MAX = 20_000_000;

/**
 * What a transaction counts for beside its bytes: about as much as in Core, so that as many come back as there. It takes more memory
 * here, up to three times as much for small ones, which ten full blocks of them make 50 MB (M08).
 */
const PLACE_BYTES = 300;

/** Transactions of disconnected blocks, those nearest to the old tip first. */
export class DisconnectedTransactions {
  readonly #bytesMax: number;
  /** Null in the place of one that was taken out. */
  #queue: (Transaction | null)[] = [];
  /** The first place that is in use. */
  #head = 0;
  /** Place in the queue by txid. */
  readonly #places: HashMap;
  #bytes = 0;

  /** `rng` salts the table. */
  constructor(rng: Rng, bytesMax: number = DISCONNECTED_BYTES_MAX) {
    this.#places = new HashMap({ keyBytes: HASH_BYTES, values: 'int32' }, rng);
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#places.size;
  }

  get usedBytes(): number {
    return this.#bytes;
  }

  /**
   * Adds the transactions of a block that was taken off, coinbase included: blocks come from the old tip down. Returns those that
   * had to be given up, as nothing may depend on them in the mempool.
   */
  addBlock(block: Block): Transaction[] {
    for (let i = block.txCount - 1; i >= 0; i--) {
      const transaction = detachInOnePiece(block.transaction(i));
      assert(!this.#places.has(transaction.txid), 'disconnected transactions: each once');
      this.#places.set(transaction.txid, 0, this.#queue.length);
      this.#queue.push(transaction);
      this.#bytes += bytesOf(transaction);
    }
    const givenUp: Transaction[] = [];
    for (; this.#bytes > this.#bytesMax; this.#head++) {
      const transaction = this.#queue[this.#head] ?? null;
      if (transaction === null) continue;
      givenUp.push(transaction);
      this.#remove(this.#head);
    }
    return givenUp;
  }

  /** Forgets what a block of the new chain contains. */
  removeForBlock(block: Block): void {
    if (this.count === 0) return;
    const txids = block.txids();
    for (let i = 0; i < block.txCount; i++) {
      const place = this.#places.get(txids, HASH_BYTES * i);
      if (place !== undefined) this.#remove(place);
    }
  }

  /** Hands everything over in the order of the old chain, parents before children, and is empty afterwards. */
  take(): Transaction[] {
    const taken: Transaction[] = [];
    for (let place = this.#queue.length - 1; place >= this.#head; place--) {
      const transaction = this.#queue[place] ?? null;
      if (transaction !== null) taken.push(transaction);
    }
    this.#queue = [];
    this.#head = 0;
    this.#places.clear();
    this.#bytes = 0;
    return taken;
  }

  #remove(place: number): void {
    const transaction = this.#queue[place]!;
    this.#places.delete(transaction.txid);
    this.#bytes -= bytesOf(transaction);
    this.#queue[place] = null;
  }
}

function bytesOf(transaction: Transaction): number {
  return PLACE_BYTES + transaction.totalSize;
}
