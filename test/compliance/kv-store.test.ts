// Every key-value store there is, held to the suite of the port.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryDisk } from '../../src/kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { MemoryKv } from '../../src/kernel/chain/memory-kv.ts';
import type { KvStore } from '../../src/kernel/chain/ports.ts';
import { LevelKv } from '../../src/platform/node/kv-level.ts';
import { SimKv } from '../../src/sim/sim-kv.ts';
import { checkKvStore } from './kv-store.ts';

checkKvStore('MemoryKv', async () => ({ store: new MemoryKv(), reopen: null, dispose: async () => {} }));

checkKvStore('SimKv of the simulated disk', async () => {
  let disk = new MemoryDisk();
  return {
    store: await SimKv.open(new MemoryFolder('kv', disk)),
    reopen: () => {
      disk = disk.kill();
      return SimKv.open(new MemoryFolder('kv', disk));
    },
    dispose: async () => {},
  };
});

checkKvStore('LevelKv', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tally-kv-'));
  const options = { cacheBytes: 2 ** 20, writeBufferBytes: 2 ** 16 };
  let current: KvStore = await LevelKv.open(path, options);
  return {
    store: current,
    reopen: async (store) => {
      await store.close();
      current = await LevelKv.open(path, options);
      return current;
    },
    dispose: async () => {
      await current.close();
      await rm(path, { recursive: true });
    },
  };
});
