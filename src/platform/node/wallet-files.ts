// Where wallets lie on this machine: one folder each below the folder of wallets, whose own is that of the wallet without a name (Core
// GetWalletPath, ListDatabases). Only the owner may read them. Names are Core's: parts of a path below the folder of wallets, or an
// absolute path; nothing leads up out of it.

import type { Dirent } from 'node:fs';
import { lstat, mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, parse, relative, resolve, sep } from 'node:path';
import { StorageError } from '../../kernel/chain/ports.ts';
import { temporaryName } from '../../kernel/chain/write-file-atomic.ts';
import { type WalletFolder, type WalletHome, type WalletLock, WalletNameError } from '../../wallet/ports.ts';
import { WALLET_FILE } from '../../wallet/store/record-log.ts';
import { decodeHeader } from '../../wallet/store/wallet-file.ts';
import { NodeFolder } from './folder.ts';
import { lockFolder } from './lock-file.ts';
import { systemCode, toStorageError } from './storage-error.ts';
import { WalletFiles } from './wallet-folder.ts';

/** Levels of folders in which wallets are looked for. Arbitrary: people nest one or two. */
const DEPTH_MAX = 8;

/** Folders that are looked into at most. Arbitrary: far more than wallets are kept, far less than a whole disk. */
const FOLDERS_MAX = 10_000;

/** Longest file that is read as a backup: whole wallets are held in memory, and few are a hundredth of this. */
const BACKUP_BYTES_MAX: number = 2 ** 30;

/** The folder of wallets of one network. */
export class NodeWalletHome implements WalletHome {
  readonly #path: string;
  readonly #program: string;
  readonly #tell: (line: string) => void;
  /** Folders of wallets that are in use here; some lie elsewhere. */
  readonly #locked: Set<string> = new Set();

  /** `path` need not exist yet; `program` is who is said to have a wallet that is locked; `tell` hears what cannot be looked into. */
  constructor(path: string, program: string, tell: (line: string) => void = () => {}) {
    this.#path = resolve(path);
    this.#program = program;
    this.#tell = tell;
  }

