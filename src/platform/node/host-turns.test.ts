import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HostTurns } from './host-turns.ts';

test('of many who wait one goes on per turn of the loop, in the order in which they came', async () => {
  const turns = new HostTurns();
  const done: string[] = [];
  const work = async (name: string, slices: number): Promise<void> => {
    for (let slice = 1; slice <= slices; slice++) {
      await turns.next();
      done.push(`${name}${slice}`);
    }
  };
  const works = [work('a', 3), work('b', 1), work('c', 2)];
  const seen: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    const before = done.length;
    await nextTurn();
    seen.push(done.length - before);
  }
  await Promise.all(works);
  assert.ok(
    seen.every((count) => count <= 1),
    `slices per turn: ${seen.join(' ')}`,
  );
  assert.deepEqual(done, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

test('who waits when nobody else does goes on in the next turn, and nothing runs when nobody waits', async () => {
  const turns = new HostTurns();
  let resumed = 0;
  void turns.next().then(() => resumed++);
  assert.equal(resumed, 0);
  await nextTurn();
  assert.equal(resumed, 1);
  await nextTurn();
  await turns.next();
  assert.equal(resumed, 1);
});
