import assert from 'node:assert/strict';
import test from 'node:test';
import { toHex, useHostHex } from '../../kernel/util/bytes.ts';
import { encodeHexByHost } from './host-hex.ts';

test('the host makes the same hexadecimal text as the kernel, also of a part of an array and of a long one', () => {
  const bytes = Uint8Array.from({ length: 20_001 }, (_, i) => (i * 7 + (i >>> 8)) % 256);
  const ours = [bytes, bytes.subarray(3, 17), bytes.subarray(1, 9_000), bytes.subarray(5, 5)].map(toHex);
  useHostHex(encodeHexByHost);
  assert.deepEqual([bytes, bytes.subarray(3, 17), bytes.subarray(1, 9_000), bytes.subarray(5, 5)].map(toHex), ours);
  assert.equal(ours[0]!.length, 40_002);
  assert.equal(ours[0]!.slice(0, 8), '00070e15');
});
