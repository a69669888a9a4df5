// Opening a chain: reads the index, finishes what a crash interrupted, and finds the tip, so that everything stands as it did at
// the last flush (Core LoadBlockIndex, LoadGenesisBlock, LoadChainTip, PopulateBlockIndexCandidates). Blocks that the index knows
// above that tip are connected by the first command that moves to the best chain.
//
// What does not fit together is said with the name of the thing and what to do, in Core's words where Core has some. Nothing is
// ever silently begun anew (S08).

import { isActiveAt } from '../consensus/deployments.ts';
import type { ChainParams } from '../consensus/params.ts';
import type { Secp256k1 } from '../crypto/secp256k1.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import type { VerifiedScripts } from '../script/verified-scripts.ts';
import { InputVerifier } from '../script/verify.ts';
import type { Rng } from '../util/prng.ts';
import { ActiveChain } from './active-chain.ts';
import { formatBlockFileName, parseBlockFileName } from './block-file-name.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY, SEQUENCE } from './block-index.ts';
import { BlockSource } from './block-source.ts';
import { BLOCK_FLAG } from './block-status.ts';
import { BlockStore, RECORD_HEADER_BYTES } from './block-store.ts';
import { CandidateSet } from './candidate-set.ts';
import { addAllCandidates, noteStored } from './candidates.ts';
import { flushIndex } from './chain-flush.ts';
import { finishInterruptedFlush } from './chain-recovery.ts';
import { ChainEmitters } from './chain-signals.ts';
import type { ChainState } from './chain-state.ts';
import { CoinCodec } from './coin-codec.ts';
import { CoinsCache } from './coins-cache.ts';
import { WINDOW_LIMITS, type WindowLimits } from './connect-window.ts';
import { IndexBranch } from './index-branch.ts';
import { isReindexing, readBlockIndex, readFileInfos } from './index-codec.ts';
import { BLOCK_INDEX_PREFIX, blockIndexKey, COINS_STORE_NAME } from './layout.ts';
import { type Folder, type KvStore, type ScriptVerifier, StorageError } from './ports.ts';
import { findPrunedFiles } from './prune.ts';

/** What a chain stands on. Its owner closes them after the chain. */
export interface ChainPorts {
  /** The block index. */
  readonly indexStore: KvStore;
  /** The coins. */
  readonly coinsStore: KvStore;
  /** Block and undo files. */
  readonly blockFolder: Folder;
  readonly verifier: ScriptVerifier;
  readonly secp: Secp256k1;
  /** Salts and delays. */
  readonly rng: Rng;
  /** Where the mempool notes transactions whose scripts it has verified. */
  readonly verifiedScripts?: VerifiedScripts;
}

/** How to open a chain, as far as what is read is concerned. */
export interface OpenOptions {
  readonly params: ChainParams;
  /** Memory for coins; Core's default if absent. */
  readonly coinsCacheBytes?: number;
  /** See {@link CoinsStoreOptions.batchBytes}. */
  readonly coinsBatchBytes?: number;
  /** Scripts of its ancestors are not run; null: all are; absent: as the network's parameters say. */
  readonly assumeValid?: BlockHash | null;
  /** Absent: as the network's parameters say. */
  readonly minimumChainWork?: bigint;
  readonly windowLimits?: WindowLimits;
  /** See {@link BlockStoreOptions.isObfuscated}. */
  readonly isObfuscated?: boolean;
  /** See {@link BlockStoreOptions.fileBytesMax}. */
  readonly fileBytesMax?: number;
  /** Told of blocks that are replayed after a crash. */
  readonly onReplay?: (doneCount: number, totalCount: number) => void;
}

/** Core's default for the coins in memory: 450 MiB. */
const COINS_CACHE_BYTES: number = 450 * 2 ** 20;

/** A chain as it was found. */
export interface OpenedChain {
  readonly state: ChainState;
  /** The block whose coins the store has, or NO_ENTRY. */
  readonly durableTip: BlockEntry;
}

