import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatBase64, parseBase64 } from './base64.ts';

test('base 64 is written and read as everywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = formatBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString('base64'));
      assert.deepEqual(parseBase64(text), bytes);
    }),
  );
});

test('texts that are no base 64, not padded, or with bits left over are refused', () => {
  for (const text of ['a', 'ab', 'abc', 'ab=c', '====', 'abc=d', 'YW Jj', 'YWJj\n', 'YW-_', 'Zh==', 'YWK=a']) {
    assert.equal(parseBase64(text), null, text);
  }
  assert.deepEqual(parseBase64(''), new Uint8Array(0));
});
