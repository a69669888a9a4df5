// Estimation of fees the slow way: nothing is summed up in advance. Every transaction is remembered with what became of it, and
// every question goes through all of them again. Buffers that wrap and averages that are kept have their mistakes; this has
// none to make. It holds for blocks at neighbouring heights that begin far above the longest horizon.

import type { FeeHorizon } from '../../src/node/mempool/fee-estimate.ts';

/** What became of a transaction. */
interface Fate {
  readonly feerate: number;
  readonly entryHeight: number;
  /** How many blocks had come when it left, the one that confirmed it included; null while it waits. */
  leftAfter: number | null;
  /** Height of the chain when it left. */
  leftHeight: number;
  isConfirmed: boolean;
}

interface Shape {
  readonly periods: number;
  readonly scale: number;
  readonly decay: number;
  readonly sufficientTxs: number;
}

// typed from Core's header again, on purpose
const SHAPES: Readonly<Record<FeeHorizon, Shape>> = {
  short: { periods: 12, scale: 1, decay: 0.962, sufficientTxs: 0.5 },
  medium: { periods: 24, scale: 2, decay: 0.9952, sufficientTxs: 0.1 },
  long: { periods: 42, scale: 24, decay: 0.99931, sufficientTxs: 0.1 },
};

/** A range of feerates as {@link NaiveFeeEstimator} reports it. */
export interface NaiveRange {
  readonly start: number;
  readonly end: number;
  readonly withinTarget: number;
  readonly totalConfirmed: number;
  readonly inMempool: number;
  readonly leftMempool: number;
}

/** One estimate. */
export interface NaiveEstimation {
  readonly median: number;
  readonly pass: NaiveRange;
  readonly fail: NaiveRange;
  readonly decay: number;
  readonly scale: number;
}

const NOTHING: NaiveRange = {
  start: -1,
  end: -1,
  withinTarget: 0,
  totalConfirmed: 0,
  inMempool: 0,
  leftMempool: 0,
};

const ENDS: number[] = [];
for (let end = 100; end <= 10_000_000; end *= 1.05) ENDS.push(end);
ENDS.push(1e99);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The naive twin of the fee estimator. */
export class NaiveFeeEstimator {
  readonly #fates = new Map<string, Fate>();
  readonly #past: Fate[] = [];
  #blocks = 0;
  #height = 0;
  #firstHeight = 0;

