import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from './bytes.ts';
import { encodeUtf8 } from './utf8.ts';

test('texts become one to four bytes per character', () => {
  assert.equal(toHex(encodeUtf8('')), '');
  assert.equal(toHex(encodeUtf8('Az')), '417a');
  assert.equal(toHex(encodeUtf8('é')), 'c3a9');
  assert.equal(toHex(encodeUtf8('村')), 'e69d91');
  assert.equal(toHex(encodeUtf8('🌾')), 'f09f8cbe');
  assert.equal(toHex(encodeUtf8('\ud800')), 'efbfbd');
});

test('every text comes out as the platform encodes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      assert.deepEqual(encodeUtf8(text), new Uint8Array(new TextEncoder().encode(text)));
    }),
    { numRuns: 300 },
  );
});
