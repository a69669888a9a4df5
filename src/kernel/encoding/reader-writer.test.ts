import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../util/bytes.ts';
import { DecodeError, decodeResult } from './decode-error.ts';
import { readI64, readU64BigInt, writeI64, writeU64BigInt } from './numbers.ts';
import { ByteReader } from './reader.ts';
import { readVarint, writeVarint } from './varint.ts';
import { ByteWriter } from './writer.ts';

test('fields are little-endian and follow each other', () => {
  const bytes = new ByteWriter(2)
    .u8(1)
    .u16(0x0203)
    .u32(0x04050607)
    .i64(-2)
    .u64(0x1122334455667788n)
    .varBytes(fromHex('aabb'))
    .finish();
  assert.equal(toHex(bytes), '01' + '0302' + '07060504' + 'feffffffffffffff' + '8877665544332211' + '02aabb');
  const reader = new ByteReader(bytes);
  assert.equal(reader.u8('a'), 1);
  assert.equal(reader.u16('b'), 0x0203);
  assert.equal(reader.u32('c'), 0x04050607);
  assert.equal(reader.i64('d'), -2);
  assert.equal(reader.u64('e'), 0x1122334455667788n);
  assert.equal(toHex(reader.varBytes('f')), 'aabb');
  reader.finish('all');
});

test('a read past the end names the item, the offset, and what was there', () => {
  const result = decodeResult(() => new ByteReader(new Uint8Array(3)).u32('sequence'));
  assert.ok(!result.ok);
  assert.ok(result.error instanceof DecodeError);
  assert.deepEqual(
    [result.error.reason, result.error.what, result.error.offset, result.error.got, result.error.expected],
    ['SpanReader::read(): end of data', 'sequence', 0, 3, 4],
  );
});

test('bytes left over are refused', () => {
  const result = decodeResult(() => new ByteReader(new Uint8Array(3)).finish('message'));
  assert.ok(!result.ok);
  assert.equal(result.error.reason, 'trailing bytes');
});

test('a count that the remaining bytes cannot hold is refused at once', () => {
  const result = decodeResult(() => new ByteReader(fromHex('fe000000020000')).count(36, 'inputs'));
  assert.ok(!result.ok);
  assert.equal(result.error.reason, 'SpanReader::read(): end of data');
});

test('J02: 64-bit integers agree with a BigInt model within 2^53', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = new Uint8Array(8);
      writeI64(bytes, 0, value);
      assert.equal(BigInt.asIntN(64, readU64BigInt(bytes, 0)), BigInt(value));
      assert.equal(readI64(bytes, 0), value);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
      const bytes = new Uint8Array(8);
      writeU64BigInt(bytes, 0, value);
      assert.equal(readU64BigInt(bytes, 0), value);
    }),
  );
});

test('C01: a 64-bit amount that no number holds exactly still reads out of money range', () => {
  // The value of the outputs in block 74638: 92233720368.54277039 BTC.
  assert.ok(readI64(fromHex('b74fe0ffffffff7f'), 0) > 2_100_000_000_000_000);
  assert.equal(readI64(fromHex('ffffffffffffffff'), 0), -1);
});

test('VARINT encodes as Core does', () => {
  const known: readonly (readonly [number, string])[] = [
    [0, '00'],
    [0x7f, '7f'],
    [0x80, '8000'],
    [0x1234, 'a334'],
    [0xffff, '82fe7f'],
    [0x123456, 'c7e756'],
    [0x80123456, '86ffc7e756'],
    [0xffffffff, '8efefefe7f'],
  ];
  for (const [value, hex] of known) {
    const writer = new ByteWriter();
    writeVarint(writer, value);
    assert.equal(toHex(writer.finish()), hex);
    assert.equal(readVarint(new ByteReader(fromHex(hex)), 'test'), value);
  }
});

test('VARINT reads back what it wrote up to 2^53 - 1 and refuses more', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const writer = new ByteWriter();
      writeVarint(writer, value);
      assert.equal(readVarint(new ByteReader(writer.finish()), 'test'), value);
    }),
  );
  const tooLarge = decodeResult(() => readVarint(new ByteReader(new Uint8Array(20).fill(0xff)), 'test'));
  assert.ok(!tooLarge.ok);
  assert.equal(tooLarge.error.reason, 'ReadVarInt(): size too large');
});
