// Names and kinds of the protocol's numbers; the numbers themselves are re-declared here on purpose.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatServices,
  isBlockInventory,
  isMessageType,
  isTransactionInventory,
  MESSAGE_TYPES,
  mayHaveUsefulAddresses,
  PROTOCOL_VERSION,
  sanitizeText,
} from './protocol.ts';

test('service bits have Core’s names, and unknown ones their number', () => {
  assert.deepEqual(formatServices(0n), []);
  assert.deepEqual(formatServices(0xc4dn), [
    'NETWORK',
    'BLOOM',
    'WITNESS',
    'COMPACT_FILTERS',
    'NETWORK_LIMITED',
    'P2P_V2',
  ]);
  assert.deepEqual(formatServices(0x8000000000000002n), ['UNKNOWN[2^1]', 'UNKNOWN[2^63]']);
  assert.deepEqual([0n, 8n, 1n, 0x400n].map(mayHaveUsefulAddresses), [false, false, true, true]);
});

test('an inventory type names a transaction, a block, or nothing', () => {
  const types = [0, 1, 2, 3, 4, 5, 0x40000001, 0x40000002, 0x40000003, 0x40000004, 0x40000005];
  assert.deepEqual(types.filter(isTransactionInventory), [1, 5, 0x40000001]);
  assert.deepEqual(types.filter(isBlockInventory), [2, 3, 4, 0x40000002]);
});

test('36 messages are spoken, in version 70017', () => {
  assert.equal(PROTOCOL_VERSION, 70_017);
  assert.equal(new Set(MESSAGE_TYPES).size, 36);
  assert.deepEqual(['feature', 'alert', '', 'constructor'].map(isMessageType), [true, false, false, false]);
});

test('text of a peer loses all that could play tricks', () => {
  assert.equal(sanitizeText('/Satoshi:31.99.0(a@b; c_d-e?)/'), '/Satoshi:31.99.0(a@b; c_d-e?)/');
  assert.equal(sanitizeText('a\n\u001b[31mb<script>&"\'é\u202e'), 'a31mbscript');
});
