import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { RejectFilters } from './reject-filters.ts';

const [A, B, C] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];

test('the three filters know nothing of each other', () => {
  const filters = new RejectFilters(createRng(1));
  filters.reject(A);
  filters.rejectAlone(B);
  filters.confirm(C);
  const known = (hash: Uint8Array): boolean[] => [
    filters.isRejected(hash),
    filters.isRejectedAlone(hash),
    filters.isConfirmed(hash),
  ];
  assert.deepEqual([A, B, C].map(known), [
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]);
  filters.forgetRejects();
  assert.deepEqual([A, B, C].map(known), [
    [false, false, false],
    [false, false, false],
    [false, false, true],
  ]);
  filters.forgetConfirmed();
  assert.equal(filters.isConfirmed(C), false);
});

test('the last 120,000 refused transactions are remembered for certain', () => {
  const filters = new RejectFilters(createRng(1));
  const hashes = createRng(2).bytes(32 * 120_000);
  for (let at = 0; at < hashes.length; at += 32) filters.reject(hashes.subarray(at, at + 32));
  for (let at = 0; at < hashes.length; at += 3_200) assert.ok(filters.isRejected(hashes.subarray(at, at + 32)));
  let wrong = 0;
  for (let i = 0; i < 2_000; i++) if (filters.isRejected(createRng(1_000 + i).bytes(32))) wrong++;
  assert.equal(wrong, 0);
});