  add(name: string, entryHeight: number, feerate: number): void {
    if (entryHeight !== this.#height || this.#fates.has(name)) return;
    this.#fates.set(name, { feerate, entryHeight, leftAfter: null, leftHeight: 0, isConfirmed: false });
  }

  remove(name: string): void {
    const fate = this.#fates.get(name);
    if (fate === undefined) return;
    this.#leave(name, fate, false);
  }

  #leave(name: string, fate: Fate, isConfirmed: boolean): void {
    Object.assign(fate, { leftAfter: this.#blocks, leftHeight: this.#height, isConfirmed });
    this.#past.push(fate);
    this.#fates.delete(name);
  }

  block(height: number, names: readonly string[]): void {
    if (height <= this.#height) return;
    this.#height = height;
    this.#blocks++;
    for (const name of names) {
      const fate = this.#fates.get(name);
      if (fate === undefined) continue;
      this.#leave(name, fate, true);
      if (this.#firstHeight === 0) this.#firstHeight = height;
    }
  }

  /** The average, after all blocks, of what each transaction of the past adds when it leaves. */
  #average(decay: number, addition: (fate: Fate) => number): number {
    const adding = this.#past.filter((fate) => addition(fate) !== 0);
    if (adding.length === 0) return 0;
    let value = 0;
    for (let block = 0; block <= this.#blocks; block++) {
      if (block > 0) value *= decay;
      for (const fate of adding) if (fate.leftAfter === block) value += addition(fate);
    }
    return value;
  }

  estimate(horizon: FeeHorizon, target: number, share: number): NaiveEstimation {
    const { decay, scale, sufficientTxs } = SHAPES[horizon];
    const periods = Math.ceil(target / scale);
    const isIn = (fate: Fate, b: number): boolean =>
      fate.feerate <= ENDS[b]! && (b === 0 || fate.feerate > ENDS[b - 1]!);
    const count = (b: number, holds: (fate: Fate) => boolean): number =>
      this.#average(decay, (fate) => (isIn(fate, b) && holds(fate) ? 1 : 0));
    const age = (fate: Fate): number => fate.leftHeight - fate.entryHeight;
    const confirmed = ENDS.map((_, b) => count(b, (fate) => fate.isConfirmed));
    const within = ENDS.map((_, b) => count(b, (fate) => fate.isConfirmed && Math.ceil(age(fate) / scale) <= periods));
    const failed = ENDS.map((_, b) =>
      count(b, (fate) => !fate.isConfirmed && Math.floor(age(fate) / scale) >= periods),
    );
    const waiting = ENDS.map(
      (_, b) =>
        [...this.#fates.values()].filter((fate) => isIn(fate, b) && this.#height - fate.entryHeight >= target).length,
    );
    const over = (values: readonly number[], range: readonly number[]): number => sum(range.map((b) => values[b]!));
    const report = (range: readonly number[]): NaiveRange => ({
      start: range.at(-1)! === 0 ? 0 : ENDS[range.at(-1)! - 1]!,
      end: ENDS[range[0]!]!,
      withinTarget: over(within, range),
      totalConfirmed: over(confirmed, range),
      inMempool: over(waiting, range),
      leftMempool: over(failed, range),
    });
    // cut the feerates, from the top, into groups with enough data each
    const groups: number[][] = [];
    let rest: number[] = [];
    for (let b = ENDS.length - 1; b >= 0; b--) {
      rest.push(b);
      if (over(confirmed, rest) < sufficientTxs / (1 - decay)) continue;
      groups.push(rest);
      rest = [];
    }
    let pass: number[] | null = null;
    let fail: number[] | null = null;
    let current: number[] = [];
    for (const group of groups) {
      current = [...current, ...group];
      const { withinTarget, totalConfirmed, leftMempool, inMempool } = report(current);
      if (withinTarget / (totalConfirmed + leftMempool + inMempool) < share) fail ??= current;
      else [pass, fail, current] = [current, null, []];
    }
    current = [...current, ...rest];
    if (fail === null && current.length > 0) fail = current;
    return {
      median: pass === null ? -1 : this.#median(pass, confirmed, decay, isIn),
      pass: pass === null ? NOTHING : report(pass),
      fail: fail === null ? NOTHING : report(fail),
      decay,
      scale,
    };
  }

  #median(
    range: readonly number[],
    confirmed: readonly number[],
    decay: number,
    isIn: (fate: Fate, b: number) => boolean,
  ): number {
    const rising = [...range].reverse();
    let left = sum(rising.map((b) => confirmed[b]!)) / 2;
    for (const b of rising) {
      if (confirmed[b]! >= left) {
        const paid = this.#average(decay, (fate) => (fate.isConfirmed && isIn(fate, b) ? fate.feerate : 0));
        return paid / confirmed[b]!;
      }
      left -= confirmed[b]!;
    }
    return -1;
  }

  /** The feerate and the target of the answer; null feerate: none. */
  smart(desired: number, isConservative: boolean): { feerate: number | null; target: number } {
    if (desired < 1 || desired > 1_008) return { feerate: null, target: desired };
    const reach = this.#firstHeight === 0 ? 0 : Math.floor((this.#height - this.#firstHeight) / 2);
    const target = Math.min(Math.max(desired, 2), reach, 1_008);
    if (target < 2) return { feerate: null, target };
    const median = (horizon: FeeHorizon, blocks: number, share: number): number =>
      this.estimate(horizon, blocks, share).median;
    const combined = (blocks: number, share: number, asksShorter: boolean): number => {
      if (blocks > 1_008) return -1;
      const own = median(blocks <= 12 ? 'short' : blocks <= 48 ? 'medium' : 'long', blocks, share);
      const others = asksShorter
        ? [blocks > 48 ? median('medium', 48, share) : -1, blocks > 12 ? median('short', 12, share) : -1]
        : [];
      const answers = [own, ...others.filter((answer) => answer > 0)].filter((answer) => answer !== -1);
      return answers.length === 0 ? -1 : Math.min(...answers);
    };
    let best = Math.max(
      combined(Math.floor(target / 2), 0.6, true),
      combined(target, 0.85, true),
      combined(2 * target, 0.95, !isConservative),
    );
    if (isConservative || best === -1) {
      if (2 * target <= 12) best = Math.max(best, median('medium', 2 * target, 0.95));
      if (2 * target <= 48) best = Math.max(best, median('long', 2 * target, 0.95));
    }
    return { feerate: best < 0.5 ? null : Math.round(best), target };
  }
}
