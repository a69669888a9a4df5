import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import {
  assertCoinsEqualReplay,
  ChainWorld,
  describeBlock,
  describeChainCoins,
  describeTip,
} from '../../../test/model/chain-world.ts';
import { checkChain } from '../../../test/model/check-chain.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import type { Block } from '../primitives/block.ts';
import { createRng } from '../util/prng.ts';
import { formatBlockFileName } from './block-file-name.ts';
import type { ImportTarget } from './block-import.ts';
import { importOwnFiles } from './block-import.ts';
import type { Chainstate } from './chainstate.ts';
import { isReindexing, writeReindexing } from './index-codec.ts';
import { MemoryFolder } from './memory-folder.ts';
import { findFilesBelow } from './prune.ts';
import { readObfuscation } from './xor-key.ts';

const builder = new BranchBuilder();
builder.mineMany(100);
while (builder.height < 400) builder.mine({ transactions: [builder.spendCoinbase(builder.height - 99, 3)] });

async function importAll(target: ImportTarget, blocks: readonly Block[]): Promise<void> {
  for (const block of blocks) await target.submit(block, null);
}

async function submitAll(chain: Chainstate, blocks: readonly Block[]): Promise<void> {
  for (const block of blocks) await chain.submitBlock(block, NOW_SEC);
}

describe('import', () => {
  it('connects blocks as they come and leaves nothing pending', async () => {
    const chain = await new ChainWorld({ windowLimits: { inputs: 30, blocks: 9, bytes: 1e6 } }).open();
    const told: number[] = [];
    chain.signals.blockConnected.subscribe(({ height }) => told.push(height));
    await chain.import(
      () => NOW_SEC,
      async (target) => {
        await importAll(target, builder.blocks.slice(0, 250));
        assert.ok(chain.height > 200 && chain.height < 250, `height ${chain.height} while scripts are running`);
        assert.ok(target.hasHeader(builder.at(250).header.blockHash));
        assert.ok(target.hasBlock(builder.at(250).header.blockHash));
        assert.ok(!target.hasHeader(builder.at(251).header.blockHash));
      },
    );
    assert.equal(chain.height, 250);
    assert.deepEqual(
      told,
      told.map((_, i) => i + 1),
    );
    checkChain(chain);
    await assertCoinsEqualReplay(chain);
  });

  it('follows reorganisations and survives invalid blocks on the way', async () => {
    const side = builder.fork(150);
    side.mineMany(3);
    side.mineOverpaid();
    side.mineMany(20);
    const better = builder.fork(160);
    while (better.height < 185) better.mine({ transactions: [better.spendCoinbase(better.height - 99, 2)] });
    const chain = await new ChainWorld({ windowLimits: { inputs: 30, blocks: 9, bytes: 1e6 } }).open();
    await chain.import(
      () => NOW_SEC,
      async (target) => {
        await importAll(target, builder.blocks.slice(0, 170));
        await importAll(target, side.blocks.slice(150));
        await importAll(target, better.blocks.slice(160));
      },
    );
    assert.equal(describeTip(chain), describeBlock(better.tip, 185));
    assert.ok(chain.index.isFailed(chain.index.find(side.at(154).header.blockHash)));
    await assertCoinsEqualReplay(chain);
  });

  it('stops early when the program is to end, in order', async () => {
    let isStopping = false;
    const world = new ChainWorld();
    const chain = await world.open({ isStopping: () => isStopping });
    await chain.import(
      () => NOW_SEC,
      async (target) => {
        await importAll(target, builder.blocks.slice(0, 200));
        isStopping = true;
        await importAll(target, builder.blocks.slice(200, 260));
      },
    );
    assert.equal(chain.height, 200);
    await chain.close(NOW_SEC);
    const again = await world.open();
    await again.activate(NOW_SEC);
    assert.equal(again.height, 260);
    await assertCoinsEqualReplay(again);
  });
});

