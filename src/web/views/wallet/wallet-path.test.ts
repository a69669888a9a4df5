import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatWalletPart, NEW_WALLET_PATH, parseWalletPart } from './wallet-path.ts';

test('every name of a wallet has a place of its own among the addresses', () => {
  const names = ['', 'main', 'new', '~new', '~', '~~', '.', '..', '.hidden', 'a/b', '储蓄', '%2e%2e'];
  const parts = names.map(formatWalletPart);
  assert.equal(new Set(parts).size, names.length);
  assert.deepEqual(parts.map(parseWalletPart), names);
  assert.ok(!parts.includes(NEW_WALLET_PATH));
  for (const part of parts) assert.doesNotMatch(part, /^\.{0,2}$/);
});
