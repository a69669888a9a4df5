import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeTxid, TEST_RNG } from '../../../test/model/block-builder.ts';
import { NaiveFeeEstimator } from '../../../test/model/naive-fee-estimator.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { FEE_HORIZONS } from './fee-estimate.ts';
import { FeeEstimator, type FeeObservation } from './fee-estimator.ts';
import { FEE_BUCKET_COUNT, FEE_BUCKETS, findFeeBucket } from './fee-estimator-buckets.ts';

/** A transaction of 1,000 vbytes, so that its fee is its feerate. */
function observe(n: number, entryHeight: number, feerate: number): FeeObservation {
  return { transaction: { txid: fakeTxid(n) }, feeSat: feerate, vsize: 1_000, entryHeight };
}

/** An estimator that has seen `count` blocks after height 5,000, each confirming one transaction that came just before. */
function steady(count: number, feerate = 1_000): FeeEstimator {
  const estimator = new FeeEstimator(TEST_RNG);
  estimator.blockConnected(5_000, []);
  for (let i = 0; i < count; i++) {
    const seen = observe(i, 5_000 + i, feerate);
    estimator.transactionAdded(seen, true);
    estimator.blockConnected(5_001 + i, [seen]);
  }
  return estimator;
}

test('ranges of feerates end 5 % apart from 100 sat/kvB on, and the last takes everything above', () => {
  assert.equal(FEE_BUCKET_COUNT, 237);
  assert.deepEqual([FEE_BUCKETS[0], FEE_BUCKETS[1], FEE_BUCKETS[2], FEE_BUCKETS.at(-1)], [100, 105, 110.25, 1e99]);
  assert.deepEqual([0, 100, 101, 105, 106].map(findFeeBucket), [0, 0, 1, 1, 2]);
  assert.deepEqual([9_999_999_999, 21e14].map(findFeeBucket), [236, 236]);
  for (const [b, end] of FEE_BUCKETS.entries()) assert.equal(findFeeBucket(end), b);
});

test('there is no answer before there are data', () => {
  const estimator = new FeeEstimator(TEST_RNG);
  assert.deepEqual(estimator.estimateSmartFee(6, false), {
    feerateSatPerKvb: null,
    desiredTarget: 6,
    returnedTarget: 0,
    bestHeight: 0,
    reason: 'none',
    estimation: null,
  });
  assert.equal(estimator.estimateRawFee(6, 0.85, 'short')?.feerateSatPerKvb, null);
});

test('a horizon answers from the block on at which its averages suffice', () => {
  // (1 - d^n) / (1 - d) ≥ s / (1 - d), so d^n ≤ 1 - s: n ≥ ln 0.5 / ln 0.962 = 17.9 and ln 0.9 / ln 0.9952 = 21.9
  assert.equal(steady(17).estimateRawFee(1, 0.95, 'short')?.feerateSatPerKvb, null);
  assert.equal(steady(18).estimateRawFee(1, 0.95, 'short')?.feerateSatPerKvb, 1_000);
  assert.equal(steady(21).estimateRawFee(1, 0.95, 'medium')?.feerateSatPerKvb, null);
  assert.equal(steady(22).estimateRawFee(1, 0.95, 'medium')?.feerateSatPerKvb, 1_000);
});

test('no answer is for a target further than half of what the data span', () => {
  // the first confirmation is at height 5,001: after 41 blocks the data span 40
  const estimate = steady(41).estimateSmartFee(100, false);
  assert.deepEqual(
    [estimate.desiredTarget, estimate.returnedTarget, estimate.feerateSatPerKvb, estimate.bestHeight],
    [100, 20, 1_000, 5_041],
  );
  assert.equal(steady(41).estimateSmartFee(1, true).returnedTarget, 2, 'the next block alone is never promised');
  for (const target of [0, -1, 1_009]) {
    assert.equal(steady(41).estimateSmartFee(target, false).feerateSatPerKvb, null);
    assert.equal(steady(41).estimateSmartFee(target, false).returnedTarget, target);
  }
});

test('each horizon tells its own targets apart', () => {
  const estimator = steady(30);
  assert.deepEqual(
    FEE_HORIZONS.map((horizon) => estimator.highestTargetTracked(horizon)),
    [12, 48, 1_008],
  );
  assert.equal(estimator.estimateRawFee(13, 0.85, 'short'), null);
  assert.equal(estimator.estimateRawFee(0, 0.85, 'short'), null);
  assert.equal(estimator.estimateRawFee(12, 1.01, 'short'), null);
  assert.deepEqual(estimator.estimateRawFee(12, 1, 'short')?.estimation.fail.start, 0);
});

