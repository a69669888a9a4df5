import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBlock } from '../../../test/model/block-builder.ts';
import { MemoryHeaderBranch } from '../consensus/header-branch.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import { sha256d } from '../crypto/sha256.ts';
import { writeU32 } from '../encoding/numbers.ts';
import type { Block } from '../primitives/block.ts';
import { concatBytes, equalBytes } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { EMPTY_BLOCK_FILE } from './block-file-info.ts';
import { type BlockPosition, BlockStore, type BlockStoreOptions } from './block-store.ts';
import { alterRead, diskFullAfter, failOnce, forgetSync, shortRead, stopAtChange } from './disk-faults.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryFolder } from './memory-folder.ts';
import { StorageError } from './ports.ts';
import { readWholeFile } from './write-file-atomic.ts';

const params = createRegtestParams();
const BLOCKS = makeBlocks(30);

/** A branch of blocks; every second one commits to witnesses. */
function makeBlocks(count: number): Block[] {
  const branch = new MemoryHeaderBranch([params.genesis.header]);
  return Array.from({ length: count }, (_, i) => {
    const block = makeBlock(branch, params.consensus, { commits: i % 2 === 0 });
    branch.append(block.header);
    return block;
  });
}

function openStore(folder: MemoryFolder, options: Partial<BlockStoreOptions> = {}): Promise<BlockStore> {
  return BlockStore.open(folder, { magic: params.magic, rng: createRng(1), ...options });
}

/** A block and its undo data as an index would know them. */
interface Stored {
  readonly block: Block;
  readonly position: BlockPosition;
  readonly undo: Uint8Array;
  readonly undoOffset: number;
}

async function storeBlock(store: BlockStore, i: number): Promise<Stored> {
  const block = BLOCKS[i]!;
  const position = await store.writeBlock(block.serialized(), i + 1, block.header.timeSec);
  const undo = createRng(i).bytes(1 + 37 * i);
  const undoOffset = await store.writeUndo(position.file, undo, block.header.previousBlockHash);
  return { block, position, undo, undoOffset };
}

async function assertStored(store: BlockStore, { block, position, undo, undoOffset }: Stored): Promise<void> {
  const found = await store.readBlock(position, block.header.blockHash);
  store.checkWitnesses(found, position);
  assert.ok(equalBytes(found.serialized(), block.serialized()), 'the block');
  const foundUndo = await store.readUndo(position.file, undoOffset, block.header.previousBlockHash);
  assert.ok(equalBytes(foundUndo, undo), 'the undo data');
}

test('files have the layout of Core: magic, size, block; magic, size, undo, checksum', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { isObfuscated: false });
  const [first, second] = [await storeBlock(store, 0), await storeBlock(store, 1)];
  const size = (length: number): Uint8Array => {
    const bytes = new Uint8Array(4);
    writeU32(bytes, 0, length);
    return bytes;
  };
  const magic = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);
  const [a, b] = [first.block.serialized(), second.block.serialized()];
  assert.deepEqual(
    await readWholeFile(folder, 'blk00000.dat'),
    concatBytes(magic, size(a.length), a, magic, size(b.length), b),
  );
  const records = [first, second].flatMap(({ block, undo }) => [
    magic,
    size(undo.length),
    undo,
    sha256d(concatBytes(block.header.previousBlockHash, undo)),
  ]);
  assert.deepEqual(await readWholeFile(folder, 'rev00000.dat'), concatBytes(...records));
  assert.deepEqual(await readWholeFile(folder, 'xor.dat'), new Uint8Array(8));
  assert.deepEqual(first.position, { file: 0, offset: 8 });
  assert.deepEqual(second.position, { file: 0, offset: 16 + a.length });
  assert.equal(first.undoOffset, 8);
  assert.equal(second.undoOffset, 8 + 1 + 32 + 8);
});

