import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../kernel/util/bytes.ts';
import { type CoinStats, decodeCoinStats, encodeCoinStats, NO_TOTALS, withUnclaimed } from './coin-totals.ts';

test('a row of figures is written as Core writes it', () => {
  const stats: CoinStats = {
    muhash: new Uint8Array(32).fill(0xaa),
    coinCount: 1,
    bogoSize: 2,
    totalSat: 3,
    subsidySat: 4,
    spentSat: 2n ** 64n + 5n,
    createdSat: 6n,
    coinbaseSat: 7n,
    lost: { genesisSat: 8, bip30Sat: 9, scriptsSat: 10, unclaimedSat: 11 },
  };
  const u64 = (value: number): string => `${value.toString(16).padStart(2, '0')}${'00'.repeat(7)}`;
  const wide = (low: number, second: number): string => `${u64(low)}${u64(second)}${'00'.repeat(16)}`;
  const expected = [
    'aa'.repeat(32),
    ...[1, 2, 3, 4].map(u64),
    wide(5, 1),
    wide(6, 0),
    wide(7, 0),
    ...[8, 9, 10, 11].map(u64),
  ].join('');
  assert.equal(toHex(encodeCoinStats(stats)), expected);
  assert.deepEqual(decodeCoinStats(encodeCoinStats(stats)), stats);
  assert.equal(decodeCoinStats(encodeCoinStats(stats).subarray(1)), null);
});

test('what comes in and does not go out is unclaimed', () => {
  const totals = { ...NO_TOTALS, subsidySat: 100, spentSat: 50n, createdSat: 45n, coinbaseSat: 90n };
  assert.equal(withUnclaimed({ ...totals, lost: { ...NO_TOTALS.lost, scriptsSat: 3 } }).lost.unclaimedSat, 12);
});

test('no bytes make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 260 }), (bytes) => {
      decodeCoinStats(bytes);
    }),
  );
});
