import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockFileInfo, EMPTY_BLOCK_FILE } from './block-file-info.ts';
import {
  findFilesBelow,
  findFilesToPrune,
  findFilesUselessForReindex,
  findPrunedFiles,
  type PruneTarget,
} from './prune.ts';

const MIB = 2 ** 20;

/** Files of 100 blocks and 120 MiB each: heights 0 to 99, 100 to 199 … */
function makeInfos(count: number): BlockFileInfo[] {
  return Array.from({ length: count }, (_, file) => ({
    ...EMPTY_BLOCK_FILE,
    blockCount: 100,
    blockBytes: 100 * MIB,
    undoBytes: 20 * MIB,
    heightFirst: 100 * file,
    heightLast: 100 * file + 99,
  }));
}

const TARGET: PruneTarget = {
  tipHeight: 1999,
  heightMax: 1999,
  heightMin: 0,
  targetBytes: 1000 * MIB,
  pruneAfterHeight: 1000,
  downloadHeight: null,
};

test('the oldest files go until the target holds, with room for the next piece', () => {
  // 20 files of 120 MiB: 2400 MiB; 2400 - 12 * 120 = 960, and 960 + 17 < 1000
  assert.deepEqual(findFilesToPrune(makeInfos(20), TARGET), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  // 983 MiB and the 17 MiB of the next piece are not below 1000 MiB
  const infos = makeInfos(8).map((info) => ({ ...info, blockBytes: (983 * MIB) / 8, undoBytes: 0 }));
  const tip = { tipHeight: 1400, heightMax: 1400 };
  assert.deepEqual(findFilesToPrune(infos, { ...TARGET, ...tip }), [0]);
  infos[7] = { ...infos[7]!, blockBytes: infos[7]!.blockBytes - 1 };
  assert.deepEqual(findFilesToPrune(infos, { ...TARGET, ...tip }), []);
});

test('288 blocks below the tip stay whatever the target', () => {
  // tip 1999: blocks up to 1711 may go, file 16 ends at 1699, file 17 at 1799
  assert.equal(findFilesToPrune(makeInfos(20), { ...TARGET, targetBytes: 0 }).at(-1), 16);
  const atEdge = makeInfos(20);
  atEdge[16] = { ...atEdge[16]!, heightLast: 1711 };
  assert.equal(findFilesToPrune(atEdge, { ...TARGET, targetBytes: 0 }).at(-1), 16);
  atEdge[16] = { ...atEdge[16]!, heightLast: 1712 };
  assert.equal(findFilesToPrune(atEdge, { ...TARGET, targetBytes: 0 }).at(-1), 15);
});

test('nothing goes before the chain has the height of the network', () => {
  assert.deepEqual(findFilesToPrune(makeInfos(20), { ...TARGET, pruneAfterHeight: 1999 }), []);
  assert.notDeepEqual(findFilesToPrune(makeInfos(20), { ...TARGET, pruneAfterHeight: 1998 }), []);
});

test('blocks that an index needs, or that are below a snapshot, stay', () => {
  assert.deepEqual(findFilesToPrune(makeInfos(20), { ...TARGET, heightMax: 350 }), [0, 1, 2]);
  assert.deepEqual(findFilesToPrune(makeInfos(20), { ...TARGET, heightMin: 850, heightMax: 1050 }), [9]);
});

test('while blocks are downloaded more room is made, so that prunings are few', () => {
  const few = findFilesToPrune(makeInfos(20), TARGET);
  const more = findFilesToPrune(makeInfos(20), { ...TARGET, downloadHeight: 2199 });
  // 200 blocks to come: about 191 MiB more
  assert.equal(more.length, few.length + 2);
});

test('pruned and last files are not named', () => {
  const infos = makeInfos(20);
  infos[0] = EMPTY_BLOCK_FILE;
  infos[3] = EMPTY_BLOCK_FILE;
  assert.deepEqual(findFilesToPrune(infos, TARGET), [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(findPrunedFiles(infos), [0, 3]);
  const one = [{ ...makeInfos(1)[0]!, blockBytes: 2000 * MIB }];
  assert.deepEqual(findFilesToPrune(one, TARGET), []);
  assert.deepEqual(findFilesBelow(one, 5000, TARGET), []);
});

test('by hand, all files up to a height go, and never the last 288 blocks', () => {
  assert.deepEqual(findFilesBelow(makeInfos(20), 350, TARGET), [0, 1, 2]);
  assert.deepEqual(findFilesBelow(makeInfos(20), 299, TARGET), [0, 1, 2]);
  assert.deepEqual(findFilesBelow(makeInfos(20), 298, TARGET), [0, 1]);
  assert.equal(findFilesBelow(makeInfos(20), 5000, TARGET).at(-1), 16);
});

test('a reindex of a pruned folder keeps what it can reach', () => {
  const names = ['blk00000.dat', 'rev00000.dat', 'blk00001.dat', 'blk00003.dat', 'rev00003.dat', 'xor.dat', '.lock'];
  assert.deepEqual(findFilesUselessForReindex(names), ['rev00000.dat', 'blk00003.dat', 'rev00003.dat']);
  assert.deepEqual(findFilesUselessForReindex(['blk00007.dat', 'blk7.dat', 'index']), ['blk00007.dat']);
});
