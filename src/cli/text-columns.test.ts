import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanText, cutMiddle, padColumns, textColumns, wrapColumns } from './text-columns.ts';

test('Chinese characters take two columns', () => {
  assert.equal(textColumns('abc'), 3);
  assert.equal(textColumns('交易 a'), 6);
  assert.equal(padColumns('交易', 6), '交易  ');
  assert.equal(padColumns('longer', 3), 'longer');
});

test('lines are broken between words, and between any two Chinese characters', () => {
  assert.deepEqual(wrapColumns('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapColumns('一二三四五', 4), ['一二', '三四', '五']);
  assert.deepEqual(wrapColumns('incomprehensible word', 5), ['incomprehensible', 'word']);
  assert.deepEqual(wrapColumns('', 5), []);
});

test('a long text is cut in its middle, and never so that nothing is left', () => {
  assert.equal(cutMiddle('0123456789', 10), '0123456789');
  assert.equal(cutMiddle('0123456789abcdef', 9), '0123…cdef');
  assert.equal(cutMiddle('0123456789abcdef', 1), '0123…cdef');
  assert.equal(cutMiddle('012345678', 8), '012345678');
});

test('control characters do not reach a terminal', () => {
  assert.equal(cleanText('a\u001b[31mb\u009bc\n'), 'a?[31mb?c?');
});
