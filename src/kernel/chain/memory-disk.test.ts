import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../util/prng.ts';
import { diskFullAfter, failOnce, firstFault, forgetSync, shortRead, stopAtChange } from './disk-faults.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { SECTOR_BYTES } from './memory-file.ts';
import { MemoryFolder } from './memory-folder.ts';
import { type Folder, StorageError } from './ports.ts';

const IMAGES = 300;

async function take(folder: Folder, name: string): Promise<Uint8Array | null> {
  if (!(await folder.exists(name))) return null;
  const file = await folder.open(name, 'read');
  return file.read(0, await file.size());
}

/** Runs `check` on many images of the disk after a power cut. */
async function forImages(
  disk: MemoryDisk,
  check: (folder: MemoryFolder, seed: number) => Promise<void>,
): Promise<void> {
  for (let seed = 0; seed < IMAGES; seed++) await check(new MemoryFolder('f', disk.crash(createRng(seed))), seed);
}

test('synced bytes of a synced name survive every power cut', async () => {
  const folder = new MemoryFolder('f');
  const bytes = createRng(1).bytes(100_000);
  const file = await folder.open('a', 'create');
  await file.write(0, bytes);
  await file.sync();
  await folder.sync();
  await forImages(folder.disk, async (found) => assert.deepEqual(await take(found, 'a'), bytes));
});

test('a name that was not synced may be gone though its bytes were synced', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, Uint8Array.of(1));
  await file.sync();
  const seen = new Set<string>();
  await forImages(folder.disk, async (found) => {
    seen.add(String(await take(found, 'a')));
  });
  assert.deepEqual([...seen].sort(), ['1', 'null']);
});

test('an unsynced sector is the old one, the new one, or torn, each on its own', async () => {
  const folder = new MemoryFolder('f');
  const sectors = 40;
  const file = await folder.open('a', 'create');
  await file.write(0, new Uint8Array(sectors * SECTOR_BYTES).fill(1));
  await file.sync();
  await folder.sync();
  await file.write(0, new Uint8Array(sectors * SECTOR_BYTES).fill(2));
  const kinds = new Set<string>();
  const images = new Set<string>();
  await forImages(folder.disk, async (found) => {
    const bytes = (await take(found, 'a'))!;
    assert.equal(bytes.length, sectors * SECTOR_BYTES);
    let image = '';
    for (let i = 0; i < sectors; i++) {
      const sector = bytes.subarray(i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES);
      const firstOld = sector.indexOf(1);
      assert.ok(firstOld < 0 || sector.subarray(firstOld).every((byte) => byte === 1), 'new bytes come first');
      const kind = firstOld < 0 ? 'new' : firstOld === 0 ? 'old' : 'torn';
      kinds.add(kind);
      image += kind[0];
    }
    images.add(image);
  });
  assert.deepEqual([...kinds].sort(), ['new', 'old', 'torn']);
  assert.ok(images.size > IMAGES / 2, `${images.size} different images`);
  assert.ok(images.has('o'.repeat(sectors)) && images.has('n'.repeat(sectors)), 'all lost, and nothing lost');
});

test('an unsynced length is the old one, the new one, or one between', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, new Uint8Array(1000));
  await file.sync();
  await folder.sync();
  await file.write(1000, new Uint8Array(5000));
  const lengths = new Set<number>();
  await forImages(folder.disk, async (found) => {
    lengths.add((await take(found, 'a'))!.length);
  });
  assert.ok(lengths.has(1000) && lengths.has(6000) && lengths.size > 20);
  assert.ok([...lengths].every((length) => length >= 1000 && length <= 6000));
});

test('an unsynced truncation may be undone, and zeros never come from nowhere', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, new Uint8Array(40_000).fill(7));
  await file.sync();
  await folder.sync();
  await file.truncate(100);
  const lengths = new Set<number>();
  await forImages(folder.disk, async (found) => {
    const bytes = (await take(found, 'a'))!;
    lengths.add(bytes.length);
    assert.ok(bytes.subarray(0, 100).every((byte) => byte === 7));
  });
  assert.ok(lengths.has(100) && lengths.has(40_000));
});

test('a rename happens as a whole or not at all', async () => {
  const folder = new MemoryFolder('f');
  for (const [name, value] of [
    ['old', 1],
    ['new', 2],
  ] as const) {
    const file = await folder.open(name, 'create');
    await file.write(0, Uint8Array.of(value));
    await file.sync();
  }
  await folder.sync();
  await folder.rename('new', 'old');
  const seen = new Set<string>();
  await forImages(folder.disk, async (found) => {
    seen.add(`${await take(found, 'old')} ${await take(found, 'new')}`);
  });
  assert.deepEqual([...seen].sort(), ['1 2', '2 null']);
});

test('a renamed file that was not synced may be torn under its new name (S13)', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('new', 'create');
  await file.write(0, Uint8Array.of(2));
  await folder.rename('new', 'settings');
  await folder.sync();
  const seen = new Set<string>();
  await forImages(folder.disk, async (found) => {
    seen.add(String(await take(found, 'settings')));
  });
  assert.ok(seen.has('') && seen.has('2'), 'empty, or complete');
});

