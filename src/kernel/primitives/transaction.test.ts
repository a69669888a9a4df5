import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeError } from '../encoding/decode-error.ts';
import { equalBytes, fromHex, toHex } from '../util/bytes.ts';
import { asTxid, formatHash } from './hashes.ts';
import {
  buildTransaction,
  decodeTransaction,
  encodeTransaction,
  type Transaction,
  type TransactionData,
  toTransactionData,
} from './transaction.ts';

// The first payment between two people, block 170.
const FIRST_PAYMENT =
  '0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1d3a1a25f' +
  'df3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b' +
  '00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1ba' +
  'ded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84cc' +
  'f9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000';

function decode(hex: string, allowWitness = true): Transaction {
  const result = decodeTransaction(fromHex(hex), { allowWitness });
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.value;
}

function refusal(hex: string): string {
  const result = decodeTransaction(fromHex(hex));
  return result.ok ? 'accepted' : result.error.reason;
}

const WITNESS_DATA: TransactionData = {
  version: 2,
  inputs: [
    {
      prevout: { txid: asTxid(new Uint8Array(32).fill(1)), index: 0 },
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffe,
      witness: [fromHex('aabb'), new Uint8Array(0)],
    },
    {
      prevout: { txid: asTxid(new Uint8Array(32).fill(2)), index: 7 },
      scriptSig: new Uint8Array(300).fill(0x51),
      sequence: 5,
      witness: [],
    },
  ],
  outputs: [{ valueSat: 2_100_000_000_000_000, scriptPubKey: fromHex('51') }],
  locktime: 500_000_001,
};

test('a count that promises more items than there are bytes yields to the first item that fails', () => {
  const outpoint = '11'.repeat(36);
  assert.equal(refusal(`01000000fd0003${outpoint}fd0500`), 'non-canonical ReadCompactSize()');
  assert.equal(refusal(`01000000fd0003${outpoint}fe01000002`), 'ReadCompactSize(): size too large');
  assert.equal(refusal(`01000000fe00000002${outpoint}00ffffffff`), 'SpanReader::read(): end of data');
  assert.equal(refusal(`0100000001${outpoint}00ffffffff04${'00'.repeat(8)}fd1000`), 'non-canonical ReadCompactSize()');
  const body = `01${outpoint}00ffffffff01${'00'.repeat(9)}`;
  assert.equal(refusal(`010000000001${body}fdfd00fd0100`), 'non-canonical ReadCompactSize()');
  assert.equal(refusal(`010000000001${body}fdfd000000`), 'SpanReader::read(): end of data');
});

test('fields are read where they lie', () => {
  const transaction = decode(FIRST_PAYMENT);
  assert.equal(transaction.version, 1);
  assert.equal(transaction.inputCount, 1);
  assert.equal(transaction.outputCount, 2);
  assert.equal(transaction.hasWitness, false);
  assert.equal(transaction.valueSat(0), 1_000_000_000);
  assert.equal(transaction.valueSat(1), 4_000_000_000);
  assert.equal(transaction.sequence(0), 0xffffffff);
  assert.equal(transaction.locktime, 0);
  assert.equal(transaction.scriptSig(0).length, 72);
  assert.equal(transaction.scriptPubKey(1).length, 67);
  assert.equal(transaction.totalSize, 275);
  assert.equal(transaction.strippedSize, 275);
  assert.equal(transaction.weightWu, 1100);
  assert.equal(transaction.witnessStart(0), -1);
  assert.equal(
    formatHash(transaction.prevout(0).txid),
    '0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9',
  );
  assert.equal(formatHash(transaction.txid), 'f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16');
  assert.ok(!transaction.isCoinbase);
});

test('a witness counts a quarter and is no part of the txid', () => {
  const transaction = buildTransaction(WITNESS_DATA);
  const without = buildTransaction({
    ...WITNESS_DATA,
    inputs: WITNESS_DATA.inputs.map((input) => ({ ...input, witness: [] })),
  });
  assert.ok(transaction.hasWitness);
  assert.ok(!without.hasWitness);
  assert.equal(transaction.totalSize, without.totalSize + 2 + 5 + 1);
  assert.equal(transaction.strippedSize, without.totalSize);
  assert.equal(transaction.weightWu, 4 * without.totalSize + 8);
  assert.deepEqual(transaction.txid, without.txid);
  assert.ok(!equalBytes(transaction.txid, transaction.wtxid));
  assert.deepEqual(without.txid as Uint8Array, without.wtxid as Uint8Array);
  assert.deepEqual(transaction.stripped(), without.serialized());
  assert.deepEqual(transaction.witness(0).map(toHex), ['aabb', '']);
  assert.deepEqual(transaction.witness(1), []);
});

test('ids are written as they are read, known before or not', () => {
  for (const data of [WITNESS_DATA, toTransactionData(decode(FIRST_PAYMENT))]) {
    const { txid, wtxid } = buildTransaction(data);
    const target = new Uint8Array(70);
    const fresh = buildTransaction(data);
    for (let round = 0; round < 2; round++) {
      fresh.writeTxid(target, 1);
      fresh.writeWtxid(target, 34);
      assert.deepEqual([toHex(target.subarray(1, 33)), toHex(target.subarray(34, 66))], [toHex(txid), toHex(wtxid)]);
      assert.ok(equalBytes(fresh.txid, txid) && equalBytes(fresh.wtxid, wtxid));
      target.fill(0);
    }
  }
});

test('an id that was computed in a batch is read from there', () => {
  const transaction = buildTransaction(WITNESS_DATA);
  const batch = Uint8Array.from({ length: 96 }, (_, i) => i);
  transaction.adoptTxid(batch, 0);
  transaction.adoptWtxid(batch, 64);
  assert.deepEqual(transaction.txid as Uint8Array, batch.subarray(0, 32));
  assert.deepEqual(transaction.wtxid as Uint8Array, batch.subarray(64));
  const target = new Uint8Array(32);
  transaction.writeWtxid(target, 0);
  assert.deepEqual(target, batch.slice(64));
});

