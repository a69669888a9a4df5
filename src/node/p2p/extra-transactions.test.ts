import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { CompactWorld, numbered } from '../../../test/model/compact-world.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { decodeTransaction } from '../../kernel/primitives/transaction.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { ExtraTransactions } from './extra-transactions.ts';
import { EMPTY_POOL } from './partial-block.ts';

/** Txids of what is kept. */
function kept(extra: ExtraTransactions): Uint8Array[] {
  const txids: Uint8Array[] = [];
  extra.forEachTransaction((wtxids, at, transaction) => {
    assert.deepEqual(wtxids.slice(at, at + 32), transaction.wtxid);
    return txids.push(transaction.txid) > 0;
  });
  return txids;
}

const txidsOf = (transactions: readonly Transaction[]): Uint8Array[] => transactions.map(({ txid }) => txid);

/** A transaction of so many bytes. */
function sized(bytes: number): Transaction {
  const base = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1, new Uint8Array(300))]).totalSize - 300;
  return makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1, new Uint8Array(bytes - base - 2))]);
}

test('a hundred are kept, and the newest takes the place of the oldest', () => {
  const extra = new ExtraTransactions();
  const transactions = numbered(103);
  for (const transaction of transactions.slice(0, 100)) extra.addReplaced(transaction);
  assert.deepEqual([extra.count, kept(extra)], [100, txidsOf(transactions.slice(0, 100))]);
  for (const transaction of transactions.slice(100)) extra.addReplaced(transaction);
  assert.deepEqual(
    [extra.count, kept(extra)],
    [100, txidsOf([...transactions.slice(100), ...transactions.slice(3, 100)])],
  );
});

test('with room for none none is kept', () => {
  const extra = new ExtraTransactions(0);
  extra.addReplaced(numbered(1)[0]!);
  assert.equal(extra.count, 0);
});

test('of those that were refused only such are kept as are shorter than 100,000 bytes', () => {
  const extra = new ExtraTransactions();
  const [fits, tooLarge] = [sized(99_999), sized(100_000)];
  assert.deepEqual([fits.totalSize, tooLarge.totalSize], [99_999, 100_000]);
  extra.addRefused(tooLarge);
  assert.equal(extra.count, 0);
  extra.addRefused(fits);
  assert.deepEqual(kept(extra), [fits.txid]);
  extra.addReplaced(tooLarge);
  assert.equal(extra.count, 2, 'the mempool had taken it');
});

test('what is kept does not hold the message that it came in', () => {
  const extra = new ExtraTransactions();
  const [transaction] = numbered(1);
  const message = concatBytes(transaction!.bytes, new Uint8Array(1_000_000));
  const decoded = decodeTransaction(message.subarray(0, transaction!.totalSize));
  assert.ok(decoded.ok);
  extra.addRefused(decoded.value);
  extra.forEachTransaction((_wtxids, _at, own) => own.bytes.buffer.byteLength < 1_000 || assert.fail('a copy'));
});

test('a visit ends when the visitor has seen enough', () => {
  const extra = new ExtraTransactions();
  for (const transaction of numbered(3)) extra.addReplaced(transaction);
  let seen = 0;
  extra.forEachTransaction(() => ++seen < 2);
  assert.equal(seen, 2);
});

test('a block in compact form is put together from transactions that were replaced or refused', async () => {
  const extra = new ExtraTransactions();
  const world = await CompactWorld.open({ pools: { pool: EMPTY_POOL, extra } });
  const peer = world.join('inbound', 'announces');
  const transactions = numbered(3);
  extra.addReplaced(transactions[0]!);
  extra.addRefused(transactions[2]!);
  world.sendCompact(peer, world.branch.mine({ transactions }));
  assert.deepEqual(world.take(), ['0 getblocktxn 2'], 'the one in the middle is missing');
});
