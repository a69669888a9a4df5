// The announcements that wait for a moment, the earliest first: a binary heap of row numbers that knows where each row is, so that
// one that waits no longer is taken out from wherever it is.

import type { AnnouncementRows } from './tx-announcement-rows.ts';

/** A heap over the column `timeMs`. */
export class AnnouncementHeap {
  readonly #rows: AnnouncementRows;
  readonly #heap: number[] = [];

  constructor(rows: AnnouncementRows) {
    this.#rows = rows;
  }

  get count(): number {
    return this.#heap.length;
  }

  /** The row whose time comes first; undefined when none waits. */
  get first(): number | undefined {
    return this.#heap[0];
  }

  /** The row at a place, for checks. */
  at(place: number): number {
    return this.#heap[place]!;
  }

  /** Adds a row by its time, which stays as it is while the row is inside. */
  push(row: number): void {
    this.#heap.push(row);
    this.#up(this.#heap.length - 1, row);
  }

  /** Takes a row out. */
  remove(row: number): void {
    const place = this.#rows.heapAt[row]!;
    const last = this.#heap.pop()!;
    if (last === row) return;
    // the last row takes the place, and moves to where it belongs
    this.#up(place, last);
    if (this.#rows.heapAt[last] === place) this.#down(place, last);
  }

  #put(place: number, row: number): void {
    this.#heap[place] = row;
    this.#rows.heapAt[row] = place;
  }

  #up(from: number, row: number): void {
    const { timeMs } = this.#rows;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = this.#heap[parent]!;
      if (timeMs[above]! <= timeMs[row]!) break;
      this.#put(place, above);
      place = parent;
    }
    this.#put(place, row);
  }

  #down(from: number, row: number): void {
    const { timeMs } = this.#rows;
    const heap = this.#heap;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && timeMs[heap[child + 1]!]! < timeMs[heap[child]!]!) child++;
      if (timeMs[row]! <= timeMs[heap[child]!]!) break;
      this.#put(place, heap[child]!);
      place = child;
    }
    this.#put(place, row);
  }
}
