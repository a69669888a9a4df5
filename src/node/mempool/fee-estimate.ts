// What estimation of fees answers, as data (Core EstimatorBucket, EstimationResult, FeeCalculation, FeeReason): an answer or
// none, and everything that it rests on.

/** How far back a set of averages looks: 3 hours, a day or a week until half is forgotten (Core FeeEstimateHorizon). */
export type FeeHorizon = 'short' | 'medium' | 'long';

/** All horizons, shortest first. */
export const FEE_HORIZONS: readonly FeeHorizon[] = Object.freeze(['short', 'medium', 'long']);

/** A range of feerates and what became of its transactions; averages over blocks, so no whole numbers. */
export interface FeeRange {
  /** Lower end, exclusive, in sat/kvB; -1 when there is no such range. */
  readonly start: number;
  /** Upper end, inclusive. */
  readonly end: number;
  /** Confirmed within the target. */
  readonly withinTarget: number;
  /** Confirmed at all. */
  readonly totalConfirmed: number;
  /** Waiting for the target or longer. */
  readonly inMempool: number;
  /** Left the mempool unconfirmed after the target. */
  readonly leftMempool: number;
}

/** No range. */
export const NO_FEE_RANGE: FeeRange = Object.freeze({
  start: -1,
  end: -1,
  withinTarget: 0,
  totalConfirmed: 0,
  inMempool: 0,
  leftMempool: 0,
});

/** How one estimate came about. */
export interface FeeEstimation {
  /** Average feerate of the range with the median transaction, in sat/kvB; -1 when no range has enough data and success. */
  readonly median: number;
  /** The lowest range that is good enough. */
  readonly pass: FeeRange;
  /** The highest that is not. */
  readonly fail: FeeRange;
  /** What is left of an average after a block. */
  readonly decay: number;
  /** Blocks that are counted as one. */
  readonly scale: number;
}

/** Which of several estimates was the highest, and so the answer (Core FeeReason). */
export type FeeReason = 'none' | 'half-estimate' | 'full-estimate' | 'double-estimate' | 'conservative';

/** The answer to: which feerate is confirmed within so many blocks? */
export interface SmartFeeEstimate {
  /** In sat/kvB; null when there are not enough data. What the mempool asks at least is not part of it. */
  readonly feerateSatPerKvb: number | null;
  readonly desiredTarget: number;
  /** The target that the answer is for: never above what the data reach. */
  readonly returnedTarget: number;
  /** Height of the last block that was looked at. */
  readonly bestHeight: number;
  readonly reason: FeeReason;
  /** Null when nothing was estimated. */
  readonly estimation: FeeEstimation | null;
}

/** The answer for one horizon and one rate of success. */
export interface RawFeeEstimate {
  /** In sat/kvB; null when no range is good enough. */
  readonly feerateSatPerKvb: number | null;
  readonly estimation: FeeEstimation;
}
