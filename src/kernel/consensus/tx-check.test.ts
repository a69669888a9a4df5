import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeTxid, makeCoinbase, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { writeU32, writeU64BigInt } from '../encoding/numbers.ts';
import { NULL_TXID } from '../primitives/hashes.ts';
import { decodeTransaction, type Transaction, type TransactionOutput } from '../primitives/transaction.ts';
import { findDuplicateInput } from './duplicate-inputs.ts';
import { checkTransaction } from './tx-check.ts';

const ONE_INPUT = [spend({ txid: fakeTxid(1), index: 0 })];

function paying(outputs: readonly TransactionOutput[]): Transaction {
  return makeTx(ONE_INPUT, outputs);
}

/** The transaction with the eight bytes of an output's value written as they are given. */
function withRawValue(bytes: readonly number[], count = 1): Transaction {
  const raw = paying(Array.from({ length: count }, () => pay(0)));
  const copy = raw.serialized().slice();
  for (let j = 0; j < count; j++) copy.set(bytes, raw.outputStart(j));
  const decoded = decodeTransaction(copy);
  assert.ok(decoded.ok);
  return decoded.value;
}

test('a plain payment breaks no rule', () => {
  assert.equal(checkTransaction(paying([pay(1), pay(0)])), null);
});

test('a transaction without inputs is refused', () => {
  assert.equal(checkTransaction(makeTx([], [pay(1)]))?.reason, 'bad-txns-vin-empty');
});

test('a transaction without outputs is refused', () => {
  assert.deepEqual(checkTransaction(makeTx(ONE_INPUT, [])), {
    kind: 'consensus',
    reason: 'bad-txns-vout-empty',
    rule: 'tx-outputs',
    actual: 0,
    expected: 1,
  });
});

test('a stripped size of a million bytes passes and one byte more is refused, whatever the witness', () => {
  const overhead = paying([pay(1, new Uint8Array(70_000))]).strippedSize - 70_000;
  const fits = paying([pay(1, new Uint8Array(1_000_000 - overhead))]);
  assert.equal(fits.strippedSize, 1_000_000);
  assert.equal(checkTransaction(fits), null);
  const tooLong = paying([pay(1, new Uint8Array(1_000_001 - overhead))]);
  assert.equal(checkTransaction(tooLong)?.reason, 'bad-txns-oversize');
  const heavyWitness = makeTx(
    [spend({ txid: fakeTxid(1), index: 0 }, { witness: [new Uint8Array(2_000_000)] })],
    [pay(1)],
  );
  assert.equal(checkTransaction(heavyWitness), null);
});

test('C01: two outputs of 9,223,372,036,854,277,039 satoshis, whose sum overflows 64 bits, are too large', () => {
  const bytes = Array.from({ length: 8 }, (_, i) => Number((9_223_372_036_854_277_039n >> BigInt(8 * i)) & 0xffn));
  assert.equal(bytes[7], 0x7f);
  assert.equal(checkTransaction(withRawValue(bytes, 2))?.reason, 'bad-txns-vout-toolarge');
});

test('C01: one output of 21 million coins passes and one satoshi more is too large', () => {
  assert.equal(checkTransaction(paying([pay(2_100_000_000_000_000)])), null);
  const reject = checkTransaction(paying([pay(0), pay(2_100_000_000_000_001)]));
  assert.equal(reject?.reason, 'bad-txns-vout-toolarge');
  assert.equal(reject?.actual, 2_100_000_000_000_001);
  assert.equal(reject?.outputIndex, 1);
});

test('C01: two outputs of 21 million coins are too large together', () => {
  const reject = checkTransaction(paying([pay(2_100_000_000_000_000), pay(2_100_000_000_000_000)]));
  assert.equal(reject?.reason, 'bad-txns-txouttotal-toolarge');
});

test('C01: the total is checked after every addition, so a later output cannot hide an excess', () => {
  const reject = checkTransaction(paying([pay(2_100_000_000_000_000), pay(1), pay(2_100_000_000_000_001)]));
  assert.equal(reject?.reason, 'bad-txns-txouttotal-toolarge');
});

test('C01: a value of -1 is negative, and so is the lowest of 64 bits', () => {
  assert.equal(checkTransaction(withRawValue(new Array<number>(8).fill(0xff)))?.reason, 'bad-txns-vout-negative');
  assert.equal(checkTransaction(withRawValue([0, 0, 0, 0, 0, 0, 0, 0x80]))?.reason, 'bad-txns-vout-negative');
  assert.equal(
    checkTransaction(withRawValue([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]))?.reason,
    'bad-txns-vout-toolarge',
  );
});

test('C02: the same outpoint twice is refused, next to each other or not, in few inputs or many', () => {
  const input = (n: number): ReturnType<typeof spend> => spend({ txid: fakeTxid(n), index: n % 3 });
  for (const count of [2, 3, 8, 9, 10, 31, 32, 33, 100, 1000]) {
    const distinct = Array.from({ length: count }, (_, n) => input(n));
    assert.equal(checkTransaction(makeTx(distinct, [pay(1)])), null, `${count} distinct`);
    for (const [from, to] of [
      [0, count - 1],
      [count - 1, 0],
      [count >> 1, count - 1],
      [0, 1],
    ] as const) {
      if (from === to) continue;
      const repeated = distinct.slice();
      repeated[to] = input(from);
      const reject = checkTransaction(makeTx(repeated, [pay(1)]));
      assert.equal(reject?.reason, 'bad-txns-inputs-duplicate', `${count} inputs, ${from} again at ${to}`);
    }
  }
});