test('the end of a process loses nothing, and the next power cut may still lose it', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, Uint8Array.of(9));
  const after = folder.disk.kill();
  assert.deepEqual(await take(new MemoryFolder('f', after), 'a'), Uint8Array.of(9));
  let lost = 0;
  await forImages(after, async (found) => {
    if ((await take(found, 'a')) === null) lost++;
  });
  assert.ok(lost > 0 && lost < IMAGES);
});

test('images and the running disk do not see each other', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, Uint8Array.of(1, 1));
  await file.sync();
  await folder.sync();
  await file.write(0, Uint8Array.of(2));
  const killed = new MemoryFolder('f', folder.disk.kill());
  const crashed = new MemoryFolder('f', folder.disk.crash(createRng(1)));
  for (const other of [killed, crashed]) {
    const theirs = await other.open('a', 'write');
    await theirs.write(1, Uint8Array.of(3));
  }
  await file.write(0, Uint8Array.of(4));
  assert.deepEqual(await take(folder, 'a'), Uint8Array.of(4, 1));
  assert.deepEqual(await take(killed, 'a'), Uint8Array.of(2, 3));
  assert.equal((await take(crashed, 'a'))![1], 3);
});

test('a failed sync forgets: the next one succeeds and the bytes are still not there', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, new Uint8Array(600));
  await file.sync();
  await folder.sync();
  await file.write(0, new Uint8Array(600).fill(1));
  folder.disk.inject = forgetSync(1);
  await assert.rejects(file.sync(), StorageError);
  await file.sync();
  assert.equal((await file.read(0, 1))[0], 1, 'the running process sees nothing of it');
  let lost = 0;
  await forImages(folder.disk, async (found) => {
    if ((await take(found, 'a'))!.some((byte) => byte === 0)) lost++;
  });
  assert.ok(lost > 0);
  await file.write(0, new Uint8Array(600).fill(1));
  await file.sync();
  await forImages(folder.disk, async (found) => {
    assert.deepEqual(await take(found, 'a'), new Uint8Array(600).fill(1));
  });
});

test('operations fail by injection, and changes are counted', async () => {
  const folder = new MemoryFolder('f');
  const { disk } = folder;
  const file = await folder.open('a', 'create');
  await file.write(0, Uint8Array.of(1, 2, 3));
  assert.equal(disk.changeCount, 2);
  disk.inject = firstFault(failOnce('read', 1), shortRead(1, 2));
  await assert.rejects(file.read(0, 3), /input\/output error/);
  await assert.rejects(file.read(0, 3), { code: 'corrupt' });
  assert.equal((await file.read(0, 3)).length, 3);
  assert.equal(disk.changeCount, 2);
  disk.inject = stopAtChange(3);
  await assert.rejects(file.sync(), /the process has ended/);
  await assert.rejects(file.read(0, 1), /the process has ended/);
});

test('a full disk takes what fits and no more (S05)', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  folder.disk.inject = diskFullAfter(5);
  await file.write(0, Uint8Array.of(1, 2, 3));
  await assert.rejects(file.write(3, Uint8Array.of(4, 5, 6)), { code: 'disk-full' });
  assert.deepEqual(await take(folder, 'a'), Uint8Array.of(1, 2, 3, 4, 5));
  folder.disk.inject = null;
  folder.disk.capacityBytes = folder.disk.usedBytes + 100_000;
  assert.equal(await folder.freeBytes(), 100_000);
  await assert.rejects(file.write(0, new Uint8Array(200_000)), { code: 'disk-full' });
  const size = await file.size();
  assert.ok(size > 80_000 && size < 120_000);
});

test('what is read-only is neither written nor removed', async () => {
  const folder = new MemoryFolder('f');
  await (await folder.open('a', 'create')).close();
  folder.disk.setReadOnly('f/a', true);
  await assert.rejects(folder.open('a', 'write'), { code: 'read-only' });
  await (await folder.open('a', 'read')).close();
  folder.disk.setReadOnly('f', true);
  await assert.rejects(folder.open('b', 'create'), { code: 'read-only' });
  await assert.rejects(folder.remove('a'), { code: 'read-only' });
  folder.disk.setReadOnly('f', false);
  await (await folder.open('b', 'create')).close();
});

test('a flipped bit is on the disk and in the cache', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(0, Uint8Array.of(0, 0));
  folder.disk.file('f', 'a').flipBit(11);
  assert.deepEqual(await take(folder, 'a'), Uint8Array.of(0, 8));
});

test('files far larger than memory cost only what is in them (S15)', async () => {
  const folder = new MemoryFolder('f');
  const file = await folder.open('a', 'create');
  await file.write(2 ** 45, Uint8Array.of(1));
  assert.equal(await file.size(), 2 ** 45 + 1);
  assert.ok(folder.disk.usedBytes < 100_000);
  assert.deepEqual(await file.read(2 ** 45 - 1, 2), Uint8Array.of(0, 1));
});
