import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHash, parseBlockHash, parseTxid } from './hashes.ts';
import { encodeOutpoint, formatOutpoint, isNull, isNullOutpoint, readOutpoint } from './outpoint.ts';

const GENESIS = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

test('text is display order, memory is internal order', () => {
  const blockHash = parseBlockHash(GENESIS);
  assert.ok(blockHash !== null);
  assert.equal(blockHash[0], 0x6f);
  assert.equal(blockHash[31], 0x00);
  assert.equal(formatHash(blockHash), GENESIS);
});

test('what is not 64 hexadecimal digits is no hash', () => {
  assert.equal(parseTxid(GENESIS.slice(1)), null);
  assert.equal(parseTxid(`${GENESIS}00`), null);
  assert.equal(parseTxid(`${GENESIS.slice(1)}g`), null);
});

test('an outpoint is its txid and its index', () => {
  const txid = parseTxid(GENESIS);
  assert.ok(txid !== null);
  const bytes = encodeOutpoint({ txid, index: 0xfffffffe });
  assert.deepEqual(readOutpoint(bytes, 0), { txid, index: 0xfffffffe });
  assert.equal(formatOutpoint({ txid, index: 0xfffffffe }), `${GENESIS}:4294967294`);
});

test('the null outpoint needs both a zero txid and the last index', () => {
  const bytes = new Uint8Array(36).fill(0xff, 32);
  assert.ok(isNullOutpoint(bytes, 0));
  assert.ok(isNull(readOutpoint(bytes, 0)));
  bytes[5] = 1;
  assert.ok(!isNullOutpoint(bytes, 0));
  assert.ok(!isNullOutpoint(new Uint8Array(36), 0));
});
