// Shifts in JavaScript work on 32 signed bits. The helpers that use them (util, crypto, encoding, and the few places elsewhere that
// the tidy test excuses) are held to BigInt models here, over all their values and with the edges of 31, 32, 53 and 64 bits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Sha256Hasher, sha256 } from '../../src/kernel/crypto/sha256.ts';
import { readAnyCompactSizeAt, writeCompactSizeAt } from '../../src/kernel/encoding/compact-size.ts';
import {
  readI32,
  readI64,
  readU16,
  readU32,
  readU64BigInt,
  writeI64,
  writeU16,
  writeU32,
  writeU64BigInt,
} from '../../src/kernel/encoding/numbers.ts';
import { ByteReader } from '../../src/kernel/encoding/reader.ts';
import { readVarint, varintLength, writeVarint } from '../../src/kernel/encoding/varint.ts';
import { ByteWriter } from '../../src/kernel/encoding/writer.ts';

const EDGES = [7, 8, 15, 16, 24, 31, 32, 33, 48, 52, 53, 62, 63, 64].flatMap((bits) =>
  [-1n, 0n, 1n].map((d) => 2n ** BigInt(bits) + d),
);

/** Unsigned integers of at most so many bits, with the edges among them. */
function unsigned(bits: number): fc.Arbitrary<bigint> {
  const max = 2n ** BigInt(bits) - 1n;
  return fc.oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(...EDGES.filter((edge) => edge <= max)));
}

/** Little-endian bytes of an integer, by BigInt alone. */
function littleEndian(value: bigint, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, i) => Number((value / 256n ** BigInt(i)) % 256n));
}

function forAll<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: 2000 });
}

test('J02: integers of 16, 32 and 64 bits are read as a BigInt model reads them', () => {
  forAll(unsigned(64), (value) => {
    const bytes = littleEndian(value, 8);
    assert.equal(BigInt(readU16(bytes, 0)), BigInt.asUintN(16, value));
    assert.equal(BigInt(readU32(bytes, 0)), BigInt.asUintN(32, value));
    assert.equal(BigInt(readI32(bytes, 0)), BigInt.asIntN(32, value));
    assert.equal(readU64BigInt(bytes, 0), value);
    // Beyond 2^53 the nearest number, which is what Number() gives.
    assert.equal(readI64(bytes, 0), Number(BigInt.asIntN(64, value)));
  });
});

test('J02: integers of 16, 32 and 64 bits are written as a BigInt model writes them', () => {
  const out = new Uint8Array(8);
  forAll(unsigned(64), (value) => {
    writeU64BigInt(out, 0, value);
    assert.deepEqual(out, littleEndian(value, 8));
    const low = Number(BigInt.asUintN(32, value));
    for (const number of [low, low | 0]) {
      writeU32(out, 0, number);
      assert.deepEqual(out.slice(0, 4), littleEndian(BigInt(low), 4));
    }
    writeU16(out, 0, low % 65_536);
    assert.deepEqual(out.slice(0, 2), littleEndian(BigInt(low % 65_536), 2));
  });
  forAll(unsigned(53), (value) => {
    for (const signed of [value, -value]) {
      writeI64(out, 0, Number(signed));
      assert.deepEqual(out, littleEndian(BigInt.asUintN(64, signed), 8));
    }
  });
});

test('J02: a hasher appends integers of 32 and 64 bits as a BigInt model writes them', () => {
  const digest = new Uint8Array(32);
  forAll(unsigned(53), (value) => {
    for (const signed of [value, -value]) {
      const low = Number(BigInt.asIntN(32, signed));
      const hasher = new Sha256Hasher()
        .updateI64(Number(signed))
        .updateU32(low)
        .updateU32(low >>> 0);
      hasher.digestInto(digest, 0);
      const word = littleEndian(BigInt.asUintN(32, signed), 4);
      const message = [...littleEndian(BigInt.asUintN(64, signed), 8), ...word, ...word];
      assert.deepEqual(digest, sha256(Uint8Array.from(message)));
    }
  });
});

/** CompactSize by BigInt alone. */
function modelCompactSize(value: bigint): Uint8Array {
  const [prefix, width] =
    value < 0xfdn ? [null, 1] : value < 2n ** 16n ? [0xfd, 2] : value < 2n ** 32n ? [0xfe, 4] : [0xff, 8];
  return Uint8Array.from([...(prefix === null ? [] : [prefix]), ...littleEndian(value, width)]);
}

/** VARINT by BigInt alone: every group but the last one less. */
function modelVarint(value: bigint): Uint8Array {
  const groups = [Number(value % 128n)];
  for (let rest = value / 128n; rest > 0n; rest = (rest - 1n) / 128n) groups.unshift(Number((rest - 1n) % 128n) + 128);
  return Uint8Array.from(groups);
}

test('J02: CompactSize and VARINT agree with BigInt models up to 2^53', () => {
  const out = new Uint8Array(9);
  forAll(unsigned(53), (value) => {
    const compact = modelCompactSize(value);
    assert.deepEqual(out.slice(0, writeCompactSizeAt(out, 0, Number(value))), compact);
    assert.equal(BigInt(readAnyCompactSizeAt(compact, 0, compact.length, 'value')), value);
    const varint = modelVarint(value);
    const writer = new ByteWriter();
    writeVarint(writer, Number(value));
    assert.deepEqual(writer.finish(), varint);
    assert.equal(varintLength(Number(value)), varint.length);
    assert.equal(BigInt(readVarint(new ByteReader(varint), 'value')), value);
  });
});
