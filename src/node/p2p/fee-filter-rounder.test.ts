import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { FeeFilterRounder } from './fee-filter-rounder.ts';

/** Every rate that one becomes, and how often in 3,000 times. */
function outcomes(feerateSat: number): [number, number][] {
  const rounder = new FeeFilterRounder(createRng(4));
  const counts = new Map<number, number>();
  for (let i = 0; i < 3_000; i++) {
    const rounded = rounder.round(feerateSat);
    counts.set(rounded, (counts.get(rounded) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

test('a rate becomes the one below in the row two times of three, and otherwise the one that is not below', () => {
  // the row: 0, 50, 55, 60.5, 66.55, 73.205, 80.5255, 88.57805, 97.435855, 107.1794405 …
  for (const [feerateSat, below, above] of [
    [1, 0, 50],
    [50, 0, 50],
    [51, 50, 55],
    [56, 55, 60],
    [61, 60, 66],
    [100, 97, 107],
    [98, 97, 107],
  ] as const) {
    const found = outcomes(feerateSat);
    assert.deepEqual(
      found.map(([rate]) => rate),
      [below, above],
      `${feerateSat}`,
    );
    assert.ok(Math.abs(found[0]![1] - 2_000) < 120, `${found}`);
  }
});

test('the lowest rate and those beyond the row leave nothing to chance', () => {
  assert.deepEqual(outcomes(0), [[0, 3_000]]);
  assert.deepEqual(outcomes(21e14), [[9_936_506, 3_000]]);
  assert.deepEqual(outcomes(10_000_000), [[9_936_506, 3_000]]);
  assert.equal(new FeeFilterRounder(createRng(1)).highestSat, 9_936_506);
});
