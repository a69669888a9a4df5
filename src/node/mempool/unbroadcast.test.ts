import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, TEST_RNG } from '../../../test/model/block-builder.ts';
import { UnbroadcastSet } from './unbroadcast.ts';

test('a txid waits once, until it is taken out', () => {
  const set = new UnbroadcastSet(TEST_RNG);
  assert.equal(set.delete(fakeTxid(1)), false);
  set.add(fakeTxid(9));
  set.add(fakeTxid(4));
  set.add(fakeTxid(9));
  assert.deepEqual(
    set.list().map((txid) => txid[0]),
    [4, 9],
  );
  assert.ok(set.has(fakeTxid(9)));
  assert.equal(set.delete(fakeTxid(9)), true);
  assert.equal(set.delete(fakeTxid(9)), false);
  assert.equal(set.count, 1);
  assert.ok(!set.has(fakeTxid(9)));
});
