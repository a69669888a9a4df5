// A fee and the size it pays for, kept apart so that rates compare without rounding (Core util/feefrac.h). The size is in
// weight units or virtual bytes, as the holder says; two that are compared have the same unit.

import { WITNESS_SCALE_FACTOR } from '../primitives/transaction.ts';
import { compareProducts } from '../util/num.ts';

/** A fee with a size. A size of zero goes with a fee of zero only: nothing at all. */
export interface FeeFrac {
  /** Fee in satoshis; prioritised transactions may have a negative one. */
  readonly feeSat: number;
  /** Size in the unit of the holder. */
  readonly size: number;
}

/** Nothing paid for nothing. */
export const EMPTY_FEE_FRAC: FeeFrac = Object.freeze({ feeSat: 0, size: 0 });

/** Which pays more per size: negative, zero or positive as `a` pays less, the same or more (Core ByRatio). Exact. */
export function compareFeerate(a: FeeFrac, b: FeeFrac): number {
  return compareProducts(a.feeSat, b.size, b.feeSat, a.size);
}

/**
 * By rate, and of equal rates the larger size is the lesser (Core ByRatioNegSize). The empty one is above all others. Zero only
 * when fee and size are the same.
 */
export function compareFeeFrac(a: FeeFrac, b: FeeFrac): number {
  const byRate = compareFeerate(a, b);
  return byRate !== 0 ? byRate : b.size - a.size;
}

/** The same fee over virtual bytes instead of weight units, rounded up (Core ToFeePerVSize). */
export function toFeePerVsize(perWeight: FeeFrac): FeeFrac {
  return { feeSat: perWeight.feeSat, size: Math.ceil(perWeight.size / WITNESS_SCALE_FACTOR) };
}
