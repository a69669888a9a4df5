// The events of a simulated world in the order in which they happen: by time, and among those of the same instant in an order that
// the seed draws, so that every interleaving has its chance. A binary heap; events that were cancelled stay until their turn.

import { assert } from '../kernel/util/assert.ts';

/** Something that will happen. */
export interface SimEvent {
  /** Virtual milliseconds since the world began. */
  readonly atMs: number;
  /** Drawn from the seed: decides among events of the same instant. */
  readonly tieBreak: number;
  /** Decides when even the draws are equal; the order in which events were made. */
  readonly sequence: number;
  /** What kind of event, for the trace. */
  readonly label: string;
  /** Number of the machine that it happens to, -1 for the world itself. */
  readonly owner: number;
  /** Null once it was cancelled. */
  run: (() => void) | null;
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  if (a.tieBreak !== b.tieBreak) return a.tieBreak < b.tieBreak;
  return a.sequence < b.sequence;
}

/** A heap of events, the next one on top. */
export class EventQueue {
  readonly #heap: SimEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The next event, which stays; undefined when there is none. */
  peek(): SimEvent | undefined {
    return this.#heap[0];
  }

  push(event: SimEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const up = (at - 1) >>> 1;
      const above = heap[up]!;
      if (!isBefore(event, above)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = event;
  }

  /** Takes the next event. */
  pop(): SimEvent {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    assert(top !== undefined && last !== undefined, 'an event to take');
    if (heap.length > 0) this.#sink(last);
    return top;
  }

  #sink(event: SimEvent): void {
    const heap = this.#heap;
    const { length } = heap;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      const below = heap[child]!;
      if (!isBefore(below, event)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = event;
  }
}
