import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { NO_SLOT, ProbeTable } from './mempool-table.ts';

/** Everything with a hash, as text, in rising order. */
function found(table: ProbeTable, hash: number): string[] {
  const items: string[] = [];
  for (let slot = table.first(hash); slot !== NO_SLOT; slot = table.next(slot)) {
    items.push(`${table.item(slot)}:${table.part(slot)}`);
  }
  return items.sort();
}

test('a table finds all items of a hash and no others, against a map, while it grows and shrinks', () => {
  const rng = createRng(1);
  const table = new ProbeTable();
  const twin = new Map<number, string[]>();
  // few hashes, of which many fall into the same places, also at the end of the table
  const hashes = Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? -1 - (i << 8) : (i << 8) | 63));
  const lengths: number[] = [];
  for (let step = 0; step < 24_000; step++) {
    const hash = hashes[rng.below(hashes.length)]!;
    const items = twin.get(hash) ?? [];
    const wantsMore = step % 12_000 < 4_000 ? 7 : 0;
    if (rng.below(10) < wantsMore) {
      const part = rng.below(65_536);
      table.add(hash, step, part);
      twin.set(hash, [...items, `${step}:${part}`].sort());
    } else if (items.length > 0) {
      table.release(table.first(hash));
      const left = found(table, hash);
      assert.equal(left.length, items.length - 1);
      assert.ok(left.every((item) => items.includes(item)));
      twin.set(hash, left);
    }
    if (step % 100 === 0) for (const other of hashes) assert.deepEqual(found(table, other), twin.get(other) ?? []);
    lengths.push(table.usedBytes);
  }
  assert.equal(
    table.count,
    [...twin.values()].reduce((sum, items) => sum + items.length, 0),
  );
  assert.ok(Math.max(...lengths) > 20_480, 'it grew');
  assert.ok(Math.min(...lengths.slice(4_000)) < 2_560, 'it shrank');
});

test('memory follows the need: between 16 and 80 bytes for an item once there are many', () => {
  const table = new ProbeTable();
  for (let i = 1; i <= 10_000; i++) table.add(i * 7_919, i, 0);
  assert.equal(table.usedBytes, 163_840, '16,384 slots of ten bytes');
  for (let i = 1; i <= 9_990; i++) table.release(table.first(i * 7_919));
  assert.equal(table.usedBytes, 640, '64 slots');
  assert.equal(table.count, 10);
});
