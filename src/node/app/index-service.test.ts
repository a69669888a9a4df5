import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANYONE, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import {
  assertIndexesOfChain,
  IndexWorld,
  type OpenWorld,
  submitBlocks,
  whenSynced,
} from '../../../test/model/index-world.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { BEST_BLOCK_KEY, FILTER_END_KEY, heightKey, MUHASH_KEY } from '../index/index-layout.ts';
import { IndexDataMissingError, type IndexKind } from './index-service.ts';

/** A branch of `height` blocks in which coins are spent from height 101 on, some of them of the same block. */
function busyBranch(height: number): BranchBuilder {
  const builder = new BranchBuilder();
  builder.mineMany(100);
  mineBusy(builder, height);
  return builder;
}

/** Branches with other `outputCount`s have other transactions. */
function mineBusy(builder: BranchBuilder, height: number, outputCount = 3): BranchBuilder {
  while (builder.height < height) {
    const first = builder.spendCoinbase(builder.height - 99, outputCount);
    const second = makeTx([spend(outputOf(first, 1))], [pay(first.valueSat(1) - 700, ANYONE)]);
    builder.mine({ transactions: [first, second] });
  }
  return builder;
}

async function assertSynced(world: IndexWorld, open: OpenWorld): Promise<void> {
  await whenSynced(open.indexes);
  for (const { name, isSynced, height } of open.indexes.summaries()) {
    assert.deepEqual([name, isSynced, height], [name, true, open.chain.height]);
  }
  await assertIndexesOfChain(open);
  assert.deepEqual(world.fatal, []);
}

test('indexes that follow from the first block on know every block when its command is done', async () => {
  const world = new IndexWorld();
  const open = await world.open();
  await whenSynced(open.indexes);
  const branch = busyBranch(106);
  for (const block of branch.blocks) {
    await open.chain.submitBlock(block, NOW_SEC);
    assert.deepEqual(new Set(open.indexes.summaries().map(({ height }) => height)), new Set([open.chain.height]));
  }
  await assertSynced(world, open);
  await world.close(open);
});

test('indexes that are switched on late catch up in the background, while blocks go on coming', async () => {
  const world = new IndexWorld();
  const branch = busyBranch(112);
  const chain = await world.chains.open();
  await submitBlocks(chain, branch.blocks.slice(0, 106));
  const indexes = await world.openIndexes(chain);
  assert.deepEqual(
    indexes.summaries().map(({ name, isSynced }) => [name, isSynced]),
    [
      ['txindex', false],
      ['coinstatsindex', false],
      ['txospenderindex', false],
      ['basic block filter index', false],
      ['addressindex', false],
    ],
  );
  assert.equal(await indexes.catchUp('coin-stats'), false, 'one that is behind is not waited for');
  await submitBlocks(chain, branch.blocks.slice(106));
  await assertSynced(world, { chain, indexes });
  assert.ok(world.lines.includes('Syncing txindex with block chain from height 0'));
  assert.ok(world.lines.some((line) => /^coinstatsindex is enabled at height \d+$/.test(line)));
  await world.close({ chain, indexes });
});

test('S16: a reorganisation takes out what has left the chain, and the filters and figures of both branches can be had', async () => {
  const world = new IndexWorld();
  const open = await world.open();
  const left = busyBranch(108);
  const right = mineBusy(left.fork(104), 111, 4);
  await submitBlocks(open.chain, left.blocks);
  const staleTip = open.chain.active.tip;
  const staleFilter = await open.indexes.filters!.readFilter(staleTip);
  const staleStats = await open.indexes.coinStats!.read(staleTip);
  await submitBlocks(open.chain, right.blocks.slice(104));
  await assertSynced(world, open);
  assert.equal(await open.indexes.transactions!.find(left.tip.transaction(1).txid), null);
  assert.equal(await open.indexes.spenders!.find(left.tip.transaction(2).prevout(0)), null);
  assert.deepEqual(await open.indexes.filters!.readFilter(staleTip), staleFilter);
  assert.deepEqual(await open.indexes.coinStats!.read(staleTip), staleStats);
  await world.close(open);
});

