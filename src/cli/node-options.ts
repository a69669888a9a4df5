// The settings of a node as numbers and choices, checked before anything is opened (Core AppInitParameterInteraction and its
// ApplyArgsManOptions). Sentences of errors are Core's.

import type { ChainParams } from '../kernel/consensus/params.ts';
import { type BlockHash, parseBlockHash } from '../kernel/primitives/hashes.ts';
import { isZeroBytes } from '../kernel/util/bytes.ts';
import { computeScriptThreads } from '../platform/node/script-workers.ts';
import { CHECKBLOCKS_DEFAULT, CHECKLEVEL_DEFAULT, MAX_TIP_AGE_SEC_DEFAULT } from './debug-options.ts';
import { StartupError } from './error-text.ts';
import { applyLevels, chooseCategories, type LogCategory } from './log-categories.ts';
import {
  AMPLE_MEMORY_BYTES,
  DBCACHE_MIB_AMPLE,
  DBCACHE_MIB_DEFAULT,
  DBCACHE_MIB_MIN,
  PRUNE_TARGET_MIB_MIN,
} from './options.ts';
import type { Settings } from './settings.ts';

const MIB: number = 2 ** 20;

/** Most memory of the block index database (Core MAX_BLOCK_DB_CACHE): 2 MiB. */
const INDEX_CACHE_BYTES_MAX = 2 * MIB;
/** Most memory of the coins database itself (Core MAX_COINS_DB_CACHE): 8 MiB. */
const COINS_STORE_CACHE_BYTES_MAX = 8 * MIB;

/** Block files of -fastprune (Core FindNextBlockPos): 64 KiB. */
const FAST_PRUNE_FILE_BYTES = 0x10000;

/** How -dbcache is divided (Core kernel/caches.h). */
export interface CacheSizes {
  /** For the database of the block index. */
  readonly indexBytes: number;
  /** For the database of the coins. */
  readonly coinsStoreBytes: number;
  /** For coins in memory: all the rest. */
  readonly coinsBytes: number;
}

/** What is pruned: nothing, what a command says, or old files beyond a size. */
export type PruneMode =
  | { readonly kind: 'off' }
  | { readonly kind: 'manual' }
  | { readonly kind: 'automatic'; readonly targetBytes: number };

/** Everything that a node is told by its settings, apart from ledger and folders. */
export interface NodeOptions {
  readonly caches: CacheSizes;
  readonly prune: PruneMode;
  /** Where block files end; null: where they always do. */
  readonly blockFileBytesMax: number | null;
  /** Threads that verify scripts; 1 is the main one. */
  readonly scriptThreads: number;
  /** The block whose ancestors' scripts are taken as valid; null: none. */
  readonly assumeValid: BlockHash | null;
  /** A tip older than this is no tip of today. */
  readonly tipAgeMaxSec: number;
  /** Command for warnings that begin; empty: none. */
  readonly alertNotify: string;
  /** Work that a chain must have to be believed. */
  readonly minimumChainWork: bigint;
  readonly checkBlocks: number;
  readonly checkLevel: number;
  /** Files of -loadblock. */
  readonly loadBlocks: readonly string[];
  readonly reindex: 'none' | 'all' | 'chainstate';
  readonly isObfuscated: boolean;
  /** 0: do not stop. */
  readonly stopAtHeight: number;
  readonly stopsAfterImport: boolean;
  readonly printsToConsole: boolean;
  /** Lines of one kind that would fill the disk are left out of the file. */
  readonly limitsLog: boolean;
  /** Times in the log are written to the microsecond (-logtimemicros). */
  readonly logsMicros: boolean;
  readonly logCategories: ReadonlySet<LogCategory>;
}

/** What the machine has. */
export interface Machine {
  readonly memoryBytes: number;
  readonly coreCount: number;
}

