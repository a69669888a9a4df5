import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listFeeOffers, parseFeeRate } from './fee-choice.ts';

const NONE = { slow: null, normal: null, fast: null };

test('estimates are offered as they are', () => {
  const offers = listFeeOffers({ estimates: { slow: 1_200, normal: 5_500, fast: 21_000 }, minimum: 100 });
  assert.deepEqual(
    offers.map(({ speed, rate, isEstimate }) => [speed, rate, isEstimate]),
    [
      ['slow', 1_200, true],
      ['normal', 5_500, true],
      ['fast', 21_000, true],
    ],
  );
});

test('without estimates there are rules of thumb above what nodes pass on', () => {
  const rates = (minimum: number) => listFeeOffers({ estimates: NONE, minimum }).map(({ rate }) => rate);
  assert.deepEqual(rates(100), [1_000, 2_000, 5_000]);
  assert.deepEqual(rates(3_000), [3_000, 6_000, 15_000]);
});

test('a faster payment never pays less, and none less than what is passed on', () => {
  const offers = listFeeOffers({ estimates: { slow: 900, normal: 8_000, fast: 4_000 }, minimum: 1_000 });
  assert.deepEqual(
    offers.map(({ rate }) => rate),
    [1_000, 8_000, 8_000],
  );
});

test('a typed rate has at most three decimals and a sensible size', () => {
  assert.equal(parseFeeRate('1'), 1_000);
  assert.equal(parseFeeRate(' 12,5 '), 12_500);
  assert.equal(parseFeeRate('.5'), 500);
  assert.equal(parseFeeRate('10000'), 10_000_000);
  for (const text of ['', '.', '0', '0.0001', '-1', '1e3', '10001', '1.2.3', 'abc']) {
    assert.equal(parseFeeRate(text), null, text);
  }
});
