import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readToken } from './login-token.ts';

test('the token is found in a whole link', () => {
  assert.equal(readToken(' http://127.0.0.1:8339/login?token=abcDEF_-123 \n'), 'abcDEF_-123');
  assert.equal(readToken('http://[::1]:8339/login?x=1&token=aa#top'), 'aa');
});

test('a token alone is taken as it is', () => {
  assert.equal(readToken('  aabbcc  '), 'aabbcc');
});

test('nothing, several words, and what is too long are no token', () => {
  for (const text of ['', '  ', 'two words', 'x'.repeat(5000)]) assert.equal(readToken(text), null);
});
