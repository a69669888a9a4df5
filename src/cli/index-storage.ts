// Where indexes lie below the folder of a network, as in Core: indexes/txindex, indexes/coinstatsindex/db, indexes/txospenderindex/db,
// and indexes/blockfilter/basic with its files and db beside them; our own indexes/addressindex stands in the same row.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IndexKind, IndexStorage, IndexStore } from '../node/app/index-service.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { LevelKv } from '../platform/node/kv-level.ts';
import { toStorageError } from '../platform/node/storage-error.ts';
import { type Logger, nullLogger } from './log.ts';

/** Folder of each, and of its database. */
const PLACES: Readonly<
  Record<IndexKind, { readonly folder: readonly string[]; readonly database: readonly string[] }>
> = Object.freeze({
  transactions: { folder: ['txindex'], database: [] },
  'coin-stats': { folder: ['coinstatsindex'], database: ['db'] },
  spenders: { folder: ['txospenderindex'], database: ['db'] },
  addresses: { folder: ['addressindex'], database: [] },
  filters: { folder: ['blockfilter', 'basic'], database: ['db'] },
});

/** Memory of a database: rows are read seldom and written once. Core gives some of them a share of -dbcache. */
const CACHE_BYTES: number = 4 * 2 ** 20;
const WRITE_BUFFER_BYTES: number = 4 * 2 ** 20;

/** Indexes in the folder of a network. */
export function createIndexStorage(networkFolder: string, log: Logger = nullLogger): IndexStorage {
  const base = join(networkFolder, 'indexes');
  const folderOf = (kind: IndexKind): string => join(base, ...PLACES[kind].folder);
  return {
    open: async (kind): Promise<IndexStore> => {
      const folder = folderOf(kind);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
      } catch (error) {
        throw toStorageError(error, folder, 'make');
      }
      const path = join(folder, ...PLACES[kind].database);
      log.info(`Opening LevelDB in ${path}`);
      const store = await LevelKv.open(path, { cacheBytes: CACHE_BYTES, writeBufferBytes: WRITE_BUFFER_BYTES });
      return { store, folder: new NodeFolder(folder) };
    },
    remove: async (kind) => {
      const folder = folderOf(kind);
      log.info(`Wiping LevelDB in ${join(folder, ...PLACES[kind].database)}`);
      try {
        rmSync(folder, { recursive: true, force: true });
      } catch (error) {
        throw toStorageError(error, folder, 'remove');
      }
    },
  };
}