/** Reads everything and puts it together. */
export async function openChainState(options: OpenOptions, ports: ChainPorts): Promise<OpenedChain> {
  const { params } = options;
  const { indexStore, coinsStore, blockFolder, secp, rng } = ports;
  await refuseForeignIndex(indexStore, blockFolder, params);
  const index = await readBlockIndex(indexStore, params.consensus.pow, rng);
  const coins = await CoinsCache.open(coinsStore, {
    limitBytes: options.coinsCacheBytes ?? COINS_CACHE_BYTES,
    rng,
    curve: secp,
    ...(options.coinsBatchBytes === undefined ? {} : { batchBytes: options.coinsBatchBytes }),
  });
  if (index.count === 0) await refuseLostIndex(indexStore, blockFolder, coins, params);
  const store = await BlockStore.open(blockFolder, {
    magic: params.magic,
    rng,
    fileInfos: await readFileInfos(indexStore),
    ...(options.isObfuscated === undefined ? {} : { isObfuscated: options.isObfuscated }),
    ...(options.fileBytesMax === undefined ? {} : { fileBytesMax: options.fileBytesMax }),
  });
  await checkFiles(index, blockFolder);
  await store.removeFiles(findPrunedFiles(store.fileInfos));
  const active = new ActiveChain(index);
  const blocks = new BlockSource(index, store, new CoinCodec(secp));
  const state: ChainState = {
    params,
    consensus: params.consensus,
    index,
    active,
    candidates: new CandidateSet(index),
    branch: new IndexBranch(index, active),
    indexStore,
    store,
    blocks,
    coins,
    verifier: ports.verifier,
    challengeVerifier: new InputVerifier(secp),
    signals: new ChainEmitters(),
    rng,
    assumeValid: options.assumeValid === undefined ? params.consensus.assumeValid : options.assumeValid,
    minimumChainWork: options.minimumChainWork ?? params.consensus.minimumChainWork,
    windowLimits: options.windowLimits ?? WINDOW_LIMITS,
    verifiedScripts: ports.verifiedScripts ?? null,
  };
  await addGenesis(state);
  const onProgress = options.onReplay;
  await finishInterruptedFlush({ index, blocks, coins, rng, ...(onProgress === undefined ? {} : { onProgress }) });
  return { state, durableTip: loadTip(state) };
}

/** An index of another ledger does not have the first block of this one. Asked before its records are held against this one's rules. */
async function refuseForeignIndex(indexStore: KvStore, blockFolder: Folder, params: ChainParams): Promise<void> {
  if ((await indexStore.get(blockIndexKey(params.consensus.genesisHash))) !== undefined) return;
  if (await isIndexEmpty(indexStore)) return;
  const sentence = 'Incorrect or no genesis block found. Wrong datadir for network?';
  throw new StorageError('incompatible', blockFolder.path, sentence);
}

/** Whether a database of the block index knows no block. */
export async function isIndexEmpty(indexStore: KvStore): Promise<boolean> {
  for await (const entries of indexStore.entries(BLOCK_INDEX_PREFIX)) return entries.length === 0;
  return true;
}

/**
 * Blocks or coins that no index speaks of would be overwritten from the first on. Only a reindex has a use for them, and it begins
 * without coins.
 */
async function refuseLostIndex(
  indexStore: KvStore,
  folder: Folder,
  coins: CoinsCache,
  params: ChainParams,
): Promise<void> {
  if (await isReindexing(indexStore)) return;
  if (coins.bestBlock !== null || coins.headBlocks !== null) throw coinsWithoutIndex();
  if (!(await hasStoredBlocks(folder, params))) return;
  throw new StorageError(
    'corrupt',
    folder.path,
    `Error loading block database: there are block files in ${folder.path}, and the block index knows nothing of them. ` +
      'Put back the index that belongs to them, or build it from them with -reindex.',
  );
}

