// The entries by time of arrival, the oldest first: a binary heap in typed arrays. Entries that leave the pool stay in it until they
// come to the top or the heap is built anew, so that leaving costs nothing; times come in any order, as from a file.

import type { PoolEntry } from './entry.ts';
import type { MempoolIndex } from './mempool-index.ts';
import type { TxRef } from './tx-graph.ts';

/** Bytes of a place: time and handle. */
const PLACE_BYTES: number = 8 + 4;

const CAPACITY_MIN = 64;

/** Room to spare, and places of entries that left, are at most a quarter each, and a few. */
const GROWTH = 1.25;

/** Times of arrival with handles, oldest first. */
export class EntryAges {
  #times: Float64Array = new Float64Array(CAPACITY_MIN);
  #refs: Int32Array = new Int32Array(CAPACITY_MIN);
  #length = 0;

  get usedBytes(): number {
    return this.#times.length * PLACE_BYTES;
  }

  /** Adds an entry that the index has by now. */
  add(entry: PoolEntry, index: MempoolIndex): void {
    if (this.#length <= GROWTH * index.size + CAPACITY_MIN) {
      this.#push(entry.timeSec, entry.ref);
      return;
    }
    this.#length = 0;
    this.#setCapacity(Math.max(CAPACITY_MIN, index.size));
    for (const { timeSec, ref } of index.entries()) this.#push(timeSec, ref);
  }

  /** Takes off all that are older than `timeSec` and returns those that the index still has, oldest first. */
  takeOlderThan(timeSec: number, index: MempoolIndex): PoolEntry[] {
    const old = new Set<PoolEntry>();
    while (this.#length > 0 && this.#times[0]! < timeSec) {
      const entry = index.entry(this.#refs[0]!);
      // The handle may be another's by now, which has a place of its own.
      if (entry !== null && entry.timeSec === this.#times[0]!) old.add(entry);
      this.#pop();
    }
    return [...old];
  }

  #push(timeSec: number, ref: TxRef): void {
    if (this.#length === this.#times.length) this.#setCapacity(Math.ceil(GROWTH * this.#length));
    const times = this.#times;
    const refs = this.#refs;
    let place = this.#length++;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (times[above]! <= timeSec) break;
      times[place] = times[above]!;
      refs[place] = refs[above]!;
      place = above;
    }
    times[place] = timeSec;
    refs[place] = ref;
  }

  /** Takes the top off; the last one sinks to where it belongs. */
  #pop(): void {
    const times = this.#times;
    const refs = this.#refs;
    const length = --this.#length;
    const timeSec = times[length]!;
    const ref = refs[length]!;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && times[below + 1]! < times[below]!) below++;
      if (times[below]! >= timeSec) break;
      times[place] = times[below]!;
      refs[place] = refs[below]!;
      place = below;
    }
    times[place] = timeSec;
    refs[place] = ref;
  }

  #setCapacity(capacity: number): void {
    const times = new Float64Array(capacity);
    const refs = new Int32Array(capacity);
    times.set(this.#times.subarray(0, this.#length));
    refs.set(this.#refs.subarray(0, this.#length));
    this.#times = times;
    this.#refs = refs;
  }
}
