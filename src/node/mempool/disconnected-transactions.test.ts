import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend, TEST_RNG } from '../../../test/model/block-builder.ts';
import { blockOf } from '../../../test/model/pool-fixture.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { DISCONNECTED_BYTES_MAX, DisconnectedTransactions } from './disconnected-transactions.ts';

/** A block with transactions that differ in their locktimes, which name them. */
function run(first: number, count: number, scriptBytes = 0): Block {
  return blockOf(Array.from({ length: count }, (_, i) => named(first + i, scriptBytes)));
}

function named(n: number, scriptBytes: number): Transaction {
  const prevout = { txid: fakeTxid(n), index: 0 };
  return makeTx([spend(prevout)], [pay(1, new Uint8Array(scriptBytes))], { locktime: n });
}

function names(transactions: readonly Transaction[]): number[] {
  return transactions.map(({ locktime }) => locktime);
}

test('transactions come back in the order of the old chain, without those of the new one', () => {
  const kept = new DisconnectedTransactions(TEST_RNG);
  assert.deepEqual(kept.addBlock(run(30, 4)), []);
  assert.deepEqual(kept.addBlock(run(20, 3)), []);
  assert.deepEqual(kept.addBlock(run(10, 2)), []);
  assert.equal(kept.count, 9);
  const transactions = [named(21, 0), named(33, 0), named(99, 0)];
  kept.removeForBlock(blockOf(transactions));
  assert.equal(kept.count, 7);
  assert.deepEqual(names(kept.take()), [10, 11, 20, 22, 30, 31, 32]);
  assert.equal(kept.count, 0);
  assert.equal(kept.usedBytes, 0);
  assert.deepEqual(kept.take(), []);
});

test('beyond the bound those nearest to the old tip are given up, children before parents', () => {
  const one = new DisconnectedTransactions(TEST_RNG);
  one.addBlock(run(1, 2, 1_000));
  // room for four transactions of about this size
  const kept = new DisconnectedTransactions(TEST_RNG, 2 * one.usedBytes);
  one.take();
  assert.deepEqual(names(kept.addBlock(run(30, 3, 1_000))), []);
  assert.deepEqual(names(kept.addBlock(run(20, 3, 1_000))), [32, 31]);
  assert.deepEqual(names(kept.addBlock(run(10, 2, 1_000))), [30, 22]);
  assert.deepEqual(names(kept.take()), [10, 11, 20, 21]);
});

test('what is kept does not keep its block in memory', () => {
  const kept = new DisconnectedTransactions(TEST_RNG);
  const block = run(1, 3, 500);
  kept.addBlock(block);
  for (const transaction of kept.take()) {
    assert.notEqual(transaction.bytes.buffer, block.bytes.buffer);
    assert.ok(transaction.bytes.buffer.byteLength < 1_000);
  }
});

test('a block of many transactions can be given up as a whole', () => {
  const kept = new DisconnectedTransactions(TEST_RNG, 0);
  assert.deepEqual(names(kept.addBlock(run(1, 5))), [5, 4, 3, 2, 1]);
  assert.equal(kept.count, 0);
  assert.deepEqual(names(kept.addBlock(run(11, 2))), [12, 11]);
  assert.equal(DISCONNECTED_BYTES_MAX, 20_000_000);
});
