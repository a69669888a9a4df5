import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UploadTarget } from './upload-target.ts';

const DAY_MS = 86_400_000;
const GIB = 2 ** 30;

test('D17: without a target nothing is ever reached', () => {
  const target = new UploadTarget(0);
  target.noteSent(2 ** 52, 5);
  assert.equal(target.isReached, false);
  assert.equal(target.isReachedForHistory(6), false);
});

test('D17: so much is kept back that each block of the day can be passed on once', () => {
  // 143 intervals of ten minutes are left after the first second: 143 × 4,000,000 bytes.
  const target = new UploadTarget(GIB);
  target.noteSent(1, 0);
  const free = GIB - 143 * 4_000_000;
  target.noteSent(free - 2, 1000);
  assert.equal(target.isReachedForHistory(1000), false);
  target.noteSent(1, 1000);
  assert.equal(target.isReachedForHistory(1000), true);
  assert.equal(target.isReached, false);
  // Towards the end of the day less is kept back.
  assert.equal(target.isReachedForHistory(DAY_MS / 2), false);
  target.noteSent(GIB, DAY_MS / 2);
  assert.equal(target.isReached, true);
});

test('D17: a target below what blocks need serves no history at all', () => {
  const target = new UploadTarget(100_000_000);
  assert.equal(target.isReachedForHistory(0), true);
  assert.equal(target.isReached, false);
});

test('D17: a new day begins with the first byte after the last day', () => {
  const target = new UploadTarget(GIB);
  target.noteSent(GIB, 1000);
  assert.equal(target.isReached, true);
  target.noteSent(10, 1000 + DAY_MS);
  assert.equal(target.isReached, true);
  target.noteSent(10, 1001 + DAY_MS);
  assert.equal(target.isReached, false);
  assert.equal(target.sentBytes, 10);
  assert.equal(target.leftMs(1001 + DAY_MS), DAY_MS);
});
