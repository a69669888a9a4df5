// The databases and files of a chain, opened in the folders of a node; and what -reindex and -reindex-chainstate take away before.
// A database is taken away by renaming it first: a crash at any moment leaves it whole or gone. The coins go before the index,
// because an index without coins mends itself, and coins without their index do not.

import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ChainPorts, hasStoredBlocks, isIndexEmpty } from '../kernel/chain/chain-open.ts';
import { isReindexing, readFlag, writeReindexing } from '../kernel/chain/index-codec.ts';
import { BEST_BLOCK_KEY, HEAD_BLOCKS_KEY } from '../kernel/chain/layout.ts';
import { type Folder, type KvStore, type ScriptVerifier, StorageError } from '../kernel/chain/ports.ts';
import { findFilesUselessForReindex } from '../kernel/chain/prune.ts';
import { PRUNED_FLAG } from '../kernel/chain/pruning.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { LOSSY_SET_SALT_BYTES } from '../kernel/crypto/lossy-set.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { VerifiedScripts } from '../kernel/script/verified-scripts.ts';
import { createRng, type Rng } from '../kernel/util/prng.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { LevelKv, type LevelKvOptions } from '../platform/node/kv-level.ts';
import { SnapshotFolder } from '../platform/node/snapshot-store.ts';
import { toStorageError } from '../platform/node/storage-error.ts';
import type { NodeFolders } from './data-folder.ts';
import { StartupError } from './error-text.ts';
import type { Logger } from './log.ts';
import type { NodeOptions } from './node-options.ts';
import { isVerified, prepareSnapshot, REMOVED_SUFFIX, takeOver } from './snapshot-start.ts';

/** Ports of a chain, and what is known of their state. */
export interface ChainStorage {
  readonly ports: ChainPorts;
  /** The block index is to be built from the block files: asked for, or begun before and not finished. */
  readonly isReindexing: boolean;
  close(): Promise<void>;
}

/** Salts and delays of this run, which nobody can guess. */
export function createSystemRng(): Rng {
  return createRng(randomBytes(8).readBigUInt64LE());
}

/** Transactions with verified scripts that are remembered: as many as take 16 MiB (Core DEFAULT_SCRIPT_EXECUTION_CACHE_BYTES). */
const VERIFIED_SCRIPTS_MAX: number = 2 ** 19;

function createVerifiedScripts(): VerifiedScripts {
  return new VerifiedScripts({ entryCountMax: VERIFIED_SCRIPTS_MAX, salt: randomBytes(LOSSY_SET_SALT_BYTES) });
}