test('S16: blocks that were only taken off are given back when others take their place', async () => {
  const world = new IndexWorld();
  const open = await world.open();
  const branch = busyBranch(106);
  await submitBlocks(open.chain, branch.blocks);
  const taken = branch.at(105);
  assert.deepEqual(open.chain.pruneHolds.limit(), { name: 'txindex', height: 95 });
  await open.chain.invalidateBlock(taken.header.blockHash, NOW_SEC);
  assert.deepEqual(open.chain.pruneHolds.limit(), { name: 'txindex', height: 93 }, 'they begin again after block 104');
  const toldOf = (name: string): string[] => world.lines.filter((line) => line.startsWith(`${name} prune lock`));
  const moves = (name: string): string[] => [105, 104].map((height) => `${name} prune lock moved back to ${height}`);
  for (const name of ['txindex', 'basic block filter index']) assert.deepEqual(toldOf(name), moves(name));
  const found = await open.indexes.transactions!.find(taken.transaction(1).txid);
  assert.equal(found?.entry, open.chain.index.find(taken.header.blockHash), 'whoever is answered is told the block');
  const other = mineBusy(branch.fork(104), 107, 4);
  await submitBlocks(open.chain, other.blocks.slice(104));
  assert.equal(await open.indexes.transactions!.find(taken.transaction(1).txid), null);
  await assertSynced(world, open);
  await world.close(open);
});

test('S16: a reorganisation while the indexes were switched off is caught up with', async () => {
  const world = new IndexWorld();
  const first = await world.open();
  const left = busyBranch(108);
  await submitBlocks(first.chain, left.blocks);
  await world.close(first);
  const without = await world.open([]);
  await submitBlocks(without.chain, mineBusy(left.fork(103), 112, 4).blocks.slice(103));
  await world.close(without);
  const again = await world.open();
  await assertSynced(world, again);
  assert.deepEqual(world.storage.removed, [], 'nothing had to be built anew');
  await world.close(again);
});

test('S16: indexes go on where they stopped, without taking a block in twice', async () => {
  const world = new IndexWorld();
  const first = await world.open();
  await submitBlocks(first.chain, busyBranch(106).blocks);
  await world.close(first);
  const again = await world.open();
  assert.deepEqual(new Set(again.indexes.summaries().map(({ height }) => height)), new Set([106]));
  await assertSynced(world, again);
  assert.ok(!world.lines.some((line) => line.includes('from height 106')));
  await world.close(again);
});

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`S16: after a crash at any moment nothing is said that is not on the chain (seed ${seed})`, async () => {
    const rng = createRng(seed);
    const world = new IndexWorld();
    const base = busyBranch(104);
    const branches = [base.fork(), base.fork(101), base.fork(103)];
    for (let life = 0; life < 5; life++) {
      const open = await world.open();
      if (rng.below(2) === 0) await whenSynced(open.indexes);
      for (let step = rng.below(4); step >= 0; step--) {
        const branch = branches[rng.below(branches.length)]!;
        mineBusy(branch, Math.max(open.chain.height, branch.height) + 1 + rng.below(2), 2 + rng.below(3));
        await submitBlocks(open.chain, branch.blocks);
        if (rng.below(3) === 0) await open.chain.flush(NOW_SEC);
      }
      if (rng.below(3) === 0) await assertSynced(world, open);
      // The process is killed, or the power fails.
      world.crash(seed % 2 === 0 ? null : rng);
      await settle();
    }
    const last = await world.open();
    await assertSynced(world, last);
    await world.close(last);
  });
}

