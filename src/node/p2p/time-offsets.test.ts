import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { computeTimeOffset, TimeOffsets } from './time-offsets.ts';

const NOW_SEC = 1_700_000_000;

function withOffsets(...offsetsSec: readonly number[]): TimeOffsets {
  const offsets = new TimeOffsets();
  for (const offsetSec of offsetsSec) offsets.add(offsetSec);
  return offsets;
}

test('T01: nothing is concluded from fewer than five peers', () => {
  const offsets = withOffsets(4000, 4000, 4000, 4000);
  assert.equal(offsets.medianSec, 0);
  assert.equal(offsets.isOutOfSync, false);
  offsets.add(4000);
  assert.equal(offsets.medianSec, 4000);
  assert.equal(offsets.isOutOfSync, true);
});

test('T01: the median is the middle one, or the upper of the two in the middle', () => {
  assert.equal(withOffsets(5, 1, 4, 2, 3).medianSec, 3);
  assert.equal(withOffsets(6, 5, 1, 4, 2, 3).medianSec, 4);
  assert.equal(withOffsets(-10, 9, -100, 20, 1000).medianSec, 9);
});

test('T01: the warning begins beyond ten minutes, in either direction, and goes away', () => {
  assert.equal(withOffsets(600, 600, 600, 600, 600).isOutOfSync, false);
  assert.equal(withOffsets(-600, -600, -600, -600, -600).isOutOfSync, false);
  assert.equal(withOffsets(601, 601, 601, 601, 601).isOutOfSync, true);
  const offsets = withOffsets(-601, -601, -601, -601, -601);
  assert.equal(offsets.isOutOfSync, true);
  for (let i = 0; i < 6; i++) offsets.add(0);
  assert.equal(offsets.isOutOfSync, false);
});

test('T01: only the last fifty are remembered', () => {
  const offsets = new TimeOffsets();
  for (let i = 0; i < 200; i++) offsets.add(i);
  assert.equal(offsets.count, 50);
  assert.equal(offsets.medianSec, 175);
});

test('T01: 200 peers with times of ±70 minutes, ±2^63 and 0 overflow nothing', () => {
  const times = [0n, -(2n ** 63n), 2n ** 63n - 1n, BigInt(NOW_SEC) + 4200n, BigInt(NOW_SEC) - 4200n, 2n ** 64n - 1n];
  const offsets = new TimeOffsets();
  const rng = createRng(5);
  for (let i = 0; i < 200; i++) {
    offsets.add(computeTimeOffset(times[rng.below(times.length)]!, NOW_SEC));
    assert.ok(Number.isFinite(offsets.medianSec));
    assert.ok(offsets.count <= 50);
    assert.equal(typeof offsets.isOutOfSync, 'boolean');
  }
  assert.equal(computeTimeOffset(-(2n ** 63n), NOW_SEC), -NOW_SEC);
  assert.equal(computeTimeOffset(-5, NOW_SEC), -NOW_SEC);
  assert.equal(computeTimeOffset(BigInt(NOW_SEC) + 4200n, NOW_SEC), 4200);
  assert.equal(
    withOffsets(...Array.from({ length: 5 }, () => computeTimeOffset(2n ** 63n - 1n, NOW_SEC))).isOutOfSync,
    true,
  );
});

test('T01: half of the peers cannot move the median beyond what honest peers say', () => {
  const offsets = new TimeOffsets();
  for (let i = 0; i < 24; i++) offsets.add(2 ** 62);
  for (let i = 0; i < 26; i++) offsets.add(i - 13);
  assert.ok(Math.abs(offsets.medianSec) <= 13);
});
