// What the mempool says that it takes is what it takes, and a limit is one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from './child.ts';

const PROGRAM = new URL('./mempool-memory.js', import.meta.url);

/** What is alive in objects and arrays, and what the pool claims. */
interface Look {
  readonly heap: number;
  readonly arrays: number;
  readonly claimed: number;
  readonly size: number;
}

async function measure(...args: readonly string[]): Promise<{ before: Look; after: Look }> {
  return JSON.parse(await runChild(PROGRAM, { options: ['--expose-gc'], arguments: args }));
}

for (const [shape, count] of [
  ['payments', 40_000],
  ['chains', 20_000],
  ['consolidations', 8_000],
  ['batches', 8_000],
] as const) {
  test(`M01: what the pool claims for ${shape} is what is alive, within a fifth, and not less`, async (context) => {
    const { before, after } = await measure(shape, String(count));
    const entries = after.size - before.size;
    assert.equal(after.size, count);
    const claimed = (after.claimed - before.claimed) / entries;
    const alive = (after.heap + after.arrays - before.heap - before.arrays) / entries;
    context.diagnostic(`${claimed.toFixed(0)} bytes per entry claimed, ${alive.toFixed(0)} alive`);
    assert.ok(alive <= 1.02 * claimed && alive >= 0.8 * claimed);
  });
}

test('M01: a pool that is flooded with three times what fits stays within its limit', async (context) => {
  const limitBytes = 20_000_000;
  const { before, after } = await measure('payments', '40000', String(limitBytes));
  const empty = before.heap + before.arrays - before.claimed;
  const alive = after.heap + after.arrays - empty;
  context.diagnostic(`${after.size} entries: ${after.claimed} bytes claimed, ${alive} alive`);
  assert.ok(after.claimed <= limitBytes && after.claimed > 0.95 * limitBytes);
  assert.ok(alive <= 1.2 * limitBytes);
});
