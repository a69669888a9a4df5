// The file of our key in I2P (Core: i2p_private_key, the same bytes): who reads it can pretend to be us there, so that only the owner
// may, and it is replaced as a whole. A file that is there is never written over, whatever is in it.

import { type Folder, StorageError } from '../../kernel/chain/ports.ts';
import { writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { destinationOfKey, PRIVATE_KEY_BYTES_MAX } from '../wire/i2p-destination.ts';
import type { I2pKeyStore } from './i2p-session.ts';
import { samError } from './sam-router.ts';

/** Name of the file in the folder of the network. */
export const I2P_KEY_FILE_NAME = 'i2p_private_key';

/** The key in a file of a folder. */
export class I2pKeyFile implements I2pKeyStore {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  async load(): Promise<Uint8Array | null> {
    return await this.#try('read', async () => {
      if (!(await this.#folder.exists(I2P_KEY_FILE_NAME))) return null;
      const privateKey = await this.#read();
      if (privateKey !== null && destinationOfKey(privateKey) !== null) return privateKey;
      throw samError(`${this.#path} holds no private key; move it away to be given another address`);
    });
  }

  async save(privateKey: Uint8Array): Promise<void> {
    await this.#try('save', () => writeFileAtomic(this.#folder, I2P_KEY_FILE_NAME, privateKey));
  }

  /** Null: it is too long. */
  async #read(): Promise<Uint8Array | null> {
    const file = await this.#folder.open(I2P_KEY_FILE_NAME, 'read');
    try {
      const size = await file.size();
      return size > PRIVATE_KEY_BYTES_MAX ? null : await file.read(0, size);
    } finally {
      await file.close();
    }
  }

  get #path(): string {
    return `${this.#folder.path}/${I2P_KEY_FILE_NAME}`;
  }

  /** Without a key there is no session, and the node goes on without I2P. */
  async #try<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      throw samError(`Cannot ${doing} I2P private key: ${error.message}`);
    }
  }
}