/** Lets go of what a crashed process has still under way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const DAMAGES: readonly (readonly [name: string, kind: IndexKind, key: Uint8Array, value: Uint8Array])[] = [
  ['a checkpoint that is none', 'transactions', BEST_BLOCK_KEY, Uint8Array.of(1, 2, 3)],
  ['a checkpoint at a block that nobody knows', 'spenders', BEST_BLOCK_KEY, unknownCheckpoint()],
  ['a hash of other coins', 'coin-stats', MUHASH_KEY, new Uint8Array(768).fill(7)],
  ['a row of the last block that is cut off', 'coin-stats', heightKey(105), new Uint8Array(40)],
  ['an end of the filters that is none', 'filters', FILTER_END_KEY, new Uint8Array(0)],
];

function unknownCheckpoint(): Uint8Array {
  const bytes = new Uint8Array(4 + 1 + 32).fill(0x55);
  bytes[4] = 1;
  return bytes;
}

for (const [name, kind, key, value] of DAMAGES) {
  test(`S16: an index with ${name} is built anew, and the node goes on`, async () => {
    const world = new IndexWorld();
    const first = await world.open();
    await submitBlocks(first.chain, busyBranch(105).blocks);
    await world.close(first);
    await world.storage.store(kind).write({ puts: [key, value], deletes: [] }, true);
    const again = await world.open();
    await assertSynced(world, again);
    assert.deepEqual(world.storage.removed, [kind]);
    assert.ok(world.lines.some((line) => line.endsWith('The index is built anew.')));
    await world.close(again);
  });
}

test('S16: damage that shows only when blocks are given back has the index built anew while the node runs', async () => {
  const world = new IndexWorld();
  const open = await world.open();
  const left = busyBranch(106);
  await submitBlocks(open.chain, left.blocks);
  await world.storage.store('filters').write({ puts: [], deletes: [heightKey(106)] }, true);
  await submitBlocks(open.chain, mineBusy(left.fork(104), 108).blocks.slice(104));
  await settle();
  await assertSynced(world, open);
  assert.deepEqual(world.storage.removed, ['filters']);
  await world.close(open);
});

test('S16: a filter that is not what its row says is not given out', async () => {
  const world = new IndexWorld();
  const open = await world.open(['filters']);
  await submitBlocks(open.chain, busyBranch(102).blocks);
  const entry = open.chain.active.at(102);
  assert.notEqual(await open.indexes.filters!.readFilter(entry), null);
  const { folder } = await world.storage.open('filters');
  const file = await folder.open('fltr00000.dat', 'write');
  await file.write(0, new Uint8Array(await file.size()).fill(1));
  assert.equal(await open.indexes.filters!.readFilter(entry), null);
  await world.close(open);
});

test('an index whose blocks were pruned is refused in Core’s words', async () => {
  const world = new IndexWorld();
  const chain = await world.chains.open();
  await submitBlocks(chain, busyBranch(106).blocks);
  chain.index.clearData(chain.active.at(50));
  await assert.rejects(world.openIndexes(chain, ['filters']), (error) => {
    assert.ok(error instanceof IndexDataMissingError);
    assert.equal(
      error.message,
      'basic block filter index best block of the index goes beyond pruned data (including undo data). Please disable the index or reindex (which will download the whole blockchain again)',
    );
    return true;
  });
});

test('rewards that miners do not take, and outputs that nobody can spend, count as lost', async () => {
  const world = new IndexWorld();
  const open = await world.open(['coin-stats']);
  const branch = new BranchBuilder();
  branch.mine({ rewardSat: 40_0000_0000 });
  branch.mine({ coinbaseOutputs: [pay(1_0000_0000, Uint8Array.of(0x6a))], rewardSat: 49_0000_0000 });
  await submitBlocks(open.chain, branch.blocks);
  assert.equal(open.chain.height, 2);
  const stats = await open.indexes.coinStats!.read(open.chain.active.tip);
  assert.deepEqual(stats?.lost, {
    genesisSat: 50_0000_0000,
    bip30Sat: 0,
    scriptsSat: 1_0000_0000,
    unclaimedSat: 10_0000_0000,
  });
  assert.equal(stats.subsidySat, 150_0000_0000);
  assert.equal(stats.coinbaseSat, 89_0000_0000n);
  await world.close(open);
});