test('files come in pairs from the first block on, and one that has something to undo keeps it', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { isObfuscated: false });
  const block = BLOCKS[0]!;
  await store.writeBlock(block.serialized(), 1, block.header.timeSec);
  await store.sync();
  assert.deepEqual(await readWholeFile(folder, 'rev00000.dat'), new Uint8Array(0));
  await store.writeUndo(0, Uint8Array.of(0), block.header.previousBlockHash);
  await store.close();
  // An index that knows nothing, as after a crash before it was first written: the file of undo data is not emptied.
  const again = await openStore(folder, { isObfuscated: false });
  await again.writeBlock(block.serialized(), 1, block.header.timeSec);
  // Magic, size, one byte, checksum.
  assert.equal((await readWholeFile(folder, 'rev00000.dat')).length, 41);
});

test('with a key every byte of a file is combined with the key byte of its position', async () => {
  const [plainFolder, folder] = [new MemoryFolder(), new MemoryFolder()];
  const plainStore = await openStore(plainFolder, { isObfuscated: false });
  const store = await openStore(folder);
  for (let i = 0; i < 20; i++) {
    await storeBlock(plainStore, i);
    await assertStored(store, await storeBlock(store, i));
  }
  const key = await readWholeFile(folder, 'xor.dat');
  assert.equal(key.length, 8);
  assert.ok(key.some((byte) => byte !== 0));
  for (const name of ['blk00000.dat', 'rev00000.dat']) {
    const plain = await readWholeFile(plainFolder, name);
    assert.deepEqual(
      await readWholeFile(folder, name),
      plain.map((byte, i) => byte ^ key[i % 8]!),
    );
  }
});

test('a block that would reach the limit goes to the next file, and its undo data to the same number', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { fileBytesMax: 1000 });
  const stored: Stored[] = [];
  for (let i = 0; i < BLOCKS.length; i++) stored.push(await storeBlock(store, i));
  assert.ok(store.fileInfos.length > 5);
  assert.ok(store.fileInfos.every((info) => info.blockBytes < 1000));
  let blockCount = 0;
  for (const [file, info] of store.fileInfos.entries()) {
    const inFile = stored.filter(({ position }) => position.file === file);
    assert.equal(info.blockCount, inFile.length);
    assert.equal(info.heightFirst, blockCount + 1);
    assert.equal(info.heightLast, blockCount + inFile.length);
    assert.equal(info.timeFirstSec, inFile[0]!.block.header.timeSec);
    assert.equal(info.timeLastSec, inFile.at(-1)!.block.header.timeSec);
    assert.equal(info.undoBytes, (await readWholeFile(folder, `rev0000${file}.dat`)).length);
    blockCount += inFile.length;
  }
  for (const record of stored) await assertStored(store, record);
  assert.deepEqual(store.takeChangedFiles(), [...store.fileInfos.keys()]);
  assert.deepEqual(store.takeChangedFiles(), []);
});

test('the limit is 128 MiB, and positions go on where the records of the index end (S15)', async () => {
  const limit = 128 * 2 ** 20;
  const recordBytes = 8 + BLOCKS[0]!.totalSize;
  for (const [blockBytes, file] of [
    [limit - recordBytes - 1, 0],
    [limit - recordBytes, 1],
  ] as const) {
    const folder = new MemoryFolder();
    const store = await openStore(folder, { fileInfos: [{ ...EMPTY_BLOCK_FILE, blockCount: 1, blockBytes }] });
    const stored = await storeBlock(store, 0);
    assert.deepEqual(stored.position, { file, offset: file === 0 ? blockBytes + 8 : 8 });
    await assertStored(store, stored);
  }
});

