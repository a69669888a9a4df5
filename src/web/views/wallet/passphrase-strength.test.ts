import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePassphrase } from './passphrase-strength.ts';

test('short texts and rows are weak', () => {
  for (const text of ['a', 'secret', 'aaaaaaaaaaaaaaaaaaaaaaaa', '12345678901', 'abcdefghijklmnop', 'Passw0rd']) {
    assert.equal(judgePassphrase(text), 'weak', text);
  }
  assert.equal(judgePassphrase(''), null);
});

test('several words or many kinds of letters are strong', () => {
  assert.equal(judgePassphrase('gate lemon orbit vivid canal'), 'strong');
  assert.equal(judgePassphrase('k9$Vq2!mZr7&xT'), 'strong');
  assert.equal(judgePassphrase('山高月小水落石出曾日'), 'strong');
});

test('what lies between is fair', () => {
  assert.equal(judgePassphrase('gate lemon orbit'), 'fair');
});
