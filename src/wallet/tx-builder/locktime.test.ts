import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEnvironment } from '../../../test/model/spend-world.ts';
import { chooseLocktime } from './locktime.ts';

const NOW = 1_700_000_000;

test('a tip of eight hours is current, an older one is not', () => {
  const at = (timeSec: number) =>
    chooseLocktime({ ...makeEnvironment([]), tip: { height: 500, timeSec }, nowSec: NOW });
  assert.ok(at(NOW - 28_800) > 400);
  assert.equal(at(NOW - 28_801), 0);
});

test('a node that fetches old blocks gives no locktime', () => {
  assert.equal(chooseLocktime({ ...makeEnvironment([]), isSynchronised: false }), 0);
});

test('one locktime in ten is earlier, by less than a hundred blocks', () => {
  const environment = makeEnvironment([], { seed: 5 });
  const chosen = Array.from({ length: 1_000 }, () => chooseLocktime(environment));
  const earlier = chosen.filter((locktime) => locktime !== 1_000);
  assert.ok(earlier.length > 50 && earlier.length < 150);
  assert.ok(earlier.every((locktime) => locktime > 900 && locktime < 1_000));
});

test('no locktime is below the first block', () => {
  const environment = { ...makeEnvironment([]), tip: { height: 3, timeSec: NOW } };
  for (let i = 0; i < 200; i++) assert.ok(chooseLocktime(environment) >= 0);
});
