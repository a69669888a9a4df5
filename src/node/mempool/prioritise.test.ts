import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, TEST_RNG } from '../../../test/model/block-builder.ts';
import { addSaturating, FeeDeltas } from './prioritise.ts';

test('additions to a fee add up, and one of zero is forgotten', () => {
  const deltas = new FeeDeltas(TEST_RNG);
  assert.equal(deltas.add(fakeTxid(1), 500), 500);
  assert.equal(deltas.add(fakeTxid(1), -200), 300);
  assert.equal(deltas.add(fakeTxid(2), -7), -7);
  assert.equal(deltas.add(fakeTxid(3), 0), 0);
  assert.deepEqual(
    deltas.list().map(({ txid, deltaSat }) => [txid[0], deltaSat]),
    [
      [1, 300],
      [2, -7],
    ],
  );
  assert.equal(deltas.add(fakeTxid(1), -300), 0);
  assert.equal(deltas.count, 1);
  assert.equal(deltas.get(fakeTxid(1)), 0);
  deltas.clear(fakeTxid(2));
  deltas.clear(fakeTxid(2));
  assert.equal(deltas.count, 0);
});

test('the list is in rising order of the bytes, whatever the order of additions', () => {
  const deltas = new FeeDeltas(TEST_RNG);
  for (const n of [300, 2, 255, 1, 256]) deltas.add(fakeTxid(n), n);
  // the first byte of a txid counts first: 256 is 00 01, 1 is 01 00, 2 is 02 00, 300 is 2c 01, 255 is ff 00
  assert.deepEqual(
    deltas.list().map(({ deltaSat }) => deltaSat),
    [256, 1, 2, 300, 255],
  );
});

test('sums stop where numbers would lose exactness', () => {
  assert.equal(addSaturating(9_007_199_254_740_991, 1), 9_007_199_254_740_991);
  assert.equal(addSaturating(-9_007_199_254_740_991, -5), -9_007_199_254_740_991);
  assert.equal(addSaturating(9_007_199_254_740_991, -1), 9_007_199_254_740_990);
  const deltas = new FeeDeltas(TEST_RNG);
  deltas.add(fakeTxid(1), 9_007_199_254_740_991);
  assert.equal(deltas.add(fakeTxid(1), 9_007_199_254_740_991), 9_007_199_254_740_991);
});
