// The files of one wallet over a folder of the chain's kind: the WalletFolder port, with every sync that makes a change durable. On a
// disk in memory the same code is put through power cuts. Secrets that are to be gone are overwritten with zeros first, as far as the
// file system writes in place; what it copied elsewhere by itself, nobody can reach from here.

import { type FileHandle, type Folder, StorageError } from '../../kernel/chain/ports.ts';
import { readWholeFile, temporaryName } from '../../kernel/chain/write-file-atomic.ts';
import type { WalletFolder } from '../../wallet/ports.ts';
import { WALLET_FILE } from '../../wallet/store/record-log.ts';

/** Zeros that are written at once. */
const WIPE_BYTES = 65_536;

/** The files of a wallet in a folder, which must exist. */
export class WalletFiles implements WalletFolder {
  readonly #folder: Folder;
  readonly #hasOtherNames: (name: string) => Promise<boolean>;

  /** `hasOtherNames` tells whether the same file is linked elsewhere: what others keep is not overwritten. */
  constructor(folder: Folder, hasOtherNames: (name: string) => Promise<boolean> = async () => false) {
    this.#folder = folder;
    this.#hasOtherNames = hasOtherNames;
  }

  get path(): string {
    return this.#folder.path;
  }

  async read(name: string): Promise<Uint8Array | null> {
    return (await this.#folder.exists(name)) ? await readWholeFile(this.#folder, name) : null;
  }

  async append(name: string, end: number, bytes: Uint8Array): Promise<void> {
    await this.#change(name, async (file) => {
      const size = await file.size();
      if (size !== end) {
        const path = `${this.path}/${name}`;
        throw new StorageError(
          'corrupt',
          path,
          `${path} was changed by somebody else: it ends at ${size}, not at ${end}`,
        );
      }
      await file.write(end, bytes);
    });
  }

  async truncate(name: string, length: number): Promise<void> {
    await this.#change(name, (file) => file.truncate(length));
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    if (await this.#folder.exists(name)) {
      const path = `${this.path}/${name}`;
      throw new StorageError('failed', path, `there is a file already, which is not overwritten: ${path}`);
    }
    await this.#put(name, bytes);
  }

  async replace(name: string, bytes: Uint8Array): Promise<boolean> {
    if (!(await this.#folder.exists(name))) {
      await this.#put(name, bytes);
      return true;
    }
    const isShared = await this.#hasOtherNames(name);
    // The name will belong to another file; the handle stays with the old one.
    const old = await this.#folder.open(name, 'write');
    try {
      await this.#put(name, bytes);
      return !isShared && (await tryOverwrite(old));
    } finally {
      await old.close();
    }
  }

  async wipe(name: string): Promise<void> {
    if (!(await this.#hasOtherNames(name))) await this.#change(name, overwrite);
    await this.#folder.remove(name);
    await this.#folder.sync();
  }

  async sweep(): Promise<void> {
    for (const name of await this.#folder.list()) {
      if (isLeftOver(name)) await this.wipe(name);
    }
  }

  list(): Promise<readonly string[]> {
    return this.#folder.list();
  }

  /** Changes an existing file and syncs it. */
  async #change(name: string, change: (file: FileHandle) => Promise<void>): Promise<void> {
    const file = await this.#folder.open(name, 'write');
    try {
      await change(file);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Writes beside, syncs, renames, syncs the name. What a failure leaves beside is removed: it may be what fills the disk. */
  async #put(name: string, bytes: Uint8Array): Promise<void> {
    const temporary = temporaryName(name);
    if (await this.#folder.exists(temporary)) await this.wipe(temporary);
    try {
      const file = await this.#folder.open(temporary, 'create');
      try {
        await file.write(0, bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#folder.rename(temporary, name);
    } catch (error) {
      await this.wipe(temporary).catch(() => {});
      throw error;
    }
    await this.#folder.sync();
  }
}

/** True for what replacing the file of a wallet, or a file beside it, has left. */
function isLeftOver(name: string): boolean {
  return name.startsWith(`.${WALLET_FILE}`) && name === temporaryName(name.slice(1, -'.new'.length));
}

async function overwrite(file: FileHandle): Promise<void> {
  const size = await file.size();
  const zeros = new Uint8Array(Math.min(size, WIPE_BYTES));
  for (let at = 0; at < size; at += WIPE_BYTES)
    await file.write(at, zeros.subarray(0, Math.min(WIPE_BYTES, size - at)));
}

/** The new file is in place by then: failing here is no failure of the replacement. */
async function tryOverwrite(old: FileHandle): Promise<boolean> {
  try {
    await overwrite(old);
    await old.sync();
    return true;
  } catch {
    return false;
  }
}