test('plain data, built and taken apart again, is the same data', () => {
  assert.deepEqual(toTransactionData(buildTransaction(WITNESS_DATA)), WITNESS_DATA);
});

test('C14: the version is an unsigned number', () => {
  assert.equal(buildTransaction({ ...WITNESS_DATA, version: 0xffffffff }).version, 4294967295);
  assert.equal(buildTransaction({ ...WITNESS_DATA, version: 0x80000000 }).version, 2147483648);
});

test('C34: the marker without a witness, other flags, and left-over bytes are refused', () => {
  const input = `01${'00'.repeat(36)}00ffffffff`;
  const output = '010000000000000000' + '00';
  assert.equal(refusal(`02000000${'0001'}${input}${output}0000000000`), 'Superfluous witness record');
  assert.equal(refusal(`02000000${'0002'}${input}${output}00000000`), 'Unknown transaction optional data');
  assert.equal(refusal(`02000000${'0003'}${input}${output}0101aa00000000`), 'Unknown transaction optional data');
  assert.equal(refusal(`02000000${'0003'}${input}${output}0000000000`), 'Superfluous witness record');
  assert.equal(refusal(`02000000${input}${output}0000000000`), 'trailing bytes');
  assert.equal(refusal(`02000000${'0001'}${input}${output}0101aa00000000`), 'accepted');
  assert.equal(refusal(`02000000${'0001'}00${output}00000000`), 'Superfluous witness record');
});

test('C34: a transaction without inputs is read as such only when witnesses are not allowed', () => {
  const outputsOnly = '01000000' + '00' + '01' + '0100000000000000' + '0151' + '00000000';
  assert.notEqual(refusal(outputsOnly), 'accepted');
  const transaction = decode(outputsOnly, false);
  assert.equal(transaction.inputCount, 0);
  assert.equal(transaction.outputCount, 1);
  assert.equal(toHex(encodeTransaction(toTransactionData(transaction))), outputsOnly);
  const blank = decode('01000000000000000000');
  assert.equal(blank.inputCount + blank.outputCount, 0);
});

test('C34: a count in more bytes than it needs is refused', () => {
  const body = `${'00'.repeat(36)}00ffffffff01000000000000000000`;
  assert.equal(refusal(`01000000fd0100${body}00000000`), 'non-canonical ReadCompactSize()');
  assert.equal(refusal(`01000000fe01000000${body}00000000`), 'non-canonical ReadCompactSize()');
  assert.equal(refusal(`01000000ff0100000000000000${body}00000000`), 'non-canonical ReadCompactSize()');
});

test('every prefix of a transaction is refused as the end of the data', () => {
  for (const whole of [fromHex(FIRST_PAYMENT), encodeTransaction(WITNESS_DATA)]) {
    for (let length = 0; length < whole.length; length++) {
      const result = decodeTransaction(whole.subarray(0, length));
      assert.ok(!result.ok && result.error instanceof DecodeError, `prefix of ${length} bytes`);
      assert.equal(result.error.reason, 'SpanReader::read(): end of data');
    }
  }
});

test('a count that promises more than the bytes hold allocates nothing for it', () => {
  assert.equal(refusal(`01000000fe00000002${'00'.repeat(100)}`), 'SpanReader::read(): end of data');
  assert.equal(refusal(`01000000feffffffff${'00'.repeat(100)}`), 'ReadCompactSize(): size too large');
});

test('a coinbase spends the null outpoint and has one input', () => {
  const coinbase = decode(`01000000${'01'}${'00'.repeat(32)}ffffffff${'00'}ffffffff${'01000000000000000000'}00000000`);
  assert.ok(coinbase.isCoinbase);
});

test('a detached transaction keeps its bytes and lets go of the buffer around them', () => {
  const around = new Uint8Array(1000);
  around.set(fromHex(FIRST_PAYMENT), 0);
  const detached = decode(FIRST_PAYMENT).detach();
  assert.equal(detached.bytes.length, 275);
  assert.equal(detached.start, 0);
  assert.equal(toHex(detached.serialized()), FIRST_PAYMENT);
});

const bytesUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ maxLength }).map((b) => new Uint8Array(b));
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
/** Records like those that the decoder makes: ordinary objects. */
const plain = { noNullPrototype: true };
const anyTxid = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => asTxid(new Uint8Array(bytes)));
const anyInput = fc.record(
  {
    prevout: fc.record({ txid: anyTxid, index: uint32 }, plain),
    scriptSig: bytesUpTo(300),
    sequence: uint32,
    witness: fc.array(bytesUpTo(300), { maxLength: 4 }),
  },
  plain,
);
const anyOutput = fc.record({ valueSat: fc.maxSafeInteger(), scriptPubKey: bytesUpTo(300) }, plain);
const anyTransaction: fc.Arbitrary<TransactionData> = fc.record(
  {
    version: uint32,
    locktime: uint32,
    inputs: fc.array(anyInput, { minLength: 1, maxLength: 4 }),
    outputs: fc.array(anyOutput, { maxLength: 4 }),
  },
  plain,
);

test('any transaction decodes to what was encoded', () => {
  fc.assert(
    fc.property(anyTransaction, (data) => {
      const bytes = encodeTransaction(data);
      const result = decodeTransaction(bytes);
      assert.ok(result.ok);
      assert.deepEqual(toTransactionData(result.value), data);
      assert.deepEqual(encodeTransaction(toTransactionData(result.value)), bytes);
    }),
  );
});
