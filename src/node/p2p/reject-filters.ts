// What need not be fetched again because it was here lately: transactions that were refused, those that were refused for their fee
// alone, and those that are in blocks by now. Each is a filter that forgets (Core m_lazy_recent_rejects and its two siblings):
// without them, a transaction that we do not take would be fetched once from every peer. One in a million others is taken for
// one of these.
//
// Refused transactions are remembered by wtxid. Somebody may have put a wrong witness on a good transaction, so its txid is
// remembered only where no witness would help. A filter is made when the first thing is put into it: together they take 3 MB.

import type { Rng } from '../../kernel/util/prng.ts';
import { RollingBloomFilter } from './rolling-bloom.ts';

/** Refused transactions: two minutes of the smallest ones at a thousand a second (Core). */
const REJECTED_ENTRIES = 120_000;

/** Txids and wtxids of six full blocks (Core). */
const CONFIRMED_ENTRIES = 48_000;

/** How often another is taken for one of these (Core). */
const ERROR_RATE = 0.000_001;

/** A filter that takes no memory while it is empty. */
class LazyFilter {
  readonly #entries: number;
  readonly #rng: Rng;
  #filter: RollingBloomFilter | null = null;

  constructor(entries: number, rng: Rng) {
    this.#entries = entries;
    this.#rng = rng;
  }

  insert(hash: Uint8Array): void {
    this.#filter ??= new RollingBloomFilter(this.#entries, ERROR_RATE, this.#rng);
    this.#filter.insert(hash);
  }

  contains(hash: Uint8Array): boolean {
    return this.#filter?.contains(hash) ?? false;
  }

  reset(): void {
    this.#filter?.reset();
  }
}

/** The three filters. */
export class RejectFilters {
  readonly #rejected: LazyFilter;
  readonly #reconsiderable: LazyFilter;
  readonly #confirmed: LazyFilter;

  constructor(rng: Rng) {
    this.#rejected = new LazyFilter(REJECTED_ENTRIES, rng);
    this.#reconsiderable = new LazyFilter(REJECTED_ENTRIES, rng);
    this.#confirmed = new LazyFilter(CONFIRMED_ENTRIES, rng);
  }

  /** A transaction was refused, whatever else comes with it. */
  reject(hash: Uint8Array): void {
    this.#rejected.insert(hash);
  }

  isRejected(hash: Uint8Array): boolean {
    return this.#rejected.contains(hash);
  }

  /** A transaction was refused and may be taken with a child that pays for it; or a package was refused, by its own hash. */
  rejectAlone(hash: Uint8Array): void {
    this.#reconsiderable.insert(hash);
  }

  isRejectedAlone(hash: Uint8Array): boolean {
    return this.#reconsiderable.contains(hash);
  }

  /** A transaction is in a block. */
  confirm(hash: Uint8Array): void {
    this.#confirmed.insert(hash);
  }

  isConfirmed(hash: Uint8Array): boolean {
    return this.#confirmed.contains(hash);
  }

  /** There is another tip: what was refused may be valid now, where it waited for a height or a time. */
  forgetRejects(): void {
    this.#rejected.reset();
    this.#reconsiderable.reset();
  }

  /** A block was taken back: what it held may come again. */
  forgetConfirmed(): void {
    this.#confirmed.reset();
  }
}
