import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSample, type RateSample, SAMPLE_COUNT_MAX } from './rate-samples.ts';

test('a second has one sample, the last', () => {
  const first = addSample([], { atSec: 5, hashesPerSecond: 1 });
  const second = addSample(first, { atSec: 5, hashesPerSecond: 2 });
  assert.deepEqual(second, [{ atSec: 5, hashesPerSecond: 2 }]);
  assert.equal(addSample(second, { atSec: 6, hashesPerSecond: 3 }).length, 2);
});

test('the oldest samples are forgotten', () => {
  let samples: readonly RateSample[] = [];
  for (let atSec = 0; atSec < SAMPLE_COUNT_MAX + 10; atSec++)
    samples = addSample(samples, { atSec, hashesPerSecond: 1 });
  assert.equal(samples.length, SAMPLE_COUNT_MAX);
  assert.equal(samples[0]!.atSec, 10);
});
