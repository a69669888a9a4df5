// A disk in memory: folders of files, with everything that a real one does to those who trust it. What was not synced may be
// lost, torn or reordered by a power cut; operations fail by injection; bits flip. Tests and the simulator run a whole node on
// it: any number of folders (memory-folder.ts) share one disk, its count of operations and its faults.
//
//   const disk = new MemoryDisk();
//   disk.inject = stopAtChange(7);             // the 7th change and everything after it fails: the process is dead
//   await runNodeOn(disk).catch(() => {});
//   const found = disk.crash(rng);             // what the next start may find; any number of images of one moment
//
// The model, after what file systems promise and no more: a write is durable after a sync of its file, a name after a sync of its
// folder. Between syncs each sector of 512 bytes, each file length and each change of a name survives or not, independently; a
// rename happens as a whole or not at all. What a running process sees is always the newest state.

import { assert } from '../util/assert.ts';
import type { Rng } from '../util/prng.ts';
import { type CrashOdds, drawCrashOdds, MemoryFile } from './memory-file.ts';
import { StorageError, type StorageErrorCode } from './ports.ts';

/** What is asked of a disk. */
export type DiskOperationKind =
  | 'list'
  | 'open'
  | 'create'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'remove'
  | 'rename'
  | 'sync-folder';

/** One thing asked of a disk. */
export interface DiskOperation {
  readonly kind: DiskOperationKind;
  /** Folder and file, or the folder alone. */
  readonly path: string;
  /** Which operation of the disk this is, from 1. */
  readonly count: number;
  /** Which change of the disk this is, from 1; 0 for one that changes nothing. A sync counts: before and after it differ. */
  readonly change: number;
  /** Position of a read or write, new length of a truncation. */
  readonly position: number;
  /** Bytes to read or write. */
  readonly length: number;
}

/** What goes wrong with an operation. */
export type DiskFault =
  /** Nothing happens and the operation fails. */
  | { readonly kind: 'fail'; readonly code: StorageErrorCode; readonly message: string }
  /** A write stops after `length` bytes and fails; a read finds only so many, which is a failure too. */
  | { readonly kind: 'cut'; readonly length: number; readonly code: StorageErrorCode; readonly message: string }
  /** A read succeeds and gives other bytes than were written. */
  | { readonly kind: 'alter'; readonly alter: (bytes: Uint8Array) => void }
  /** A sync fails and forgets what it should have written; the next one will succeed. */
  | { readonly kind: 'forget'; readonly message: string };

/** Decides for each operation whether and how it fails. */
export type FaultInjector = (operation: DiskOperation) => DiskFault | null;

const CHANGES: readonly DiskOperationKind[] = [
  'create',
  'write',
  'truncate',
  'sync',
  'remove',
  'rename',
  'sync-folder',
];

/** New names and lost names, together: null for a name that is gone. */
type NameChange = ReadonlyMap<string, MemoryFile | null>;

interface Directory {
  /** What processes see. */
  readonly names: Map<string, MemoryFile>;
  /** What the disk has. */
  readonly durable: Map<string, MemoryFile>;
  /** Changes since the last sync of the folder, in order. */
  readonly pending: NameChange[];
}

/** Folders of files in memory. */
export class MemoryDisk {
  /** Asked before every operation. */
  inject: FaultInjector | null = null;
  /** Bytes that fit; what does not fit fails with `disk-full`. Null: no end. */
  capacityBytes: number | null;
  readonly #directories: Map<string, Directory> = new Map();
  readonly #readOnly: Set<string> = new Set();
  #operationCount = 0;
  #changeCount = 0;

  constructor(options: { readonly capacityBytes?: number } = {}) {
    this.capacityBytes = options.capacityBytes ?? null;
  }

  /** Operations so far. */
  get operationCount(): number {
    return this.#operationCount;
  }

  /** Changes so far: as many boundaries there are at which a crash finds another disk. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** Bytes that all files take, without holes. */
  get usedBytes(): number {
    let bytes = 0;
    for (const { names } of this.#directories.values()) {
      for (const file of names.values()) bytes += file.usedBytes;
    }
    return bytes;
  }

