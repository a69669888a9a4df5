// The queue against a plain string of bytes, and what it holds on to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';

/** Bytes that count up from `first`, in a buffer of their own. */
function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (first + i) % 251);
}

/** A property of a queue that is fed and drained: what comes out is what went in. */
test('whatever is appended comes out once, in order, in runs of any length', () => {
  const chunk = fc.oneof(fc.nat(40), fc.constantFrom(4095, 4096, 16_384, 20_000));
  const step = fc.record({ append: chunk, isSlice: fc.boolean(), take: chunk, skip: fc.nat(10), trim: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = new ByteQueue();
      let appended = 0;
      let taken = 0;
      for (const { append, isSlice, take, skip, trim } of steps) {
        const bytes = counting(append + (isSlice ? 7 : 0), appended - (isSlice ? 7 : 0) + 251);
        queue.append(isSlice ? bytes.subarray(7) : bytes);
        appended += append;
        if (skip <= queue.length) {
          queue.skip(skip);
          taken += skip;
        }
        const ahead = new Uint8Array(Math.min(5, queue.length));
        queue.peekInto(ahead);
        assert.deepEqual(ahead, counting(ahead.length, taken));
        if (take <= queue.length) {
          assert.deepEqual(queue.take(take, 24), counting(take, taken));
          taken += take;
        }
        if (trim) queue.trim();
        assert.equal(queue.length, appended - taken);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a run that is nearly all of a kept chunk is a view, and every other is a copy', () => {
  const queue = new ByteQueue();
  const chunk = counting(5024);
  queue.append(chunk);
  queue.skip(24);
  assert.equal(queue.take(5000, 24).buffer, chunk.buffer);
  queue.append(chunk);
  queue.skip(24);
  assert.notEqual(queue.take(4999, 24).buffer, chunk.buffer);
  queue.skip(1);
  queue.append(chunk);
  queue.append(chunk);
  assert.equal(queue.take(10_048, 24).buffer.byteLength, 10_048);
});

test('a chunk that shares its buffer is copied, so that the buffer is free', () => {
  const pool = new Uint8Array(65_536);
  const queue = new ByteQueue();
  queue.append(pool.subarray(0, 5000));
  const taken = queue.take(5000, 24);
  assert.equal(taken.buffer.byteLength, 5000);
});

test('what has been taken out of a long chunk is let go of when the rest has to wait', () => {
  const queue = new ByteQueue();
  const chunk = counting(1_000_000);
  queue.append(chunk);
  queue.skip(900_000);
  queue.trim();
  assert.equal(queue.take(100_000, 24).buffer.byteLength, 100_000);
});
