// The averages of one horizon (Core TxConfirmStats): per range of feerates how many transactions were confirmed, how many
// within each number of periods, how many left unconfirmed, and how many wait since when. History is kept as averages from
// which every block takes a fraction, so that it needs no more room with time. Arithmetic is in doubles in Core's order: the
// same feed gives the same answers to the last bit.

import { assert } from '../../kernel/util/assert.ts';
import { type FeeEstimation, type FeeRange, NO_FEE_RANGE } from './fee-estimate.ts';
import { FEE_BUCKET_COUNT, FEE_BUCKETS, findFeeBucket } from './fee-estimator-buckets.ts';

/** What makes a horizon what it is. */
export interface HorizonShape {
  /** How many periods are told apart. */
  readonly periods: number;
  /** Blocks of a period. */
  readonly scale: number;
  /** What is left of an average after a block. */
  readonly decay: number;
}

/** The averages that a file keeps, by range of feerates, and those of single periods period by period. */
export interface HorizonAverages {
  readonly feerates: Float64Array;
  readonly confirmed: Float64Array;
  readonly confirmedWithin: Float64Array;
  readonly failedAfter: Float64Array;
}

/** Averages that hold nothing. */
export function createAverages({ periods }: HorizonShape): HorizonAverages {
  return {
    feerates: new Float64Array(FEE_BUCKET_COUNT),
    confirmed: new Float64Array(FEE_BUCKET_COUNT),
    confirmedWithin: new Float64Array(periods * FEE_BUCKET_COUNT),
    failedAfter: new Float64Array(periods * FEE_BUCKET_COUNT),
  };
}

/** What is asked of {@link ConfirmStats.estimate}. */
export interface EstimateQuestion {
  /** Blocks until confirmation. */
  readonly target: number;
  /** Transactions per block that a range needs to be judged. */
  readonly sufficientTxs: number;
  /** Share of them that must be confirmed within the target. */
  readonly successShare: number;
  readonly bestHeight: number;
}

/** Sums over neighbouring ranges of feerates, from the highest down. */
class RangeSums {
  /** The highest range that is in the sums, and the lowest. */
  near = -1;
  far = -1;
  withinTarget = 0;
  totalConfirmed = 0;
  inMempool = 0;
  leftMempool = 0;

  /** True when no range is in the sums. */
  get isEmpty(): boolean {
    return this.near < 0;
  }

  /** Opens the sums for the next range down. */
  extendTo(bucket: number): void {
    if (this.isEmpty) this.near = bucket;
    this.far = bucket;
  }

  clear(): void {
    this.near = -1;
    this.withinTarget = 0;
    this.totalConfirmed = 0;
    this.inMempool = 0;
    this.leftMempool = 0;
  }

  /** Share of the transactions that were confirmed within the target. */
  get share(): number {
    return this.withinTarget / (this.totalConfirmed + this.leftMempool + this.inMempool);
  }

  /** The sums with the ends of the feerates that they are over. */
  toRange(): FeeRange {
    return {
      start: this.far > 0 ? FEE_BUCKETS[this.far - 1]! : 0,
      end: FEE_BUCKETS[this.near]!,
      withinTarget: this.withinTarget,
      totalConfirmed: this.totalConfirmed,
      inMempool: this.inMempool,
      leftMempool: this.leftMempool,
    };
  }
}

/** The averages of one horizon with the transactions that wait now. */
export class ConfirmStats {
  readonly shape: HorizonShape;
  /** The highest number of blocks that is told apart (Core GetMaxConfirms). */
  readonly targetMax: number;
  #averages: HorizonAverages;
  /** Waiting transactions by the height at which they came, modulo {@link targetMax}, and range. */
  readonly #waiting: Int32Array;
  /** Those that wait longer than that. */
  readonly #waitingLonger: Int32Array;

  constructor(shape: HorizonShape) {
    this.shape = shape;
    this.targetMax = shape.periods * shape.scale;
    this.#averages = createAverages(shape);
    this.#waiting = new Int32Array(this.targetMax * FEE_BUCKET_COUNT);
    this.#waitingLonger = new Int32Array(FEE_BUCKET_COUNT);
  }

  /** The averages themselves, to be written at once. */
  get averages(): HorizonAverages {
    return this.#averages;
  }

  /** Goes on from averages that were read; they belong to this object from now on. */
  restore(averages: HorizonAverages): void {
    this.#averages = averages;
  }

