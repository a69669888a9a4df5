import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EMPTY_BLOCK_FILE } from '../../kernel/chain/block-file-info.ts';
import { BlockStore } from '../../kernel/chain/block-store.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { NodeFolder } from './folder.ts';

async function withFolder(body: (folder: NodeFolder) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'tally-folder-'));
  try {
    await body(new NodeFolder(path));
  } finally {
    await rm(path, { recursive: true });
  }
}

test('what is read lies in memory that threads can share', async () => {
  await withFolder(async (folder) => {
    const file = await folder.open('a', 'create');
    await file.write(0, Uint8Array.of(1, 2, 3));
    assert.ok((await file.read(0, 3)).buffer instanceof SharedArrayBuffer);
    await file.close();
  });
});

test('files are for their owner alone, whatever the mask says (J06)', async () => {
  if (process.platform === 'win32') return;
  const mask = process.umask(0);
  try {
    await withFolder(async (folder) => {
      await (await folder.open('a', 'create')).close();
      assert.equal(statSync(join(folder.path, 'a')).mode & 0o777, 0o600);
    });
  } finally {
    process.umask(mask);
  }
});

test('subfolders are not listed', async () => {
  await withFolder(async (folder) => {
    await (await folder.open('a', 'create')).close();
    const parent = new NodeFolder(join(folder.path, '..'));
    assert.ok(!(await parent.list()).some((name) => folder.path.endsWith(name)));
    assert.deepEqual(readdirSync(folder.path), ['a']);
  });
});

test('a full device is told as such, with the file and what to do (S05)', async (context: TestContext) => {
  if (!existsSync('/dev/full')) {
    context.skip('needs /dev/full');
    return;
  }
  const file = await new NodeFolder('/dev').open('full', 'write');
  await assert.rejects(file.write(0, Uint8Array.of(1)), (error: unknown) => {
    assert.ok(error instanceof Error);
    assert.deepEqual(
      { ...error, cause: undefined },
      { code: 'disk-full', path: '/dev/full', cause: undefined, name: 'StorageError' },
    );
    assert.match(error.message, /cannot write \/dev\/full: .*Disk space is too low!/);
    return true;
  });
  await file.close();
});

test('a file that may not be written is told as read-only (S06)', async (context: TestContext) => {
  if (process.getuid === undefined) {
    context.skip('needs the permissions of POSIX');
    return;
  }
  await withFolder(async (folder) => {
    await (await folder.open('a', 'create')).close();
    chmodSync(join(folder.path, 'a'), 0o444);
    chmodSync(folder.path, 0o755);
    await asNobody(async () => {
      await assert.rejects(folder.open('a', 'write'), { name: 'StorageError', code: 'read-only' });
      await (await folder.open('a', 'read')).close();
    });
  });
});

/** The superuser may write everything, so a test that runs as such steps down. */
async function asNobody(body: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid!() === 0;
  if (isRoot) process.seteuid!(65534);
  try {
    await body();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

test('a folder that is not there fails with its path', async () => {
  const folder = new NodeFolder('/nowhere/at/all');
  for (const attempt of [folder.list(), folder.open('a', 'create'), folder.sync(), folder.freeBytes()]) {
    await assert.rejects(attempt, { name: 'StorageError', code: 'failed' });
  }
  assert.equal(await folder.exists('a'), false);
});

test('a block file truncated on disk is corrupt, not invalid (S06, S08)', async () => {
  await withFolder(async (folder) => {
    const params = createRegtestParams();
    const store = await BlockStore.open(folder, { magic: params.magic, rng: createRng(1) });
    const { genesis } = params;
    const position = await store.writeBlock(genesis.serialized(), 0, genesis.header.timeSec);
    await store.sync();
    const size = statSync(join(folder.path, 'blk00000.dat')).size;
    for (const length of [size - 1, 90, 8, 7, 0]) {
      truncateSync(join(folder.path, 'blk00000.dat'), length);
      await assert.rejects(store.readBlock(position, genesis.header.blockHash), {
        code: 'corrupt',
        path: join(folder.path, 'blk00000.dat'),
      });
    }
    await store.close();
  });
});

test('a block beyond 2^32 in a sparse file on disk (S15)', async () => {
  await withFolder(async (folder) => {
    const params = createRegtestParams();
    const info = { ...EMPTY_BLOCK_FILE, blockCount: 1, blockBytes: 2 ** 32 + 12_345 };
    const options = { magic: params.magic, rng: createRng(1), fileInfos: [info], fileBytesMax: 2 ** 40 };
    const store = await BlockStore.open(folder, options);
    const { genesis } = params;
    const position = await store.writeBlock(genesis.serialized(), 0, genesis.header.timeSec);
    await store.sync();
    assert.equal(position.offset, 2 ** 32 + 12_353);
    const found = await store.readBlock(position, genesis.header.blockHash);
    assert.equal(found.txCount, 1);
    await store.close();
  });
});
