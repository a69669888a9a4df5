// The Folder port in memory: for tests, for the simulator, and for a node that lives inside another program. The disk behind it
// (memory-disk.ts) can be crashed, filled up and made to fail; a plain folder never does.

import { MemoryDisk } from './memory-disk.ts';
import type { MemoryFile } from './memory-file.ts';
import { type FileHandle, type Folder, StorageError } from './ports.ts';

/** A folder on a disk in memory; without one, on a disk of its own. */
export class MemoryFolder implements Folder {
  readonly path: string;
  readonly disk: MemoryDisk;

  constructor(path = 'memory', disk: MemoryDisk = new MemoryDisk()) {
    this.path = path;
    this.disk = disk;
  }

  async list(): Promise<readonly string[]> {
    return this.disk.list(this.path);
  }

  async open(name: string, mode: 'read' | 'write' | 'create'): Promise<FileHandle> {
    const file = this.disk.open(this.path, name, mode);
    return new MemoryFileHandle(this.disk, file, `${this.path}/${name}`, mode !== 'read');
  }

  async exists(name: string): Promise<boolean> {
    return this.disk.has(this.path, name);
  }

  async remove(name: string): Promise<void> {
    this.disk.remove(this.path, name);
  }

  async rename(from: string, to: string): Promise<void> {
    this.disk.rename(this.path, from, to);
  }

  async sync(): Promise<void> {
    this.disk.syncFolder(this.path);
  }

  /** Memory keeps no times. */
  async modifiedSec(_name: string): Promise<number | null> {
    return null;
  }

  async freeBytes(): Promise<number | null> {
    const { capacityBytes } = this.disk;
    return capacityBytes === null ? null : Math.max(0, capacityBytes - this.disk.usedBytes);
  }
}

class MemoryFileHandle implements FileHandle {
  readonly #disk: MemoryDisk;
  readonly #file: MemoryFile;
  readonly #path: string;
  readonly #isWritable: boolean;
  #isOpen = true;

  constructor(disk: MemoryDisk, file: MemoryFile, path: string, isWritable: boolean) {
    this.#disk = disk;
    this.#file = file;
    this.#path = path;
    this.#isWritable = isWritable;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    this.#checkOpen();
    return this.#disk.read(this.#file, this.#path, position, length);
  }

  async write(position: number, bytes: Uint8Array): Promise<void> {
    this.#checkWritable();
    this.#disk.write(this.#file, this.#path, position, bytes);
  }

  async size(): Promise<number> {
    this.#checkOpen();
    return this.#file.size;
  }

  async truncate(length: number): Promise<void> {
    this.#checkWritable();
    this.#disk.truncate(this.#file, this.#path, length);
  }

  async sync(): Promise<void> {
    this.#checkOpen();
    this.#disk.sync(this.#file, this.#path);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new StorageError('failed', this.#path, `the file is closed: ${this.#path}`);
  }

  #checkWritable(): void {
    this.#checkOpen();
    if (!this.#isWritable) throw new StorageError('read-only', this.#path, `opened for reading: ${this.#path}`);
  }
}
