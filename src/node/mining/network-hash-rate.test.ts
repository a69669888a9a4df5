import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import { estimateNetworkHashRate } from './network-hash-rate.ts';

/** Two hashes of work per block. */
function branchWith(times: readonly number[]): HeaderBranch {
  return {
    height: times.length - 1,
    timeSec: (at) => times[at]!,
    bits: () => 0x207fffff,
    version: () => 4,
    blockHash: () => asBlockHash(new Uint8Array(32)),
  };
}

test('work over time, of the last blocks, at a height, or since the last change of difficulty', () => {
  const branch = branchWith([0, 10, 20, 30, 40, 60]);
  assert.equal(estimateNetworkHashRate(branch, 2016, 1), 0.1);
  assert.equal(estimateNetworkHashRate(branch, 2016, 2), 4 / 30);
  assert.equal(estimateNetworkHashRate(branch, 2016, 120), 10 / 60);
  assert.equal(estimateNetworkHashRate(branch, 2016, 120, 2), 0.2);
  assert.equal(estimateNetworkHashRate(branch, 2016, -1), 10 / 60);
  assert.equal(estimateNetworkHashRate(branch, 4, -1), 4 / 30);
  assert.equal(estimateNetworkHashRate(branch, 2016, 120, 0), 0);
});

test('times that go back count by their extremes, and equal ones give nothing', () => {
  assert.equal(estimateNetworkHashRate(branchWith([100, 50, 90]), 2016, 2), 4 / 50);
  assert.equal(estimateNetworkHashRate(branchWith([100, 100, 100]), 2016, 2), 0);
});