  async open(walletName: string, creates: boolean): Promise<WalletFolder | null> {
    const path = resolveWalletPath(this.#path, walletName);
    if (!(await isFolder(path))) {
      if (await hasName(path)) {
        const advice = `It has to be a folder that holds a wallet, or a name under which one can be made in ${this.#path}`;
        throw new WalletNameError(`Invalid -wallet path '${walletName}'. ${advice}`);
      }
      if (!creates) return null;
      await makeFolder(path);
    }
    return openFiles(path);
  }

  pathOf(walletName: string): string {
    return resolveWalletPath(this.#path, walletName);
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    const waiting: { readonly path: string; readonly depth: number }[] = [{ path: this.#path, depth: 0 }];
    for (let count = 0; count < FOLDERS_MAX; count++) {
      const next = waiting.pop();
      if (next === undefined) break;
      const entries = await this.#readEntries(next.path);
      if (entries.some((entry) => entry.isFile() && entry.name === WALLET_FILE)) {
        names.push(relative(this.#path, next.path).replaceAll(sep, '/'));
      }
      // A link to a folder may hold a wallet, but is not followed any further: it may lead back here.
      const isDeepest = next.depth >= DEPTH_MAX;
      for (const entry of isDeepest ? [] : entries) {
        const path = join(next.path, entry.name);
        if (entry.isDirectory()) waiting.push({ path, depth: next.depth + 1 });
        if (entry.isSymbolicLink() && (await this.#leadsToFolder(path))) waiting.push({ path, depth: DEPTH_MAX });
      }
    }
    return names.sort((a, b) => (a < b ? -1 : 1));
  }

  /** What is in a folder; nothing when it cannot be read. */
  async #readEntries(path: string): Promise<readonly Dirent[]> {
    try {
      return await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#tellOfTrouble(path, error);
      return [];
    }
  }

  async #leadsToFolder(path: string): Promise<boolean> {
    try {
      return await isFolder(path);
    } catch (error) {
      this.#tellOfTrouble(path, error);
      return false;
    }
  }

  #tellOfTrouble(path: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#tell(`Error while scanning wallet dir item: ${reason} [${path}].`);
  }

  async lock(walletName: string): Promise<WalletLock | null> {
    const path = resolveWalletPath(this.#path, walletName);
    try {
      // Two names may lead to one folder.
      const folder = await realpath(path);
      const lock = await lockFolder(folder, this.#program);
      this.#locked.add(folder);
      return {
        release: async () => {
          await lock.remove();
          this.#locked.delete(folder);
        },
      };
    } catch (error) {
      if (error instanceof StorageError && error.code === 'locked') return null;
      throw toStorageError(error, path, 'lock');
    }
  }

  async readBackup(path: string): Promise<Uint8Array | null> {
    const file = await resolveBackupPath(path);
    try {
      const stats = await stat(file);
      if (!stats.isFile()) throw new StorageError('failed', file, `not a file: ${file}`);
      if (stats.size > BACKUP_BYTES_MAX) throw new StorageError('failed', file, `too large for a wallet: ${file}`);
      return await readFile(file);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw toStorageError(error, file, 'read');
    }
  }

  async writeBackup(path: string, bytes: Uint8Array): Promise<void> {
    const file = await resolveBackupPath(path);
    if (await this.#isWalletFile(file)) {
      throw new StorageError('failed', file, `a wallet of this node lies there, which is not overwritten: ${file}`);
    }
    await this.#clearTheWay(file);
    await openFiles(dirname(file)).replace(basename(file), bytes);
  }

  async writeNew(path: string, bytes: Uint8Array): Promise<boolean> {
    const file = resolve(path);
    if (await hasName(file)) return false;
    if (await this.#isWalletFile(file)) {
      throw new StorageError('failed', file, `a wallet of this node would lie there: ${file}`);
    }
    await openFiles(dirname(file)).create(basename(file), bytes);
    return true;
  }

  /** True for a place where a wallet of this home lies or could lie, or one that is in use. */
  async #isWalletFile(file: string): Promise<boolean> {
    // Some file systems do not tell capital letters from small ones.
    if (basename(file).toLowerCase() !== WALLET_FILE) return false;
    const folder = await realPathOr(dirname(file));
    if (this.#locked.has(folder)) return true;
    const way = relative(await realPathOr(this.#path), folder);
    return !isAbsolute(way) && way.split(sep)[0] !== '..';
  }

  /** What a backup that was cut off has left is written over, and nothing else that has its name (K05). */
  async #clearTheWay(file: string): Promise<void> {
    const path = join(dirname(file), temporaryName(basename(file)));
    const found = await this.readBackup(path);
    if (found === null || found.length === 0) return;
    const header = decodeHeader(found);
    if (!header.ok && header.error.kind === 'not-a-wallet')
      throw new StorageError('failed', path, `this file is in the way, move it elsewhere: ${path}`);
  }
}

/** The folder of a wallet. Throws Core's sentence for a name that no wallet can have. */
export function resolveWalletPath(home: string, walletName: string): string {
  if (walletName === '') return home;
  if (walletName.includes('\0')) throw new WalletNameError('Wallet name cannot contain a zero character');
  const normal = normalize(walletName).replace(/(^|[\\/])(\.\.?)[\\/]$/, '$1$2');
  if (normal !== walletName) throw new WalletNameError('Wallet name given as a path must be normalized');
  if (/^\.\.?(?:$|[\\/])/.test(walletName)) {
    throw new WalletNameError(
      'Wallet name given as a relative path cannot begin with ./ or ../, for wallets not in the walletdir, please use an absolute path.',
    );
  }
  if (parse(walletName).root === walletName) throw new WalletNameError('Wallet name cannot be the root path');
  return resolve(home, walletName);
}

/** The files of a folder. One that has several names is a copy that somebody keeps (`cp -l`). */
function openFiles(path: string): WalletFiles {
  const hasOtherNames = async (name: string): Promise<boolean> => (await lstat(join(path, name))).nlink > 1;
  return new WalletFiles(new NodeFolder(path, { isStrict: true }), hasOtherNames);
}

/** The file that is meant by the path of a backup: in a folder, one of the usual name. */
async function resolveBackupPath(path: string): Promise<string> {
  const file = resolve(path);
  return (await isFolder(file)) ? join(file, WALLET_FILE) : file;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw toStorageError(error, path, 'look at');
  }
  return false;
}

/** Makes a folder and those above it that are missing; the names survive a power cut. */
async function makeFolder(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    for (let made = path; first !== undefined; made = dirname(made)) {
      await new NodeFolder(dirname(made)).sync();
      if (made === first) break;
    }
  } catch (error) {
    const cause = toStorageError(error, path, 'make');
    throw new WalletNameError(cause.message, { cause });
  }
}

/** True for anything of that name, a link that leads nowhere too. */
async function hasName(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw toStorageError(error, path, 'look at');
  }
}

async function realPathOr(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}
