import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PruneHolds } from './prune-holds.ts';

test('whoever is furthest behind limits what may be pruned, with room for a reorganisation', () => {
  const holds = new PruneHolds();
  assert.equal(holds.limit(), null);
  let height = 700;
  holds.add(() => [{ name: 'one', height }]);
  const remove = holds.add(() => [
    { name: 'two', height: 900 },
    { name: 'three', height: 500 },
  ]);
  // Facts of Core: the height less a buffer of 10 and one.
  assert.deepEqual(holds.limit(), { name: 'three', height: 489 });
  remove();
  assert.deepEqual(holds.limit(), { name: 'one', height: 689 });
  height = 5;
  assert.deepEqual(holds.limit(), { name: 'one', height: 0 });
});
