import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { stopAtChange } from './disk-faults.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryFolder } from './memory-folder.ts';
import { Obfuscation } from './obfuscation.ts';
import { StorageError } from './ports.ts';
import { readWholeFile, writeFileAtomic } from './write-file-atomic.ts';
import { openObfuscation, readForeignObfuscation, readObfuscation } from './xor-key.ts';

const ZEROS = new Uint8Array(8);
const KEY = fromHex('0123456789abcdef');
const wanted = (): { isWanted: boolean; rng: ReturnType<typeof createRng> } => ({ isWanted: true, rng: createRng(1) });
const unwanted = (): { isWanted: boolean; rng: ReturnType<typeof createRng> } => ({
  isWanted: false,
  rng: createRng(1),
});

async function folderWith(...names: string[]): Promise<MemoryFolder> {
  const folder = new MemoryFolder();
  for (const name of names) await (await folder.open(name, 'create')).close();
  return folder;
}

test('a new folder gets a random key, which stays', async () => {
  for (const folder of [await folderWith(), await folderWith('.lock')]) {
    const { key } = await openObfuscation(folder, wanted());
    assert.notDeepEqual(key, ZEROS);
    assert.deepEqual(await readWholeFile(folder, 'xor.dat'), key);
    const again = await openObfuscation(folder, { isWanted: true, rng: createRng(2) });
    assert.deepEqual(again.key, key);
  }
});

test('files without a key file were written without a key', async () => {
  const folder = await folderWith('blk00000.dat');
  assert.deepEqual((await openObfuscation(folder, wanted())).key, ZEROS);
  assert.deepEqual(await readWholeFile(folder, 'xor.dat'), ZEROS);
});

test('a new folder that wants no key gets zeros; one that has a key is refused in the words of Core', async () => {
  const folder = await folderWith();
  const { key, isActive } = await openObfuscation(folder, unwanted());
  assert.deepEqual(key, ZEROS);
  assert.equal(isActive, false);
  await writeFileAtomic(folder, 'xor.dat', KEY);
  await assert.rejects(openObfuscation(folder, unwanted()), {
    code: 'incompatible',
    message:
      'The blocksdir XOR-key can not be disabled when a random key was already stored! ' +
      "Stored key: '0123456789abcdef', stored path: 'memory/xor.dat'.",
  });
  assert.deepEqual((await openObfuscation(folder, wanted())).key, KEY);
});

test('a key file that is too short is corrupt, and not taken for a key', async () => {
  const folder = await folderWith('xor.dat');
  await assert.rejects(openObfuscation(folder, wanted()), { code: 'corrupt', path: 'memory/xor.dat' });
});

test('a foreign file has the key of its folder when it is a block file of Core, and none otherwise', async () => {
  const folder = await folderWith('blk00007.dat', 'bootstrap.dat');
  await writeFileAtomic(folder, 'xor.dat', KEY);
  assert.deepEqual((await readForeignObfuscation(folder, 'blk00007.dat')).key, KEY);
  assert.deepEqual((await readForeignObfuscation(folder, 'bootstrap.dat')).key, ZEROS);
  await folder.remove('xor.dat');
  assert.deepEqual((await readForeignObfuscation(folder, 'blk00007.dat')).key, ZEROS);
});

test('a crash while the key is written leaves a folder that is still new (S01, S13)', async () => {
  for (let change = 1; change <= 6; change++) {
    for (let seed = 0; seed < 20; seed++) {
      const disk = new MemoryDisk();
      disk.inject = stopAtChange(change, createRng(seed));
      await assert.rejects(openObfuscation(new MemoryFolder('f', disk), wanted()), StorageError);
      const folder = new MemoryFolder('f', disk.crash(createRng(seed)));
      const { key } = await openObfuscation(folder, wanted());
      assert.notDeepEqual(key, ZEROS);
      assert.deepEqual((await readObfuscation(folder)).key, key);
    }
  }
});

test('each byte is combined with the key byte of its position, whatever the range and its alignment', () => {
  const obfuscation = new Obfuscation(KEY);
  const memory = createRng(1).bytes(600);
  for (let start = 0; start < 12; start++) {
    for (const length of [0, 1, 7, 8, 9, 63, 64, 65, 71, 200, 501]) {
      for (const position of [0, 1, 5, 8, 2 ** 31 + 3, 2 ** 32 - 1, 2 ** 40 + 6]) {
        const bytes = memory.slice();
        obfuscation.apply(bytes.subarray(start, start + length), position);
        const expected = memory.map((byte, i) =>
          i >= start && i < start + length ? byte ^ KEY[(position + i - start) % 8]! : byte,
        );
        assert.deepEqual(bytes, expected, `${length} bytes of ${start} at ${position}`);
      }
    }
  }
});
