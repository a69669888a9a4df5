// The clocks of a simulated machine (Clock of node/ports.ts). The wall clock is the world's time, off by an amount that may jump
// at any moment (T02); the monotonic one starts anywhere and may run a little fast or slow (T04). Neither ever tells virtual time.

import { assert } from '../kernel/util/assert.ts';
import type { Clock } from '../node/ports.ts';
import type { World } from './world.ts';

/** How the clocks of a machine are wrong. */
export interface ClockOptions {
  /** Unix time of the beginning of the world, in milliseconds. */
  readonly epochMs: number;
  /** What the wall clock is off by. */
  readonly skewMs: number;
  /** Milliseconds that the monotonic clock counts in 1,000 real ones. */
  readonly msPerSecond: number;
  /** What the monotonic clock shows when the world begins. */
  readonly monotonicStartMs: number;
}

/** Clocks that go wrong on purpose. */
export class SimClock implements Clock {
  readonly #world: World;
  readonly #options: ClockOptions;
  #skewMs: number;
  #lastMs = 0;

  constructor(world: World, options: ClockOptions) {
    assert(options.msPerSecond > 0, 'a clock that runs');
    this.#world = world;
    this.#options = options;
    this.#skewMs = options.skewMs;
  }

  /** What the wall clock is off by now. */
  get skewMs(): number {
    return this.#skewMs;
  }

  wallMs(): number {
    return Math.floor(this.#options.epochMs + this.#world.nowMs + this.#skewMs);
  }

  /** What the wall clock shows when nobody has set it: miners look after theirs, or their blocks would be years ahead. */
  steadyMs(): number {
    const { epochMs, skewMs } = this.#options;
    return Math.floor(epochMs + this.#world.nowMs + skewMs);
  }

  monotonicMs(): number {
    const { monotonicStartMs, msPerSecond } = this.#options;
    this.#lastMs = Math.max(this.#lastMs, monotonicStartMs + (this.#world.nowMs * msPerSecond) / 1000);
    return this.#lastMs;
  }

  /** Sets the wall clock so that it is off by `skewMs` from now on, as an operator or a time server would. */
  setSkew(skewMs: number): void {
    this.#skewMs = skewMs;
  }
}