describe('reindex', () => {
  it('builds the same chain from the files alone, also when interrupted (S12)', async () => {
    const world = new ChainWorld();
    const first = await world.open();
    await submitAll(first, builder.blocks);
    await first.close(NOW_SEC);
    const rng = createRng(4);
    const fresh = new ChainWorld();
    fresh.disk = world.disk;
    await writeReindexing(fresh.indexStore, true);
    for (let run = 0; run < 4; run++) {
      let count = 0;
      const countMax = 80 * (run + 1);
      const isStopped = (): boolean => run < 3 && ++count > countMax;
      const chain = await fresh.open();
      const folder = new MemoryFolder('blocks', fresh.disk);
      const { params } = chain.state;
      const obfuscation = await readObfuscation(folder);
      const result = await chain.import(
        () => NOW_SEC,
        (target) => importOwnFiles(folder, obfuscation, { params, target, rng, isStopped }),
      );
      if (run < 2) {
        await chain.close(NOW_SEC);
      } else if (run === 2) {
        fresh.cutPower(rng);
      } else {
        assert.ok(result.isComplete);
        await chain.finishReindex(NOW_SEC);
        assert.equal(describeTip(chain), describeBlock(builder.tip, 400));
        assert.equal(await isReindexing(fresh.indexStore), false);
        checkChain(chain);
        await assertCoinsEqualReplay(chain);
        await chain.close(NOW_SEC);
      }
    }
    const opened = await fresh.open();
    assert.equal((await opened.verify(NOW_SEC, { level: 3, blockCount: 50 })).outcome, 'verified');
    assert.equal(opened.height, 400);
  });

  it('comes to the same end when it is interrupted at 100 random points (S12)', async (context) => {
    const blocks = builder.blocks.slice(0, 160);
    const world = new ChainWorld();
    const first = await world.open();
    await submitAll(first, blocks);
    await first.close(NOW_SEC);
    const flushPolicy = { intervalMinSec: 1000, intervalMaxSec: 1000, blocksMax: 20 };
    const rng = createRng(12);
    const endings = { stopped: 0, killed: 0, 'power cut': 0 };
    const found: number[] = [];
    for (let life = 0; life < 10; life++) {
      const fresh = new ChainWorld({ flushPolicy });
      fresh.disk = world.disk.kill();
      await writeReindexing(fresh.indexStore, true);
      for (let run = 0; run <= 10; run++) {
        const chain = await fresh.open();
        let blocksLeft = run === 10 ? Number.POSITIVE_INFINITY : rng.below(blocks.length);
        const isStopped = (): boolean => --blocksLeft < 0;
        const folder = new MemoryFolder('blocks', fresh.disk);
        const obfuscation = await readObfuscation(folder);
        const { params } = chain.state;
        if (run === 10) found.push(chain.height);
        await chain.import(
          () => NOW_SEC,
          (target) => importOwnFiles(folder, obfuscation, { params, target, rng, isStopped }),
        );
        if (run === 10) {
          await chain.finishReindex(NOW_SEC);
          assert.equal(describeTip(chain), describeBlock(blocks.at(-1)!, 160));
          checkChain(chain);
          await assertCoinsEqualReplay(chain);
          break;
        }
        const ending = (['stopped', 'killed', 'power cut'] as const)[rng.below(3)]!;
        endings[ending]++;
        if (ending === 'stopped') await chain.close(NOW_SEC);
        else if (ending === 'killed') fresh.kill();
        else fresh.cutPower(rng);
      }
    }
    context.diagnostic(`${JSON.stringify(endings)}, and what the last runs found: heights ${found.join(' ')}`);
  });

  it('only reads the files: a folder that refuses to write or make them is enough (S12)', async () => {
    const world = new ChainWorld();
    const first = await world.open();
    await submitAll(first, builder.blocks);
    await first.close(NOW_SEC);
    for (const coinsOnly of [false, true]) {
      const fresh = new ChainWorld({}, coinsOnly ? { indexStore: world.indexStore } : {});
      fresh.disk = world.disk.kill();
      if (!coinsOnly) await writeReindexing(fresh.indexStore, true);
      const touched: string[] = [];
      // undo data are made anew with the index; the coins alone need nothing written
      const isRefused = (path: string): boolean => coinsOnly || !path.includes('/rev');
      fresh.disk.inject = ({ kind, path, change }) => {
        if (change === 0 || kind === 'sync-folder' || !isRefused(path)) return null;
        touched.push(`${kind} ${path}`);
        return { kind: 'fail', code: 'read-only', message: 'permission denied' };
      };
      const chain = await fresh.open();
      const folder = new MemoryFolder('blocks', fresh.disk);
      const { params } = chain.state;
      const obfuscation = await readObfuscation(folder);
      const options = { params, rng: createRng(8) };
      if (!coinsOnly) {
        await chain.import(
          () => NOW_SEC,
          (target) => importOwnFiles(folder, obfuscation, { ...options, target }),
        );
        await chain.finishReindex(NOW_SEC);
      }
      await chain.activate(NOW_SEC);
      assert.equal(describeTip(chain), describeBlock(builder.tip, 400));
      await assertCoinsEqualReplay(chain);
      assert.deepEqual(touched, []);
      // the next block has to be written, and that it cannot be is no fault of the block
      const next = builder.fork();
      await assert.rejects(chain.submitBlock(next.mine(), NOW_SEC), { code: 'read-only' });
      assert.ok(touched.length > 0);
    }
  });

  it('begins with the first block of the ledger even where no file has it', async () => {
    const world = new ChainWorld();
    await writeReindexing(world.indexStore, true);
    const chain = await world.open();
    await chain.finishReindex(NOW_SEC);
    await submitAll(chain, builder.blocks.slice(0, 5));
    assert.equal(chain.height, 5);
    await chain.close(NOW_SEC);
    assert.equal((await world.open()).height, 5);
  });
});

