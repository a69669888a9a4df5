import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { ChainWorld } from '../../../test/model/chain-world.ts';
import { createMainnetParams } from '../consensus/networks/mainnet.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import { createTestnet4Params } from '../consensus/networks/testnet4.ts';
import { hasUncheckedWitnesses } from './chain-open.ts';
import { writeReindexing } from './index-codec.ts';
import type { MemoryKv } from './memory-kv.ts';
import { StorageError, type StorageErrorCode } from './ports.ts';

const builder = new BranchBuilder();
builder.mineMany(60);

async function fill(world: ChainWorld): Promise<void> {
  const chain = await world.open();
  for (const block of builder.blocks) await chain.submitBlock(block, NOW_SEC);
  await chain.close(NOW_SEC);
}

function isStorageError(code: StorageErrorCode, ...texts: readonly RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StorageError && error.code === code, String(error));
    for (const text of texts) assert.match(error.message, text);
    return true;
  };
}

/** The contents of all files of the disk. */
async function readFiles(world: ChainWorld): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const name of world.disk.list('blocks')) {
    const file = world.disk.file('blocks', name);
    contents.set(name, file.read(0, file.size).slice());
  }
  return contents;
}

describe('opening a chain', () => {
  it('tells when blocks were stored before the rules of witnesses held there, and not while it is built anew', async () => {
    const before = createRegtestParams({ activationHeights: { segwit: 1000 } });
    const after = createRegtestParams({ activationHeights: { segwit: 50 } });
    const world = new ChainWorld({ params: before });
    await fill(world);
    const same = await world.open();
    assert.equal(hasUncheckedWitnesses(same.state), false);
    await same.close(NOW_SEC);
    const other = await world.open({ params: after });
    assert.equal(hasUncheckedWitnesses(other.state), true);
    await other.close(NOW_SEC);

    const anew = new ChainWorld();
    await writeReindexing(anew.indexStore, true);
    assert.equal(hasUncheckedWitnesses((await anew.open()).state), false);
  });

  it('never overwrites block files that the index knows nothing of, but tells the folder and -reindex (S08)', async () => {
    const world = new ChainWorld();
    await fill(world);
    const lost = new ChainWorld();
    lost.disk = world.disk;
    const before = await readFiles(lost);
    const isRefused = isStorageError('corrupt', /block files in blocks/, /-reindex/);
    await assert.rejects(lost.open(), isRefused);
    assert.deepEqual(await readFiles(lost), before);
    // the first file is gone, others are there
    lost.disk.remove('blocks', 'blk00000.dat');
    await assert.rejects(lost.open(), isRefused);
    await writeReindexing(lost.indexStore, true);
    await lost.open();
  });

  it('refuses coins whose index is gone, with and without block files, and leaves all as it is (S08)', async () => {
    const world = new ChainWorld();
    await fill(world);
    const lost = new ChainWorld({}, { coinsStore: world.coinsStore });
    const isRefused = isStorageError('corrupt', /the coins belong to a block that the index does not have/, /-reindex/);
    await assert.rejects(lost.open(), isRefused);
    assert.equal(lost.indexStore.size, 0);
    assert.deepEqual(lost.disk.list('blocks'), []);
    lost.disk = world.disk;
    await assert.rejects(lost.open(), isRefused);
  });

  it('refuses the index of another network in the words of Core, before any proof of work is checked (S10)', async () => {
    const world = new ChainWorld();
    await fill(world);
    for (const params of [createMainnetParams(), createTestnet4Params()]) {
      const sentence = /^Incorrect or no genesis block found\. Wrong datadir for network\?$/;
      await assert.rejects(world.open({ params }), isStorageError('incompatible', sentence));
    }
    assert.equal((await world.open()).height, 60);
  });

  it('has the first block durable before any other is stored', async () => {
    const world = new ChainWorld();
    await world.open();
    assert.equal((world.indexStore as MemoryKv).undurableCount, 0);
    assert.ok(world.indexStore.size >= 3, 'block, file, last file');
    world.kill();
    await world.open();
  });
});