test('C02: outpoints that differ in the last byte of the txid or of the index only are distinct', () => {
  const txids = [fakeTxid(1), fakeTxid(1).slice() as typeof NULL_TXID];
  txids[1]![31] = 0xfb;
  const outpoints = [0, 1, 0x01000000, 0xfffffffe].flatMap((index) => txids.map((txid) => ({ txid, index })));
  assert.equal(
    checkTransaction(
      makeTx(
        outpoints.map((outpoint) => spend(outpoint)),
        [pay(1)],
      ),
    ),
    null,
  );
  const many = [...outpoints, { txid: fakeTxid(2), index: 0 }];
  assert.equal(
    checkTransaction(
      makeTx(
        many.map((outpoint) => spend(outpoint)),
        [pay(1)],
      ),
    ),
    null,
  );
});

test('C40: 24,384 inputs are searched for duplicates in well under a second, alike or not', () => {
  for (const [what, outpoint] of [
    ['distinct txids', (n: number) => ({ txid: fakeTxid(n), index: 0 })],
    ['one txid', (n: number) => ({ txid: fakeTxid(7), index: n })],
  ] as const) {
    const inputs = Array.from({ length: 24_384 }, (_, n) => spend(outpoint(n)));
    const distinct = makeTx(inputs, [pay(1)]);
    const before = process.cpuUsage();
    assert.equal(findDuplicateInput(distinct), -1, what);
    assert.ok(process.cpuUsage(before).user < 1_000_000, what);
    inputs[24_383] = inputs[11]!;
    const found = findDuplicateInput(makeTx(inputs, [pay(1)]));
    assert.ok(found === 11 || found === 24_383, what);
  }
});

test('a coinbase script of 2 to 100 bytes passes, 1 and 101 are refused (C08)', () => {
  const coinbase = (length: number): Transaction =>
    makeCoinbase({ height: 1, outputs: [pay(0)], scriptSig: new Uint8Array(length) });
  for (const length of [2, 3, 99, 100]) assert.equal(checkTransaction(coinbase(length)), null, `${length}`);
  for (const length of [0, 1, 101, 200]) {
    assert.equal(checkTransaction(coinbase(length))?.reason, 'bad-cb-length', `${length}`);
  }
});

test('an input that names no coin is refused beside another', () => {
  const nothing = spend({ txid: NULL_TXID, index: 0xffffffff });
  assert.equal(checkTransaction(makeTx([...ONE_INPUT, nothing], [pay(1)]))?.reason, 'bad-txns-prevout-null');
  const zeroTxid = spend({ txid: NULL_TXID, index: 0 });
  assert.equal(checkTransaction(makeTx([zeroTxid], [pay(1)])), null);
});

test('of several faults the first in the order of Core is named', () => {
  const inputs = [...ONE_INPUT, ...ONE_INPUT];
  assert.equal(checkTransaction(makeTx(inputs, [pay(-1)]))?.reason, 'bad-txns-vout-negative');
  assert.equal(checkTransaction(makeTx(inputs, []))?.reason, 'bad-txns-vout-empty');
});

test('J02: a value just above 32 bits in its high half is not cut to 32 bits', () => {
  const raw = paying([pay(0)]);
  const bytes = raw.serialized().slice();
  writeU32(bytes, raw.outputStart(0) + 4, 0x80000001);
  const decoded = decodeTransaction(bytes);
  assert.ok(decoded.ok);
  assert.equal(checkTransaction(decoded.value)?.reason, 'bad-txns-vout-negative');
});

test('J02: any 64-bit values of outputs get the verdict that exact integers give', () => {
  const LIMIT = 2_100_000_000_000_000n;
  const expected = (values: readonly bigint[]): string | null => {
    let total = 0n;
    for (const value of values) {
      if (value < 0n) return 'bad-txns-vout-negative';
      if (value > LIMIT) return 'bad-txns-vout-toolarge';
      total += value;
      if (total > LIMIT) return 'bad-txns-txouttotal-toolarge';
    }
    return null;
  };
  const near = (center: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: center - 3n, max: center + 3n });
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 0n, max: LIMIT }),
    ...[0n, LIMIT, LIMIT / 2n, 2n ** 31n, 2n ** 32n, 2n ** 53n, -(2n ** 32n), -(2n ** 53n)].map(near),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const raw = paying(values.map(() => pay(0)));
      const bytes = raw.serialized().slice();
      values.forEach((item, j) => {
        writeU64BigInt(bytes, raw.outputStart(j), BigInt.asUintN(64, item));
      });
      const decoded = decodeTransaction(bytes);
      assert.ok(decoded.ok);
      assert.equal(checkTransaction(decoded.value)?.reason ?? null, expected(values));
    }),
    { numRuns: 500 },
  );
});
