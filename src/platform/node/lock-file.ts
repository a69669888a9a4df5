// One process per folder (Core util::LockDirectory). Node has no call for the locks of the system, which end with their process
// whatever kills it; files that only exist, or that name a process, go stale and are guessed at. LevelDB has such a lock: it holds
// fcntl(F_SETLK), on Windows an exclusive handle, on the file LOCK of every database that is open. So a folder is locked by an
// empty database in `.lock.d`, kept open. Where links exist, its LOCK leads to `.lock` of the folder itself, the very file that
// Core locks in the same way: each keeps the other out of a folder.
//
// The database holds nothing. When a crash has damaged it, it is made anew; the lock is on LOCK, which stays.

import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { StorageError } from '../../kernel/chain/ports.ts';
import { claimPath } from './claimed-paths.ts';
import { systemCode, toStorageError } from './storage-error.ts';

/** Name of the locked file, as Core's. */
const LOCK_FILE = '.lock';

/** Folder of the database whose lock it is. */
const LOCK_FOLDER = '.lock.d';

/** Smallest that LevelDB accepts. */
const SMALL = { writeBufferSize: 64 * 1024, cacheSize: 64 * 1024, maxOpenFiles: 64 } as const;

/** What systems and file systems without symbolic links answer; there the lock is among programs of ours only. */
const LINKS_UNKNOWN: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** A folder that no other process can lock. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Locks a folder, which must exist; throws `locked` when another process, or this one, has it. `program` is who may be running. */
export async function lockFolder(path: string, program: string): Promise<FolderLock> {
  const release = claimPath(join(path, LOCK_FOLDER));
  if (release === null) throw lockedError(path, program);
  try {
    await prepareLock(path);
    const level = await openLevel(join(path, LOCK_FOLDER));
    return {
      release: async () => {
        await level.close();
        release();
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

/** The folder of the lock, and the link that makes it Core's lock as well. */
async function prepareLock(path: string): Promise<void> {
  const folder = join(path, LOCK_FOLDER);
  await unlessCode(['EEXIST'], () => mkdir(folder, { mode: 0o700 }));
  await unlessCode(['EEXIST', ...LINKS_UNKNOWN], () => symlink(join('..', LOCK_FILE), join(folder, 'LOCK')));
}

async function unlessCode(harmless: readonly string[], action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!harmless.includes(systemCode(error))) throw error;
  }
}

async function openLevel(folder: string): Promise<ClassicLevel> {
  try {
    return await tryOpen(folder);
  } catch (error) {
    if (isLocked(error)) throw error;
    for (const name of await readdir(folder)) {
      if (name !== 'LOCK') await rm(join(folder, name));
    }
    return await tryOpen(folder);
  }
}

async function tryOpen(folder: string): Promise<ClassicLevel> {
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
