// A few open files out of many. Thousands of block files lie in a folder and a process may hold only so many open, while opening
// one for every read costs more than the read. Files in use are never closed; idle ones are, the longest unused first.

import { assert } from '../util/assert.ts';
import type { FileHandle, Folder } from './ports.ts';

/** Arbitrary: the file being written and its undo file, and a few that are read, such as by peers that fetch old blocks. */
const OPEN_FILES_MAX = 16;

interface PooledFile {
  readonly name: string;
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** Opens files of a folder by name when they are used, and keeps some open. */
export class FilePool {
  readonly #folder: Folder;
  /** By mode and name, in the order of last use. */
  readonly #files: Map<string, PooledFile> = new Map();

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Calls `action` with the file, which stays open at least until the action is done. */
  async use<T>(name: string, mode: 'read' | 'create', action: (file: FileHandle) => Promise<T>): Promise<T> {
    const key = `${mode} ${name}`;
    const file = this.#files.get(key) ?? { name, handle: this.#folder.open(name, mode), users: 0 };
    this.#files.delete(key);
    this.#files.set(key, file);
    file.users++;
    try {
      return await action(await this.#opened(key, file));
    } finally {
      file.users--;
      await this.#closeIdle(OPEN_FILES_MAX);
    }
  }

  /** Closes a file wherever it is open; nobody may be using it. */
  async forget(name: string): Promise<void> {
    for (const [key, file] of [...this.#files]) {
      if (file.name === name) await this.#close(key, file);
    }
  }

  /** Closes everything; nobody may be using a file. */
  async close(): Promise<void> {
    for (const [key, file] of [...this.#files]) await this.#close(key, file);
  }

  /** The open file; one that could not be opened is tried anew the next time. */
  async #opened(key: string, file: PooledFile): Promise<FileHandle> {
    try {
      return await file.handle;
    } catch (error) {
      if (this.#files.get(key) === file) this.#files.delete(key);
      throw error;
    }
  }

  async #closeIdle(countMax: number): Promise<void> {
    for (const [key, file] of this.#files) {
      if (this.#files.size <= countMax) return;
      if (file.users === 0) await this.#close(key, file);
    }
  }

  async #close(key: string, file: PooledFile): Promise<void> {
    assert(file.users === 0, 'a file that nobody uses');
    this.#files.delete(key);
    await (await file.handle).close();
  }
}
