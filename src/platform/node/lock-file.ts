// One process per folder (Core util::LockDirectory). Node has no call for the locks of the system, which end with their process
// whatever kills it. Files that only exist, or that name a process, go stale at a kill and are then guessed at: process numbers
// are used again, containers have numbers of their own, and between looking and taking another can come. LevelDB has a real lock:
// fcntl(F_SETLK) on the file LOCK of every database that is open. So an empty database is opened in a new folder of its own,
// whose LOCK is a link to `.lock` of the folder to be locked: the very file that Core locks in the same way, so each program
// keeps the other out. The lock is on the open file; names play no part any more, and the database is deleted at once. What
// stays in the folder is `.lock`, an empty file, which may be copied, moved and deleted with the rest, unless whoever has the lock
// takes it away. Another one may have opened that file just before, and would have a lock on nothing: so after locking it is looked
// whether the folder still has the same file, and if not, begun again.
//
// A kill in the instant between making the database and deleting it leaves it in the system's temporary folder (or, where that
// is full or not there, in the locked one), and never a lock. Where there are no links (Windows without the right to make them), the database stays
// in `.lock.d` of the folder, and its own LOCK is the lock: among programs of ours only.

import { lstat, mkdir, mkdtemp, open, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { StorageError } from '../../kernel/chain/ports.ts';
import { claimPath } from './claimed-paths.ts';
import { systemCode, toStorageError } from './storage-error.ts';

/** Name of the locked file, as Core's. */
const LOCK_FILE = '.lock';

/** Folder of the database whose lock it is, where there are no links. */
const LOCK_FOLDER = '.lock.d';

/** How names of databases that live for an instant begin. */
const TEMPORARY_PREFIX = 'tallystick-lock-';

/** Smallest that LevelDB accepts. */
const SMALL = { writeBufferSize: 64 * 1024, cacheSize: 64 * 1024, maxOpenFiles: 64 } as const;

/** How often a file is locked anew that was taken away meanwhile. Arbitrary: once is rare. */
const ATTEMPT_COUNT = 5;

/** What systems and file systems without symbolic links answer. */
const LINKS_UNKNOWN: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** A folder that no other process can lock. */
export interface FolderLock {
  release(): Promise<void>;
  /** The same, and what the lock was on is taken away: for folders that others may want to find empty. */
  remove(): Promise<void>;
}

/** Locks a folder, which must exist; throws `locked` when another process, or this one, has it. `program` is who may be running. */
export async function lockFolder(path: string, program: string): Promise<FolderLock> {
  const file = join(resolve(path), LOCK_FILE);
  const release = claimPath(file);
  if (release === null) throw lockedError(path, program);
  try {
    const level = await lockFile(file, join(path, LOCK_FOLDER));
    const unlock = async (): Promise<void> => {
      await level.close();
      release();
    };
    return {
      release: unlock,
      remove: async () => {
        // As long as the lock is held, nobody else has one on this file.
        await rm(file, { force: true }).finally(unlock);
      },
    };
  } catch (error) {
    release();
    if (isLocked(error)) throw lockedError(path, program);
    const failure = toStorageError(error, path, 'lock');
    if (failure.code !== 'read-only') throw failure;
    const text = `Cannot write to directory '${path}'; check permissions.`;
    throw new StorageError('read-only', path, text, { cause: error });
  }
}

/** Locks the file that has the name; one that somebody took away while it was being locked is not it. */
async function lockFile(file: string, ownFolder: string): Promise<ClassicLevel> {
  for (let attempt = 1; ; attempt++) {
    await makeEmptyFile(file);
    const before = await numberOf(file);
    const level = await lockThroughLink(file);
    if (level === null) return await lockOwnDatabase(ownFolder);
    if (before !== null && (await numberOf(file)) === before) return level;
    await level.close();
    if (attempt === ATTEMPT_COUNT) throw new StorageError('failed', file, `somebody keeps removing this file: ${file}`);
  }
}

/** What tells a file from others of the same name; null when there is none. */
async function numberOf(file: string): Promise<bigint | null> {
  try {
    return (await lstat(file, { bigint: true })).ino;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Harmless to a lock of another process; one of this process there is not, or the path would be claimed. */
async function makeEmptyFile(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  await handle.close();
}

/** A database that holds the lock of the file, deleted already; null where there are no links. */
async function lockThroughLink(file: string): Promise<ClassicLevel | null> {
  try {
    return await lockThroughLinkIn(tmpdir(), file);
  } catch (error) {
    if (isLocked(error)) throw error;
    return await lockThroughLinkIn(dirname(file), file);
  }
}

async function lockThroughLinkIn(parent: string, file: string): Promise<ClassicLevel | null> {
  const folder = await mkdtemp(join(parent, TEMPORARY_PREFIX));
  try {
    await symlink(file, join(folder, 'LOCK'));
    return await openLevel(folder);
  } catch (error) {
    if (LINKS_UNKNOWN.includes(systemCode(error))) return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A database of a fixed place. It holds nothing: when a crash has damaged it, it is made anew; the lock is on LOCK, which stays. */
async function lockOwnDatabase(folder: string): Promise<ClassicLevel> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await openLevel(folder);
  } catch (error) {
    if (isLocked(error)) throw error;
    for (const name of await readdir(folder)) {
      if (name !== 'LOCK') await rm(join(folder, name));
    }
    return await openLevel(folder);
  }
}

async function openLevel(folder: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(folder, SMALL);
  try {
    await level.open();
    return level;
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  }
}

function isLocked(error: unknown): boolean {
  return systemCode(error) === 'LEVEL_LOCKED';
}

function lockedError(path: string, program: string): StorageError {
  const text = `Cannot obtain a lock on directory ${path}. ${program} is probably already running.`;
  return new StorageError('locked', path, text);
}