test('offsets beyond 2^31 and 2^32, in sparse files, lose nothing (S15)', async () => {
  for (const base of [2 ** 31 - 100, 2 ** 31, 2 ** 32 - 3, 2 ** 32, 2 ** 40 + 1]) {
    const folder = new MemoryFolder();
    const info = { ...EMPTY_BLOCK_FILE, blockCount: 1, blockBytes: base, undoBytes: base + 5 };
    const store = await openStore(folder, { fileInfos: [info], fileBytesMax: 2 ** 45 });
    const stored = [await storeBlock(store, 0), await storeBlock(store, 1)];
    assert.equal(stored[0]!.position.offset, base + 8);
    assert.equal(stored[0]!.undoOffset, base + 13);
    const reopened = await openStore(folder, { fileInfos: store.fileInfos, fileBytesMax: 2 ** 45 });
    for (const record of stored) await assertStored(reopened, record);
  }
});

test('file numbers beyond 10^5 have names of six digits and are found again (S15)', async () => {
  const folder = new MemoryFolder();
  const infos = Array.from({ length: 100_000 }, () => ({ ...EMPTY_BLOCK_FILE, blockCount: 1, blockBytes: 2 ** 27 }));
  const store = await openStore(folder, { fileInfos: infos });
  const stored = await storeBlock(store, 3);
  assert.deepEqual(stored.position, { file: 100_000, offset: 8 });
  assert.deepEqual(
    (await folder.list()).filter((name) => name.startsWith('blk')),
    ['blk100000.dat'],
  );
  await assertStored(store, stored);
  assert.deepEqual(store.takeChangedFiles(), [100_000]);
});

test('a block found in an own file is known as if it had been written there', async () => {
  const folder = new MemoryFolder();
  const writer = await openStore(folder);
  const stored = [await storeBlock(writer, 0), await storeBlock(writer, 1)];
  const store = await openStore(folder);
  for (const i of [1, 0]) {
    const { block, position } = stored[i]!;
    store.adoptBlock(position, block.totalSize, i + 1, block.header.timeSec);
  }
  assert.deepEqual(store.fileInfos, [{ ...writer.fileInfos[0]!, undoBytes: 0 }]);
  for (const { block, position } of stored) await store.readBlock(position, block.header.blockHash);
  const next = await storeBlock(store, 2);
  assert.equal(next.position.offset, writer.fileInfos[0]!.blockBytes + 8);
});

test('what a crash left behind the last block is cut off when its file is full', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { fileBytesMax: 1000 });
  await storeBlock(store, 0);
  const infos = [...store.fileInfos];
  for (let i = 1; store.fileInfos.length === 1; i++) await storeBlock(store, i);
  const again = await openStore(folder, { fileInfos: infos, fileBytesMax: infos[0]!.blockBytes + 100 });
  const stored = await storeBlock(again, 9);
  assert.equal(stored.position.file, 1);
  assert.equal((await readWholeFile(folder, 'blk00000.dat')).length, infos[0]!.blockBytes);
});

test('one flipped bit anywhere in block, undo and key files is detected, or changes nothing (S07)', async () => {
  const disk = new MemoryDisk();
  const folder = new MemoryFolder('blocks', disk);
  const store = await openStore(folder);
  const stored = [await storeBlock(store, 0), await storeBlock(store, 1), await storeBlock(store, 2)];
  const rng = createRng(7);
  const detected = new Map<string, number>();
  for (let trial = 0; trial < 3000; trial++) {
    const name = ['blk00000.dat', 'rev00000.dat', 'xor.dat'][rng.below(3)]!;
    const damaged = disk.kill();
    const file = damaged.file('blocks', name);
    file.flipBit(rng.below(8 * file.size));
    const reader = await openStore(new MemoryFolder('blocks', damaged), { fileInfos: store.fileInfos });
    for (const record of stored) {
      // either the very bytes that were stored, or a failure that names the file
      await assertStored(reader, record).catch((error: unknown) => {
        assert.ok(error instanceof StorageError && error.code === 'corrupt', String(error));
        assert.match(error.path, /(blk|rev)00000\.dat$/);
        detected.set(name, (detected.get(name) ?? 0) + 1);
      });
    }
  }
  // what may change nothing: an upper bit of a size, where bytes beyond the block are in use
  for (const name of ['blk00000.dat', 'rev00000.dat', 'xor.dat']) assert.ok(detected.get(name)! > 900, name);
});

