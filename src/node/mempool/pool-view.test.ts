import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTo, blockOf, coin, createPool, payment } from '../../../test/model/pool-fixture.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { createCompactBlock } from '../p2p/compact-block.ts';
import { EMPTY_POOL, PartialBlock, type TransactionPool } from '../p2p/partial-block.ts';

test('a compact block is put together from the pool', () => {
  const pool = createPool();
  const transactions = Array.from({ length: 200 }, (_, n) => payment([coin(n)], { hasWitness: n % 2 === 0 }));
  for (const transaction of transactions) addTo(pool, transaction);
  const view: TransactionPool = pool.view;
  const inBlock = transactions.filter((_, n) => n % 3 === 0);
  const block = blockOf([payment([coin(2_000)]), ...inBlock, payment([coin(1_000)])]);
  const partial = new PartialBlock();
  assert.equal(partial.begin(createCompactBlock(block, createRng(1)), view, EMPTY_POOL), 'ok');
  assert.deepEqual(partial.counts, { prefilled: 1, pool: 67, extra: 0 });
  assert.deepEqual(partial.missing(), [68]);
});

test('the view shows every entry once, with its wtxid, until it is told to stop', () => {
  const pool = createPool();
  const seen = (): string[] => {
    const wtxids: string[] = [];
    pool.view.forEachTransaction((bytes, at, transaction) => {
      assert.equal(toHex(bytes.subarray(at, at + 32)), toHex(transaction.wtxid));
      wtxids.push(toHex(transaction.wtxid));
      return true;
    });
    return wtxids.sort();
  };
  const entries = Array.from({ length: 100 }, (_, n) => addTo(pool, payment([coin(n)], { hasWitness: n % 2 === 0 })));
  for (const entry of entries.slice(20, 60)) pool.removeRecursive(entry, 'expiry');
  const later = Array.from({ length: 30 }, (_, n) => addTo(pool, payment([coin(200 + n)], { hasWitness: true })));
  const expected = [...entries.slice(0, 20), ...entries.slice(60), ...later];
  assert.deepEqual(seen(), expected.map(({ transaction }) => toHex(transaction.wtxid)).sort());
  assert.equal(pool.view.count, 90);
  let visits = 0;
  pool.view.forEachTransaction(() => ++visits < 5);
  assert.equal(visits, 5);
});
