// Time that can be set, for tests (RPC setmocktime, mockscheduler): a clock and timers in front of the host's, through which a
// node sees the time. As long as nobody sets anything they are the host's.
//
// Both readings of the clock follow the mock time, as in Core, where what measures durations reads the same clock. So that the
// step to a mock time near the real one is a small step for both, durations are counted from 1970 here, too.

import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { Clock, Timers } from '../ports.ts';

/** A clock that shows the host's time, or one that was set and stands still. */
export class MockableClock implements Clock {
  readonly #host: Clock;
  /** From the host's count of milliseconds to milliseconds since 1970. */
  readonly #monotonicOffsetMs: number;
  #mockMs: number | null = null;

  constructor(host: Clock) {
    this.#host = host;
    this.#monotonicOffsetMs = host.wallMs() - host.monotonicMs();
  }

  wallMs(): number {
    return this.#mockMs ?? this.#host.wallMs();
  }

  monotonicMs(): number {
    return this.#mockMs ?? this.#host.monotonicMs() + this.#monotonicOffsetMs;
  }

  /** The wall clock in seconds. */
  nowSec(): number {
    return Math.floor(this.wallMs() / 1000);
  }

  /** Sets the time to a second since 1970; 0 goes back to the host's. */
  setMockTime(timeSec: number): void {
    this.#mockMs = timeSec === 0 ? null : timeSec * 1000;
  }
}

interface Pending {
  dueMs: number;
  readonly run: () => void;
  cancel: Unsubscribe;
}

/** Timers whose pending calls can be moved up. */
export class MockableTimers implements Timers {
  readonly #host: Timers;
  readonly #hostClock: Clock;
  readonly #pending: Set<Pending> = new Set();

  constructor(host: Timers, hostClock: Clock) {
    this.#host = host;
    this.#hostClock = hostClock;
  }

  after(delayMs: number, run: () => void): Unsubscribe {
    const pending: Pending = { dueMs: this.#hostClock.monotonicMs() + delayMs, run, cancel: () => undefined };
    this.#pending.add(pending);
    this.#arm(pending);
    return () => {
      this.#pending.delete(pending);
      pending.cancel();
    };
  }

  yieldToHost(): Promise<void> {
    return this.#host.yieldToHost();
  }

  /** Makes every pending call due so much earlier (Core CScheduler::MockForward). */
  advance(deltaMs: number): void {
    for (const pending of this.#pending) {
      pending.cancel();
      pending.dueMs -= deltaMs;
      this.#arm(pending);
    }
  }

  #arm(pending: Pending): void {
    pending.cancel = this.#host.after(Math.max(0, pending.dueMs - this.#hostClock.monotonicMs()), () => {
      this.#pending.delete(pending);
      pending.run();
    });
  }
}