test('a flipped bit of a witness is found when witnesses are checked, and not taken for a bad block (S07)', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { isObfuscated: false });
  const { block, position } = await storeBlock(store, 0);
  const witness = block.transaction(0).witnessStart(0);
  assert.ok(witness > 0);
  folder.disk.file('memory', 'blk00000.dat').flipBit(8 * (position.offset + witness + 10));
  const found = await store.readBlock(position, block.header.blockHash);
  assert.throws(() => store.checkWitnesses(found, position), { code: 'corrupt' });
});

test('the bytes of a block are told as they lie there, and only their header is looked at (S07)', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { isObfuscated: false });
  const { block, position } = await storeBlock(store, 0);
  const read = (): Promise<Uint8Array> => store.readBlockBytes(position, block.header.blockHash);
  assert.deepEqual(await read(), block.serialized());
  await assert.rejects(store.readBlockBytes(position, block.header.previousBlockHash), { code: 'corrupt' });
  const file = folder.disk.file('memory', 'blk00000.dat');
  file.flipBit(8 * (position.offset + 90));
  assert.equal((await read()).length, block.totalSize);
  await assert.rejects(store.readBlock(position, block.header.blockHash), { code: 'corrupt' });
  file.flipBit(8 * (position.offset + 70));
  await assert.rejects(read(), { code: 'corrupt' });
});

test('a block that is missing, zero or another one is corrupt; what the system reports is passed on (S06)', async () => {
  const folder = new MemoryFolder('blocks');
  const store = await openStore(folder);
  const { block, position, undoOffset } = await storeBlock(store, 0);
  const other = await storeBlock(store, 1);
  const { blockHash, previousBlockHash } = block.header;
  const cases = [
    [failOnce('read', 1), 'failed'],
    [shortRead(1, 5), 'corrupt'],
    [alterRead(1, (bytes) => bytes.fill(0)), 'corrupt'],
  ] as const;
  for (const [inject, code] of cases) {
    folder.disk.inject = inject;
    await assert.rejects(store.readBlock(position, blockHash), { name: 'StorageError', code });
    await assertStored(store, other);
  }
  for (const [inject, code] of [
    [failOnce('read', 1), 'failed'],
    [shortRead(1, 5), 'corrupt'],
    [alterRead(1, (bytes) => bytes.fill(0)), 'corrupt'],
  ] as const) {
    folder.disk.inject = inject;
    await assert.rejects(store.readUndo(0, undoOffset, previousBlockHash), { name: 'StorageError', code });
  }
  folder.disk.inject = null;
  await assert.rejects(store.readBlock(other.position, blockHash), { code: 'corrupt', path: 'blocks/blk00000.dat' });
  await assert.rejects(store.readBlock({ file: 0, offset: position.offset + 1 }, blockHash), { code: 'corrupt' });
  await assert.rejects(store.readBlock({ file: 0, offset: 2 ** 33 }, blockHash), { code: 'corrupt' });
  await assert.rejects(store.readBlock({ file: 0, offset: 0 }, blockHash), { code: 'corrupt' });
  await assert.rejects(store.readBlock({ file: 7, offset: 8 }, blockHash), { code: 'corrupt' });
  await assert.rejects(store.readUndo(0, undoOffset, blockHash), { code: 'corrupt' });
  await folder.remove('rev00000.dat');
  const again = await openStore(folder, { fileInfos: store.fileInfos });
  await assert.rejects(again.readUndo(0, undoOffset, previousBlockHash), {
    code: 'corrupt',
    path: 'blocks/rev00000.dat',
  });
});

