import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Coin, CoinRef } from '../consensus/coin.ts';
import { SpentCoins } from '../consensus/spent-coins.ts';
import type { BlockUndo } from '../consensus/undo.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { DecodeError } from '../encoding/decode-error.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { CoinCodec } from './coin-codec.ts';
import { decodeBlockUndo, encodeBlockUndo } from './undo-codec.ts';

const codec = new CoinCodec(nobleSecp256k1);

function undoOf(transactions: readonly (readonly Coin[])[]): BlockUndo {
  const coins = new SpentCoins();
  const firstCoins = new Uint32Array(transactions.length + 1);
  transactions.forEach((spent, i) => {
    for (const coin of spent) coins.append(new CoinRef().pointAtCopy(coin));
    firstCoins[i + 1] = coins.count;
  });
  return { coins, firstCoins };
}

function coinsOf(undo: BlockUndo): Coin[][] {
  const transactions: Coin[][] = [];
  for (let i = 1; i < undo.firstCoins.length; i++) {
    const spent: Coin[] = [];
    for (let k = undo.firstCoins[i - 1]!; k < undo.firstCoins[i]!; k++) {
      spent.push(undo.coins.read(k, new CoinRef()).toCoin());
    }
    transactions.push(spent);
  }
  return transactions;
}

function decoded(hex: string): Coin[][] {
  const result = decodeBlockUndo(fromHex(hex), codec);
  assert.ok(result.ok, hex);
  return coinsOf(result.value);
}

const MAIN_COIN: Coin = {
  valueSat: 60_000_000_000,
  scriptPubKey: fromHex('76a914816115944e077fe7c803cfa57f29b36bf87c1d3588ac'),
  height: 203998,
  isCoinbase: false,
};
const EMPTY_COIN: Coin = { valueSat: 0, scriptPubKey: new Uint8Array(0), height: 0, isCoinbase: false };

test('undo data have the form of Core: counts, and a zero byte behind each code of a height above 0', () => {
  const facts: readonly (readonly [name: string, hex: string, transactions: Coin[][]])[] = [
    ['a block with nothing but its coinbase', '00', []],
    ['one coin', '010197f23c00835800816115944e077fe7c803cfa57f29b36bf87c1d35', [[MAIN_COIN]]],
    [
      'coins of height 0, as old versions wrote most of them',
      '020100000602000006000006',
      [[EMPTY_COIN], [EMPTY_COIN, EMPTY_COIN]],
    ],
  ];
  for (const [name, hex, transactions] of facts) {
    assert.equal(toHex(encodeBlockUndo(undoOf(transactions), codec)), hex, name);
    assert.deepEqual(decoded(hex), transactions, name);
  }
});

test('the version of a transaction, as old versions wrote it, is passed over', () => {
  const hex = '010197f23c86ffff7f835800816115944e077fe7c803cfa57f29b36bf87c1d35';
  assert.deepEqual(decoded(hex), [[MAIN_COIN]]);
});

test('S07: hostile undo data are refused without much memory', () => {
  const hostile: readonly (readonly [name: string, hex: string])[] = [
    ['nothing', ''],
    ['33 million transactions', 'fe00000002'],
    ['more coins than bytes', `01fe00000002${'00'.repeat(50)}`],
    ['a count above any block', 'ff0000000001000000'],
    ['a coin cut short', '010197f23c008358008161'],
    ['bytes behind the last coin', '0001'],
    ['a code of more than 32 bits', '01018efeff8000000006'],
  ];
  for (const [name, hex] of hostile) {
    const result = decodeBlockUndo(fromHex(hex), codec);
    assert.ok(!result.ok && result.error instanceof DecodeError, name);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const result = decodeBlockUndo(bytes, codec);
      assert.ok(result.ok || result.error instanceof DecodeError);
    }),
    { numRuns: 2000 },
  );
});

const coins: fc.Arbitrary<Coin> = fc.record(
  {
    valueSat: fc.integer({ min: 0, max: 2_100_000_000_000_000 }),
    scriptPubKey: fc.uint8Array({ maxLength: 300 }),
    height: fc.integer({ min: 0, max: 0x7fffffff }),
    isCoinbase: fc.boolean(),
  },
  { noNullPrototype: true },
);

test('all undo data are read back as they were written', () => {
  const blocks = fc.array(fc.array(coins, { maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(blocks, (transactions) => {
      const bytes = encodeBlockUndo(undoOf(transactions), codec);
      assert.deepEqual(decoded(toHex(bytes)), transactions);
    }),
  );
});

test('a block with 300 transactions of 300 coins each has its counts in three bytes', () => {
  const transactions = Array.from({ length: 300 }, () => Array.from({ length: 300 }, () => EMPTY_COIN));
  const bytes = encodeBlockUndo(undoOf(transactions), codec);
  assert.equal(bytes.length, 3 + 300 * (3 + 300 * 3));
  assert.equal(decoded(toHex(bytes)).length, 300);
});
