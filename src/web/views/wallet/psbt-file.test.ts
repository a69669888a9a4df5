import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanPsbtText, decodeBase64, PSBT_BYTES_MAX, readPsbtFile } from './psbt-file.ts';

test('bytes and texts of a PSBT give the same text', () => {
  const bytes = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff, 0x01, 0x00);
  assert.equal(readPsbtFile(bytes), 'cHNidP8BAA==');
  assert.equal(readPsbtFile(new TextEncoder().encode(' cHNidP8B\r\nAA==\n')), 'cHNidP8BAA==');
  assert.deepEqual(decodeBase64('cHNidP8BAA=='), bytes);
});

test('what is none is refused, and so is what is too large', () => {
  for (const text of ['', 'hello', '<script>', 'cHNidP', 'cHNidP8BAA===', 'cHNidP8B\u0000']) {
    assert.equal(cleanPsbtText(text), null, JSON.stringify(text));
  }
  assert.equal(cleanPsbtText(`cHNidP8${'A'.repeat(PSBT_BYTES_MAX)}`), null);
  assert.equal(readPsbtFile(Uint8Array.of(1, 2, 3)), null);
  assert.equal(decodeBase64('%%'), null);
});

test('a large file is read whole', () => {
  const bytes = new Uint8Array(100_000).fill(7);
  bytes.set([0x70, 0x73, 0x62, 0x74, 0xff]);
  assert.deepEqual(decodeBase64(readPsbtFile(bytes) ?? ''), bytes);
});
