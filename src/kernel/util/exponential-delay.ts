// Random waits. Events at such distances form a Poisson process: when the next one comes does not depend on when the last one came,
// so that whoever watches learns nothing from the time that has passed.

import type { Rng } from './prng.ts';

/** A random delay with an exponential distribution of this mean (Core rand_exp_duration), 37 times the mean at most. */
export function exponentialDelayMs(meanMs: number, rng: Rng): number {
  return -Math.log1p(-rng.below(2 ** 53) / 2 ** 53) * meanMs;
}
