import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { BlockIndex, NO_ENTRY } from './block-index.ts';
import {
  encodeFileInfo,
  encodeIndexRecord,
  isReindexing,
  readBlockIndex,
  readFileInfos,
  readFlag,
  readIndexRecord,
  writeFlag,
  writeIndexChanges,
  writeReindexing,
} from './index-codec.ts';
import { blockIndexKey } from './layout.ts';
import { MemoryKv } from './memory-kv.ts';
import { StorageError } from './ports.ts';

const { pow } = createRegtestParams().consensus;

function buildIndex(): { index: BlockIndex; builder: BranchBuilder } {
  const builder = new BranchBuilder();
  builder.mineMany(6);
  const side = builder.fork(3);
  side.mineMany(2);
  const index = new BlockIndex(createRng(1));
  index.add(builder.network.genesis.header, NO_ENTRY);
  for (const { header } of [...builder.blocks, ...side.blocks.slice(3)]) {
    index.add(header, index.find(header.previousBlockHash));
  }
  for (let entry = 0; entry < 5; entry++) {
    index.setData(entry, { file: 0, offset: 1000 * entry + 8 }, entry + 1, true);
    index.link(entry);
  }
  index.setUndo(4, 77);
  index.markFailed(6);
  return { index, builder };
}

const NO_FILES = { files: new Map(), lastFile: -1 };

describe('block index in its database', () => {
  it('writes the record of a block as Core does', () => {
    // The first block of regtest at height 0: version of the record, height, status, transactions, file, offset, header.
    const index = new BlockIndex(createRng(1));
    index.add(createRegtestParams().genesis.header, NO_ENTRY);
    index.setData(0, { file: 0, offset: 8 }, 1, false);
    const header =
      '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000';
    // 259900 is 8e ed 3c in base 128 with one less in each higher group; status 3 | 8.
    assert.equal(toHex(encodeIndexRecord(index, 0)), `8eed3c000b010008${header}`);
  });

  it('writes the record of a pair of files as Core does', () => {
    const info = {
      blockCount: 119,
      blockBytes: 32_000,
      undoBytes: 128,
      heightFirst: 0,
      heightLast: 118,
      timeFirstSec: 1_296_688_602,
      timeLastSec: 1_600_000_000,
    };
    assert.equal(toHex(encodeFileInfo(info)), '7780f9008000007683e9a6ca5a84f9f79f00');
  });

  it('gives everything back', async () => {
    const { index } = buildIndex();
    const store = new MemoryKv();
    await writeIndexChanges(store, { index, entries: index.takeDirty(), ...NO_FILES });
    const found = await readBlockIndex(store, pow, createRng(2));
    assert.equal(found.count, index.count);
    for (let entry = 0; entry < index.count; entry++) {
      const same = found.find(index.blockHash(entry));
      assert.deepEqual(encodeIndexRecord(found, same), encodeIndexRecord(index, entry));
      assert.equal(found.chainWork(same), index.chainWork(entry));
      assert.equal(found.chainTxCount(same), index.chainTxCount(entry));
    }
    assert.equal(found.height(found.bestHeader), 5, 'the one at 6 is invalid');
    assert.deepEqual([...found.takeDirty()], []);
  });

  it('counts descendants of an invalid block as invalid, and the old mark for them', async () => {
    const { index } = buildIndex();
    index.markFailed(4);
    const store = new MemoryKv();
    await writeIndexChanges(store, { index, entries: index.takeDirty(), ...NO_FILES });
    const found = await readBlockIndex(store, pow, createRng(2));
    for (const entry of [4, 5, 6]) assert.ok(found.isFailed(found.find(index.blockHash(entry))));
    const record = encodeIndexRecord(index, 7);
    record[4] = 64 | 2;
    await store.write({ puts: [blockIndexKey(index.blockHash(7)), record], deletes: [] }, true);
    const again = await readBlockIndex(store, pow, createRng(2));
    assert.ok(again.isFailed(again.find(index.blockHash(7))));
    assert.equal(again.status(again.find(index.blockHash(7))), 32 | 2);
  });

  it('refuses a database with any bit of a header flipped, or with a block missing below others (S07)', async () => {
    const { index } = buildIndex();
    const store = new MemoryKv();
    await writeIndexChanges(store, { index, entries: index.takeDirty(), ...NO_FILES });
    const key = blockIndexKey(index.blockHash(2));
    const record = (await store.get(key))!.slice();
    for (let bit = 0; bit < 640; bit++) {
      const damaged = record.slice();
      damaged[record.length - 80 + (bit >>> 3)]! ^= 1 << (bit & 7);
      await store.write({ puts: [key, damaged], deletes: [] }, true);
      await assert.rejects(readBlockIndex(store, pow, createRng(2)), isCorrupt);
    }
    await store.write({ puts: [], deletes: [key] }, true);
    await assert.rejects(readBlockIndex(store, pow, createRng(2)), isCorrupt);
    await store.write({ puts: [key, record.subarray(0, 40)], deletes: [] }, true);
    await assert.rejects(readBlockIndex(store, pow, createRng(2)), isCorrupt);
    const tall = record.slice();
    tall[3] = 100;
    await store.write({ puts: [key, tall], deletes: [] }, true);
    await assert.rejects(readBlockIndex(store, pow, createRng(2)), isCorrupt);
  });

  it('reads records of files by number, and flags', async () => {
    const store = new MemoryKv();
    assert.deepEqual(await readFileInfos(store), []);
    const info = {
      blockCount: 1,
      blockBytes: 2,
      undoBytes: 3,
      heightFirst: 4,
      heightLast: 5,
      timeFirstSec: 6,
      timeLastSec: 7,
    };
    const { index } = buildIndex();
    await writeIndexChanges(store, { index, entries: [], files: new Map([[300, info]]), lastFile: 300 });
    const infos = await readFileInfos(store);
    assert.equal(infos.length, 301);
    assert.deepEqual(infos[300], info);
    assert.equal(infos[299]!.blockCount, 0);
    assert.equal(await readFlag(store, 'prunedblockfiles'), false);
    await writeFlag(store, 'prunedblockfiles', true);
    assert.equal(await readFlag(store, 'prunedblockfiles'), true);
    assert.equal(await isReindexing(store), false);
    await writeReindexing(store, true);
    assert.equal(await isReindexing(store), true);
    await writeReindexing(store, false);
    assert.equal(await isReindexing(store), false);
  });

  it('reads a record with undo data', () => {
    const header = '00'.repeat(80);
    const record = readIndexRecord(fromHex(`8eed3c051d02030a14${header}`));
    assert.deepEqual(
      { ...record, header: null },
      { height: 5, status: 29, txCount: 2, file: 3, dataOffset: 10, undoOffset: 20, header: null },
    );
  });
});

function isCorrupt(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'corrupt';
}
