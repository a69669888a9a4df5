import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeMeanRates } from './mean-rate.ts';

test('the rate is work over time, however the time is spread over blocks', () => {
  const rates = computeMeanRates([1, 1, 1, 1], [null, 1, 19, 10]);
  assert.deepEqual(rates, [null, 4_294_967_296, 429_496_729.6, 429_496_729.6]);
});

test('blocks that are dated back, and blocks without time, do no harm', () => {
  assert.deepEqual(computeMeanRates([1, 1], [null, 0]), [null, null]);
  assert.deepEqual(computeMeanRates([1, 1], [null, -5]), [null, null]);
  assert.deepEqual(computeMeanRates([], []), []);
});

test('only the last fifteen points count', () => {
  const difficulty = [...Array.from({ length: 20 }, () => 1), ...Array.from({ length: 15 }, () => 2)];
  const rates = computeMeanRates(
    difficulty,
    difficulty.map(() => 1),
  );
  assert.equal(rates.at(-1), 2 * 4_294_967_296);
  assert.equal(rates[19], 4_294_967_296);
});
