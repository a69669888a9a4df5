// Clock and timers that a test moves. The wall clock stands apart, so that it can jump alone (T02).

import type { Unsubscribe } from '../../src/kernel/util/signal.ts';
import type { Clock, Timers } from '../../src/node/ports.ts';

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that stands until it is moved. */
export class ManualTime implements Clock, Timers {
  nowMs = 1_000_000;
  /** What every look at the monotonic clock costs. */
  tickMs = 0;
  wallMsNow: number;
  yieldCount = 0;
  readonly #waiting: Set<Waiting> = new Set();

  constructor(nowSec: number) {
    this.wallMsNow = nowSec * 1000;
  }

  wallMs(): number {
    return this.wallMsNow;
  }

  monotonicMs(): number {
    this.nowMs += this.tickMs;
    return this.nowMs;
  }

  /** Timers that have not gone off. */
  get timerCount(): number {
    return this.#waiting.size;
  }

  after(delayMs: number, run: () => void): Unsubscribe {
    const waiting = { atMs: this.nowMs + delayMs, run };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  async yieldToHost(): Promise<void> {
    this.yieldCount++;
    await nextTurn();
  }

  /** Lets everything that is ready happen; no time goes by. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await nextTurn();
  }

  /** Both clocks go on, timers go off in order. */
  async advance(milliseconds: number): Promise<void> {
    const endMs = this.nowMs + milliseconds;
    await this.settle();
    for (let next = this.#findDue(endMs); next !== null; next = this.#findDue(endMs)) {
      this.#waiting.delete(next);
      this.#moveTo(Math.max(this.nowMs, next.atMs));
      next.run();
      await nextTurn();
    }
    this.#moveTo(endMs);
    await this.settle();
  }

  #moveTo(atMs: number): void {
    this.wallMsNow += atMs - this.nowMs;
    this.nowMs = atMs;
  }

  #findDue(endMs: number): Waiting | null {
    let first: Waiting | null = null;
    for (const waiting of this.#waiting) {
      if (waiting.atMs <= endMs && (first === null || waiting.atMs < first.atMs)) first = waiting;
    }
    return first;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