test('on a full disk a write fails, nothing more is written, and after a new start it goes on (S05)', async () => {
  for (let bytes = 0; bytes < 1500; bytes += 113) {
    const disk = new MemoryDisk();
    const store = await openStore(new MemoryFolder('blocks', disk), { fileBytesMax: 1000 });
    const stored = [await storeBlock(store, 0), await storeBlock(store, 1)];
    await store.sync();
    const infos = [...store.fileInfos];
    disk.inject = diskFullAfter(bytes);
    const writing = async (): Promise<void> => {
      for (let i = 2; i < 20; i++) await storeBlock(store, i);
    };
    await assert.rejects(writing(), { name: 'StorageError', code: 'disk-full' });
    disk.inject = null;
    await assert.rejects(storeBlock(store, 20), { code: 'disk-full' });
    await assert.rejects(store.sync(), { code: 'disk-full' });
    for (const record of stored) await assertStored(store, record);

    const again = await openStore(new MemoryFolder('blocks', disk), { fileInfos: infos, fileBytesMax: 1000 });
    for (let i = 2; i < 6; i++) stored.push(await storeBlock(again, i));
    await again.sync();
    for (const record of stored) await assertStored(again, record);
  }
});

test('too little room is noticed before the disk is full (S05)', async () => {
  const disk = new MemoryDisk({ capacityBytes: 66 * 2 ** 20 });
  const store = await openStore(new MemoryFolder('blocks', disk));
  await storeBlock(store, 0).catch(() => {});
  disk.capacityBytes = 60 * 2 ** 20;
  const full = await openStore(new MemoryFolder('other', disk));
  await assert.rejects(storeBlock(full, 0), { code: 'disk-full', message: 'Disk space is too low!' });
});

test('after a failed sync no later one reports success (S02)', async () => {
  const disk = new MemoryDisk();
  const store = await openStore(new MemoryFolder('blocks', disk));
  await storeBlock(store, 0);
  disk.inject = forgetSync(1);
  await assert.rejects(store.sync(), { code: 'failed' });
  disk.inject = null;
  await assert.rejects(store.sync(), { code: 'failed' });
  await assert.rejects(storeBlock(store, 1), { code: 'failed' });
});

test('read-only files are read, and refuse writes by name (S06)', async () => {
  const disk = new MemoryDisk();
  const store = await openStore(new MemoryFolder('blocks', disk));
  const stored = await storeBlock(store, 0);
  disk.setReadOnly('blocks/blk00000.dat', true);
  disk.setReadOnly('blocks/rev00000.dat', true);
  const again = await openStore(new MemoryFolder('blocks', disk), { fileInfos: store.fileInfos });
  await assertStored(again, stored);
  await assert.rejects(storeBlock(again, 1), { code: 'read-only', path: 'blocks/blk00000.dat' });
});

/** Writes 20 blocks into small files; `onSync` sees what an index would have written durably. */
async function runWorkload(
  folder: MemoryFolder,
  onSync: (stored: readonly Stored[], infos: BlockStore['fileInfos']) => void,
): Promise<void> {
  const store = await openStore(folder, { fileBytesMax: 1500 });
  const stored: Stored[] = [];
  for (let i = 0; i < 20; i++) {
    stored.push(await storeBlock(store, i));
    if (i % 3 !== 2) continue;
    await store.sync();
    onSync([...stored], [...store.fileInfos]);
  }
}

test('what was synced is there after a crash at every boundary of a write (S01, S02)', async () => {
  const counting = new MemoryFolder('blocks');
  await runWorkload(counting, () => {});
  const changes = counting.disk.changeCount;
  assert.ok(changes > 60);
  for (let change = 1; change <= changes; change++) {
    const disk = new MemoryDisk();
    disk.inject = stopAtChange(change, createRng(change));
    let stored: readonly Stored[] = [];
    let infos: BlockStore['fileInfos'] = [];
    await assert.rejects(
      runWorkload(new MemoryFolder('blocks', disk), (storedThen, infosThen) => {
        stored = storedThen;
        infos = infosThen;
      }),
      /the process/,
    );
    const images = [disk.kill(), ...Array.from({ length: 20 }, (_, seed) => disk.crash(createRng(seed)))];
    for (const image of images) {
      const store = await openStore(new MemoryFolder('blocks', image), { fileInfos: infos, fileBytesMax: 1500 });
      for (const record of stored) await assertStored(store, record);
      await assertStored(store, await storeBlock(store, 25));
    }
  }
});

