import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { diskFullAfter, forgetSync, stopAtChange } from './disk-faults.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryFolder } from './memory-folder.ts';
import { readWholeFile, writeFileAtomic } from './write-file-atomic.ts';

const OLD = createRng(1).bytes(3000);
const NEW = createRng(2).bytes(2000);
const LATER = createRng(3).bytes(1);

/** A disk that has the file in its old version, durably. */
async function makeDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await writeFileAtomic(new MemoryFolder('f', disk), 'peers.dat', OLD);
  return disk;
}

test('small files are the old or the new version at every boundary of a replacement (S13)', async () => {
  const counting = await makeDisk();
  const before = counting.changeCount;
  await writeFileAtomic(new MemoryFolder('f', counting), 'peers.dat', NEW);
  const changes = counting.changeCount - before;
  assert.equal(changes, 6, 'create, truncate, write, sync, rename, sync of the folder');

  const versions = new Map([
    [toHex(OLD), 'old'],
    [toHex(NEW), 'new'],
  ]);
  for (let change = 1; change <= changes + 1; change++) {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const disk = await makeDisk();
      disk.inject = stopAtChange(disk.changeCount + change, createRng(seed));
      const isDone = await writeFileAtomic(new MemoryFolder('f', disk), 'peers.dat', NEW).then(
        () => true,
        () => false,
      );
      for (const found of [disk.kill(), disk.crash(createRng(seed)), disk.crash(createRng(1000 + seed))]) {
        const folder = new MemoryFolder('f', found);
        const version = versions.get(toHex(await readWholeFile(folder, 'peers.dat')));
        assert.ok(version !== undefined, 'neither empty nor half');
        if (isDone) assert.equal(version, 'new', 'what was reported written is there');
        seen.add(version);
        // what the crash left behind is no hindrance
        await writeFileAtomic(folder, 'peers.dat', LATER);
        assert.deepEqual(await readWholeFile(folder, 'peers.dat'), LATER);
      }
    }
    assert.ok(seen.has(change <= 5 ? 'old' : 'new'));
  }
});

test('a small file that did not exist is complete or absent after a crash (S13)', async () => {
  for (let change = 1; change <= 6; change++) {
    for (let seed = 0; seed < 40; seed++) {
      const disk = new MemoryDisk();
      disk.inject = stopAtChange(change, createRng(seed));
      await writeFileAtomic(new MemoryFolder('f', disk), 'settings.json', NEW).catch(() => {});
      const folder = new MemoryFolder('f', disk.crash(createRng(seed)));
      if (await folder.exists('settings.json')) assert.deepEqual(await readWholeFile(folder, 'settings.json'), NEW);
    }
  }
});

test('a full disk or a failed sync leaves a small file as it was (S05, S13)', async () => {
  for (const inject of [diskFullAfter(0), diskFullAfter(700), forgetSync(1)]) {
    const disk = await makeDisk();
    disk.inject = inject;
    await assert.rejects(writeFileAtomic(new MemoryFolder('f', disk), 'peers.dat', NEW), { name: 'StorageError' });
    for (let seed = 0; seed < 20; seed++) {
      assert.deepEqual(await readWholeFile(new MemoryFolder('f', disk.crash(createRng(seed))), 'peers.dat'), OLD);
    }
    disk.inject = null;
    await writeFileAtomic(new MemoryFolder('f', disk), 'peers.dat', NEW);
    assert.deepEqual(await readWholeFile(new MemoryFolder('f', disk.crash(createRng(0))), 'peers.dat'), NEW);
  }
});
