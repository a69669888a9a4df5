import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RollingMinimum } from './rolling-minimum.ts';

const FULL = { usedBytes: 300_000, limitBytes: 300_000 };
const HALF_EMPTY = { usedBytes: 149_999, limitBytes: 300_000 };
const NEARLY_EMPTY = { usedBytes: 74_999, limitBytes: 300_000 };

/** Twelve hours. */
const HALF_LIFE_SEC = 43_200;

test('there is no minimum before anything was evicted', () => {
  const minimum = new RollingMinimum(100);
  assert.equal(minimum.feerate(1_000, FULL), 0);
  minimum.blockConnected(1_000);
  assert.equal(minimum.feerate(1_000_000, FULL), 0);
});

test('M01: the minimum is what was evicted and the incremental feerate, and stays until a block', () => {
  const minimum = new RollingMinimum(100);
  minimum.evicted(9_900);
  assert.equal(minimum.feerate(0, FULL), 10_000);
  assert.equal(minimum.feerate(10 * HALF_LIFE_SEC, NEARLY_EMPTY), 10_000);
  minimum.evicted(9_000);
  assert.equal(minimum.feerate(10 * HALF_LIFE_SEC, FULL), 10_000, 'something cheaper changes nothing');
});

test('M01: after a block it halves in twelve hours, in six when half empty, in three when nearly empty', () => {
  const cases = [
    { fullness: FULL, afterSec: HALF_LIFE_SEC, feerate: 5_000 },
    { fullness: HALF_EMPTY, afterSec: HALF_LIFE_SEC, feerate: 2_500 },
    { fullness: NEARLY_EMPTY, afterSec: HALF_LIFE_SEC, feerate: 625 },
    // 10,000 / 2^(1/2) and 10,000 / 2^(1/4)
    { fullness: FULL, afterSec: HALF_LIFE_SEC / 2, feerate: 7_071 },
    { fullness: FULL, afterSec: HALF_LIFE_SEC / 4, feerate: 8_409 },
    { fullness: { usedBytes: 150_000, limitBytes: 300_000 }, afterSec: HALF_LIFE_SEC, feerate: 5_000 },
    { fullness: { usedBytes: 75_000, limitBytes: 300_000 }, afterSec: HALF_LIFE_SEC, feerate: 2_500 },
  ];
  for (const { fullness, afterSec, feerate } of cases) {
    const minimum = new RollingMinimum(100);
    minimum.evicted(9_900);
    minimum.blockConnected(1_000);
    assert.equal(minimum.feerate(1_000 + afterSec, fullness), feerate);
  }
});

test('M01: decay goes on from where it was, and not more often than every ten seconds', () => {
  const minimum = new RollingMinimum(100);
  minimum.evicted(9_900);
  minimum.blockConnected(0);
  assert.equal(minimum.feerate(10, FULL), 10_000, 'ten seconds are not enough');
  // 10,000 / 2^(11/43200) = 9,998.235…
  assert.equal(minimum.feerate(11, FULL), 9_998);
  assert.equal(minimum.feerate(20, FULL), 9_998);
  assert.equal(minimum.feerate(HALF_LIFE_SEC, FULL), 5_000);
  assert.equal(minimum.feerate(2 * HALF_LIFE_SEC, FULL), 2_500);
});

test('M01: it is never below the incremental feerate, and gone below half of that', () => {
  const minimum = new RollingMinimum(1_000);
  minimum.evicted(1_200);
  minimum.blockConnected(0);
  assert.equal(minimum.feerate(0, FULL), 2_200);
  assert.equal(minimum.feerate(HALF_LIFE_SEC, FULL), 1_100);
  assert.equal(minimum.feerate(2 * HALF_LIFE_SEC, FULL), 1_000, '550 counts as 1,000');
  assert.equal(minimum.feerate(3 * HALF_LIFE_SEC, FULL), 0, '275 is below 500');
  minimum.evicted(0);
  assert.equal(minimum.feerate(3 * HALF_LIFE_SEC, FULL), 1_000, 'a new eviction counts from nothing');
});

test('M01: an eviction after a block holds the minimum up again, unless it is cheaper', () => {
  const minimum = new RollingMinimum(100);
  minimum.evicted(900);
  minimum.blockConnected(0);
  minimum.evicted(800);
  assert.equal(minimum.feerate(HALF_LIFE_SEC, FULL), 500, 'it goes on falling');
  minimum.evicted(1_900);
  assert.equal(minimum.feerate(5 * HALF_LIFE_SEC, FULL), 2_000, 'it waits for a block');
  minimum.blockConnected(5 * HALF_LIFE_SEC);
  assert.equal(minimum.feerate(6 * HALF_LIFE_SEC, FULL), 1_000);
});
