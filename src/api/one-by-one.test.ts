import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneByOne } from './one-by-one.ts';

test('work begins when everything before has ended, also when that failed', async () => {
  const queue = new OneByOne();
  const seen: string[] = [];
  let runningCount = 0;
  const work = async (name: string): Promise<string> => {
    assert.equal(++runningCount, 1);
    seen.push(name);
    await new Promise((resolve) => setTimeout(resolve, 1));
    runningCount--;
    if (name === 'b') throw new Error('b fails');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(() => work(name))));
  assert.deepEqual(seen, ['a', 'b', 'c']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
