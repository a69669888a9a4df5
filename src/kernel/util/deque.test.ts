import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deque } from './deque.ts';

test('a deque does what an array does', () => {
  const step = fc.oneof(
    fc.nat(1000).map((value) => ({ type: 'push' as const, value })),
    fc.constant({ type: 'shift' as const }),
    fc.constant({ type: 'clear' as const }),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 20, arbitrary: step }), { maxLength: 400 }), (steps) => {
      const deque = new Deque<number>();
      const model: number[] = [];
      for (const one of steps) {
        if (one.type === 'push') {
          deque.push(one.value);
          model.push(one.value);
        } else if (one.type === 'shift') assert.equal(deque.shift(), model.shift());
        else if (model.length > 100) {
          deque.clear();
          model.length = 0;
        }
        assert.equal(deque.length, model.length);
        assert.equal(deque.first, model[0]);
      }
      assert.deepEqual([...deque], model);
    }),
    { seed: 7 },
  );
});

test('a deque keeps its order while it grows and shrinks', () => {
  const deque = new Deque<number>();
  let taken = 0;
  for (let i = 0; i < 10_000; i++) {
    deque.push(i);
    if (i % 3 === 0) assert.equal(deque.shift(), taken++);
  }
  while (deque.length > 0) assert.equal(deque.shift(), taken++);
  assert.equal(taken, 10_000);
});
