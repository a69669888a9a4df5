import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, TEST_RNG } from '../../../test/model/block-builder.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { FeeEstimator } from './fee-estimator.ts';
import { decodeFeeHistory, encodeFeeHistory, FEE_FILE_VERSION } from './fee-estimator-file.ts';

/** An estimator with `count` confirmations from height 7,001 on. */
function busy(count: number): FeeEstimator {
  const estimator = new FeeEstimator(TEST_RNG);
  estimator.blockConnected(7_000, []);
  for (let i = 0; i < count; i++) {
    const seen = { transaction: { txid: fakeTxid(i) }, feeSat: 300 + 10 * i, vsize: 200, entryHeight: 7_000 + i };
    estimator.transactionAdded(seen, true);
    estimator.transactionAdded({ ...seen, transaction: { txid: fakeTxid(1_000 + i) }, feeSat: 20 }, true);
    estimator.blockConnected(7_001 + i, [seen]);
  }
  return estimator;
}

function restored(bytes: Uint8Array): FeeEstimator {
  const decoded = decodeFeeHistory(bytes);
  assert.ok(decoded.ok);
  const estimator = new FeeEstimator(TEST_RNG);
  estimator.restore(decoded.value);
  return estimator;
}

test('the file has the layout of Bitcoin Core 31', () => {
  const bytes = encodeFeeHistory(busy(60).history());
  assert.equal(FEE_FILE_VERSION, 309_900);
  // version 309,900, best height 7,060, first 7,001, last 7,060, then 237 doubles from 100 on
  assert.equal(toHex(bytes.subarray(0, 16)), '8cba0400941b0000591b0000941b0000');
  assert.equal(toHex(bytes.subarray(16, 33)), 'ed00000000000059400000000000405a40');
  // 16 of heights, 1 + 237 × 8 per list; per horizon decay, scale, two lists, and twice as many as there are periods
  const list = 1 + 237 * 8;
  const horizon = (periods: number): number => 12 + 2 * list + 2 * (1 + periods * list);
  assert.equal(bytes.length, 16 + list + horizon(24) + horizon(12) + horizon(42));
});

test('what was written is read, and the estimator goes on with it', () => {
  const estimator = busy(60);
  estimator.flushUnconfirmed();
  const bytes = encodeFeeHistory(estimator.history());
  const other = restored(bytes);
  for (const target of [1, 2, 6, 20, 100]) {
    for (const isConservative of [false, true]) {
      assert.deepEqual(
        other.estimateSmartFee(target, isConservative),
        estimator.estimateSmartFee(target, isConservative),
      );
    }
  }
  assert.equal(toHex(encodeFeeHistory(other.history())), toHex(bytes));
});

test('what was read serves until the own data reach half as far, and for 6,048 blocks at most', () => {
  const bytes = encodeFeeHistory(busy(60).history());
  const other = restored(bytes);
  assert.equal(other.usableTargetMax, 29);
  other.blockConnected(7_060 + 6_048, []);
  assert.equal(other.usableTargetMax, 29);
  assert.deepEqual([other.history().firstHeight, other.history().lastHeight], [7_001, 7_060]);
  other.blockConnected(7_060 + 6_049, []);
  assert.equal(other.usableTargetMax, 0);
});

test('no truncation of the file and no wrong number in it is taken for data', () => {
  const bytes = encodeFeeHistory(busy(30).history());
  for (let length = 0; length < bytes.length; length += length < 40 ? 1 : 997) {
    assert.equal(decodeFeeHistory(bytes.subarray(0, length)).ok, false, `${length} bytes`);
  }
  const damaged = (at: number, ...values: readonly number[]): boolean => {
    const copy = bytes.slice();
    copy.set(values, at);
    return decodeFeeHistory(copy).ok;
  };
  assert.equal(damaged(0, 0x8d), false, 'a later version');
  assert.equal(damaged(0, 0x8b), false, 'an earlier version');
  assert.equal(damaged(8, 0xff, 0xff), false, 'first above last');
  assert.equal(damaged(12, 0xff, 0xff), false, 'last above best');
  assert.equal(damaged(16, 0xee), false, 'another number of ranges');
  assert.equal(damaged(17, 1), false, 'another range');
  const averages = 16 + 1_897 + 12 + 1;
  assert.equal(damaged(16 + 1_897 + 7, 0xbf), false, 'a negative decay');
  assert.equal(damaged(16 + 1_897 + 8, 3), false, 'another scale');
  assert.equal(damaged(averages, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f), false, 'not a number');
  assert.equal(damaged(averages, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f), false, 'no end');
  assert.equal(damaged(averages, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf), false, 'less than nothing');
  assert.equal(damaged(averages, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f), true, 'one');
});
