import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTransaction } from '../../kernel/primitives/transaction.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { buildCoinbase, encodeCoinbaseScript } from './coinbase.ts';

const COMMITMENT = '11'.repeat(32);
const ZEROS = '00'.repeat(32);

/** Height, its push in the script with its length before, and the locktime: all that depends on the height. */
const HEIGHTS: readonly (readonly [height: number, script: string, locktime: string])[] = [
  [1, '025100', '00000000'],
  [16, '026000', '0f000000'],
  [17, '020111', '10000000'],
  [127, '02017f', '7e000000'],
  [128, '03028000', '7f000000'],
  [32768, '0403008000', 'ff7f0000'],
  [840_000, '040340d10c', '3fd10c00'],
];

for (const [height, script, locktime] of HEIGHTS) {
  test(`the coinbase at height ${height} has Core's bytes`, () => {
    const coinbase = buildCoinbase({
      height,
      rewardSat: 5_000_000_000,
      scriptPubKey: fromHex('51'),
      witnessCommitment: fromHex(COMMITMENT),
      isSegwitActive: true,
    });
    const expected =
      `02000000${'0001'}01${ZEROS}ffffffff${script}feffffff` +
      `02${'00f2052a01000000'}0151${'0000000000000000'}266a24aa21a9ed${COMMITMENT}` +
      `0120${ZEROS}${locktime}`;
    assert.equal(toHex(coinbase.serialized()), expected);
    assert.ok(coinbase.isCoinbase);
  });
}

test('before witnesses count the coinbase commits to them all the same, and has none itself', () => {
  const coinbase = buildCoinbase({
    height: 3,
    rewardSat: 1,
    scriptPubKey: fromHex(''),
    witnessCommitment: fromHex(COMMITMENT),
    isSegwitActive: false,
  });
  assert.equal(
    toHex(coinbase.serialized()),
    `0200000001${ZEROS}ffffffff025300feffffff` +
      `02${'0100000000000000'}00${'0000000000000000'}266a24aa21a9ed${COMMITMENT}02000000`,
  );
  assert.ok(decodeTransaction(coinbase.serialized().slice()).ok);
});

test('an extra nonce stands behind the height in six bytes, least significant first', () => {
  assert.equal(toHex(encodeCoinbaseScript(1, 0)), '510006000000000000');
  assert.equal(toHex(encodeCoinbaseScript(300, 2 ** 48 - 1)), '022c0106ffffffffffff');
  assert.equal(toHex(encodeCoinbaseScript(300, 0x0102030405)), '022c0106050403020100');
  assert.throws(() => encodeCoinbaseScript(300, 2 ** 48));
  assert.throws(() => encodeCoinbaseScript(0));
});
