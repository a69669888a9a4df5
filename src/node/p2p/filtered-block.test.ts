import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { extractMatches } from '../../kernel/primitives/partial-merkle-tree.ts';
import type { Message } from '../wire/messages.ts';
import { BloomFilter } from './bloom-filter.ts';
import { filterBlock } from './filtered-block.ts';

const BRANCH: BranchBuilder = new BranchBuilder();
BRANCH.mineMany(103);
const BLOCK = BRANCH.mine({ transactions: [1, 2, 3].map((height) => BRANCH.spendCoinbase(height)), commits: true });

function emptyFilter(): BloomFilter {
  return new BloomFilter({ filter: new Uint8Array(50), hashFunctionCount: 20, tweak: 7, flags: 1 });
}

function allOf(filter: BloomFilter): Message[] {
  return [...filterBlock(BLOCK, filter)].filter((message) => message !== undefined);
}

/** Places of the transactions that a merkleblock proves, and of those that come behind it. */
function placesIn([first, ...rest]: readonly Message[]): { readonly proved: number[]; readonly given: number[] } {
  assert.ok(first?.type === 'merkleblock');
  const found = extractMatches(first.merkleBlock.tree);
  assert.ok(found.ok);
  assert.deepEqual(found.value.merkleRoot, BLOCK.header.merkleRoot);
  assert.deepEqual(first.merkleBlock.header.blockHash, BLOCK.header.blockHash);
  const given = rest.map((message) => {
    assert.ok(message.type === 'tx' && message.isStripped === true, 'as it was before witnesses, as Core sends it');
    return Array.from({ length: BLOCK.txCount }, (_, i) => i).find(
      (i) => BLOCK.transaction(i) === message.transaction,
    )!;
  });
  return { proved: found.value.matches.map(({ position }) => position), given };
}

test('a block through a filter is a proof of what matches, and then that', () => {
  const filter = emptyFilter();
  filter.insert(BLOCK.transaction(2).txid);
  assert.deepEqual(placesIn(allOf(filter)), { proved: [2], given: [2] });
});

test('a block in which nothing matches is proved to be there, and that is all', () => {
  assert.deepEqual(placesIn(allOf(emptyFilter())), { proved: [], given: [] });
});

test('a filter without bits gets the whole block', () => {
  const filter = new BloomFilter({ filter: new Uint8Array(0), hashFunctionCount: 0, tweak: 0, flags: 0 });
  assert.deepEqual(placesIn(allOf(filter)), { proved: [0, 1, 2, 3], given: [0, 1, 2, 3] });
});
