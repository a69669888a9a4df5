// Opening a chain: reads the index, finishes what a crash interrupted, and finds the tip, so that everything stands as it did at
// the last flush (Core LoadBlockIndex, LoadGenesisBlock, LoadChainTip, PopulateBlockIndexCandidates). Blocks that the index knows
// above that tip are connected by the first command that moves to the best chain.
//
// What does not fit together is said with the name of the thing and what to do, in Core's words where Core has some. Nothing is
// ever silently begun anew (S08).

import { isActiveAt } from '../consensus/deployments.ts';
import type { AssumeUtxo, ChainParams } from '../consensus/params.ts';
import type { Secp256k1 } from '../crypto/secp256k1.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import type { VerifiedScripts } from '../script/verified-scripts.ts';
import { InputVerifier } from '../script/verify.ts';
import type { Rng } from '../util/prng.ts';
import { ActiveChain } from './active-chain.ts';
import { SNAPSHOT_REFUTED_SENTENCE, SnapshotRefutedError } from './background-chain.ts';
import { formatBlockFileName, parseBlockFileName } from './block-file-name.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY, SEQUENCE } from './block-index.ts';
import { BlockSource } from './block-source.ts';
import { BLOCK_FLAG } from './block-status.ts';
import { BlockStore, RECORD_HEADER_BYTES } from './block-store.ts';
import { CandidateSet } from './candidate-set.ts';
import { addAllCandidates, noteStored } from './candidates.ts';
import { flushIndex } from './chain-flush.ts';
import { finishInterruptedFlush } from './chain-recovery.ts';
import { ChainScope } from './chain-scope.ts';
import { ChainEmitters } from './chain-signals.ts';
import type { ChainState } from './chain-state.ts';
import { CoinCodec } from './coin-codec.ts';
import { CoinsCache, type CoinsCacheOptions } from './coins-cache.ts';
import { WINDOW_LIMITS, type WindowLimits } from './connect-window.ts';
import { IndexBranch } from './index-branch.ts';
import { isReindexing, readBlockIndex, readFileInfos } from './index-codec.ts';
import { BLOCK_INDEX_PREFIX, blockIndexKey, COINS_STORE_NAME, SNAPSHOT_STORE_NAME } from './layout.ts';
import { type Folder, type KvStore, type ScriptVerifier, type SnapshotStorage, StorageError } from './ports.ts';
import { findPrunedFiles } from './prune.ts';
import { describeUnknownSnapshot, findAssumeUtxo } from './snapshot-finish.ts';

/** What a chain stands on. Its owner closes them after the chain. */
export interface ChainPorts {
  /** The block index. */
  readonly indexStore: KvStore;
  /** The coins. */
  readonly coinsStore: KvStore;
  /** The coins of a snapshot; absent: none can be loaded. */
  readonly snapshots?: SnapshotStorage;
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
  /** What the chain began with, when that was a snapshot that is not verified yet. */
  readonly snapshot: AssumeUtxo | null;
  /** The chain that verifies it; null without one. */
  readonly background: Omit<OpenedChain, 'snapshot' | 'background'> | null;
}

/** Reads everything and puts it together. */
export async function openChainState(options: OpenOptions, ports: ChainPorts): Promise<OpenedChain> {
  const { params } = options;
  const { indexStore, coinsStore, blockFolder } = ports;
  await refuseForeignIndex(indexStore, blockFolder, params);
  const snapshot = await findSnapshot(params, ports.snapshots);
  const index = await readBlockIndex(indexStore, params.consensus.pow, ports.rng, snapshot);
  const coinsOptions = describeCoins(options, ports);
  if (snapshot !== null) await refuseRefuted(index, snapshot, ports.snapshots);
  const verifiedCoins = await CoinsCache.open(coinsStore, coinsOptions);
  if (index.count === 0) await refuseLostIndex(indexStore, blockFolder, verifiedCoins, params);
  const store = await openBlockStore(options, ports);
  await checkFiles(index, blockFolder);
  await store.removeFiles(findPrunedFiles(store.fileInfos));
  const shared = describeShared(options, ports, index, store);
  const verified = createState(shared, verifiedCoins);
  await addGenesis(verified);
  await finishInterrupted(verified, options);
  if (snapshot === null || ports.snapshots === undefined) {
    const durableTip = loadTip(verified);
    addAllCandidates(verified);
    return { state: verified, durableTip, snapshot: null, background: null };
  }
  const state = createState(shared, await CoinsCache.open(await ports.snapshots.open(), coinsOptions));
  await finishInterrupted(state, options);
  // Sequences are set before anything is sorted by them.
  const opened = {
    state,
    durableTip: loadTip(state),
    snapshot,
    background: { state: verified, durableTip: loadTip(verified) },
  };
  divideScopes(state, verified, snapshot);
  addAllCandidates(state);
  addAllCandidates(verified);
  return opened;
}

