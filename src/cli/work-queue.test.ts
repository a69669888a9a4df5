import assert from 'node:assert/strict';
import test from 'node:test';
import { WorkQueue } from './work-queue.ts';

test('so many run at one time, so many wait in their order, and others are turned away', async () => {
  const queue = new WorkQueue(2, 2);
  const started: number[] = [];
  const release: (() => void)[] = [];
  const results = Array.from({ length: 5 }, (_, i) =>
    queue.run(async () => {
      started.push(i);
      await new Promise<void>((resolve) => {
        release[i] = resolve;
      });
      return i;
    }),
  );
  assert.equal(await results[4], null);
  assert.deepEqual(started, [0, 1]);
  release[1]!();
  assert.equal(await results[1], 1);
  await Promise.resolve();
  assert.deepEqual(started, [0, 1, 2]);
  release[0]!();
  release[2]!();
  assert.deepEqual(await Promise.all([results[0], results[2]]), [0, 2]);
  release[3]!();
  assert.equal(await results[3], 3);
});

test('work that fails gives its place to the next', async () => {
  const queue = new WorkQueue(1, 1);
  const failing = queue.run(() => Promise.reject(new Error('broken')));
  const next = queue.run(() => Promise.resolve('fine'));
  await assert.rejects(failing, /broken/);
  assert.equal(await next, 'fine');
  assert.equal(await queue.run(() => Promise.resolve(1)), 1);
});
