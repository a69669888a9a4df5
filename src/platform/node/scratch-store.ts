// A key-value store for work that is thrown away when it is done: a LevelDB in a folder of its own, without any care for power cuts.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KvStore } from '../../kernel/chain/ports.ts';
import { LevelKv } from './kv-level.ts';

/** A store, and how it is thrown away. */
export interface ScratchStore {
  readonly store: KvStore;
  /** Closes it and removes its folder. */
  remove(): Promise<void>;
}

const CACHE_BYTES: number = 32 * 2 ** 20;
const WRITE_BUFFER_BYTES: number = 16 * 2 ** 20;

/** Opens an empty store in a new folder below `parent`, whose name begins with `prefix`. Throws StorageError. */
export async function openScratchStore(parent: string, prefix: string): Promise<ScratchStore> {
  const folder = await mkdtemp(join(parent, prefix));
  const options = { cacheBytes: CACHE_BYTES, writeBufferBytes: WRITE_BUFFER_BYTES };
  try {
    const store = await LevelKv.open(join(folder, 'coins'), options);
    return {
      store,
      remove: async () => {
        await store.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