/** Lets a chain on top of a snapshot, and the one that verifies it, move where they may. */
export function divideScopes(state: ChainState, background: ChainState, snapshot: AssumeUtxo): void {
  const base = state.index.find(snapshot.blockHash);
  state.scope.base = base;
  background.scope.target = base;
  state.store.splitHeight = snapshot.height;
}

/** What is known of the snapshot that is stored; null: there is none. */
async function findSnapshot(params: ChainParams, snapshots: SnapshotStorage | undefined): Promise<AssumeUtxo | null> {
  const base = (await snapshots?.readBase()) ?? null;
  if (base === null) return null;
  const known = findAssumeUtxo(params, base);
  if (known !== null) return known;
  throw new StorageError('incompatible', SNAPSHOT_STORE_NAME, describeUnknownSnapshot(base));
}

/** A program that ended when it had found a block below the snapshot to be invalid. */
async function refuseRefuted(
  index: BlockIndex,
  { blockHash }: AssumeUtxo,
  snapshots: SnapshotStorage | undefined,
): Promise<void> {
  const base = index.find(blockHash);
  if (base === NO_ENTRY || !index.isFailed(base)) return;
  await snapshots?.setAside();
  throw new SnapshotRefutedError(SNAPSHOT_REFUTED_SENTENCE);
}

function describeCoins(options: OpenOptions, { rng, secp }: ChainPorts): CoinsCacheOptions {
  return {
    limitBytes: options.coinsCacheBytes ?? COINS_CACHE_BYTES,
    rng,
    curve: secp,
    ...(options.coinsBatchBytes === undefined ? {} : { batchBytes: options.coinsBatchBytes }),
  };
}

async function openBlockStore(options: OpenOptions, { indexStore, blockFolder, rng }: ChainPorts): Promise<BlockStore> {
  return BlockStore.open(blockFolder, {
    magic: options.params.magic,
    rng,
    fileInfos: await readFileInfos(indexStore),
    ...(options.isObfuscated === undefined ? {} : { isObfuscated: options.isObfuscated }),
    ...(options.fileBytesMax === undefined ? {} : { fileBytesMax: options.fileBytesMax }),
  });
}

/** What belongs to a tip: there may be two of each. */
type OwnState = 'active' | 'candidates' | 'scope' | 'branch' | 'coins' | 'signals';

function describeShared(
  options: OpenOptions,
  ports: ChainPorts,
  index: BlockIndex,
  store: BlockStore,
): Omit<ChainState, OwnState> {
  const { params } = options;
  const { indexStore, secp, rng } = ports;
  return {
    params,
    consensus: params.consensus,
    index,
    indexStore,
    store,
    blocks: new BlockSource(index, store, new CoinCodec(secp)),
    verifier: ports.verifier,
    challengeVerifier: new InputVerifier(secp),
    rng,
    assumeValid: options.assumeValid === undefined ? params.consensus.assumeValid : options.assumeValid,
    minimumChainWork: options.minimumChainWork ?? params.consensus.minimumChainWork,
    windowLimits: options.windowLimits ?? WINDOW_LIMITS,
    verifiedScripts: ports.verifiedScripts ?? null,
  };
}

/** The state of a chain over coins of its own. */
export function createState(shared: Omit<ChainState, OwnState>, coins: CoinsCache): ChainState {
  const { index } = shared;
  const active = new ActiveChain(index);
  const scope = new ChainScope();
  return {
    ...shared,
    active,
    scope,
    candidates: new CandidateSet(index, scope),
    branch: new IndexBranch(index, active),
    coins,
    signals: new ChainEmitters(),
  };
}

function finishInterrupted({ index, blocks, coins, rng }: ChainState, { onReplay }: OpenOptions): Promise<void> {
  return finishInterruptedFlush({
    index,
    blocks,
    coins,
    rng,
    ...(onReplay === undefined ? {} : { onProgress: onReplay }),
  });
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

/** Sets the tip to the block whose coins are stored. */
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
