import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../util/bytes.ts';
import {
  compactSizeLength,
  MAX_SIZE,
  readAnyCompactSizeAt,
  readCompactSizeAt,
  writeCompactSizeAt,
} from './compact-size.ts';
import { DecodeError } from './decode-error.ts';

function read(hex: string): number {
  const bytes = fromHex(hex);
  return readCompactSizeAt(bytes, 0, bytes.length, 'test');
}

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof DecodeError);
    return error.reason;
  }
  return 'accepted';
}

const CASES: readonly (readonly [number, string])[] = [
  [0, '00'],
  [252, 'fc'],
  [253, 'fdfd00'],
  [65535, 'fdffff'],
  [65536, 'fe00000100'],
  [0x02000000, 'fe00000002'],
];

test('every value has one encoding, written and read alike', () => {
  for (const [value, hex] of CASES) {
    const target = new Uint8Array(9);
    const end = writeCompactSizeAt(target, 0, value);
    assert.equal(toHex(target.subarray(0, end)), hex);
    assert.equal(compactSizeLength(value), hex.length / 2);
    assert.equal(read(hex), value);
  }
});

test('C34 W05: longer encodings of a small value are refused', () => {
  for (const hex of ['fd0000', 'fdfc00', 'fe00000000', 'feffff0000', 'ff0000000000000000', 'ffffffffff00000000']) {
    assert.equal(
      reasonOf(() => read(hex)),
      'non-canonical ReadCompactSize()',
      hex,
    );
  }
});

test('W05: lengths above 32 MiB are refused before anything is allocated', () => {
  assert.equal(MAX_SIZE, 33_554_432);
  assert.equal(
    reasonOf(() => read('fe01000002')),
    'ReadCompactSize(): size too large',
  );
  assert.equal(
    reasonOf(() => read('ffffffffffffffffff')),
    'ReadCompactSize(): size too large',
  );
});

test('a CompactSize that is cut short is the end of the data', () => {
  for (const hex of ['', 'fd', 'fdff', 'fe000001', 'ff000000000100']) {
    assert.equal(
      reasonOf(() => read(hex)),
      'SpanReader::read(): end of data',
      hex,
    );
  }
});

test('without the limit, values up to 2^53 are exact', () => {
  const bytes = fromHex('ffffffffffffff1f00');
  assert.equal(readAnyCompactSizeAt(bytes, 0, bytes.length, 'test'), Number.MAX_SAFE_INTEGER);
  const target = new Uint8Array(9);
  assert.equal(writeCompactSizeAt(target, 0, Number.MAX_SAFE_INTEGER), 9);
  assert.deepEqual(target, bytes);
});
