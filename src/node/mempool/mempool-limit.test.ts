import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputOf } from '../../../test/model/block-builder.ts';
import { addTo, blockOf, coin, createPool, payment, START_SEC } from '../../../test/model/pool-fixture.ts';
import { encodeOutpoint } from '../../kernel/primitives/outpoint.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import type { MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';
import type { TrimmedEvent } from './mempool-events.ts';

/** Virtual bytes of every transaction here: one input without scriptSig, one output of 22 bytes of script. */
const VSIZE = 82;

const HALF_LIFE_SEC = 43_200;

/** Fills a pool with payments of 1, 2, 3 … satoshis per virtual byte until one more than fits is there, and returns all of them. */
function fill(pool: Mempool): MempoolEntry[] {
  const entries: MempoolEntry[] = [];
  while (pool.usedBytes <= pool.options.mempoolBytesMax) {
    const rate = entries.length + 1;
    entries.push(addTo(pool, payment([coin(rate)]), { feeSat: VSIZE * rate }));
  }
  return entries;
}

test('M01: the chunk of the lowest feerate leaves first, and the minimum is just above it', () => {
  const pool = createPool({ mempoolBytesMax: 400_000 });
  const entries = fill(pool);
  assert.ok(entries.length > 200);
  assert.equal(pool.minimumFeerate(START_SEC), 0);
  const told: TrimmedEvent[] = [];
  pool.signals.trimmed.subscribe((event) => told.push(event));
  const freed = pool.trimToSize();
  assert.ok(pool.usedBytes <= 400_000);
  assert.deepEqual(told, [{ count: 1, minimumFeerate: 1_100 }]);
  assert.deepEqual(freed, encodeOutpoint(coin(1)));
  assert.ok(!pool.contains(entries[0]!) && pool.contains(entries[1]!));
  assert.equal(pool.size, entries.length - 1);
  assert.equal(pool.minimumFeerate(START_SEC), 1_100, '1,000 and the incremental 100');
  assert.deepEqual(pool.trimToSize(), new Uint8Array(0), 'it fits');
  assert.equal(told.length, 1);
  pool.sanityCheck();
});

test('M01: a flood of cheap transactions comes in one door and out of the other, and the minimum stays', () => {
  const pool = createPool({ mempoolBytesMax: 400_000 });
  const entries = fill(pool);
  pool.trimToSize();
  for (let i = 0; i < 2_000; i++) {
    // 1.1 satoshis per virtual byte: as much as the minimum
    addTo(pool, payment([coin(100_000 + i)]), { feeSat: 91 });
    pool.trimToSize();
    assert.ok(pool.usedBytes <= 400_000);
  }
  // Tables that grow may take the room of a few entries and leave that of one or two; the dear ones do not feel it.
  assert.ok(Math.abs(pool.size - entries.length) <= 4, `${pool.size} of ${entries.length}`);
  assert.ok(entries.slice(4).every((entry) => pool.contains(entry)));
  const minimum = pool.minimumFeerate(START_SEC);
  // 91,000 / 82 = 1,109.7…, and 100; or what the second to fourth entry paid, and 100
  assert.ok([1_209, 2_100, 3_100, 4_100].includes(minimum), `${minimum}`);
  pool.sanityCheck();
});

test('M01: the minimum falls by half in twelve hours after a block, to the incremental feerate, and then it is gone', () => {
  const pool = createPool({ mempoolBytesMax: 400_000 });
  fill(pool);
  pool.trimToSize();
  assert.equal(pool.minimumFeerate(START_SEC + 100 * HALF_LIFE_SEC), 1_100, 'there was no block yet');
  pool.removeForBlock(blockOf([]), 1, START_SEC);
  const figures = Array.from({ length: 6 }, (_, i) => pool.minimumFeerate(START_SEC + i * HALF_LIFE_SEC));
  // 1,100, 550, 275, 137.5, 68.75 (less than the incremental feerate, at least half of it), 34.375
  assert.deepEqual(figures, [1_100, 550, 275, 138, 100, 0]);
});

test('M01: the minimum falls faster when a block has emptied the pool', () => {
  const pool = createPool({ mempoolBytesMax: 400_000 });
  const entries = fill(pool);
  pool.trimToSize();
  const mined = entries.slice(1).map(({ transaction }) => transaction);
  pool.removeForBlock(blockOf(mined), 1, START_SEC);
  assert.equal(pool.size, 0);
  assert.ok(pool.usedBytes < 100_000, 'less than a quarter');
  // a half-life of three hours: 1,100 / 2^4
  assert.equal(pool.minimumFeerate(START_SEC + HALF_LIFE_SEC), 100, '68.75 is less than the incremental feerate');
  assert.equal(pool.minimumFeerate(START_SEC + HALF_LIFE_SEC + HALF_LIFE_SEC / 4), 0);
});

test('M01: a parent that pays little stays while its child pays for both, and they leave as one chunk', () => {
  const pool = createPool({ mempoolBytesMax: 400_000 });
  const parent = addTo(pool, payment([coin(900_001)]), { feeSat: 0 });
  const child = addTo(pool, payment([outputOf(parent.transaction), coin(900_002)]), { feeSat: 20_000 });
  const poor = addTo(pool, payment([coin(900_003)]), { feeSat: VSIZE / 2 });
  fill(pool);
  pool.trimToSize();
  assert.ok(pool.contains(parent) && pool.contains(child) && !pool.contains(poor));
  assert.equal(pool.minimumFeerate(START_SEC), 600, '41 for 82, and 100');
  // taken off by the operator, the child pays 100 for 205 virtual bytes: 487 and 100
  pool.prioritise(child.transaction.txid, -19_900);
  addTo(pool, payment([coin(900_004)]), { feeSat: 1_000_000 });
  const freed = pool.trimToSize();
  assert.ok(!pool.contains(parent) && !pool.contains(child));
  const first = concatBytes(encodeOutpoint(outputOf(parent.transaction)), encodeOutpoint(coin(900_002)));
  assert.deepEqual(freed, concatBytes(first, encodeOutpoint(coin(900_001))), 'child first');
  assert.equal(child.vsize, 123);
  assert.equal(pool.minimumFeerate(START_SEC), 600, 'a cheaper eviction does not lower it');
  pool.sanityCheck();
});
