// The locktime of a payment (Core DiscourageFeeSniping): the next block at the earliest, so that miners gain nothing by replacing the
// last one; sometimes earlier, so that late transactions do not stand out. A node that lags behind gives none.

import { isHeightLocktime, SEQUENCE_FINAL } from '../../kernel/primitives/locktime.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { SpendEnvironment } from './environment.ts';

/** Says that the transaction may be replaced, and nothing else (Core MAX_BIP125_RBF_SEQUENCE). */
export const SEQUENCE_REPLACEABLE: number = SEQUENCE_FINAL - 2;

/** Lets the locktime count, and says nothing else (Core MAX_SEQUENCE_NONFINAL). */
export const SEQUENCE_NOT_FINAL: number = SEQUENCE_FINAL - 1;

/** Oldest tip that counts as current, in seconds (Core MAX_ANTI_FEE_SNIPING_TIP_AGE). */
const TIP_AGE_MAX_SEC: number = 8 * 60 * 60;

/** One transaction in so many has an earlier locktime, by less than so many blocks. */
const EARLIER_ONE_IN = 10;
const EARLIER_BLOCKS = 100;

/** What a locktime is chosen from. */
export type LocktimeSources = Pick<SpendEnvironment, 'tip' | 'isSynchronised' | 'nowSec' | 'rng'>;

/** A locktime against fee sniping. */
export function chooseLocktime({ tip, isSynchronised, nowSec, rng }: LocktimeSources): number {
  if (!isSynchronised || tip.timeSec < nowSec - TIP_AGE_MAX_SEC) return 0;
  assert(isHeightLocktime(tip.height), 'locktime: a height');
  if (rng.below(EARLIER_ONE_IN) !== 0) return tip.height;
  return Math.max(0, tip.height - rng.below(EARLIER_BLOCKS));
}

/** True when a locktime against fee sniping goes with this sequence: it counts, and nothing else is meant. */
export function allowsChosenLocktime(sequence: number): boolean {
  return sequence === SEQUENCE_REPLACEABLE || sequence === SEQUENCE_NOT_FINAL;
}
