import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBlockFileName, parseBlockFileName } from './block-file-name.ts';
import { FilePool } from './file-pool.ts';
import { MemoryFolder } from './memory-folder.ts';
import type { FileHandle } from './ports.ts';

/** A folder that knows how many of its files are open. */
class CountingFolder extends MemoryFolder {
  openCount = 0;
  openCountMax = 0;

  override async open(name: string, mode: 'read' | 'write' | 'create'): Promise<FileHandle> {
    const file = await super.open(name, mode);
    this.openCount++;
    this.openCountMax = Math.max(this.openCountMax, this.openCount);
    const close = file.close.bind(file);
    file.close = async () => {
      this.openCount--;
      await close();
    };
    return file;
  }
}

test('of many files few are open at a time, and a file in use stays open', async () => {
  const folder = new CountingFolder();
  const pool = new FilePool(folder);
  await pool.use('kept', 'create', async (kept) => {
    for (let i = 0; i < 200; i++) await pool.use(`file${i}`, 'create', (file) => file.write(0, Uint8Array.of(i)));
    await kept.write(0, Uint8Array.of(1));
  });
  assert.ok(folder.openCountMax <= 17);
  for (let i = 0; i < 200; i++) {
    assert.deepEqual(await pool.use(`file${i}`, 'read', (file) => file.read(0, 1)), Uint8Array.of(i));
  }
  await pool.forget('file199');
  await pool.close();
  assert.equal(folder.openCount, 0);
});

test('a file that could not be opened is tried anew', async () => {
  const folder = new CountingFolder();
  const pool = new FilePool(folder);
  await assert.rejects(
    pool.use('a', 'read', async () => {}),
    /no such file/,
  );
  await pool.use('a', 'create', async () => {});
  await pool.use('a', 'read', async () => {});
  await pool.close();
  assert.equal(folder.openCount, 0);
});

test('names of block files have at least five digits, and no other name is one (S15)', () => {
  assert.equal(formatBlockFileName('blk', 0), 'blk00000.dat');
  assert.equal(formatBlockFileName('rev', 99_999), 'rev99999.dat');
  assert.equal(formatBlockFileName('blk', 100_000), 'blk100000.dat');
  for (const [kind, number] of [
    ['blk', 0],
    ['rev', 12_345],
    ['blk', 2_147_483_648],
  ] as const) {
    assert.deepEqual(parseBlockFileName(formatBlockFileName(kind, number)), { kind, number });
  }
  for (const name of [
    'blk0000.dat',
    'blk000000.dat',
    'BLK00000.dat',
    'blk00000.dat.bak',
    'xblk00000.dat',
    'rev-0001.dat',
  ]) {
    assert.equal(parseBlockFileName(name), null, name);
  }
});
