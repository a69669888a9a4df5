import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { ChunkIndex } from './tx-graph-chunk-index.ts';
import { TxTable } from './tx-graph-table.ts';

/** A table with chunks of one transaction each. */
function tableOf(rates: readonly (readonly [feeSat: number, weightWu: number, tieBreak: number])[]): TxTable {
  const table = new TxTable();
  for (const [feeSat, weightWu, tieBreak] of rates) {
    const ref = table.allocate(feeSat, weightWu, tieBreak);
    table.chunkFeesSat[ref] = feeSat;
    table.chunkWeightsWu[ref] = weightWu;
    table.chunkPrefixesWu[ref] = weightWu;
    table.chunkLastTies[ref] = ref;
  }
  return table;
}

function contents(index: ChunkIndex): number[] {
  const cursor = { block: 0, at: 0 };
  const heads: number[] = [];
  for (let head = index.next(cursor); head !== undefined; head = index.next(cursor)) heads.push(head);
  return heads;
}

test('thousands of chunks that come and go are always in order, best first', () => {
  const rng = createRng(1);
  const table = tableOf(Array.from({ length: 3_000 }, () => [rng.below(40), 1 + rng.below(4), rng.below(9)] as const));
  const index = new ChunkIndex(table);
  const present = new Set<number>();
  // in three waves: it grows to most of them, shrinks to a few, and grows again
  for (let step = 0; step < 30_000; step++) {
    const head = rng.below(3_000);
    const isGrowing = Math.floor(step / 10_000) !== 1;
    if (present.has(head) && (!isGrowing || rng.below(8) === 0)) {
      index.remove(head);
      present.delete(head);
    } else if (!present.has(head) && (isGrowing || rng.below(8) === 0)) {
      index.insert(head);
      present.add(head);
    }
    if (step % 1_000 !== 999) continue;
    const expected = [...present].sort(
      (a, b) =>
        table.chunkFeesSat[b]! / table.chunkWeightsWu[b]! - table.chunkFeesSat[a]! / table.chunkWeightsWu[a]! ||
        table.chunkPrefixesWu[a]! - table.chunkPrefixesWu[b]! ||
        table.tieBreaks[a]! - table.tieBreaks[b]! ||
        a - b,
    );
    assert.deepEqual(contents(index), expected);
    assert.equal(index.count, expected.length);
    assert.equal(index.last(), expected.at(-1));
  }
  for (const head of present) index.remove(head);
  assert.deepEqual(contents(index), []);
  assert.equal(index.last(), undefined);
});

test('fees whose products with weights exceed 53 bits are compared exactly', () => {
  const table = tableOf([
    [2_100_000_000_000_000, 399_999, 0],
    [2_100_000_000_000_001, 399_999, 0],
    [2_100_000_000_000_000, 400_000, 0],
    [4_200_000_000_000_000, 800_000, 0],
  ]);
  const index = new ChunkIndex(table);
  for (const head of [3, 2, 1, 0]) index.insert(head);
  assert.deepEqual(contents(index), [1, 0, 2, 3]);
});

test('a chunk that is not there cannot be taken out', () => {
  const index = new ChunkIndex(
    tableOf([
      [5, 1, 0],
      [6, 1, 0],
    ]),
  );
  assert.throws(() => index.remove(0), /the chunk is in the index/);
  index.insert(1);
  assert.throws(() => index.remove(0), /the chunk is in the index/);
});
