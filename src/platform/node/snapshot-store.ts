// The coins of a snapshot on disk: a LevelDB in a folder beside that of the chain's coins, with a file in it that names the block, as
// Bitcoin Core lays them out (node/utxo_snapshot.cpp). A folder without that file was never finished. It is taken away, put aside and let
// take the place of the other by renaming, so that it is whole wherever it is.

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type KvStore, type SnapshotStorage, StorageError } from '../../kernel/chain/ports.ts';
import { readWholeFile, writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { NodeFolder } from './folder.ts';
import type { LevelKv } from './kv-level.ts';
import { toStorageError } from './storage-error.ts';

/** The file that names the block (Core SNAPSHOT_BLOCKHASH_FILENAME). */
const BASE_FILE = 'base_blockhash';

/** What a folder is called that was put aside, and one that is being deleted. */
const INVALID_SUFFIX = '_INVALID';
const REMOVED_SUFFIX = '.removed';

/** Coins of a snapshot in a folder. */
export class SnapshotFolder implements SnapshotStorage {
  readonly path: string;
  readonly #openLevel: (path: string) => Promise<LevelKv>;
  #store: LevelKv | null = null;

  /** `openLevel` opens the database in a folder that is there or not. */
  constructor(path: string, openLevel: (path: string) => Promise<LevelKv>) {
    this.path = path;
    this.#openLevel = openLevel;
  }

  /** Whether there is a folder, finished or not. */
  get exists(): boolean {
    return existsSync(this.path);
  }

  async readBase(): Promise<BlockHash | null> {
    if (!existsSync(join(this.path, BASE_FILE))) return null;
    const bytes = await readWholeFile(new NodeFolder(this.path), BASE_FILE);
    if (bytes.length >= HASH_BYTES) return asBlockHash(bytes.slice(0, HASH_BYTES));
    throw new StorageError(
      'corrupt',
      join(this.path, BASE_FILE),
      'the file that names the block of a snapshot is cut short',
    );
  }

  async open(): Promise<KvStore> {
    this.#store ??= await this.#openLevel(this.path);
    return this.#store;
  }

  async writeBase(base: BlockHash): Promise<void> {
    await writeFileAtomic(new NodeFolder(this.path), BASE_FILE, base);
    await this.#syncParent();
  }

  async remove(): Promise<void> {
    await this.close();
    await this.#try(async () => {
      const removed = this.path + REMOVED_SUFFIX;
      await rm(removed, { recursive: true, force: true });
      if (!this.exists) return;
      await rename(this.path, removed);
      await this.#syncParent();
      await rm(removed, { recursive: true, force: true });
    });
  }

  async setAside(): Promise<string> {
    await this.close();
    let place = this.path + INVALID_SUFFIX;
    for (let i = 2; existsSync(place); i++) place = `${this.path}${INVALID_SUFFIX}_${i}`;
    await this.#moveTo(place);
    return place;
  }

  /** Lets the coins take a place where nothing is, and where they are no snapshot's any more. */
  async promote(place: string): Promise<void> {
    await this.close();
    await this.#moveTo(place);
    await this.#try(() => rm(join(place, BASE_FILE), { force: true }));
  }

  async close(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    await store?.close();
  }

  async #moveTo(place: string): Promise<void> {
    await this.#try(async () => {
      await rename(this.path, place);
      await this.#syncParent();
    });
  }

  async #syncParent(): Promise<void> {
    const parent = dirname(this.path);
    await new NodeFolder(parent).sync();
  }

  async #try(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw error instanceof StorageError ? error : toStorageError(error, this.path, 'rename');
    }
  }
}
