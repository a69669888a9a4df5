// The Folder port over node:fs. Reads go into shared memory, so that threads can verify a block where it was read. A folder is
// synced through a handle on the folder itself, where the system has such a thing; Windows has not, and keeps names in order by
// its own journal. Errors of the system become StorageErrors that name the file.

import { constants, type Stats } from 'node:fs';
import { access, type FileHandle as NodeFile, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileHandle, type Folder, StorageError } from '../../kernel/chain/ports.ts';
import { systemCode, toStorageError } from './storage-error.ts';

const FLAGS: Readonly<Record<'read' | 'write' | 'create', number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT,
};

/** What is added where a name must be the file itself and not a link, and `create` must find none: for secrets. */
const STRICT_FLAGS: typeof FLAGS = {
  read: constants.O_NOFOLLOW,
  write: constants.O_NOFOLLOW,
  create: constants.O_NOFOLLOW | constants.O_EXCL,
};

/** What systems answer that cannot open or sync a folder as a file (Windows, some network file systems). */
const FOLDER_SYNC_UNKNOWN: readonly string[] = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'];

/** A folder of the file system, which must exist. */
export class NodeFolder implements Folder {
  readonly path: string;
  readonly #isStrict: boolean;

  /** In a strict folder files that are links are not opened, and `create` makes only files that were not there. */
  constructor(path: string, options: { readonly isStrict?: boolean } = {}) {
    this.path = path;
    this.#isStrict = options.isStrict === true;
  }

  async list(): Promise<readonly string[]> {
    const entries = await this.#try('list', this.path, () => readdir(this.path, { withFileTypes: true }));
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  }

  async open(name: string, mode: 'read' | 'write' | 'create'): Promise<FileHandle> {
    const path = join(this.path, name);
    const flags = FLAGS[mode] | (this.#isStrict ? STRICT_FLAGS[mode] : 0);
    const file = await this.#try('open', path, () => open(path, flags, 0o600));
    return new NodeFileHandle(file, path);
  }

  async exists(name: string): Promise<boolean> {
    const path = join(this.path, name);
    try {
      await access(path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw toStorageError(error, path, 'look for');
    }
  }

  async remove(name: string): Promise<void> {
    const path = join(this.path, name);
    await this.#try('remove', path, () => rm(path));
  }

  async rename(from: string, to: string): Promise<void> {
    const path = join(this.path, from);
    await this.#try('rename', path, () => rename(path, join(this.path, to)));
  }

  async sync(): Promise<void> {
    const folder = await this.#openSelf();
    if (folder === null) return;
    try {
      await folder.sync();
    } catch (error) {
      if (!FOLDER_SYNC_UNKNOWN.includes(systemCode(error))) throw toStorageError(error, this.path, 'sync');
    } finally {
      await folder.close();
    }
  }

  async modifiedSec(name: string): Promise<number | null> {
    const path = join(this.path, name);
    const { mtimeMs } = await this.#try('look at', path, () => stat(path));
    return Math.floor(mtimeMs / 1000);
  }

  async freeBytes(): Promise<number | null> {
    const { bavail, bsize } = await this.#try('look at', this.path, () => statfs(this.path));
    return bavail * bsize;
  }

  async #openSelf(): Promise<NodeFile | null> {
    if (process.platform === 'win32') return null;
    return await this.#try('open', this.path, () => open(this.path, constants.O_RDONLY));
  }

  async #try<T>(doing: string, path: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw toStorageError(error, path, doing);
    }
  }
}

class NodeFileHandle implements FileHandle {
  readonly #file: NodeFile;
  readonly #path: string;

  constructor(file: NodeFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(new SharedArrayBuffer(length));
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#try('read', () => this.#file.read(bytes, done, length - done, position + done));
      if (bytesRead === 0) {
        const text = `${this.#path} ends too early: ${done} of ${length} bytes at ${position}`;
        throw new StorageError('corrupt', this.#path, text);
      }
      done += bytesRead;
    }
    return bytes;
  }

  async write(position: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#try('write', () =>
        this.#file.write(bytes, done, bytes.length - done, position + done),
      );
      done += bytesWritten;
    }
  }

  async size(): Promise<number> {
    const stats: Stats = await this.#try('look at', () => this.#file.stat());
    return stats.size;
  }

  async truncate(length: number): Promise<void> {
    await this.#try('truncate', () => this.#file.truncate(length));
  }

  async sync(): Promise<void> {
    await this.#try('sync', () => this.#file.sync());
  }

  async close(): Promise<void> {
    await this.#try('close', () => this.#file.close());
  }

  async #try<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw toStorageError(error, this.#path, doing);
    }
  }
}