  /**
   * Place of the transactions that came at a height. Below height 0 Core counts on from 2^32, which no horizon divides: in the first
   * {@link targetMax} blocks of a chain some that wait are counted twice. So they are here, for the same answers.
   */
  #slot(height: number): number {
    return ((height >>> 0) % this.targetMax) * FEE_BUCKET_COUNT;
  }

  /** A transaction came at this height (Core NewTx). */
  add(height: number, bucket: number): void {
    const at = this.#slot(height) + bucket;
    this.#waiting[at] = this.#waiting[at]! + 1;
  }

  /**
   * A transaction no longer waits (Core removeTx). One that left without a block after at least one period counts as failed in
   * every period that it waited for.
   */
  remove(entryHeight: number, bestHeight: number, bucket: number, isInBlock: boolean): void {
    const age = bestHeight - entryHeight;
    assert(age >= 0, 'fee estimation: no transaction comes from above the best height');
    const counts = age >= this.targetMax ? this.#waitingLonger : this.#waiting;
    const at = age >= this.targetMax ? bucket : this.#slot(entryHeight) + bucket;
    if (counts[at]! > 0) counts[at] = counts[at]! - 1;
    if (isInBlock) return;
    const { scale, periods } = this.shape;
    const failed = Math.min(Math.floor(age / scale), periods);
    const { failedAfter } = this.#averages;
    for (let i = 0; i < failed; i++) failedAfter[i * FEE_BUCKET_COUNT + bucket]! += 1;
  }

  /**
   * A block came: those that waited for the longest are told apart no more, and all averages fade (ClearCurrent,
   * UpdateMovingAverages).
   */
  advance(height: number): void {
    const slot = this.#slot(height);
    for (let bucket = 0; bucket < FEE_BUCKET_COUNT; bucket++) {
      this.#waitingLonger[bucket]! += this.#waiting[slot + bucket]!;
      this.#waiting[slot + bucket] = 0;
    }
    const { feerates, confirmed, confirmedWithin, failedAfter } = this.#averages;
    for (const values of [feerates, confirmed, confirmedWithin, failedAfter]) {
      for (let i = 0; i < values.length; i++) values[i]! *= this.shape.decay;
    }
  }

  /** A transaction was confirmed after so many blocks, one at least (Core Record). */
  record(blocks: number, feerate: number): void {
    const { periods, scale } = this.shape;
    const { feerates, confirmed, confirmedWithin } = this.#averages;
    const bucket = findFeeBucket(feerate);
    for (let period = Math.ceil(blocks / scale); period <= periods; period++) {
      confirmedWithin[(period - 1) * FEE_BUCKET_COUNT + bucket]! += 1;
    }
    confirmed[bucket]! += 1;
    feerates[bucket]! += feerate;
  }

  /**
   * The lowest feerates at which enough transactions were confirmed within the target (Core EstimateMedianVal). From the
   * highest feerates down, ranges are taken together until they hold enough transactions to be judged; one that fails is judged
   * again together with those below.
   */
  estimate(question: EstimateQuestion): FeeEstimation {
    const { decay, scale } = this.shape;
    const enough = question.sufficientTxs / (1 - decay);
    const sums = new RangeSums();
    let pass = NO_FEE_RANGE;
    let fail = NO_FEE_RANGE;
    let median = -1;
    let unjudged = 0;
    for (let bucket = FEE_BUCKET_COUNT - 1; bucket >= 0; bucket--) {
      this.#addBucket(sums, bucket, question);
      unjudged += this.#averages.confirmed[bucket]!;
      if (unjudged < enough) continue;
      unjudged = 0;
      if (sums.share < question.successShare) {
        if (fail === NO_FEE_RANGE) fail = sums.toRange();
        continue;
      }
      pass = sums.toRange();
      fail = NO_FEE_RANGE;
      median = this.#computeMedian(sums.far, sums.near);
      sums.clear();
    }
    // the lowest feerates, too few to be judged, count as failed
    if (fail === NO_FEE_RANGE && !sums.isEmpty) fail = sums.toRange();
    return { median, pass, fail, decay, scale };
  }

  #addBucket(sums: RangeSums, bucket: number, { target, bestHeight }: EstimateQuestion): void {
    const { confirmed, confirmedWithin, failedAfter } = this.#averages;
    const at = (Math.ceil(target / this.shape.scale) - 1) * FEE_BUCKET_COUNT + bucket;
    sums.extendTo(bucket);
    sums.withinTarget += confirmedWithin[at]!;
    sums.totalConfirmed += confirmed[bucket]!;
    sums.leftMempool += failedAfter[at]!;
    for (let age = target; age < this.targetMax; age++) {
      sums.inMempool += this.#waiting[this.#slot(bestHeight - age) + bucket]!;
    }
    sums.inMempool += this.#waitingLonger[bucket]!;
  }

  /** Average feerate of the range, among `low` to `high`, in which the middle transaction is; -1 when there is none. */
  #computeMedian(low: number, high: number): number {
    const { feerates, confirmed } = this.#averages;
    let half = 0;
    for (let bucket = low; bucket <= high; bucket++) half += confirmed[bucket]!;
    half /= 2;
    if (half === 0) return -1;
    for (let bucket = low; bucket <= high; bucket++) {
      if (confirmed[bucket]! >= half) return feerates[bucket]! / confirmed[bucket]!;
      half -= confirmed[bucket]!;
    }
    return -1;
  }
}
