import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../util/bytes.ts';
import { HkdfSha256 } from './hkdf-sha256.ts';

test('keys are those of RFC 5869, as far as one step of the expansion goes', () => {
  const hkdf = new HkdfSha256(fromHex('0b'.repeat(22)), fromHex('000102030405060708090a0b0c'));
  const key = hkdf.deriveKey(fromHex('f0f1f2f3f4f5f6f7f8f9'));
  assert.equal(toHex(key), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf');
});
