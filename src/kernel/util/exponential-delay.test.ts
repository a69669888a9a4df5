import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponentialDelayMs } from './exponential-delay.ts';
import { createRng } from './prng.ts';

test('exponential delays have their mean and are as often below 0.693 of it as above', () => {
  const rng = createRng(8);
  const delays = Array.from({ length: 20_000 }, () => exponentialDelayMs(30_000, rng));
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  assert.ok(Math.abs(mean - 30_000) < 700, `${mean}`);
  const short = delays.filter((delay) => delay < 20_794).length;
  assert.ok(Math.abs(short - 10_000) < 250, `${short}`);
});
