// Estimation of fees from what this node saw (Core CBlockPolicyEstimator): which feerate was enough, lately, to be confirmed
// within so many blocks? Transactions are counted from when they enter the mempool until a block confirms them or they leave
// it. Only what was seen before its block counts, so that miners cannot invent demand. There is no clock: time is counted in
// blocks, and with few of them, as on a test network, there is an answer as soon as the data suffice and none before.
//
// Three sets of averages look back over different times. An answer for a target takes the highest of three estimates, each from
// the shortest horizon that reaches far enough: 60 % of transactions within half the target, 85 % within it, 95 % within twice
// the target. A conservative answer asks the longer horizons too.

import { computeFeerate } from '../../kernel/policy/feerate.ts';
import { HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { FeeEstimation, FeeHorizon, FeeReason, RawFeeEstimate, SmartFeeEstimate } from './fee-estimate.ts';
import { FEE_BUCKET_COUNT, findFeeBucket } from './fee-estimator-buckets.ts';
import { ConfirmStats, type HorizonAverages, type HorizonShape } from './fee-estimator-stats.ts';

/**
 * What each horizon counts: up to 12, 48 and 1,008 blocks; half is forgotten after 18, 144 and 1,008 (Core SHORT_…, MED_…,
 * LONG_…).
 */
export const HORIZON_SHAPES: Readonly<Record<FeeHorizon, HorizonShape>> = Object.freeze({
  short: { periods: 12, scale: 1, decay: 0.962 },
  medium: { periods: 24, scale: 2, decay: 0.9952 },
  long: { periods: 42, scale: 24, decay: 0.99931 },
});

/** Transactions per block that a range of feerates needs to be judged (Core SUFFICIENT_TXS_SHORT, SUFFICIENT_FEETXS). */
const SUFFICIENT_TXS: Readonly<Record<FeeHorizon, number>> = { short: 0.5, medium: 0.1, long: 0.1 };

/** Share that must be confirmed within half the target (Core HALF_SUCCESS_PCT). */
const HALF_SUCCESS_SHARE = 0.6;

/** Share that must be confirmed within the target (Core SUCCESS_PCT). */
const SUCCESS_SHARE = 0.85;

/** Share that must be confirmed within twice the target (Core DOUBLE_SUCCESS_PCT). */
const DOUBLE_SUCCESS_SHARE = 0.95;

/** Blocks after which what a file told is too old (Core OLDEST_ESTIMATE_HISTORY). */
const HISTORY_AGE_MAX = 6 * 1_008;

/**
 * Most transactions that are followed at once, as a last bound on memory: some 80 MB. The default mempool holds far fewer;
 * beyond, new ones are not counted. Core has no bound of its own here.
 */
const FOLLOWED_COUNT_MAX = 1_000_000;

/** A transaction of the mempool as estimation sees it; an entry of the mempool is one. */
export interface FeeObservation {
  readonly transaction: { readonly txid: Txid };
  /** The fee that it pays itself: what an operator added says nothing about miners. */
  readonly feeSat: number;
  readonly vsize: number;
  /** Height of the chain when it came. */
  readonly entryHeight: number;
}

/** Everything that is worth keeping over a restart. */
export interface FeeHistory {
  readonly bestHeight: number;
  /** The blocks from which the averages come. */
  readonly firstHeight: number;
  readonly lastHeight: number;
  readonly averages: Readonly<Record<FeeHorizon, HorizonAverages>>;
}

/** Estimation of fees. Feed it every change of the mempool and every block, in order. */
export class FeeEstimator {
  readonly #stats: Readonly<Record<FeeHorizon, ConfirmStats>> = {
    short: new ConfirmStats(HORIZON_SHAPES.short),
    medium: new ConfirmStats(HORIZON_SHAPES.medium),
    long: new ConfirmStats(HORIZON_SHAPES.long),
  };
  readonly #all: readonly ConfirmStats[] = Object.values(this.#stats);
  /** The transactions that are followed: entry height times the number of ranges, plus the range of the feerate. */
  readonly #followed: HashMap;
  #bestHeight = 0;
  /** The first block that confirmed a transaction which was followed; 0: none yet. */
  #firstHeight = 0;
  /** The same, and the last, of the history that was restored. */
  #restoredFirst = 0;
  #restoredLast = 0;

  /** `rng` salts the table of transactions. */
  constructor(rng: Rng) {
    this.#followed = new HashMap({ keyBytes: HASH_BYTES, values: 'float64' }, rng);
  }

  /** Height of the last block. */
  get bestHeight(): number {
    return this.#bestHeight;
  }

  /** How many transactions are followed. */
  get followedCount(): number {
    return this.#followed.size;
  }

  /**
   * A transaction entered the mempool (Core processTransaction). `isValidForEstimation`: it came like any other, alone and at
   * its own fee, while the chain was up to date. Others are not followed, nor those that came at another height than the last
   * block's.
   */
  transactionAdded(observation: FeeObservation, isValidForEstimation: boolean): void {
    const { transaction, entryHeight } = observation;
    if (entryHeight !== this.#bestHeight || !isValidForEstimation) return;
    if (this.followedCount >= FOLLOWED_COUNT_MAX || this.#followed.has(transaction.txid)) return;
    const bucket = findFeeBucket(computeFeerate(observation.feeSat, observation.vsize));
    this.#followed.set(transaction.txid, 0, entryHeight * FEE_BUCKET_COUNT + bucket);
    for (const stats of this.#all) stats.add(entryHeight, bucket);
  }

  /** A transaction left the mempool, and no block confirmed it (Core removeTx). False when it was not followed. */
  transactionRemoved(txid: Txid): boolean {
    return this.#remove(txid, false);
  }

  #remove(txid: Txid, isInBlock: boolean): boolean {
    const followed = this.#followed.get(txid);
    if (followed === undefined) return false;
    this.#uncount(followed, isInBlock);
    return this.#followed.delete(txid);
  }

  #uncount(followed: number, isInBlock: boolean): void {
    const bucket = followed % FEE_BUCKET_COUNT;
    const entryHeight = (followed - bucket) / FEE_BUCKET_COUNT;
    for (const stats of this.#all) stats.remove(entryHeight, this.#bestHeight, bucket, isInBlock);
  }

  /**
   * A block confirmed these transactions of the mempool (Core processBlock). Every block is to be told, one without any too. A
   * block at a height that was there before is another one in its place, and is passed over.
   */
  blockConnected(height: number, confirmed: Iterable<FeeObservation>): void {
    if (height <= this.#bestHeight) return;
    this.#bestHeight = height;
    for (const stats of this.#all) stats.advance(height);
    let hasCounted = false;
    for (const observation of confirmed) {
      if (this.#confirm(height, observation)) hasCounted = true;
    }
    if (this.#firstHeight === 0 && hasCounted) this.#firstHeight = height;
  }

  #confirm(height: number, { transaction, entryHeight, feeSat, vsize }: FeeObservation): boolean {
    if (!this.#remove(transaction.txid, true) || entryHeight >= height) return false;
    const feerate = computeFeerate(feeSat, vsize);
    for (const stats of this.#all) stats.record(height - entryHeight, feerate);
    return true;
  }

  /**
   * Ends following: whatever waits now counts as not confirmed so far (Core FlushUnconfirmed). Before the end of the process.
   */
  flushUnconfirmed(): void {
    this.#followed.forEach((_bytes, _at, followed) => {
      this.#uncount(followed, false);
    });
    this.#followed.clear();
  }

  /** The highest target that a horizon tells apart (Core HighestTargetTracked). */
  highestTargetTracked(horizon: FeeHorizon): number {
    return this.#stats[horizon].targetMax;
  }

  /** The highest target for which there can be an answer now (Core MaxUsableEstimate): half as far as the data reach back. */
  get usableTargetMax(): number {
    const span = this.#firstHeight === 0 ? 0 : this.#bestHeight - this.#firstHeight;
    return Math.min(this.#stats.long.targetMax, Math.floor(Math.max(span, this.#restoredSpan()) / 2));
  }

  #restoredSpan(): number {
    if (this.#restoredFirst === 0 || this.#bestHeight - this.#restoredLast > HISTORY_AGE_MAX) return 0;
    return this.#restoredLast - this.#restoredFirst;
  }

  /**
   * The lowest feerate at which, in one horizon, this share of transactions was confirmed within the target (Core
   * estimateRawFee). Null for a target that the horizon does not tell apart and for a share above 1.
   */
  estimateRawFee(target: number, successShare: number, horizon: FeeHorizon): RawFeeEstimate | null {
    if (target < 1 || target > this.#stats[horizon].targetMax || successShare > 1) return null;
    const estimation = this.#estimate(horizon, target, successShare);
    return { feerateSatPerKvb: toFeerate(estimation.median), estimation };
  }

  #estimate(horizon: FeeHorizon, target: number, successShare: number): FeeEstimation {
    const sufficientTxs = SUFFICIENT_TXS[horizon];
    return this.#stats[horizon].estimate({ target, sufficientTxs, successShare, bestHeight: this.#bestHeight });
  }

  /**
   * The feerate to be confirmed within `target` blocks, or within as many as the data allow to speak of (Core
   * estimateSmartFee). The caller raises it to what the mempool and relay ask at least.
   */
  estimateSmartFee(target: number, isConservative: boolean): SmartFeeEstimate {
    const base = { desiredTarget: target, bestHeight: this.#bestHeight };
    const none = { ...base, feerateSatPerKvb: null, reason: 'none', estimation: null } as const;
    if (target < 1 || target > this.#stats.long.targetMax) return { ...none, returnedTarget: target };
    // the next block alone is too much left to chance
    const returnedTarget = Math.min(Math.max(target, 2), this.usableTargetMax);
    if (returnedTarget <= 1) return { ...none, returnedTarget };
    const { reason, estimation } = this.#estimateHighest(returnedTarget, isConservative);
    return { ...base, returnedTarget, reason, estimation, feerateSatPerKvb: toFeerate(estimation?.median ?? -1) };
  }

  #estimateHighest(target: number, isConservative: boolean): Candidate {
    const half = this.#estimateCombined(Math.floor(target / 2), HALF_SUCCESS_SHARE, true);
    let best: Candidate = { reason: 'half-estimate', estimation: half };
    best = higher(best, 'full-estimate', this.#estimateCombined(target, SUCCESS_SHARE, true));
    best = higher(best, 'double-estimate', this.#estimateCombined(2 * target, DOUBLE_SUCCESS_SHARE, !isConservative));
    if (!isConservative && medianOf(best.estimation) >= 0) return best;
    return higher(best, 'conservative', this.#estimateConservative(2 * target));
  }

  /**
   * From the shortest horizon that reaches the target (Core estimateCombinedFee). With `asksShorter`, a lower answer of a
   * shorter horizon for its own highest target is taken instead, so that a longer target never costs more.
   */
  #estimateCombined(target: number, successShare: number, asksShorter: boolean): FeeEstimation | null {
    const { short, medium, long } = this.#stats;
    if (target > long.targetMax) return null;
    const horizon = target <= short.targetMax ? 'short' : target <= medium.targetMax ? 'medium' : 'long';
    let best = this.#estimate(horizon, target, successShare);
    if (!asksShorter) return best;
    for (const shorter of ['medium', 'short'] as const) {
      const shorterMax = this.#stats[shorter].targetMax;
      if (target <= shorterMax) continue;
      const other = this.#estimate(shorter, shorterMax, successShare);
      if (other.median > 0 && (best.median === -1 || other.median < best.median)) best = other;
    }
    return best;
  }

  /** The highest answer of the longer horizons for twice the target (Core estimateConservativeFee). */
  #estimateConservative(doubleTarget: number): FeeEstimation | null {
    const { short, medium } = this.#stats;
    let best: FeeEstimation | null = null;
    if (doubleTarget <= short.targetMax) best = this.#estimate('medium', doubleTarget, DOUBLE_SUCCESS_SHARE);
    if (doubleTarget <= medium.targetMax) {
      const long = this.#estimate('long', doubleTarget, DOUBLE_SUCCESS_SHARE);
      if (long.median > medianOf(best)) best = long;
    }
    return best;
  }

  /** What is to be written, as the estimator's own arrays: encode it before anything else changes. */
  history(): FeeHistory {
    const { short, medium, long } = this.#stats;
    const span = this.#firstHeight === 0 ? 0 : this.#bestHeight - this.#firstHeight;
    const isOwn = span > Math.floor(this.#restoredSpan() / 2);
    return {
      bestHeight: this.#bestHeight,
      firstHeight: isOwn ? this.#firstHeight : this.#restoredFirst,
      lastHeight: isOwn ? this.#bestHeight : this.#restoredLast,
      averages: { short: short.averages, medium: medium.averages, long: long.averages },
    };
  }

  /** Goes on from a history that was read; before anything else is told. Its arrays belong to the estimator from now on. */
  restore(history: FeeHistory): void {
    assert(this.#bestHeight === 0 && this.followedCount === 0, 'fee estimation: restore comes first');
    this.#bestHeight = history.bestHeight;
    this.#restoredFirst = history.firstHeight;
    this.#restoredLast = history.lastHeight;
    for (const horizon of ['short', 'medium', 'long'] as const) this.#stats[horizon].restore(history.averages[horizon]);
  }
}

interface Candidate {
  readonly reason: FeeReason;
  readonly estimation: FeeEstimation | null;
}

function medianOf(estimation: FeeEstimation | null): number {
  return estimation === null ? -1 : estimation.median;
}

/** The candidate with the higher feerate; the one before when neither is higher. */
function higher(best: Candidate, reason: FeeReason, estimation: FeeEstimation | null): Candidate {
  return medianOf(estimation) > medianOf(best.estimation) ? { reason, estimation } : best;
}

/** Whole satoshis; no answer where there is no median, or where it rounds to a fee of nothing. */
function toFeerate(median: number): number | null {
  const feerate = Math.round(median);
  return feerate > 0 ? feerate : null;
}
