import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from './ledger-event.ts';
import { ALL_KEYS, listStaleKeys } from './query-keys.ts';

const BLOCK = {
  type: 'block-connected',
  hash: 'aa',
  height: 7,
  time: 1000,
  previousHash: '99',
  transactionCount: 2,
  size: 300,
  weight: 1200,
  feesSat: 5,
  rewardSat: 5_000_000_005,
};

function staleAfter(fields: Readonly<Record<string, unknown>>): unknown {
  const event = readEvent(fields);
  return event === null ? null : listStaleKeys(event);
}

test('a block makes the chain old, and of all blocks only the one before it', () => {
  assert.deepEqual(staleAfter(BLOCK), [
    ['chain'],
    ['block', '99'],
    ['transaction'],
    ['address'],
    ['mempool'],
    ['miner'],
  ]);
});

test('a payment touches what waits and itself', () => {
  assert.deepEqual(staleAfter({ type: 'transaction-added', txid: 'cc', vsize: 141 }), [
    ['mempool'],
    ['transaction', 'cc'],
    ['address'],
  ]);
});

test('a cursor that the node does not know any more makes everything old', () => {
  assert.equal(staleAfter({ type: 'reset' }), ALL_KEYS);
  assert.equal(staleAfter({ type: 'hello', hash: 'aa', height: 1, resumed: false }), ALL_KEYS);
  assert.deepEqual(staleAfter({ type: 'hello', hash: 'aa', height: 1, resumed: true }), []);
});

test('only the wallet that changed is asked again, and all when one is opened', () => {
  assert.deepEqual(staleAfter({ type: 'wallet', name: 'savings', what: 'changed' }), [['wallet', 'savings']]);
  assert.deepEqual(staleAfter({ type: 'wallet', name: 'savings', what: 'loaded' }), [['wallet'], ['wallets']]);
});

test('events that are unknown, or lack a field, are passed over', () => {
  for (const fields of [
    {},
    { type: 'news' },
    { ...BLOCK, hash: 5 },
    { ...BLOCK, height: Number.NaN },
    { type: 'tip' },
  ]) {
    assert.equal(staleAfter(fields), null);
  }
});
