// Looks through a LevelDB database before it is opened, since classic-level opens it with LevelDB's checks turned off: a flipped bit
// in a table is then read as data, and a damaged record in the middle of a log is left out while later ones are taken (S07).
//
// Logs are cut behind their last whole record before the first that is not, so that what is lost is always the newest: a power
// cut may tear the end of a log, and put later sectors on the disk without earlier ones. When an older log is cut, newer
// ones go too. The chain takes it from there, as after any crash. A table that is damaged cannot be mended: `corrupt`. Tables
// are never changed, and the newest are the likeliest to have been written when the power failed, so where a database is too
// large for a look at all of it, they come first.

import { open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { StorageError } from '../../kernel/chain/ports.ts';
import { DecodeError } from '../../kernel/encoding/decode-error.ts';
import { isTableWhole, type LiveFiles, readLog, readManifest } from './level-files.ts';
import { systemCode, toStorageError } from './storage-error.ts';

/** What a look through a database found. */
export interface LevelCheck {
  /** Logs that were cut: a sentence each, for the person who runs the node. */
  readonly repairs: readonly string[];
  readonly checkedTables: number;
  /** Tables for which there was no time, or whose compression is not known here. */
  readonly uncheckedTables: number;
}

/**
 * Checks the database in folder `path`, which nobody has open, and cuts torn logs. Throws `corrupt` with the name of a damaged
 * table. At most `tableBytesMax` of tables are read. A folder without a database is whole.
 */
export async function checkLevelFiles(path: string, tableBytesMax: number): Promise<LevelCheck> {
  const names = await listIfThere(path);
  const live = await readLiveFiles(path, names);
  if (live === null) return { repairs: [], checkedTables: 0, uncheckedTables: 0 };
  const repairs = await cutLogs(path, names, live);
  return { repairs, ...(await checkTables(path, live, tableBytesMax)) };
}

/** Merging may go on while tables are looked at; so often a new list of them is read. */
const LISTS_MAX = 20;

/**
 * Checks all tables of a database that is open. LevelDB merges tables and deletes the old ones meanwhile: one that has gone is
 * looked for in a newer list. Throws `corrupt` with the name of a damaged table.
 */
export async function checkOpenTables(path: string): Promise<void> {
  const checked = new Set<number>();
  for (let i = 0; i < LISTS_MAX; i++) {
    const live = await readLiveFiles(path, await listIfThere(path));
    let hasGone = false;
    for (const [number, size] of live?.tables ?? []) {
      if (checked.has(number)) continue;
      const table = await readTable(path, number);
      if (table === null) hasGone = true;
      else if (table.length === size && isTableWhole(table) !== false) checked.add(number);
      else throw corrupt(join(path, fileName(number, 'ldb')));
      await yieldToEvents();
    }
    if (!hasGone) return;
  }
  throw corrupt(path);
}

/** A table under either of its names; null when it is not there. */
async function readTable(path: string, number: number): Promise<Uint8Array | null> {
  return (
    (await readIfThere(join(path, fileName(number, 'ldb')))) ?? (await readIfThere(join(path, fileName(number, 'sst'))))
  );
}

/**
 * Null where there is nothing, or nothing that can be made out: LevelDB says what it thinks of that when it opens it. But where
 * CURRENT alone is gone it would begin anew and delete the rest (S08).
 */
async function readLiveFiles(path: string, names: readonly string[]): Promise<LiveFiles | null> {
  const current = await readIfThere(join(path, 'CURRENT'));
  if (current === null && names.some((name) => /^MANIFEST-|\.(ldb|sst|log)$/.test(name))) {
    throw corrupt(join(path, 'CURRENT'));
  }
  const name = current === null ? '' : new TextDecoder().decode(current).trimEnd();
  const manifest = /^MANIFEST-\d+$/.test(name) ? await readIfThere(join(path, name)) : null;
  if (manifest === null) return null;
  try {
    return readManifest(readLog(manifest).records);
  } catch (error) {
    if (error instanceof DecodeError) throw corrupt(join(path, name));
    throw error;
  }
}

async function cutLogs(path: string, names: readonly string[], live: LiveFiles): Promise<string[]> {
  const logs = names
    .filter((name) => /^\d+\.log$/.test(name))
    .map((name) => Number(name.slice(0, -'.log'.length)))
    .filter((number) => number >= live.firstLog || number === live.previousLog)
    .sort((a, b) => a - b);
  // a log is made before the manifest names it
  if (logs.length === 0 && live.firstLog > 0) throw corrupt(join(path, fileName(live.firstLog, 'log')));
  const repairs: string[] = [];
  for (const number of logs) {
    const file = join(path, fileName(number, 'log'));
    const log = await readIfThere(file);
    if (log === null) continue;
    if (repairs.length > 0) {
      await rm(file);
      repairs.push(`The changes in ${file} have been left out, because they follow changes that a crash has torn.`);
      continue;
    }
    const { wholeBytes } = readLog(log);
    if (wholeBytes === log.length) continue;
    await cut(file, wholeBytes);
    const lost = `The last ${log.length - wholeBytes} of ${log.length} bytes of ${file}`;
    repairs.push(`${lost} were torn by a crash and have been left out.`);
  }
  return repairs;
}

async function cut(file: string, length: number): Promise<void> {
  try {
    await truncate(file, length);
    const handle = await open(file, 'r+');
    await handle.sync();
    await handle.close();
  } catch (error) {
    throw toStorageError(error, file, 'truncate');
  }
}

async function checkTables(
  path: string,
  live: LiveFiles,
  tableBytesMax: number,
): Promise<{ checkedTables: number; uncheckedTables: number }> {
  let bytesLeft = tableBytesMax;
  let checkedTables = 0;
  let uncheckedTables = 0;
  for (const [number, size] of [...live.tables].sort(([a], [b]) => b - a)) {
    bytesLeft -= size;
    const file = join(path, fileName(number, 'ldb'));
    const table = bytesLeft < 0 ? null : await readTable(path, number);
    if (bytesLeft >= 0 && (table === null || table.length !== size)) throw corrupt(file);
    const isWhole = table === null ? null : isTableWhole(table);
    if (isWhole === false) throw corrupt(file);
    if (isWhole === null) uncheckedTables++;
    else checkedTables++;
  }
  return { checkedTables, uncheckedTables };
}

function fileName(number: number, ending: string): string {
  return `${String(number).padStart(6, '0')}.${ending}`;
}

async function listIfThere(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw toStorageError(error, path, 'list');
  }
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw toStorageError(error, file, 'read');
  }
}

function corrupt(file: string): StorageError {
  const advice =
    'the database must be built anew from the blocks: -reindex, or -reindex-chainstate for the coins alone';
  return new StorageError('corrupt', file, `${file} is damaged; ${advice}`);
}
