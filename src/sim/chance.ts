// Draws from an Rng in the shapes that a simulation needs. Everything ends in whole milliseconds or whole counts, so that the last
// bits of a logarithm, which platforms may compute differently, rarely matter.

import { assert } from '../kernel/util/assert.ts';
import type { Rng } from '../kernel/util/prng.ts';

/** True with a chance of `perMille` in 1,000. */
export function drawChance(rng: Rng, perMille: number): boolean {
  return rng.below(1000) < perMille;
}

/** A whole number from `low` to `high`, both included. */
export function drawBetween(rng: Rng, low: number, high: number): number {
  return low + rng.below(high - low + 1);
}

/** A whole number from `low` to `high` of which every order of magnitude is equally likely; `low` is at least 1. */
export function drawMagnitude(rng: Rng, low: number, high: number): number {
  const share = rng.below(1_000_001) / 1_000_000;
  return Math.min(high, Math.max(low, Math.round(low * (high / low) ** share)));
}

/** One of a list. */
export function drawOne<T>(rng: Rng, items: readonly T[]): T {
  assert(items.length > 0, 'something to choose from');
  return items[rng.below(items.length)]!;
}

/** Waiting time of a Poisson process in whole milliseconds, `meanMs` on average. */
export function drawWaitMs(rng: Rng, meanMs: number): number {
  return Math.floor(-Math.log((rng.nextU32() + 1) / 0x1_0000_0000) * meanMs);
}

/** The items in an order that is drawn; a new array. */
export function shuffled<T>(rng: Rng, items: readonly T[]): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const k = rng.below(i + 1);
    const item = order[i]!;
    order[i] = order[k]!;
    order[k] = item;
  }
  return order;
}
