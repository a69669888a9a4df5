import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeTypedWord, judgeTypedWords, suggestTypedWord } from './typed-words.ts';

const GOOD = `${'abandon '.repeat(11)}about`;

test('words with a right checksum are good, in English and in Chinese', () => {
  assert.equal(judgeTypedWords(GOOD).kind, 'good');
  assert.equal(judgeTypedWords(GOOD.toUpperCase()).kind, 'good');
  assert.deepEqual(judgeTypedWords('的的的的的的的的的的的在'), {
    kind: 'good',
    words: [...'的的的的的的的的的的的在'],
  });
});

test('what is missing or wrong is told by its place', () => {
  assert.deepEqual(judgeTypedWords(''), { kind: 'unfinished', count: 0, next: 12 });
  assert.deepEqual(judgeTypedWords('abandon ability'), { kind: 'unfinished', count: 2, next: 12 });
  assert.deepEqual(judgeTypedWords(`${GOOD} abandon`), { kind: 'unfinished', count: 13, next: 15 });
  assert.deepEqual(judgeTypedWords(`${GOOD} ${GOOD} about`), { kind: 'too-many', count: 25 });
  assert.deepEqual(judgeTypedWords('x'.repeat(10_000_000)), { kind: 'too-many', count: 25 });
  assert.deepEqual(judgeTypedWords(GOOD.replace('about', 'abandon')), { kind: 'bad-checksum' });
  assert.deepEqual(judgeTypedWords(GOOD.replace('about', 'aboot')), { kind: 'unknown-word', position: 11 });
});

test('the word that is being typed is completed', () => {
  assert.deepEqual(suggestTypedWord('abandon abou'), ['about']);
  assert.deepEqual(suggestTypedWord('abandon about'), []);
  assert.deepEqual(suggestTypedWord('abandon '), []);
  assert.deepEqual(suggestTypedWord('zzz'), []);
  assert.equal(suggestTypedWord('a').length, 6);
  assert.equal(completeTypedWord('abandon abou', 'about'), 'abandon about ');
  assert.equal(completeTypedWord('Zo', 'zoo'), 'zoo ');
});
