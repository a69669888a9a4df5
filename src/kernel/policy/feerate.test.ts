import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareFeeFrac, compareFeerate, EMPTY_FEE_FRAC, type FeeFrac, toFeePerVsize } from './fee-frac.ts';
import { computeFeerate, computeFeeSat, formatFeerate, formatFeeratePerVbyte } from './feerate.ts';

function feesAt(feerate: number, vsizes: readonly number[]): number[] {
  return vsizes.map((vsize) => computeFeeSat(feerate, vsize));
}

test('the fee of a rate rounds up', () => {
  assert.deepEqual(feesAt(0, [0, 100_000]), [0, 0]);
  assert.deepEqual(feesAt(1_000, [0, 1, 121, 999, 1_000, 9_000]), [0, 1, 121, 999, 1_000, 9_000]);
  assert.deepEqual(feesAt(123, [0, 8, 9, 121, 122, 999, 1_000, 9_000]), [0, 1, 2, 15, 16, 123, 123, 1_107]);
});

test('the fee of a negative rate rounds up too, but something always costs less than nothing', () => {
  assert.deepEqual(feesAt(-1_000, [0, 1, 121, 999, 1_000, 9_000]), [0, -1, -121, -999, -1_000, -9_000]);
  assert.deepEqual(feesAt(-123, [0, 8, 9]), [0, -1, -1]);
});

test('the rate of a fee rounds down, and no bytes have no rate', () => {
  assert.equal(computeFeerate(1, 0), 0);
  assert.equal(computeFeerate(-1, 0), 0);
  assert.equal(computeFeerate(1, -1_000), 0);
  assert.equal(computeFeerate(1, 1_001), 0);
  assert.equal(computeFeerate(2, 1_001), 1);
  assert.equal(computeFeerate(26, 789), 32);
  assert.equal(computeFeerate(27, 789), 34);
  assert.equal(computeFeerate(-1, 1_000), -1);
  assert.equal(computeFeerate(-1, 3_000), -1);
  assert.equal(computeFeerate(2_100_000_000_000_000, 0x7fffffff), 977_888_703);
});

test('a rate reads in both units with all its digits', () => {
  assert.equal(formatFeerate(0), '0.00000000 BTC/kvB');
  assert.equal(formatFeerate(1_000), '0.00001000 BTC/kvB');
  assert.equal(formatFeerate(123_456_789), '1.23456789 BTC/kvB');
  assert.equal(formatFeerate(-1), '0.-0000001 BTC/kvB');
  assert.equal(formatFeerate(-100_000_000), '-1.00000000 BTC/kvB');
  assert.equal(formatFeeratePerVbyte(1), '0.001 sat/vB');
  assert.equal(formatFeeratePerVbyte(1_234), '1.234 sat/vB');
  assert.equal(formatFeeratePerVbyte(5_000_000), '5000.000 sat/vB');
});

test('rates compare exactly, and equal rates of different sizes are equal', () => {
  const rate = (feeSat: number, size: number): FeeFrac => ({ feeSat, size });
  assert.equal(compareFeerate(rate(1_000, 100), rate(500, 300)), 1);
  assert.equal(compareFeerate(rate(1_000, 100), rate(2_000, 200)), 0);
  assert.equal(compareFeerate(rate(-1, 100), rate(0, 300)), -1);
  assert.equal(compareFeerate(rate(1_000, 100), EMPTY_FEE_FRAC), 0);
  assert.equal(compareFeerate(rate(4_611_686_000_000, 4_000_000), rate(184_467_440_000_000, 100_000)), -1);
});

test('in the total order the larger of two equal rates is the lesser, and nothing at all is the greatest', () => {
  const sorted: readonly FeeFrac[] = [
    { feeSat: 0, size: 1 },
    { feeSat: 1, size: 2 },
    { feeSat: 2, size: 3 },
    { feeSat: 2, size: 2 },
    { feeSat: 1, size: 1 },
    { feeSat: 3, size: 2 },
    { feeSat: 2, size: 1 },
    { feeSat: 0, size: 0 },
  ];
  for (const [i, a] of sorted.entries()) {
    for (const [k, b] of sorted.entries()) assert.equal(Math.sign(compareFeeFrac(a, b)), Math.sign(i - k), `${i} ${k}`);
  }
});

test('a rate over weight becomes one over virtual bytes, rounded up', () => {
  assert.deepEqual(toFeePerVsize({ feeSat: 7, size: 400 }), { feeSat: 7, size: 100 });
  assert.deepEqual(toFeePerVsize({ feeSat: 7, size: 401 }), { feeSat: 7, size: 101 });
});