test('what came in another way, at another height or twice is not followed', () => {
  const estimator = new FeeEstimator(TEST_RNG);
  estimator.blockConnected(100, []);
  estimator.transactionAdded(observe(1, 100, 500), false);
  estimator.transactionAdded(observe(2, 99, 500), true);
  estimator.transactionAdded(observe(3, 101, 500), true);
  assert.equal(estimator.followedCount, 0);
  estimator.transactionAdded(observe(4, 100, 500), true);
  estimator.transactionAdded(observe(4, 100, 900), true);
  assert.equal(estimator.followedCount, 1);
  assert.equal(estimator.transactionRemoved(fakeTxid(1)), false);
  assert.equal(estimator.transactionRemoved(fakeTxid(4)), true);
  assert.equal(estimator.transactionRemoved(fakeTxid(4)), false);
  assert.equal(estimator.followedCount, 0);
});

test('a block in place of another is passed over, and so is a transaction that was not followed', () => {
  const estimator = steady(25);
  const before = estimator.estimateSmartFee(6, false);
  estimator.blockConnected(5_025, [observe(99, 5_000, 90_000)]);
  estimator.blockConnected(5_010, []);
  assert.deepEqual(estimator.estimateSmartFee(6, false), before);
  estimator.blockConnected(5_026, [observe(99, 5_000, 90_000)]);
  assert.equal(estimator.estimateSmartFee(6, false).feerateSatPerKvb, 1_000);
});

test('a transaction that leaves without a block counts against its feerate in the periods that it waited for', () => {
  const estimator = steady(40);
  for (let i = 0; i < 30; i++) estimator.transactionAdded(observe(1_000 + i, 5_040, 1_000), true);
  for (let height = 5_041; height <= 5_043; height++) estimator.blockConnected(height, []);
  const spoiled = (target: number): number[] => {
    const { pass, fail } = estimator.estimateRawFee(target, 0.95, 'short')!.estimation;
    return [pass.inMempool + fail.inMempool, pass.leftMempool + fail.leftMempool];
  };
  assert.deepEqual([1, 3, 4].map(spoiled), [
    [30, 0],
    [30, 0],
    [0, 0],
  ]);
  for (let i = 0; i < 30; i++) estimator.transactionRemoved(fakeTxid(1_000 + i));
  assert.deepEqual([1, 3, 4].map(spoiled), [
    [0, 30],
    [0, 30],
    [0, 0],
  ]);
  assert.equal(estimator.estimateRawFee(3, 0.95, 'short')?.feerateSatPerKvb, null);
  assert.equal(estimator.estimateRawFee(4, 0.95, 'short')?.feerateSatPerKvb, 1_000);
});

test('a regtest of 30 blocks is enough for an answer', () => {
  const estimator = new FeeEstimator(TEST_RNG);
  for (let height = 1; height <= 30; height++) {
    const seen = [1, 2, 3].map((k) => observe(10 * height + k, height - 1, 2_000));
    for (const one of seen) estimator.transactionAdded(one, true);
    estimator.blockConnected(height, seen);
  }
  const { feerateSatPerKvb, returnedTarget, reason } = estimator.estimateSmartFee(2, false);
  assert.deepEqual([feerateSatPerKvb, returnedTarget, reason], [2_000, 2, 'half-estimate']);
});

test('near the beginning of a chain some that wait are counted twice in the long horizon, as in Core', () => {
  const estimator = new FeeEstimator(TEST_RNG);
  for (let height = 1; height <= 110; height++) {
    const seen = observe(height, height - 1, 2_000);
    estimator.transactionAdded(seen, true);
    if (height === 101) estimator.transactionAdded(observe(500, 100, 2_000), true);
    estimator.blockConnected(height, [seen]);
  }
  // it came 10 blocks ago, and 2^32 mod 1,008 = 256 blocks before that it seems to have come, too: 266 blocks ago
  const counted = (target: number): number => {
    const { pass, fail } = estimator.estimateRawFee(target, 0.6, 'long')!.estimation;
    return pass.inMempool + fail.inMempool;
  };
  assert.deepEqual([1, 10, 11, 266, 267].map(counted), [2, 2, 1, 1, 0]);
});

/** The fee that 95 % success in the medium horizon asks; nothing for the next block. */
function estimateFee(estimator: FeeEstimator, target: number): number {
  return target <= 1 ? 0 : (estimator.estimateRawFee(target, 0.95, 'medium')?.feerateSatPerKvb ?? 0);
}

/** Core's scenario: ten feerates, four transactions each per block, and the higher ones get into more blocks. */
class Market {
  readonly estimator = new FeeEstimator(TEST_RNG);
  readonly waiting: FeeObservation[][] = Array.from({ length: 10 }, () => []);
  height = 0;
  #made = 0;