/** Reads and checks the settings. Throws StartupError. */
export function readNodeOptions(settings: Settings, params: ChainParams, machine: Machine): NodeOptions {
  const isFastPrune = settings.getFlag('fastprune') ?? false;
  const prune = readPrune(settings, isFastPrune);
  const isChainstateRebuilt = settings.getFlag('reindex-chainstate') ?? false;
  if (prune.kind !== 'off' && isChainstateRebuilt) {
    throw new StartupError('Prune mode is incompatible with -reindex-chainstate. Use full -reindex instead.');
  }
  const categories = chooseCategories(settings.getAll('debug'), settings.getAll('debugexclude'));
  if (!categories.ok) throw new StartupError(categories.error);
  const leveled = applyLevels(categories.value, settings.getAll('loglevel'));
  if (!leveled.ok) throw new StartupError(leveled.error);
  return {
    caches: divideCache(readCacheBytes(settings, machine)),
    prune,
    blockFileBytesMax: isFastPrune ? FAST_PRUNE_FILE_BYTES : null,
    scriptThreads: computeScriptThreads(settings.getInteger('par') ?? 0, machine.coreCount),
    assumeValid: readAssumeValid(settings, params),
    minimumChainWork: readMinimumChainWork(settings, params),
    tipAgeMaxSec: settings.getInteger('maxtipage') ?? MAX_TIP_AGE_SEC_DEFAULT,
    alertNotify: settings.getText('alertnotify') ?? '',
    checkBlocks: settings.getInteger('checkblocks') ?? CHECKBLOCKS_DEFAULT,
    checkLevel: Math.max(0, Math.min(4, settings.getInteger('checklevel') ?? CHECKLEVEL_DEFAULT)),
    loadBlocks: settings.getAll('loadblock'),
    reindex: settings.getFlag('reindex') ? 'all' : isChainstateRebuilt ? 'chainstate' : 'none',
    isObfuscated: settings.getFlag('blocksxor') ?? true,
    stopAtHeight: settings.getInteger('stopatheight') ?? 0,
    stopsAfterImport: settings.getFlag('stopafterblockimport') ?? false,
    printsToConsole: settings.getFlag('printtoconsole') ?? true,
    limitsLog: settings.getFlag('logratelimit') ?? true,
    logsMicros: settings.getFlag('logtimemicros') ?? false,
    logCategories: leveled.value,
  };
}

function readCacheBytes(settings: Settings, machine: Machine): number {
  const defaultMib = machine.memoryBytes >= AMPLE_MEMORY_BYTES ? DBCACHE_MIB_AMPLE : DBCACHE_MIB_DEFAULT;
  const mib = Math.max(DBCACHE_MIB_MIN, settings.getInteger('dbcache') ?? defaultMib);
  return Math.min(mib * MIB, Number.MAX_SAFE_INTEGER);
}

/** Divides memory among the databases and the coins. */
export function divideCache(totalBytes: number): CacheSizes {
  const indexBytes = Math.min(Math.floor(totalBytes / 8), INDEX_CACHE_BYTES_MAX);
  const rest = totalBytes - indexBytes;
  const coinsStoreBytes = Math.min(Math.floor(rest / 2), COINS_STORE_CACHE_BYTES_MAX);
  return { indexBytes, coinsStoreBytes, coinsBytes: rest - coinsStoreBytes };
}

function readPrune(settings: Settings, isFastPrune: boolean): PruneMode {
  const mib = settings.getInteger('prune') ?? 0;
  if (mib < 0) throw new StartupError('Prune cannot be configured with a negative value.');
  if (mib === 0) return { kind: 'off' };
  if (mib === 1) return { kind: 'manual' };
  if (mib < PRUNE_TARGET_MIB_MIN && !isFastPrune) {
    throw new StartupError(
      `Prune configured below the minimum of ${PRUNE_TARGET_MIB_MIN} MiB.  Please use a higher number.`,
    );
  }
  return { kind: 'automatic', targetBytes: mib * MIB };
}

const HEX_DIGITS_MAX = 64;

function readAssumeValid(settings: Settings, params: ChainParams): BlockHash | null {
  const text = settings.getText('assumevalid');
  if (text === undefined) return params.consensus.assumeValid;
  const digits = text.replace(/^0x/, '');
  const blockHash = parseBlockHash(digits.padStart(HEX_DIGITS_MAX, '0'));
  if (blockHash === null) {
    throw new StartupError(
      `Invalid assumevalid block hash specified (${text}), must be up to ${HEX_DIGITS_MAX} hex digits (or 0 to disable)`,
    );
  }
  return isZeroBytes(blockHash) ? null : blockHash;
}

function readMinimumChainWork(settings: Settings, params: ChainParams): bigint {
  const text = settings.getText('minimumchainwork');
  if (text === undefined) return params.consensus.minimumChainWork;
  const digits = text.replace(/^0x/, '');
  if (!/^[0-9a-fA-F]*$/.test(digits) || digits.length > HEX_DIGITS_MAX) {
    throw new StartupError(`Invalid minimum work specified (${text}), must be up to ${HEX_DIGITS_MAX} hex digits`);
  }
  return BigInt(`0x0${digits}`);
}
