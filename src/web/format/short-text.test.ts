import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText, readableHex, shortenMiddle } from './short-text.ts';

test('a hash keeps its ends', () => {
  assert.equal(
    shortenMiddle('0011223344556677889900aabbccddeeff'),
    '00112233…bbccddeeff'.replace('bbccddeeff', 'ccddeeff'),
  );
  assert.equal(shortenMiddle('short'), 'short');
  assert.equal(shortenMiddle('abcdefghij', 3), 'abc…hij');
});

test('R07: marks that turn the direction of writing and unseen letters are made visible', () => {
  assert.equal(plainText('pay\u202egpj.exe'), 'pay\u00b7gpj.exe');
  assert.equal(plainText('a\u200bb\u0000c\nd'), 'a\u00b7b\u00b7c\u00b7d');
  assert.equal(plainText('<script>'), '<script>');
  assert.equal(plainText('x'.repeat(300)).length, 201);
});

test('bytes are shown as text only where they are readable', () => {
  assert.equal(readableHex('68656c6c6f'), 'hello');
  assert.equal(readableHex('e4b8ade69687'), '中文');
  for (const hex of ['', 'ff', '00', '6', 'zz', '2020', '68e280ae69']) assert.equal(readableHex(hex), null, hex);
});
