import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { NO_ROW, TxIndex } from './tx-announcement-index.ts';

const ROWS = 3_000;

test('rows are found by their hashes, however many come and go', () => {
  const rng = createRng(4);
  const column = { hashes: rng.bytes(32 * ROWS) };
  const hashOf = (row: number): Uint8Array => column.hashes.slice(32 * row, 32 * (row + 1));
  const index = new TxIndex(column, rng);
  const inside = new Set<number>();
  for (let i = 0; i < 40_000; i++) {
    // grows for a while, then shrinks
    const row = rng.below(ROWS);
    const adds = rng.below(3) < (i < 20_000 ? 2 : 1);
    if (adds && !inside.has(row)) {
      index.add(row);
      inside.add(row);
    } else if (!adds && inside.has(row)) {
      index.delete(row);
      inside.delete(row);
    }
    assert.equal(index.size, inside.size);
    const asked = rng.below(ROWS);
    assert.equal(index.find(hashOf(asked)), inside.has(asked) ? asked : NO_ROW, toHex(hashOf(asked)));
  }
  for (let row = 0; row < ROWS; row++) assert.equal(index.find(hashOf(row)), inside.has(row) ? row : NO_ROW);
});

test('a hash that was never added is not found', () => {
  const rng = createRng(5);
  const column = { hashes: rng.bytes(32 * 2) };
  const index = new TxIndex(column, rng);
  assert.equal(index.find(new Uint8Array(32)), NO_ROW);
  index.add(0);
  assert.equal(index.find(column.hashes.slice(32)), NO_ROW);
});