describe('pruning', () => {
  it('removes old files, keeps the chain, and asks for pruned blocks when a fork needs them', async () => {
    const world = new ChainWorld();
    const chain = await world.open();
    await submitAll(chain, builder.blocks);
    const { store } = chain.state;
    const state = { tipHeight: chain.height, heightMax: chain.height, heightMin: 0 };
    const files = findFilesBelow(store.fileInfos, 90, state);
    assert.ok(files.length >= 3);
    await chain.prune(files, NOW_SEC);
    assert.ok(!world.disk.has('blocks', 'blk00000.dat') && !world.disk.has('blocks', 'rev00000.dat'));
    const genesisEntry = 0;
    assert.ok(!chain.index.hasData(genesisEntry) && chain.index.isLinked(genesisEntry));
    assert.equal(chain.height, 400);
    await assert.rejects(chain.readBlock(chain.active.at(1)), /should be stored and is not/);
    // A better branch from below what is left is known by its blocks only as far as it can be connected.
    const other = new BranchBuilder(createRegtestParams());
    other.mineMany(3);
    await submitAll(chain, other.blocks);
    assert.equal(describeTip(chain), describeBlock(builder.tip, 400));
    // A pruned block that comes back is stored again and changes nothing.
    const again = await chain.submitBlock(builder.at(5), NOW_SEC);
    assert.equal(again.outcome, 'connected');
    assert.ok(chain.index.hasData(chain.active.at(5)));
    const unrequested = await chain.submitBlock(builder.at(6), NOW_SEC, { isRequested: false });
    assert.equal(unrequested.outcome, 'unwanted');
    await chain.close(NOW_SEC);
    world.cutPower(createRng(5));
    const reopened = await world.open();
    assert.equal(reopened.height, 400);
    const missing: number[] = [];
    reopened.signals.blocksMissing.subscribe(({ height }) => missing.push(height));
    const result = await reopened.verify(NOW_SEC, { level: 1, blockCount: 400 });
    assert.equal(result.outcome, 'missing-blocks');
    assert.equal(missing.length, 1);
    assert.deepEqual(
      [missing[0]!, missing[0]! + 1].map((height) => reopened.index.hasData(reopened.active.at(height))),
      [false, true],
    );
  });

  it('needs no removed block after a crash at any moment (S01)', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const world = new ChainWorld();
      const chain = await world.open();
      await submitAll(chain, builder.blocks);
      const state = { tipHeight: 400, heightMax: 400, heightMin: 0 };
      const files = findFilesBelow(chain.state.store.fileInfos, 100, state);
      const { changeCount } = world.disk;
      world.disk.inject = ({ change }) =>
        change > changeCount + 2 * seed ? { kind: 'fail', code: 'failed', message: 'the power is gone' } : null;
      await chain.prune(files, NOW_SEC).catch(() => undefined);
      world.disk.inject = null;
      world.cutPower(createRng(seed));
      const again = await world.open();
      await submitAll(again, builder.blocks.slice(again.height));
      assert.equal(again.height, 400);
    }
  });

  it('acts in the middle of an import, stays below the target and keeps the last 288 blocks', async () => {
    const params = createRegtestParams({ fastPrune: true });
    // 17 MiB are kept free for what comes next, as in Core
    const pruneTargetBytes = 17 * 2 ** 20 + 100_000;
    const world = new ChainWorld({ params, pruneTargetBytes, windowLimits: { inputs: 30, blocks: 9, bytes: 1e6 } });
    const chain = await world.open();
    const { store } = chain.state;
    const pruned: { readonly files: readonly number[]; readonly tipHeight: number }[] = [];
    chain.signals.pruned.subscribe(({ files, heightLast }) => {
      assert.ok(heightLast <= chain.height - 288, `block ${heightLast} is gone at ${chain.height}`);
      assert.equal(chain.durableTip, chain.active.tip, 'nothing above is needed after a crash');
      pruned.push({ files, tipHeight: chain.height });
    });
    const long = builder.fork();
    long.mineMany(500);
    await chain.import(
      () => NOW_SEC,
      (target) => importAll(target, long.blocks),
    );
    assert.ok(pruned.length >= 3 && pruned[0]!.tipHeight < 600, JSON.stringify(pruned));
    const files = pruned.flatMap((event) => event.files);
    assert.deepEqual(files, [...files.keys()], 'the oldest first, none left out');
    assert.ok(store.usedBytes < 100_000 + 2 * 4096, `${store.usedBytes} bytes are left`);
    for (const file of files) assert.ok(!world.disk.has('blocks', formatBlockFileName('blk', file)));
    for (let height = 900 - 288; height <= 900; height++) assert.ok(chain.index.hasData(chain.active.at(height)));
    const whole = await new ChainWorld().open();
    await whole.import(
      () => NOW_SEC,
      (target) => importAll(target, long.blocks),
    );
    assert.deepEqual(await describeChainCoins(chain), await describeChainCoins(whole));
    await chain.close(NOW_SEC);
    world.cutPower(createRng(6));
    const again = await world.open();
    assert.equal(describeTip(again), describeBlock(long.tip, 900));
    assert.deepEqual(await describeChainCoins(again), await describeChainCoins(whole));
  });

  it('waits for the end of a reindex, which still reads the files', async () => {
    const params = createRegtestParams({ fastPrune: true });
    const world = new ChainWorld({ params });
    const first = await world.open();
    await submitAll(first, builder.blocks);
    await first.close(NOW_SEC);
    const fresh = new ChainWorld({ params, pruneTargetBytes: 1 });
    fresh.disk = world.disk;
    await writeReindexing(fresh.indexStore, true);
    const chain = await fresh.open();
    const folder = new MemoryFolder('blocks', fresh.disk);
    const obfuscation = await readObfuscation(folder);
    const rng = createRng(7);
    let isReading = true;
    let fileCount = 0;
    chain.signals.pruned.subscribe(({ files }) => {
      assert.equal(isReading, false);
      fileCount += files.length;
    });
    const options = { params, rng };
    const result = await chain.import(
      () => NOW_SEC,
      (target) => importOwnFiles(folder, obfuscation, { ...options, target }),
    );
    isReading = false;
    assert.equal(result.orphanCount, 0);
    await chain.finishReindex(NOW_SEC);
    assert.equal(describeTip(chain), describeBlock(builder.tip, 400));
    assert.ok(fileCount > 0);
  });
});
