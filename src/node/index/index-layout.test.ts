import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../kernel/util/bytes.ts';
import { heightKey, SIPHASH_KEY_KEY, spenderKey, txKey } from './index-layout.ts';

test('keys are those of Core: heights big-endian, hashes of outpoints little-endian', () => {
  assert.equal(toHex(heightKey(0x01020304)), '7401020304');
  assert.equal(toHex(heightKey(2 ** 31 - 1)), '747fffffff');
  assert.equal(toHex(spenderKey(0x04030201, 0x08070605, Uint8Array.of(9))), '73010203040506070809');
  assert.equal(toHex(txKey(new Uint8Array(64).fill(3), 32)), `74${'03'.repeat(32)}`);
  assert.equal(toHex(SIPHASH_KEY_KEY), '736970686173685f6b657900');
});
