// Nothing stays behind: not after many connected and disconnected blocks, nor after hostile ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from './child.ts';

/** Without the optimising compiler, and without forgetting code: what is compiled early or late would count as alive. */
const OPTIONS = [
  '--max-old-space-size=64',
  '--no-opt',
  '--no-lazy-feedback-allocation',
  '--no-flush-bytecode',
  '--expose-gc',
];

const PROGRAM = new URL('./live-memory.js', import.meta.url);

test('J05: with a heap of 64 MB, what is alive after 1,500 blocks is what was alive before, within 5 %', async (context) => {
  const report = JSON.parse(await runChild(PROGRAM, { options: OPTIONS })) as {
    readonly rounds: number;
    readonly inputs: number;
    readonly before: { readonly heap: number; readonly arrays: number };
    readonly after: { readonly heap: number; readonly arrays: number };
  };
  const { rounds, inputs, before, after } = report;
  context.diagnostic(
    `${rounds} rounds, ${inputs} inputs; heap ${before.heap} → ${after.heap}, arrays ${before.arrays} → ${after.arrays}`,
  );
  assert.ok(after.heap + after.arrays <= 1.05 * (before.heap + before.arrays), 'objects and arrays');
});
