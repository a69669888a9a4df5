import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerPage } from '../../../platform/browser/lesson-ledger.ts';
import { computeBranchRow, widthOf } from './branch-layout.ts';

function page(hash: string, work: number, isActive: boolean): LedgerPage {
  return { hash, previousHash: '', height: 1, work, isActive, payments: [] };
}

test('a branch is as wide as its work, ends with its last page, and counts when that page does', () => {
  const pages = [page('a1', 2, false), page('a2', 2, false), page('b1', 8, true)];
  const a = computeBranchRow(pages, ['a1', 'a2'], 'fork');
  const b = computeBranchRow(pages, ['b1'], 'fork');
  assert.deepEqual([a.work, a.isActive, a.lastHash], [4, false, 'a2']);
  assert.deepEqual([b.work, b.isActive, b.lastHash], [8, true, 'b1']);
  assert.ok(widthOf(b) > widthOf(a));
  assert.deepEqual(
    a.boxes.map(({ x, width }) => x + width <= widthOf(a)),
    [true, true],
  );
});

test('a branch without pages has no work and ends with the common page', () => {
  const row = computeBranchRow([], [], 'fork');
  assert.deepEqual([row.work, row.isActive, row.lastHash, widthOf(row)], [0, false, 'fork', 0]);
});
