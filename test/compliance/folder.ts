// What every Folder must do, whatever is behind it. A new implementation calls checkFolder in a test file of its own.

import assert from 'node:assert/strict';
import { type FileHandle, type Folder, StorageError } from '../../src/kernel/chain/ports.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { checkerOf, type Subject } from './subject.ts';

/** A folder to test, empty. */
export interface FolderUnderTest extends Subject {
  readonly folder: Folder;
  /** The same folder as another process would find it. */
  reopen(): Promise<Folder>;
}

/** Registers the tests of the port for one implementation. */
export function checkFolder(name: string, make: () => Promise<FolderUnderTest>): void {
  const check = checkerOf(name, make);

  check('an empty folder lists nothing and has no file', async ({ folder }) => {
    assert.deepEqual(await folder.list(), []);
    assert.equal(await folder.exists('a'), false);
  });

  check('a file that is not there opens only with create', async ({ folder }) => {
    await assert.rejects(folder.open('a', 'read'), StorageError);
    await assert.rejects(folder.open('a', 'write'), StorageError);
    assert.deepEqual(await folder.list(), []);
    const file = await folder.open('a', 'create');
    assert.equal(await file.size(), 0);
    await file.close();
    assert.deepEqual(await folder.list(), ['a']);
    assert.equal(await folder.exists('a'), true);
  });

  check('create keeps what is in a file', async ({ folder }) => {
    await put(folder, 'a', Uint8Array.of(1, 2, 3));
    const file = await folder.open('a', 'create');
    assert.deepEqual([...(await file.read(0, 3))], [1, 2, 3]);
    await file.close();
  });

  check('bytes are read where they were written, after a reopen as well', async ({ folder, reopen }) => {
    const bytes = createRng(1).bytes(100_000);
    const file = await folder.open('a', 'create');
    await file.write(0, bytes.subarray(0, 40_000));
    await file.write(40_000, bytes.subarray(40_000));
    await file.write(777, bytes.subarray(777, 20_000));
    assert.deepEqual(plain(await file.read(0, 100_000)), bytes);
    assert.deepEqual(plain(await file.read(39_999, 2)), bytes.slice(39_999, 40_001));
    await file.sync();
    await file.close();
    await folder.sync();
    assert.deepEqual(await take(await reopen(), 'a'), bytes);
  });

  check('what one handle writes another reads at once', async ({ folder }) => {
    const writer = await folder.open('a', 'create');
    const reader = await folder.open('a', 'read');
    await writer.write(0, Uint8Array.of(5, 6, 7));
    assert.deepEqual([...(await reader.read(1, 2))], [6, 7]);
    await writer.close();
    await reader.close();
  });

  check('a file opened for reading takes no writes', async ({ folder }) => {
    await put(folder, 'a', Uint8Array.of(1));
    const file = await folder.open('a', 'read');
    await assert.rejects(file.write(0, Uint8Array.of(2)), StorageError);
    await file.close();
    assert.deepEqual([...(await take(folder, 'a'))], [1]);
  });

  check('a read past the end fails as corrupt and names the file (S06)', async ({ folder }) => {
    await put(folder, 'short', Uint8Array.of(1, 2, 3));
    const file = await folder.open('short', 'read');
    for (const [position, length] of [
      [0, 4],
      [2, 2],
      [3, 1],
      [1000, 1],
    ] as const) {
      await assert.rejects(file.read(position, length), (error: unknown) => {
        assert.ok(error instanceof StorageError);
        assert.equal(error.code, 'corrupt');
        assert.match(error.path, /short/);
        return true;
      });
    }
    assert.equal((await file.read(3, 0)).length, 0);
    await file.close();
  });

  check('what a read gives belongs to the caller', async ({ folder }) => {
    await put(folder, 'a', Uint8Array.of(1, 2, 3));
    const file = await folder.open('a', 'read');
    (await file.read(0, 3)).fill(9);
    assert.deepEqual([...(await file.read(0, 3))], [1, 2, 3]);
    await file.close();
  });

  check('what was written may be changed by its owner afterwards', async ({ folder }) => {
    const bytes = Uint8Array.of(1, 2, 3);
    await put(folder, 'a', bytes);
    bytes.fill(9);
    assert.deepEqual([...(await take(folder, 'a'))], [1, 2, 3]);
  });

  check('a gap reads as zeros', async ({ folder }) => {
    const file = await folder.open('a', 'create');
    await file.write(70_000, Uint8Array.of(7));
    assert.equal(await file.size(), 70_001);
    assert.deepEqual(plain(await file.read(0, 70_000)), new Uint8Array(70_000));
    await file.close();
  });

  check('truncate cuts, and zeros take the place of what was cut off', async ({ folder }) => {
    const file = await folder.open('a', 'create');
    await file.write(0, new Uint8Array(50_000).fill(1));
    await file.truncate(10);
    assert.equal(await file.size(), 10);
    await file.truncate(20);
    assert.equal(await file.size(), 20);
    await file.write(49_999, Uint8Array.of(2));
    const bytes = plain(await file.read(0, 50_000));
    assert.deepEqual(bytes.slice(0, 10), new Uint8Array(10).fill(1));
    assert.deepEqual(bytes.slice(10, 49_999), new Uint8Array(49_989));
    await file.close();
  });

  check('positions beyond 2^31 and 2^32 are kept apart (S15)', async ({ folder }) => {
    const file = await folder.open('big', 'create');
    const places = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 3, 2 ** 32, 2 ** 32 + 2 ** 31, 2 ** 33 + 12_345];
    for (const [i, place] of places.entries()) await file.write(place, Uint8Array.of(i + 1, 0xaa));
    assert.equal(await file.size(), 2 ** 33 + 12_347);
    for (const [i, place] of places.entries()) {
      if (i + 1 < places.length && places[i + 1] === place + 1) continue; // the next one wrote over the second byte
      assert.deepEqual([...(await file.read(place, 2))], [i + 1, 0xaa], `at ${place}`);
    }
    await file.truncate(2 ** 32 + 1);
    assert.equal(await file.size(), 2 ** 32 + 1);
    await file.sync();
    await file.close();
    await folder.remove('big');
  });

  check('rename puts a file in place of another', async ({ folder, reopen }) => {
    await put(folder, 'old', Uint8Array.of(1));
    await put(folder, 'new', Uint8Array.of(2));
    await folder.rename('new', 'old');
    await folder.sync();
    assert.deepEqual(await folder.list(), ['old']);
    assert.deepEqual([...(await take(await reopen(), 'old'))], [2]);
    await assert.rejects(folder.rename('new', 'old'), StorageError);
  });

  check('remove takes a file away, once', async ({ folder }) => {
    await put(folder, 'a', Uint8Array.of(1));
    await put(folder, 'b', Uint8Array.of(2));
    await folder.remove('a');
    assert.deepEqual(await folder.list(), ['b']);
    await assert.rejects(folder.remove('a'), StorageError);
  });

  check('many reads and writes may be under way at once', async ({ folder }) => {
    const file = await folder.open('a', 'create');
    const parts = Array.from({ length: 64 }, (_, i) => createRng(i).bytes(3000));
    await Promise.all(parts.map((part, i) => file.write(3000 * i, part)));
    const read = await Promise.all(parts.map((_, i) => file.read(3000 * i, 3000)));
    assert.deepEqual(read.map(plain), parts);
    await file.close();
  });

  check('a closed file does nothing any more', async ({ folder }) => {
    await put(folder, 'a', Uint8Array.of(1));
    const file = await folder.open('a', 'write');
    await file.close();
    await assert.rejects(file.read(0, 1));
    await assert.rejects(file.write(0, Uint8Array.of(1)));
  });

  check('a file tells when it was written, or not at all', async ({ folder }) => {
    await put(folder, 'a', Uint8Array.of(1));
    const modifiedSec = await folder.modifiedSec('a');
    assert.ok(modifiedSec === null || modifiedSec > 1_700_000_000);
  });

  check('free space is a number of bytes, or unknown', async ({ folder }) => {
    const freeBytes = await folder.freeBytes();
    assert.ok(freeBytes === null || freeBytes > 0);
  });
}

async function put(folder: Folder, name: string, bytes: Uint8Array): Promise<void> {
  const file = await folder.open(name, 'create');
  await file.write(0, bytes);
  await file.close();
}

async function take(folder: Folder, name: string): Promise<Uint8Array> {
  const file: FileHandle = await folder.open(name, 'read');
  const bytes = await file.read(0, await file.size());
  await file.close();
  return plain(bytes);
}

/** Bytes in memory of their own: shared memory compares as something else. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}