  arrive(): void {
    for (let j = 0; j < 10; j++) {
      for (let k = 0; k < 4; k++) {
        const seen = observe(this.#made++, this.height, 10_000 * (j + 1));
        this.estimator.transactionAdded(seen, true);
        this.waiting[j]!.push(seen);
      }
    }
  }

  /** Mines whatever waits at the `count` highest feerates. */
  mine(count: number): void {
    const confirmed = this.waiting.slice(10 - count).flatMap((all) => all.splice(0));
    this.estimator.blockConnected(++this.height, confirmed);
  }
}

test('estimates follow the market through calm, standstill and plenty', () => {
  const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 500, `${actual}`);
  const market = new Market();
  const { estimator } = market;
  while (market.height < 200) {
    market.arrive();
    market.mine((market.height % 10) + 1);
    if (market.height === 3) near(estimateFee(estimator, 2), 90_000);
  }
  const calm = Array.from({ length: 49 }, (_, target) => estimateFee(estimator, target));
  for (let target = 3; target < 10; target++) assert.ok(calm[target]! <= calm[target - 1]!);
  for (const target of [2, 4, 6, 8]) near(calm[target]!, 10_000 * (11 - target));

  while (market.height < 250) market.mine(0);
  for (let target = 2; target < 10; target++) near(estimateFee(estimator, target), calm[target]!);

  while (market.height < 265) {
    market.arrive();
    market.mine(0);
  }
  const notBelowCalm = (): void => {
    for (let target = 2; target < 10; target++) {
      const now = estimateFee(estimator, target);
      assert.ok(now === 0 || now > calm[target]! - 500, `target ${target}: ${now}`);
    }
  };
  notBelowCalm();
  market.mine(10);
  notBelowCalm();

  while (market.height < 665) {
    market.arrive();
    market.mine(10);
  }
  for (let target = 2; target < 9; target++) assert.ok(estimateFee(estimator, target) < calm[target]! - 500);
});

type Step =
  | { readonly kind: 'arrive'; readonly feerates: readonly number[] }
  | { readonly kind: 'leave'; readonly picks: readonly number[] }
  | { readonly kind: 'mine'; readonly share: number; readonly empty: number };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('arrive' as const),
      feerates: fc.array(fc.constantFrom(90, 1_000, 1_020, 2_500, 9_000, 40_000, 2e7), { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('leave' as const), picks: fc.array(fc.nat(), { maxLength: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('mine' as const),
      share: fc.constantFrom(0, 0.3, 0.7, 1),
      empty: fc.constantFrom(0, 0, 0, 1, 5, 60),
    }),
  },
);

/** Feeds both estimators the same steps; the highest feerates are mined first. */
function feedBoth(steps: readonly Step[]): readonly [FeeEstimator, NaiveFeeEstimator] {
  const estimator = new FeeEstimator(createRng(7));
  const naive = new NaiveFeeEstimator();
  let height = 4_000;
  let made = 0;
  let pool: FeeObservation[] = [];
  const mine = (confirmed: readonly FeeObservation[]): void => {
    height++;
    estimator.blockConnected(height, confirmed);
    naive.block(
      height,
      confirmed.map(({ transaction }) => String(transaction.txid)),
    );
  };
  mine([]);
  for (const step of steps) {
    if (step.kind === 'arrive') {
      for (const feerate of step.feerates) {
        const seen = observe(made++, height, feerate);
        pool.push(seen);
        estimator.transactionAdded(seen, true);
        naive.add(String(seen.transaction.txid), height, feerate);
      }
    } else if (step.kind === 'leave') {
      for (const pick of step.picks) {
        const [gone] = pool.splice(pick % Math.max(1, pool.length), 1);
        if (gone === undefined) continue;
        estimator.transactionRemoved(gone.transaction.txid);
        naive.remove(String(gone.transaction.txid));
      }
    } else {
      pool = pool.sort((a, b) => b.feeSat - a.feeSat);
      mine(pool.splice(0, Math.ceil(step.share * pool.length)));
      for (let i = 0; i < step.empty; i++) mine([]);
    }
  }
  return [estimator, naive];
}

test('every estimate is that of an estimator that remembers everything', () => {
  const market = fc.array(stepArbitrary, { minLength: 20, maxLength: 90 });
  let answers = 0;
  fc.assert(
    fc.property(market, fc.integer({ min: 1, max: 60 }), (steps, target) => {
      const [estimator, naive] = feedBoth(steps);
      for (const horizon of FEE_HORIZONS) {
        const raw = estimator.estimateRawFee(target, 0.85, horizon);
        if (raw !== null) assert.deepEqual(raw.estimation, naive.estimate(horizon, target, 0.85));
      }
      for (const isConservative of [false, true]) {
        const smart = estimator.estimateSmartFee(target, isConservative);
        const expected = naive.smart(target, isConservative);
        assert.deepEqual([smart.feerateSatPerKvb, smart.returnedTarget], [expected.feerate, expected.target]);
        if (expected.feerate !== null) answers++;
      }
    }),
    { numRuns: 40 },
  );
  assert.ok(answers > 10, `${answers} answers were compared`);
});

test('at the end whatever waits counts as not confirmed so far', () => {
  const estimator = steady(40);
  for (let i = 0; i < 30; i++) estimator.transactionAdded(observe(1_000 + i, 5_040, 1_000), true);
  for (let height = 5_041; height <= 5_045; height++) estimator.blockConnected(height, []);
  estimator.flushUnconfirmed();
  assert.equal(estimator.followedCount, 0);
  assert.equal(estimator.estimateRawFee(5, 0.95, 'short')?.estimation.fail.leftMempool, 30);
  assert.equal(estimator.estimateRawFee(6, 0.5, 'short')?.estimation.pass.leftMempool, 0);
});
