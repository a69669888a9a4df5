import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../kernel/chain/memory-chain.ts';
import { type Announcement, BlockRelay } from './block-relay.ts';
import type { ChainView } from './chain-view.ts';
import { asPeerId } from './peer-id.ts';

const PEER = asPeerId(1);

class World {
  readonly chain: Chainstate;
  readonly branch: BranchBuilder;
  readonly relay: BlockRelay;
  bestKnown: BlockEntry = NO_ENTRY;
  wantsHeaders = true;
  wantsCompact = false;

  private constructor(chain: Chainstate, branch: BranchBuilder) {
    this.chain = chain;
    this.branch = branch;
    this.relay = new BlockRelay(chain as unknown as ChainView);
    this.relay.peerJoined(PEER);
    chain.signals.tipChanged.subscribe(({ tip, fork }) => this.relay.tipChanged(tip, fork));
  }

  /** A chain of 20 blocks, of which the peer knows the first ten; nothing waits to be told. */
  static async open(): Promise<World> {
    const branch = new BranchBuilder();
    branch.mineMany(20);
    const chain = await openMemoryChain(branch.network);
    await chain.activate(NOW_SEC);
    for (const block of branch.blocks) await chain.submitBlock(block, NOW_SEC);
    const world = new World(chain, branch);
    world.bestKnown = world.entry(20);
    return world;
  }

  entry(height: number, branch: BranchBuilder = this.branch): BlockEntry {
    return this.chain.index.find(branch.at(height).header.blockHash);
  }

  async add(count: number, branch: BranchBuilder = this.branch): Promise<void> {
    for (const block of branch.mineMany(count)) await this.chain.submitBlock(block, NOW_SEC);
  }

  take(): readonly (readonly [Announcement['type'], readonly number[]])[] {
    const { index } = this.chain;
    const { bestKnown, wantsHeaders, wantsCompact } = this;
    return this.relay.takeAnnouncements(PEER, { bestKnown, wantsHeaders, wantsCompact }).map((one) => {
      if (one.type === 'compact-block') return [one.type, [index.height(one.entry)]];
      const hashes = one.type === 'inv' ? one.blockHashes : one.headers.map(({ blockHash }) => blockHash);
      return [one.type, hashes.map((hash) => index.height(index.find(hash)))];
    });
  }
}

test('a peer that wants headers gets those that it has not, up to eight', async () => {
  const world = await World.open();
  await world.add(1);
  assert.deepEqual(world.take(), [['headers', [21]]]);
  assert.deepEqual(world.take(), []);
  await world.add(7);
  assert.deepEqual(world.take(), [['headers', [22, 23, 24, 25, 26, 27, 28]]], 'what it was sent it has');
  await world.add(9);
  assert.deepEqual(world.take(), [['inv', [37]]], 'more than eight: the last by name');
});

test('a peer that wants neither headers nor compact blocks gets the name of the last block', async () => {
  const world = await World.open();
  world.wantsHeaders = false;
  await world.add(3);
  assert.deepEqual(world.take(), [['inv', [23]]]);
});

test('a peer that wants compact blocks gets one, or else headers or a name', async () => {
  const world = await World.open();
  world.wantsCompact = true;
  await world.add(1);
  assert.deepEqual(world.take(), [['compact-block', [21]]]);
  await world.add(2);
  assert.deepEqual(world.take(), [['headers', [22, 23]]]);
  world.wantsHeaders = false;
  await world.add(2);
  assert.deepEqual(world.take(), [['inv', [25]]]);
  world.bestKnown = world.entry(25);
  await world.add(1);
  assert.deepEqual(world.take(), [['compact-block', [26]]]);
});

test('a peer that told us of a block does not hear of it', async () => {
  const world = await World.open();
  await world.add(3);
  world.bestKnown = world.entry(23);
  assert.deepEqual(world.take(), []);
  await world.add(3);
  world.bestKnown = world.entry(25);
  assert.deepEqual(world.take(), [['headers', [26]]]);
});

test('headers that would not connect to what the peer has are not sent', async () => {
  const world = await World.open();
  world.bestKnown = NO_ENTRY;
  await world.add(1);
  assert.deepEqual(world.take(), [['inv', [21]]]);
  world.relay.noteHeaderSent(PEER, world.entry(21));
  await world.add(1);
  assert.deepEqual(world.take(), [['headers', [22]]]);
});

test('C35: after a reorganisation the new branch is told, and what was left in the meantime leads to a name', async () => {
  const world = await World.open();
  const fork = world.branch.fork(18);
  await world.add(3, fork);
  assert.deepEqual(world.take(), [['headers', [19, 20, 21]]]);
  await world.add(1, fork);
  const other = fork.fork(21);
  await world.add(2, other);
  assert.deepEqual(world.take(), [['inv', [23]]], 'block 22 of the first branch is gone again');
});

test('unbounded growth is none: blocks between two looks at a peer leave a bounded list', async () => {
  const world = await World.open();
  await world.add(100);
  assert.deepEqual(world.take(), [['inv', [120]]]);
  for (let i = 0; i < 100; i++) world.relay.queueInventory(PEER, [world.chain.tipHash], false);
  assert.equal(world.take()[0]?.[1].length, 100);
  const many = Array.from({ length: 500 }, () => world.chain.tipHash);
  for (let i = 0; i < 100; i++) world.relay.queueInventory(PEER, many, true);
  assert.equal(world.take()[0]?.[1].length, 2000);
});

test('a peer that has gone is told nothing', async () => {
  const world = await World.open();
  await world.add(1);
  world.relay.peerLeft(PEER);
  assert.deepEqual(world.take(), []);
  assert.equal(world.relay.takeContinuation(PEER, world.entry(3)), false);
  world.relay.noteHeaderSent(PEER, world.entry(3));
  world.relay.queueInventory(PEER, [world.chain.tipHash], true);
  assert.deepEqual(world.take(), []);
});

test('a tip that a snapshot has set is told to nobody before a block on it was connected', async () => {
  const world = await World.open();
  const { index } = world.chain;
  world.branch.mineMany(3);
  world.chain.acceptHeaders(
    world.branch.blocks.map(({ header }) => header),
    NOW_SEC,
  );
  world.relay.tipChanged(world.entry(22), world.entry(20));
  assert.deepEqual(world.take(), []);
  index.setData(world.entry(23), { file: 0, offset: 8 }, 1, true);
  world.relay.tipChanged(world.entry(23), world.entry(22));
  assert.equal(
    world.relay.takeAnnouncements(PEER, { bestKnown: world.entry(22), wantsHeaders: true, wantsCompact: false }).length,
    1,
  );
});
