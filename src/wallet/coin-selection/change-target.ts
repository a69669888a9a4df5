// How much change a payment aims at (Core GenerateChangeTarget): about as much as it pays, so that the two cannot be told apart by
// their size, and enough to be worth having.

import type { Rng } from '../../kernel/util/prng.ts';

/** Least change that is aimed at (Core CHANGE_LOWER). */
export const CHANGE_MIN_SAT = 50_000;

/** Most change that is aimed at (Core CHANGE_UPPER). */
export const CHANGE_MAX_SAT = 1_000_000;

/** A random amount of change for a payment, fee of the output included. */
export function drawChangeTarget(paymentSat: number, changeFeeSat: number, rng: Rng): number {
  if (paymentSat <= CHANGE_MIN_SAT / 2) return changeFeeSat + CHANGE_MIN_SAT;
  const ceilingSat = Math.min(paymentSat * 2, CHANGE_MAX_SAT);
  return changeFeeSat + CHANGE_MIN_SAT + rng.below(ceilingSat - CHANGE_MIN_SAT);
}
