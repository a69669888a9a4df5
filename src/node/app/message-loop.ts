// Whose turn it is. Each peer that has something to do gets one turn after the other, one message or one request at a time, so
// that nobody's flood keeps the others waiting (D04, D19); after a few milliseconds the host has its turn, for sockets and timers.
// No turn begins within the call that wakes somebody: whoever calls may be in the middle of something.

import { Deque } from '../../kernel/util/deque.ts';
import type { Clock, Timers } from '../ports.ts';

/** Work at a stretch before the host has its turn. */
const SLICE_MS = 5;

/** One that takes turns. */
export interface TurnTaker {
  /** Does one piece of work. True: it has more to do, and can. */
  takeTurn(): boolean;
}

/** Gives turns. */
export class MessageLoop<T extends TurnTaker> {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onError: (error: unknown) => void;
  readonly #queue: Deque<T> = new Deque();
  readonly #queued: Set<T> = new Set();
  #running: Promise<void> | null = null;
  #isHeld = false;
  #isStopped = false;

  /** `onError` is told what a turn throws, which is a bug of ours; no further turns are given then. */
  constructor(clock: Clock, timers: Timers, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#onError = onError;
  }

  /** The taker has something to do. */
  wake(taker: T): void {
    if (this.#isStopped || this.#queued.has(taker)) return;
    this.#queued.add(taker);
    this.#queue.push(taker);
    this.#start();
  }

  /** True stops giving turns, for a while: whoever takes in what turns produce is full. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#start();
  }

  /** Gives no more turns; resolves when the current one is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  #start(): void {
    if (this.#running === null && !this.#isHeld && !this.#isStopped && this.#queue.length > 0) {
      this.#running = this.#run();
    }
  }

  async #run(): Promise<void> {
    try {
      await Promise.resolve();
      while (this.#queue.length > 0 && !this.#isHeld && !this.#isStopped) {
        this.#runSlice();
        await this.#timers.yieldToHost();
      }
      this.#running = null;
      this.#start();
    } catch (error) {
      this.#isStopped = true;
      this.#running = null;
      this.#onError(error);
    }
  }

  #runSlice(): void {
    const end = this.#clock.monotonicMs() + SLICE_MS;
    while (!this.#isHeld && !this.#isStopped) {
      const taker = this.#queue.shift();
      if (taker === undefined) return;
      this.#queued.delete(taker);
      if (taker.takeTurn()) this.wake(taker);
      if (this.#clock.monotonicMs() >= end) return;
    }
  }
}