/** Whether the files of a folder may hold more than the first block, which a crash at the very first start leaves behind. */
export async function hasStoredBlocks(folder: Folder, { genesis }: ChainParams): Promise<boolean> {
  const names = (await folder.list()).filter((name) => parseBlockFileName(name)?.kind === 'blk');
  if (names.length === 0) return false;
  if (names.length > 1 || names[0] !== formatBlockFileName('blk', 0)) return true;
  const file = await folder.open(names[0], 'read');
  try {
    return (await file.size()) > RECORD_HEADER_BYTES + genesis.totalSize;
  } finally {
    await file.close();
  }
}

/** Every file that the index speaks of must be there: better said now than when a block is asked for. */
async function checkFiles(index: BlockIndex, folder: Folder): Promise<void> {
  const files: Set<number> = new Set();
  for (let entry = 0; entry < index.count; entry++) {
    if (index.hasData(entry)) files.add(index.dataPosition(entry).file);
  }
  const names = new Set(await folder.list());
  for (const file of files) {
    const name = formatBlockFileName('blk', file);
    if (names.has(name)) continue;
    const path = `${folder.path}/${name}`;
    throw new StorageError(
      'corrupt',
      path,
      `Error loading block database: ${path} is missing. Put it back, or rebuild with -reindex.`,
    );
  }
}

/**
 * A new index begins with the first block of the ledger, which is durable before any other block is stored: from then on an empty
 * index beside block files is one that was lost. While a reindex is under way that block lies in the files and will be found
 * there; only its header is added.
 */
async function addGenesis(state: ChainState): Promise<void> {
  const { index, params, indexStore } = state;
  const { genesis } = params;
  if (index.count === 0) index.add(genesis.header, NO_ENTRY);
  if (index.hasData(0) || index.txCount(0) > 0 || (await isReindexing(indexStore))) return;
  await storeGenesis(state);
  await flushIndex(state);
}

/** Stores the first block of the ledger, unless it is stored. */
export async function storeGenesis(state: ChainState): Promise<void> {
  const { index, params, store } = state;
  if (index.txCount(0) > 0) return;
  const { genesis } = params;
  const position = await store.writeBlock(genesis.serialized(), 0, genesis.header.timeSec);
  noteStored(state, 0, { position, txCount: genesis.txCount, hasWitnessRules: true });
}

/** Sets the tip to the block whose coins are stored, and finds the candidates. */
function loadTip(state: ChainState): BlockEntry {
  const { index, active, coins } = state;
  const { bestBlock } = coins;
  const tip = bestBlock === null ? NO_ENTRY : index.find(bestBlock);
  if (bestBlock !== null && (tip === NO_ENTRY || !index.isLinked(tip) || index.isFailed(tip))) {
    throw coinsWithoutIndex();
  }
  active.setTip(tip === NO_ENTRY ? 0 : tip);
  // In a tie the chain stays what it was.
  for (let height = 0; height <= active.height; height++) index.setSequence(active.at(height), SEQUENCE.activeFromDisk);
  addAllCandidates(state);
  return tip;
}

/**
 * Whether blocks of the active chain were checked by a node that did not know the rules of witnesses there (Core NeedsRedownload):
 * such blocks may lack what they ought to have.
 */
export function hasUncheckedWitnesses({ index, active, consensus }: ChainState): boolean {
  for (let { height } = active; height >= 0 && isActiveAt(consensus, 'segwit', height); height--) {
    const entry = active.at(height);
    // While a reindex is under way, the first block is not stored yet.
    const wasStored = index.txCount(entry) > 0;
    if (wasStored && (index.status(entry) & BLOCK_FLAG.witness) === 0) return true;
  }
  return false;
}

function coinsWithoutIndex(): StorageError {
  return new StorageError(
    'corrupt',
    COINS_STORE_NAME,
    'Error initializing block database: the coins belong to a block that the index does not have. ' +
      'Put back the files that belong together, or rebuild with -reindex.',
  );
}
