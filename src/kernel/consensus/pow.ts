// Proof of work and its difficulty (Core pow.cpp): does a hash reach its target, which bits must the next header carry, and could
// bits follow others at all. How bits stand for a target is target.ts; which time a header may claim is header-check.ts.

import { assert } from '../util/assert.ts';
import type { HeaderBranch } from './header-branch.ts';
import type { PowRules } from './params.ts';
import { compareCompact, decodeCompact, encodeCompact, isTargetInRange } from './target.ts';

/** A retarget multiplies or divides the target by at most this much. */
const RETARGET_FACTOR_MAX = 4;

/** A block this many spacings after the one before may have the lowest difficulty on test networks. */
const MIN_DIFFICULTY_SPACINGS = 2;

/**
 * True when the 32-byte hash at `start`, read as a number, is not above the target that `bits` encode, and that target is one
 * that the network allows (Core CheckProofOfWork). Works on bytes: no bigint, no allocation.
 */
export function checkProofOfWork(blockHash: Uint8Array, start: number, bits: number, pow: PowRules): boolean {
  return isTargetInRange(bits, pow.limit) && compareCompact(bits, blockHash, start) >= 0;
}

/** The bits that a header on top of the branch must carry when it claims `timeSec` (Core GetNextWorkRequired). */
export function getNextWorkRequired(branch: HeaderBranch, timeSec: number, pow: PowRules): number {
  const parent = branch.height;
  if ((parent + 1) % pow.interval === 0) return computeRetarget(branch, pow);
  if (!pow.allowMinDifficultyBlocks) return branch.bits(parent);
  if (timeSec > branch.timeSec(parent) + pow.spacingSec * MIN_DIFFICULTY_SPACINGS) return pow.limit.bits;
  return findLastRealBits(branch, pow);
}

/** Bits of the last block that did not use the lowest difficulty by exception; at most one period back. */
function findLastRealBits(branch: HeaderBranch, pow: PowRules): number {
  let height = branch.height;
  while (height > 0 && height % pow.interval !== 0 && branch.bits(height) === pow.limit.bits) height--;
  return branch.bits(height);
}

/**
 * The new bits at the end of a period (Core CalculateNextWorkRequired). The time of a period is taken from its first block to
 * its last, which is one spacing too little: an error of 2009 that is a rule now.
 */
function computeRetarget(branch: HeaderBranch, pow: PowRules): number {
  const last = branch.height;
  if (pow.noRetargeting) return branch.bits(last);
  const first = last - (pow.interval - 1);
  assert(first >= 0, 'a whole period');
  const actualSec = branch.timeSec(last) - branch.timeSec(first);
  const oldBits = branch.bits(pow.enforceBip94 ? first : last);
  return encodeCompact(scaleTarget(decodeCompact(oldBits).magnitude, clampTimespan(actualSec, pow), pow));
}

function clampTimespan(actualSec: number, pow: PowRules): number {
  const shortest = Math.floor(pow.timespanSec / RETARGET_FACTOR_MAX);
  const longest = pow.timespanSec * RETARGET_FACTOR_MAX;
  return Math.min(Math.max(actualSec, shortest), longest);
}

/** target × seconds / time span, not above the limit. The product wraps at 256 bits as in Core, which matters for easy limits. */
function scaleTarget(target: bigint, seconds: number, pow: PowRules): bigint {
  const scaled = BigInt.asUintN(256, target * BigInt(seconds)) / BigInt(pow.timespanSec);
  return scaled > pow.limit.target ? pow.limit.target : scaled;
}

/** A target rounded to what bits can say. */
function roundTarget(target: bigint): bigint {
  return decodeCompact(encodeCompact(target)).magnitude;
}

/**
 * Whether a block at `height` may carry `newBits` after a block with `oldBits`, judged without the times of the period (Core
 * PermittedDifficultyTransition). A headers download uses it to refuse impossible chains before it stores anything.
 */
export function permittedDifficultyTransition(
  pow: PowRules,
  height: number,
  oldBits: number,
  newBits: number,
): boolean {
  if (pow.allowMinDifficultyBlocks) return true;
  if (height % pow.interval !== 0) return oldBits === newBits;
  const oldTarget = decodeCompact(oldBits).magnitude;
  const newTarget = decodeCompact(newBits).magnitude;
  const easiest = scaleTarget(oldTarget, pow.timespanSec * RETARGET_FACTOR_MAX, pow);
  const hardest = scaleTarget(oldTarget, Math.floor(pow.timespanSec / RETARGET_FACTOR_MAX), pow);
  return newTarget <= roundTarget(easiest) && newTarget >= roundTarget(hardest);
}
