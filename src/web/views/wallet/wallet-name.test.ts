import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGoodWalletName } from './wallet-name.ts';

test('names of people and purposes are good, in every script', () => {
  for (const name of ['Savings', '储蓄', 'Anna & Bo', 'x', 'a.b', 'Été 2026', '😀'.repeat(64)]) {
    assert.equal(isGoodWalletName(name), true, name);
  }
});

test('names that are no folders, or hide something, are refused', () => {
  const bad = [
    '',
    ' ',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    'c:',
    '.hidden',
    'end ',
    'end.',
    'a\u202eb',
    'a\nb',
    'x'.repeat(65),
  ];
  for (const name of bad) assert.equal(isGoodWalletName(name), false, name);
});