test('a file without its name on the disk is what the test of crashes would catch (S02)', async () => {
  // the same workload on a folder whose sync does nothing
  class ForgetfulFolder extends MemoryFolder {
    override async sync(): Promise<void> {}
  }
  const folder = new ForgetfulFolder('blocks');
  let stored: readonly Stored[] = [];
  let infos: BlockStore['fileInfos'] = [];
  await runWorkload(folder, (storedThen, infosThen) => {
    stored = storedThen;
    infos = infosThen;
  });
  let lost = 0;
  for (let seed = 0; seed < 20; seed++) {
    const image = new MemoryFolder('blocks', folder.disk.crash(createRng(seed)));
    const store = await openStore(image, { fileInfos: infos, fileBytesMax: 1500 });
    try {
      for (const record of stored) await assertStored(store, record);
    } catch {
      lost++;
    }
  }
  assert.ok(lost > 10, `${lost} of 20`);
});

test('pruned files go, those of others stay', async () => {
  const folder = new MemoryFolder();
  const store = await openStore(folder, { fileBytesMax: 1000 });
  const stored: Stored[] = [];
  for (let i = 0; i < 12; i++) stored.push(await storeBlock(store, i));
  store.takeChangedFiles();
  const usedBytes = store.usedBytes;
  const { blockBytes, undoBytes } = store.fileInfos[1]!;
  store.markPruned(1);
  await store.removeFiles([1]);
  await store.removeFiles([1]);
  assert.deepEqual(store.takeChangedFiles(), [1]);
  assert.equal(store.usedBytes, usedBytes - blockBytes - undoBytes);
  const names = await folder.list();
  assert.ok(!names.includes('blk00001.dat') && !names.includes('rev00001.dat') && names.includes('blk00000.dat'));
  for (const record of stored) {
    if (record.position.file !== 1) await assertStored(store, record);
    else await assert.rejects(assertStored(store, record), { code: 'corrupt' });
  }
  await store.sync();
});

test('an undo record of many megabytes is taken: no limit but that of the file (C40)', async () => {
  const store = await openStore(new MemoryFolder());
  const { position, block } = await storeBlock(store, 0);
  const undo = createRng(5).bytes(40 * 2 ** 20);
  const offset = await store.writeUndo(position.file, undo, block.header.previousBlockHash);
  assert.ok(equalBytes(await store.readUndo(position.file, offset, block.header.previousBlockHash), undo));
});

test('reads go on while blocks are written', async () => {
  const store = await openStore(new MemoryFolder(), { fileBytesMax: 1000 });
  const stored: Stored[] = [];
  const reads: Promise<void>[] = [];
  for (let i = 0; i < BLOCKS.length; i++) {
    stored.push(await storeBlock(store, i));
    for (const record of stored) reads.push(assertStored(store, record));
  }
  await Promise.all(reads);
  await store.close();
});

test('S03: a file that a killed process had made keeps its name when the next one has synced and the power fails', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const before = new MemoryFolder('blocks');
    await storeBlock(await openStore(before), 0);
    const after = new MemoryFolder('blocks', before.disk.kill());
    const store = await openStore(after);
    const stored = await storeBlock(store, 0);
    await store.sync();
    const found = new MemoryFolder('blocks', after.disk.crash(createRng(seed)));
    await assertStored(await openStore(found, { fileInfos: store.fileInfos }), stored);
  }
});
