// Every folder there is, held to the suite of the port.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryDisk } from '../../src/kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { checkFolder } from './folder.ts';

checkFolder('MemoryFolder', async () => {
  const disk = new MemoryDisk();
  return {
    folder: new MemoryFolder('memory', disk),
    reopen: async () => new MemoryFolder('memory', disk.kill()),
    dispose: async () => {},
  };
});

checkFolder('NodeFolder', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tally-folder-'));
  return {
    folder: new NodeFolder(path),
    reopen: async () => new NodeFolder(path),
    dispose: () => rm(path, { recursive: true }),
  };
});
