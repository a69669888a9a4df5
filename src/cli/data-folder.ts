// The folders of a node, laid out as Bitcoin Core's: the main network's files lie in the data folder itself, those of other
// networks in a subfolder; blocks, chainstate and debug.log in there. New folders belong to their owner alone. A folder that is
// made new gets an empty subfolder `wallets`; one that exists without it never gets one, because its wallets lie beside it.

import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, normalize, resolve, sep } from 'node:path';
import { COINS_STORE_NAME, SNAPSHOT_STORE_NAME } from '../kernel/chain/layout.ts';
import { StartupError } from './error-text.ts';

/** Files and folders that the program makes are for their owner only. */
export const OWNER_ONLY_UMASK = 0o077;

/** Where a node keeps what; all absolute. */
export interface NodeFolders {
  /** The data folder as the person knows it. */
  readonly base: string;
  /** Its part for the chosen network. */
  readonly network: string;
  /** blkNNNNN.dat, revNNNNN.dat and xor.dat. */
  readonly blocks: string;
  /** Database of the block index. */
  readonly blockIndex: string;
  /** Database of the coins. */
  readonly chainstate: string;
  /** Database of the coins of a snapshot, until they are verified. */
  readonly snapshot: string;
}

/** The data folder when none is named. */
export function defaultDataFolder(): string {
  return join(homedir(), '.tallystick');
}

/** A path as a person gave it, tidied as Core does: no `.`, no `..` in the middle, no slash at the end. */
export function normalizePath(path: string): string {
  const tidy = normalize(path);
  return tidy.length > 1 && tidy.endsWith(sep) ? tidy.slice(0, -1) : tidy;
}

/** Whether there is a folder at that path. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Whether two paths lead to the same file. */
export function isSameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

/** Name of the subfolder of a network in the data folder (Core CBaseChainParams::DataDir). */
export function networkSubfolder(chainName: string): string {
  if (chainName === 'main') return '';
  return chainName === 'test' ? 'testnet3' : chainName;
}

/** The folders of a network; makes nothing. `blocksBase` is what -blocksdir names, or null. */
export function layOutFolders(base: string, blocksBase: string | null, chainName: string): NodeFolders {
  const subfolder = networkSubfolder(chainName);
  const network = join(resolve(base), subfolder);
  return {
    base: resolve(base),
    network,
    blocks: join(resolve(blocksBase ?? base), subfolder, 'blocks'),
    blockIndex: join(network, 'blocks', 'index'),
    chainstate: join(network, COINS_STORE_NAME),
    snapshot: join(network, SNAPSHOT_STORE_NAME),
  };
}

/** Makes the folders that are not there yet; the databases make theirs. */
export function createFolders(folders: NodeFolders): void {
  for (const folder of [folders.base, folders.network]) {
    if (!existsSync(folder)) makeFolder(join(folder, 'wallets'));
  }
  makeFolder(folders.blocks);
}

/** Makes a folder with those above it. One by one: Node's own way never ends where folders vanish as they are made (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    throw new StartupError(
      `Cannot write to directory '${parent}'; check permissions.\nThe folder ${path} could not be made: ${(cause as Error).message}`,
      { cause },
    );
  }
}
