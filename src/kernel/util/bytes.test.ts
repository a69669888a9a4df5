import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compareBytes,
  concatBytes,
  copyRange,
  equalBytes,
  equalRange,
  fromHex,
  isZeroBytes,
  parseHex,
  reversedBytes,
  toHex,
} from './bytes.ts';

test('hexadecimal text is read in either case and written in lower case', () => {
  assert.deepEqual(fromHex('00aBff'), new Uint8Array([0, 0xab, 0xff]));
  assert.equal(toHex(new Uint8Array([0, 0xab, 0xff])), '00abff');
});

test('what is no hexadecimal text is refused with the position of the fault', () => {
  assert.deepEqual(parseHex('abc'), { ok: false, error: { kind: 'hex-odd-length', position: 3 } });
  assert.deepEqual(parseHex('ab0g'), { ok: false, error: { kind: 'hex-bad-digit', position: 3 } });
  assert.deepEqual(parseHex('0x'), { ok: false, error: { kind: 'hex-bad-digit', position: 1 } });
  assert.deepEqual(parseHex('aé'), { ok: false, error: { kind: 'hex-bad-digit', position: 1 } });
});

test('comparison is lexicographic and a prefix comes first', () => {
  assert.ok(compareBytes(new Uint8Array([1, 2]), new Uint8Array([1, 3])) < 0);
  assert.ok(compareBytes(new Uint8Array([2]), new Uint8Array([1, 3])) > 0);
  assert.ok(compareBytes(new Uint8Array([1]), new Uint8Array([1, 0])) < 0);
  assert.equal(compareBytes(new Uint8Array([7]), new Uint8Array([7])), 0);
});

test('equality looks at every byte and the length', () => {
  assert.ok(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  assert.ok(!equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2, 0])));
  assert.ok(equalRange(new Uint8Array([9, 1, 2]), 1, new Uint8Array([1, 2]), 0, 2));
  assert.ok(!equalRange(new Uint8Array([9, 1, 2]), 0, new Uint8Array([1, 2]), 0, 2));
});

test('ranges of any length are copied whole and nothing beside them is touched', () => {
  const source = Uint8Array.from({ length: 400 }, (_, i) => i % 251);
  for (const length of [0, 1, 96, 255, 256, 257, 280]) {
    const target = new Uint8Array(402).fill(255);
    copyRange(source, 7, target, 1, length);
    assert.deepEqual(target.subarray(1, 1 + length), source.subarray(7, 7 + length));
    assert.equal(target[0], 255);
    assert.equal(target[1 + length], 255);
  }
});

test('joining, reversing and testing for zero', () => {
  assert.deepEqual(
    concatBytes(new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2, 3])),
    new Uint8Array([1, 2, 3]),
  );
  const bytes = new Uint8Array([1, 2, 3]);
  assert.deepEqual(reversedBytes(bytes), new Uint8Array([3, 2, 1]));
  assert.deepEqual(bytes, new Uint8Array([1, 2, 3]));
  assert.ok(isZeroBytes(new Uint8Array(3)));
  assert.ok(!isZeroBytes(new Uint8Array([0, 0, 1])));
});

test('hexadecimal text of many bytes is that of its pieces', () => {
  const bytes = Uint8Array.from({ length: 10_001 }, (_, i) => (i * 167) & 255);
  const pieces = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  assert.equal(toHex(bytes), pieces.join(''));
  assert.equal(toHex(bytes.subarray(1, 4097)), pieces.slice(1, 4097).join(''));
  assert.deepEqual(fromHex(toHex(bytes)), bytes);
});
