import assert from 'node:assert/strict';
import test from 'node:test';
import { mapInTurns } from './turns.ts';

test('a long list is made in turns, in its order, and nobody waits for more than a slice of it', async () => {
  let nowMs = 0;
  let sliceStartMs = 0;
  const slicesMs: number[] = [];
  const context = {
    host: { hostMs: () => nowMs },
    timers: {
      yieldToHost: async () => {
        slicesMs.push(nowMs - sliceStartMs);
        sliceStartMs = nowMs;
      },
    },
  } as unknown as Parameters<typeof mapInTurns>[0];
  const made = await mapInTurns(
    context,
    Array.from({ length: 1_000 }, (_, i) => i),
    (i) => {
      nowMs += 1;
      return 2 * i;
    },
  );
  assert.deepEqual([made.length, made[0], made[999]], [1_000, 0, 1_998]);
  assert.equal(slicesMs.length, 100);
  assert.ok(slicesMs.every((ms) => ms === 10));
});
