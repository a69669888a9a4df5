// Requests for blocks that are stored and not judged yet: they were announced before they were connected (BIP152), so that somebody
// may ask before there is a verdict.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../kernel/chain/memory-chain.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { InventoryList } from '../wire/packed-lists.ts';
import { NODE_NETWORK } from '../wire/protocol.ts';
import { BlockServing, type ServedPeer } from './block-serving.ts';
import { asPeerId } from './peer-id.ts';

const WITNESS_BLOCK = 0x4000_0002;
const PEER: ServedPeer = {
  id: asPeerId(1),
  localServices: NODE_NETWORK,
  hasNoBan: false,
  isUnlimited: false,
  bloomFilter: null,
};

interface Setup {
  readonly branch: BranchBuilder;
  readonly chain: Chainstate;
  readonly serving: BlockServing;
  ask(...blocks: readonly Block[]): void;
  take(nowMs: number): string;
}

/** A chain that stores four blocks and connects the first three. */
async function setUp(): Promise<Setup> {
  const branch = new BranchBuilder();
  branch.mineMany(4);
  const chain = await openMemoryChain(branch.network, { heightMax: 3 });
  for (const block of branch.blocks) await chain.submitBlock(block, NOW_SEC);
  assert.equal(chain.height, 3);
  const { index, active, minimumChainWork } = chain;
  const view = {
    index,
    active,
    minimumChainWork,
    isInitialDownload: false,
    isPruning: false,
    acceptHeaders: () => assert.fail('nothing is taken in'),
  };
  const serving = new BlockServing(view, branch.network.consensus);
  const ask = (...blocks: readonly Block[]): void => {
    const items = blocks.map(({ header }) => ({ type: WITNESS_BLOCK, hash: header.blockHash }));
    serving.add(PEER.id, InventoryList.of(items));
  };
  return { branch, chain, serving, ask, take: (nowMs) => serving.takeNext(PEER, NOW_SEC, nowMs).type };
}

test('a block without a verdict is waited for, and what was asked for behind it', async () => {
  const { branch, serving, ask, take } = await setUp();
  ask(branch.at(3), branch.at(4), branch.at(1));
  assert.equal(take(0), 'block');
  assert.equal(serving.isWaiting(PEER.id), false);
  for (const nowMs of [0, 1, 19_999]) assert.equal(take(nowMs), 'wait');
  assert.deepEqual([serving.isWaiting(PEER.id), serving.isBusy(PEER.id)], [true, true]);
});

test('the wait ends after 20 seconds, since nobody may be kept waiting by a chain that stands still', async () => {
  const { branch, ask, take } = await setUp();
  ask(branch.at(4), branch.at(1));
  assert.deepEqual([take(5), take(20_004), take(20_005), take(20_005)], ['wait', 'wait', 'more', 'block']);
});

test('the wait ends with the verdict, whatever it is', async () => {
  const { branch, chain, serving, ask, take } = await setUp();
  ask(branch.at(4), branch.at(1));
  assert.equal(take(0), 'wait');
  await chain.invalidateBlock(branch.at(4).header.blockHash, NOW_SEC);
  assert.equal(take(0), 'more');
  assert.equal(serving.isWaiting(PEER.id), false);
  assert.equal(take(0), 'block');
});

test('a stored block of a branch that is no better gets no verdict, and is not waited for', async () => {
  const { branch, chain, ask, take } = await setUp();
  const fork = branch.fork(2);
  await chain.submitBlock(fork.mine(), NOW_SEC);
  ask(fork.tip);
  assert.equal(take(0), 'more');
});