/** Opens the databases, after taking away what is to be rebuilt. Throws StorageError or StartupError. */
export async function openChainStorage(
  where: { readonly params: ChainParams; readonly folders: NodeFolders },
  options: NodeOptions,
  parts: { readonly secp: Secp256k1; readonly verifier: ScriptVerifier; readonly log: Logger },
): Promise<ChainStorage> {
  const { params, folders } = where;
  const { log } = parts;
  const blockFolder = new NodeFolder(folders.blocks);
  const isRebuilt = options.reindex !== 'none';
  const { caches } = options;
  const checked = options.checkBlocks <= 0 ? { checkedBytes: Number.POSITIVE_INFINITY } : {};
  const openCoins = (path: string): Promise<LevelKv> =>
    openNamed('coins', path, { ...divide(caches.coinsStoreBytes), ...checked }, log);
  const snapshots = new SnapshotFolder(folders.snapshot, openCoins);
  await prepareSnapshot(snapshots, folders.chainstate, { isRebuilt, params, log });
  for (const path of [folders.chainstate, folders.blockIndex]) removeLeftovers(path);
  if (isRebuilt) await discard(folders.chainstate);
  if (options.reindex === 'all') await discard(folders.blockIndex);
  const indexStore = await openNamed('block', folders.blockIndex, { ...divide(caches.indexBytes), ...checked }, log);
  let coinsStore: LevelKv | null = null;
  const close = async (): Promise<void> => {
    await snapshots.close();
    await coinsStore?.close();
    await indexStore.close();
  };
  try {
    coinsStore = await openCoins(folders.chainstate);
    if (await isVerified(snapshots, coinsStore, { params, ...parts })) {
      await coinsStore.close();
      coinsStore = null;
      await takeOver(snapshots, folders.chainstate, log);
      coinsStore = await openCoins(folders.chainstate);
    }
    if (options.reindex === 'all') await beginReindex(indexStore, blockFolder, options);
    await mendLostIndex(indexStore, coinsStore, { params, blockFolder, log });
    await refuseUnpruning(indexStore, options);
    return {
      ports: {
        indexStore,
        coinsStore,
        snapshots,
        blockFolder,
        ...parts,
        rng: createSystemRng(),
        verifiedScripts: createVerifiedScripts(),
      },
      isReindexing: await isReindexing(indexStore),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens a database; where that is damaged, the sentence about it is Core's. */
async function openNamed(
  what: 'block' | 'coins',
  path: string,
  options: LevelKvOptions,
  log: Logger,
): Promise<LevelKv> {
  try {
    return await openLevel(path, options, log);
  } catch (cause) {
    if (!(cause instanceof StorageError) || cause.code !== 'corrupt') throw cause;
    throw new StorageError(cause.code, cause.path, `Error opening ${what} database.`, { cause });
  }
}

/** Opens a database, and tells what a look through it has found and mended. */
async function openLevel(path: string, options: LevelKvOptions, log: Logger): Promise<LevelKv> {
  const store = await LevelKv.open(path, options);
  const { repairs, checkedTables, uncheckedTables } = store.check;
  for (const repair of repairs) log.warn(repair);
  log.debug('leveldb', () => `Opened ${path}: ${checkedTables} tables checked, ${uncheckedTables} older ones not`);
  return store;
}

/** Half of a database's memory for reads, a quarter for each of its two write buffers (Core dbwrapper.cpp GetOptions). */
function divide(bytes: number): { readonly cacheBytes: number; readonly writeBufferBytes: number } {
  return { cacheBytes: Math.floor(bytes / 2), writeBufferBytes: Math.floor(bytes / 4) };
}

async function discard(path: string): Promise<void> {
  if (!existsSync(path)) return;
  try {
    renameSync(path, path + REMOVED_SUFFIX);
    await new NodeFolder(dirname(path)).sync();
    removeLeftovers(path);
  } catch (error) {
    throw toStorageError(error, path, 'remove');
  }
}

function removeLeftovers(path: string): void {
  rmSync(path + REMOVED_SUFFIX, { recursive: true, force: true });
}

async function beginReindex(indexStore: KvStore, blockFolder: NodeFolder, options: NodeOptions): Promise<void> {
  await writeReindexing(indexStore, true);
  if (options.prune.kind === 'off') return;
  for (const name of findFilesUselessForReindex(await blockFolder.list())) await blockFolder.remove(name);
}

/** An index that is empty beside block files was lost, or never there: it is built from them, unless coins say otherwise. */
async function mendLostIndex(
  indexStore: KvStore,
  coinsStore: KvStore,
  context: { readonly params: ChainParams; readonly blockFolder: Folder; readonly log: Logger },
): Promise<void> {
  if (!(await isIndexEmpty(indexStore)) || (await isReindexing(indexStore))) return;
  if (!(await hasStoredBlocks(context.blockFolder, context.params))) return;
  for (const key of [BEST_BLOCK_KEY, HEAD_BLOCKS_KEY]) {
    // the chain refuses to open: the coins are of blocks that nobody knows
    if ((await coinsStore.get(key)) !== undefined) return;
  }
  context.log.warn('Found block files without an index: building it from them.');
  await writeReindexing(indexStore, true);
}

async function refuseUnpruning(indexStore: KvStore, options: NodeOptions): Promise<void> {
  if (options.prune.kind !== 'off' || !(await readFlag(indexStore, PRUNED_FLAG))) return;
  throw new StartupError(
    'You need to rebuild the database using -reindex to go back to unpruned mode.  This will redownload the entire blockchain',
  );
}