  /** Makes the file, or all files of the folder, unwritable, or writable again. */
  setReadOnly(path: string, isReadOnly: boolean): void {
    if (isReadOnly) this.#readOnly.add(path);
    else this.#readOnly.delete(path);
  }

  /** The contents of a file, whatever is wrong with it; for tests to look at or to tamper with. */
  file(folder: string, name: string): MemoryFile {
    const file = this.#directory(folder).names.get(name);
    assert(file !== undefined, `a file ${folder}/${name}`);
    return file;
  }

  /** What the next start finds after a power cut now; this disk stays as it is. */
  crash(rng: Rng): MemoryDisk {
    const odds = drawCrashOdds(rng);
    const found = this.#newDisk();
    for (const [path, directory] of this.#directories) {
      const names = survivingNames(directory, rng, odds);
      const files = new Map<MemoryFile, MemoryFile>();
      for (const [name, file] of names) {
        const survivor = files.get(file) ?? file.crash(rng, odds);
        files.set(file, survivor);
        names.set(name, survivor);
      }
      found.#directories.set(path, { names, durable: new Map(names), pending: [] });
    }
    return found;
  }

  /** What the next start finds after the process ended now: everything. This disk stays as it is. */
  kill(): MemoryDisk {
    const found = this.#newDisk();
    for (const [path, directory] of this.#directories) {
      const copies = new Map<MemoryFile, MemoryFile>();
      const copyOf = (file: MemoryFile): MemoryFile => {
        const copy = copies.get(file) ?? file.copy();
        copies.set(file, copy);
        return copy;
      };
      found.#directories.set(path, {
        names: mapValues(directory.names, copyOf),
        durable: mapValues(directory.durable, copyOf),
        pending: directory.pending.map((change) => mapValues(change, (file) => (file === null ? null : copyOf(file)))),
      });
    }
    return found;
  }

  #newDisk(): MemoryDisk {
    const disk = new MemoryDisk();
    disk.capacityBytes = this.capacityBytes;
    for (const path of this.#readOnly) disk.#readOnly.add(path);
    return disk;
  }

  #directory(path: string): Directory {
    let directory = this.#directories.get(path);
    if (directory === undefined) {
      directory = { names: new Map(), durable: new Map(), pending: [] };
      this.#directories.set(path, directory);
    }
    return directory;
  }

  // What folders and handles call. Each counts, asks for a fault, and then does its work at once.

  list(folder: string): string[] {
    this.#begin('list', folder);
    return [...this.#directory(folder).names.keys()];
  }

  open(folder: string, name: string, mode: 'read' | 'write' | 'create'): MemoryFile {
    const path = `${folder}/${name}`;
    const { names } = this.#directory(folder);
    const file = names.get(name);
    if (file === undefined && mode === 'create') {
      this.#checkWritable(folder, path);
      this.#begin('create', path);
      const created = new MemoryFile();
      this.#changeNames(folder, new Map([[name, created]]));
      return created;
    }
    this.#begin('open', path);
    if (file === undefined) throw new StorageError('failed', path, `no such file: ${path}`);
    if (mode !== 'read') this.#checkWritable(folder, path);
    return file;
  }

  has(folder: string, name: string): boolean {
    return this.#directory(folder).names.has(name);
  }

  remove(folder: string, name: string): void {
    const path = `${folder}/${name}`;
    this.#checkWritable(folder, folder);
    this.#begin('remove', path);
    if (!this.has(folder, name)) throw new StorageError('failed', path, `no such file: ${path}`);
    this.#changeNames(folder, new Map([[name, null]]));
  }

  rename(folder: string, from: string, to: string): void {
    const path = `${folder}/${from}`;
    this.#checkWritable(folder, folder);
    this.#begin('rename', path);
    const file = this.#directory(folder).names.get(from);
    if (file === undefined) throw new StorageError('failed', path, `no such file: ${path}`);
    if (from === to) return;
    this.#changeNames(
      folder,
      new Map([
        [from, null],
        [to, file],
      ]),
    );
  }

  syncFolder(folder: string): void {
    this.#begin('sync-folder', folder);
    const { names, durable, pending } = this.#directory(folder);
    durable.clear();
    for (const [name, file] of names) durable.set(name, file);
    pending.length = 0;
  }

  read(file: MemoryFile, path: string, position: number, length: number): Uint8Array {
    const fault = this.#ask('read', path, position, length);
    const found = Math.max(0, Math.min(file.size - position, fault?.kind === 'cut' ? fault.length : length));
    if (found < length) {
      throw new StorageError('corrupt', path, `${path} ends too early: ${found} of ${length} bytes at ${position}`);
    }
    const bytes = file.read(position, length);
    if (fault?.kind === 'alter') fault.alter(bytes);
    return bytes;
  }

  write(file: MemoryFile, path: string, position: number, bytes: Uint8Array): void {
    const fault = this.#ask('write', path, position, bytes.length);
    const wanted = fault?.kind === 'cut' ? Math.min(fault.length, bytes.length) : bytes.length;
    const fitting = this.#fittingLength(file, position, wanted);
    file.write(position, bytes.subarray(0, fitting));
    if (fitting < wanted) throw new StorageError('disk-full', path, `no space left on device: ${path}`);
    if (fault?.kind === 'cut') throw new StorageError(fault.code, path, `${path}: ${fault.message}`);
  }

  truncate(file: MemoryFile, path: string, length: number): void {
    this.#begin('truncate', path, length);
    file.truncate(length);
  }

  sync(file: MemoryFile, path: string): void {
    const fault = this.#ask('sync', path, 0, 0);
    if (fault?.kind === 'forget') {
      file.failSync();
      throw new StorageError('failed', path, `${path}: ${fault.message}`);
    }
    file.sync();
  }

  #fittingLength(file: MemoryFile, position: number, length: number): number {
    if (this.capacityBytes === null) return length;
    return file.fittingLength(position, length, this.capacityBytes - this.usedBytes);
  }

  #changeNames(folder: string, change: NameChange): void {
    const directory = this.#directory(folder);
    applyChange(directory.names, change);
    directory.pending.push(change);
  }

  #checkWritable(folder: string, path: string): void {
    if (this.#readOnly.has(folder) || this.#readOnly.has(path)) {
      throw new StorageError('read-only', path, `permission denied: ${path}`);
    }
  }

  /** Counts an operation that is done whole or not at all. */
  #begin(kind: DiskOperationKind, path: string, position = 0): void {
    this.#ask(kind, path, position, 0);
  }

  /** Counts an operation and throws what an injector wants thrown; the other faults are the caller's to carry out. */
  #ask(kind: DiskOperationKind, path: string, position: number, length: number): DiskFault | null {
    const count = ++this.#operationCount;
    const change = CHANGES.includes(kind) ? ++this.#changeCount : 0;
    const fault = this.inject?.({ kind, path, count, change, position, length }) ?? null;
    if (fault?.kind === 'fail') throw new StorageError(fault.code, path, `${path}: ${fault.message}`);
    return fault;
  }
}

function applyChange(names: Map<string, MemoryFile>, change: NameChange): void {
  for (const [name, file] of change) {
    if (file === null) names.delete(name);
    else names.set(name, file);
  }
}

/** Each change of a name since the last sync of the folder is there or is not. */
function survivingNames(directory: Directory, rng: Rng, odds: CrashOdds): Map<string, MemoryFile> {
  const names = new Map(directory.durable);
  for (const change of directory.pending) {
    if (rng.below(10) < odds.keptOfTen) applyChange(names, change);
  }
  return names;
}

function mapValues<V, W>(map: ReadonlyMap<string, V>, transform: (value: V) => W): Map<string, W> {
  const mapped = new Map<string, W>();
  for (const [key, value] of map) mapped.set(key, transform(value));
  return mapped;
}
