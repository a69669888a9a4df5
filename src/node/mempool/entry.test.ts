import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockOf, coin, factsOf, payment } from '../../../test/model/pool-fixture.ts';
import { type Transaction, toTransactionData } from '../../kernel/primitives/transaction.ts';
import { detachInOnePiece, PoolEntry } from './entry.ts';

/** Every transaction as a view of one block, so that offsets do not begin at zero. */
function viewsOf(transactions: readonly Transaction[]): Transaction[] {
  const block = blockOf(transactions);
  return transactions.map((_, i) => block.transaction(i));
}

test('a transaction in one piece is the same transaction, in memory of its own and no more than it needs', () => {
  const many = Array.from({ length: 300 }, (_, n) => coin(n));
  const views = viewsOf([
    payment([coin(1)]),
    payment([coin(1), coin(2)], { hasWitness: true, outputs: 3 }),
    payment(many, { outputs: 400 }),
    payment(many, { hasWitness: true, scriptBytes: 10_000 }),
  ]);
  // words: six, one per input, one per output, and one per witness
  const words = [8, 6 + 2 + 3 + 2, 6 + 300 + 400, 6 + 300 + 1 + 300];
  views.forEach((view, i) => {
    const detached = detachInOnePiece(view);
    assert.deepEqual(toTransactionData(detached), toTransactionData(view));
    assert.deepEqual(detached.serialized(), view.serialized());
    assert.deepEqual(detached.txid, view.txid);
    assert.deepEqual(detached.wtxid, view.wtxid);
    assert.equal(detached.weightWu, view.weightWu);
    assert.equal(detached.hasWitness, view.hasWitness);
    assert.equal(detached.start, 0);
    const hashes = view.hasWitness ? 64 : 32;
    assert.equal(detached.bytes.buffer.byteLength, 4 * words[i]! + view.totalSize + hashes);
    assert.equal(detached.wtxid.buffer, detached.bytes.buffer, 'its hashes lie in the same piece');
    assert.equal(detachInOnePiece(detached), detached, 'what is in one piece stays there');
  });
});

test('an entry asks for its handle with the fee and the weight that decide its place', () => {
  const asked: number[][] = [];
  const entry = new PoolEntry(factsOf(payment([coin(1)]), { feeSat: 700, sigopsCost: 20 }), 500, 20, (...args) => {
    asked.push(args);
    return 5;
  });
  // 82 bytes weigh 328; twenty operations of twenty bytes weigh more
  assert.deepEqual(asked, [[500, 400]]);
  assert.deepEqual(
    [entry.ref, entry.feeSat, entry.modifiedFeeSat, entry.weightWu, entry.vsize],
    [5, 700, 500, 400, 100],
  );
});
