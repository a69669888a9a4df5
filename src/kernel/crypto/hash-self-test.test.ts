import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfTestHashes } from './hash-self-test.ts';

test('P05: the hash functions give the answers of their standards', () => {
  assert.equal(selfTestHashes(), null);
});

test('P05: a function that gives a wrong answer is named', () => {
  const right = { name: 'right', compute: () => Uint8Array.of(1), expected: '01' };
  const wrong = { name: 'wrong', compute: () => new Uint8Array(32), expected: '01' };
  assert.equal(selfTestHashes([right, wrong]), 'wrong');
});
