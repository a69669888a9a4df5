import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BitRows } from './bitset.ts';
import { createRng } from './prng.ts';

function members(rows: BitRows, row: number): number[] {
  const found: number[] = [];
  for (let bit = rows.next(row, -1); bit >= 0; bit = rows.next(row, bit)) found.push(bit);
  return found;
}

test('every operation on rows of bits does what it does on sets of numbers', () => {
  const rng = createRng(1);
  const rows = new BitRows(3);
  let sets = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (let step = 0; step < 4_000; step++) {
    const a = rng.below(3);
    const b = rng.below(3);
    const bit = rng.below(64);
    const count = rng.below(65);
    const operation = rng.below(7);
    if (operation === 0) rows.add(a, bit);
    else if (operation === 1) rows.unite(a, rows, b);
    else if (operation === 2) rows.intersect(a, rows, b);
    else if (operation === 3) rows.subtract(a, rows, b);
    else if (operation === 4) rows.copy(a, rows, b);
    else if (operation === 5 && step % 5 === 0) rows.clear(a);
    else if (operation === 6 && step % 5 === 0) rows.fill(a, count);
    const other = sets[b]!;
    sets = sets.map((set, row) => {
      if (row !== a) return set;
      if (operation === 0) return new Set([...set, bit]);
      if (operation === 1) return new Set([...set, ...other]);
      if (operation === 2) return new Set([...set].filter((n) => other.has(n)));
      if (operation === 3) return new Set([...set].filter((n) => !other.has(n)));
      if (operation === 4) return new Set(other);
      if (operation === 5 && step % 5 === 0) return new Set();
      if (operation === 6 && step % 5 === 0) return new Set(Array.from({ length: count }, (_, n) => n));
      return set;
    });
    sets.forEach((set, row) => {
      assert.deepEqual(
        members(rows, row),
        [...set].sort((x, y) => x - y),
      );
      assert.equal(rows.count(row), set.size);
      assert.equal(rows.isEmpty(row), set.size === 0);
      assert.equal(rows.has(row, bit), set.has(bit));
    });
    const [setA, setB] = [sets[a]!, sets[b]!];
    const isSubset = [...setA].every((n) => setB.has(n));
    assert.equal(rows.isSubset(a, rows, b), isSubset);
    assert.equal(rows.isEqual(a, rows, b), isSubset && setA.size === setB.size);
    assert.equal(
      rows.overlaps(a, rows, b),
      [...setA].some((n) => setB.has(n)),
    );
  }
});

test('a row is set from two words with all numbers raised', () => {
  const rows = new BitRows(1);
  rows.setRaised(0, 0x80000001, 0, 0);
  assert.deepEqual(members(rows, 0), [0, 31]);
  rows.setRaised(0, 0x80000001, 1, 1);
  assert.deepEqual(members(rows, 0), [1, 32, 33]);
  rows.setRaised(0, 0x80000001, 0, 32);
  assert.deepEqual(members(rows, 0), [32, 63]);
  rows.setRaised(0, 1, 0, 63);
  assert.deepEqual(members(rows, 0), [63]);
  rows.setRaised(0, 5, 2, 0);
  assert.deepEqual(members(rows, 0), [0, 2, 33]);
});
