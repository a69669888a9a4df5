import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { decodeCheckpoint } from './checkpoint.ts';

test('a checkpoint is the first hash of a locator', () => {
  const hash = '11'.repeat(32);
  const decoded = decodeCheckpoint(fromHex(`8011010002${hash}${'22'.repeat(32)}`));
  assert.equal(decoded.ok && decoded.value !== null ? toHex(decoded.value) : null, hash);
  assert.deepEqual(decodeCheckpoint(fromHex('8011010000')), { ok: true, value: null });
  assert.equal(decodeCheckpoint(fromHex(`8011010003${hash}`)).ok, false);
});

test('no bytes make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 260 }), (bytes) => {
      decodeCheckpoint(bytes);
    }),
  );
});
