// The KvStore port over LevelDB (classic-level), the store that Core uses for the same purpose. Puts go through a chained batch,
// which costs a twentieth of what an array of operations does. A database is opened once per process: LevelDB's lock is
// one of the system's that a process drops when it closes any handle of the file, and a second attempt to open does just that.

import { ClassicLevel } from 'classic-level';
import { type KvBatch, type KvStore, StorageError } from '../../kernel/chain/ports.ts';
import { assert } from '../../kernel/util/assert.ts';
import { claimPath } from './claimed-paths.ts';
import { checkLevelFiles, checkOpenTables, type LevelCheck } from './level-check.ts';
import { systemCode, toStorageError } from './storage-error.ts';

/** Entries that one step of a walk fetches. Arbitrary: enough to hide the price of a step, few enough to keep memory small. */
const WALK_ENTRIES = 1000;

/** Bytes that one step of a walk fetches. With the library's 16 KiB a step has a fourth of the entries and each costs double. */
const WALK_BYTES = 2 ** 18;

/** Memory and files of a {@link LevelKv}. */
export interface LevelKvOptions {
  /** Read blocks that are kept in memory. */
  readonly cacheBytes: number;
  /** Changes that are collected in memory before they become a table; LevelDB holds up to two such buffers. */
  readonly writeBufferBytes: number;
  /** Bytes of tables that are looked through before the store is opened, the newest first; {@link CHECKED_BYTES} if absent. */
  readonly checkedBytes?: number;
}

/**
 * At start so much of a database is checked: about half a second's worth. LevelDB syncs a table before its manifest names it, so a
 * power cut leaves whole tables, on disks that do what they are told; on others the newest are damaged first. Bits that rot in
 * older tables are found when all are checked, see {@link LevelKvOptions.checkedBytes}.
 */
const CHECKED_BYTES: number = 128 * 2 ** 20;

/** As Core for values that are mostly hashes: no compression, and tables of 32 MiB (DBWRAPPER_MAX_FILE_SIZE). */
const LEVEL_OPTIONS = {
  keyEncoding: 'view',
  valueEncoding: 'view',
  compression: false,
  maxFileSize: 32 * 2 ** 20,
  maxOpenFiles: 1000,
} as const;

type Level = ClassicLevel<Uint8Array, Uint8Array>;

/** A key-value store in a folder of its own. */
export class LevelKv implements KvStore {
  readonly #level: Level;
  readonly #path: string;
  readonly #release: () => void;
  /** What was found when the store was opened. */
  readonly check: LevelCheck;

  private constructor(level: Level, path: string, check: LevelCheck, release: () => void) {
    this.check = check;
    this.#level = level;
    this.#path = path;
    this.#release = release;
  }

  /** Opens the store in the folder `path`, which is made when it is not there. */
  static async open(path: string, options: LevelKvOptions): Promise<LevelKv> {
    const release = claimPath(path);
    if (release === null) throw new StorageError('locked', path, `this process has opened ${path} before`);
    try {
      const check = await checkLevelFiles(path, options.checkedBytes ?? CHECKED_BYTES);
      // a database opens by itself soon after it is made, so it is made after the check
      const { cacheBytes, writeBufferBytes } = options;
      const level: Level = new ClassicLevel(path, {
        ...LEVEL_OPTIONS,
        cacheSize: cacheBytes,
        writeBufferSize: writeBufferBytes,
      });
      await level.open();
      return new LevelKv(level, path, check, release);
    } catch (error) {
      release();
      throw toLevelError(error, path, 'open');
    }
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#try('read', () => this.#level.get(key));
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#try('read', () => this.#level.getMany(keys as Uint8Array[]));
  }

  async write(batch: KvBatch, durable: boolean): Promise<void> {
    assert(batch.puts.length % 2 === 0, 'a value for every key');
    await this.#try('write', async () => {
      const chained = this.#level.batch();
      for (const key of batch.deletes) chained.del(key);
      for (let i = 0; i < batch.puts.length; i += 2) chained.put(batch.puts[i]!, batch.puts[i + 1]!);
      await chained.write({ sync: durable });
    });
  }

  async *entries(prefix: Uint8Array): AsyncIterable<readonly (readonly [key: Uint8Array, value: Uint8Array])[]> {
    const end = endOfPrefix(prefix);
    const range = { gte: prefix, ...(end === null ? {} : { lt: end }) };
    const iterator = this.#level.iterator({ ...range, fillCache: false, highWaterMarkBytes: WALK_BYTES });
    try {
      for (;;) {
        const entries = await this.#try('read', () => iterator.nextv(WALK_ENTRIES));
        if (entries.length === 0) return;
        yield entries;
      }
    } finally {
      await iterator.close();
    }
  }

  async verify(): Promise<void> {
    await this.#try('read', () => checkOpenTables(this.#path));
  }

  async close(): Promise<void> {
    await this.#try('close', () => this.#level.close());
    this.#release();
  }

  async #try<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw toLevelError(error, this.#path, doing);
    }
  }
}

/** The first key after all that begin with `prefix`; null when there is none. */
function endOfPrefix(prefix: Uint8Array): Uint8Array | null {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return null;
  const end = prefix.slice(0, length);
  end[length - 1] = end[length - 1]! + 1;
  return end;
}

/** LevelDB reports the errors of the system as texts only. */
function toLevelError(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (systemCode(cause) === 'LEVEL_LOCKED') {
    return new StorageError('locked', path, `another process has opened ${path}: ${text}`, { cause });
  }
  if (systemCode(cause) === 'LEVEL_CORRUPTION' || /^Corruption|No such file or directory/.test(text)) {
    const advice = 'it must be built anew from the blocks (-reindex, or -reindex-chainstate for the coins alone)';
    return new StorageError('corrupt', path, `the database ${path} is corrupt: ${text}; ${advice}`, { cause });
  }
  if (/No space left on device|quota exceeded/i.test(text)) {
    return new StorageError('disk-full', path, `cannot ${doing} ${path}: ${text} (Disk space is too low!)`, { cause });
  }
  if (/Permission denied|Read-only file system/i.test(text)) {
    return new StorageError('read-only', path, `cannot ${doing} ${path}: ${text}`, { cause });
  }
  return toStorageError(cause, path, doing);
}
