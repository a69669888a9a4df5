// The file of the key of our onion service (Core: onion_v3_private_key, the same text): who reads it can pretend to be us in Tor, so
// that only the owner may, and it is replaced as a whole. A file that is there is never written over, whatever is in it.

import { type Folder, StorageError } from '../../kernel/chain/ports.ts';
import { writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { toByteText } from '../wire/byte-text.ts';
import { isTorServiceKey } from '../wire/tor-control.ts';
import { torError } from './tor-talk.ts';

/** Name of the file in the folder of the network. */
export const ONION_KEY_FILE_NAME = 'onion_v3_private_key';

/** Longest file that is read: arbitrary, and longer than any key. */
const FILE_BYTES_MAX = 4096;

/** The key in a file of a folder. Both calls reject with a {@link ConnectError}. */
export class OnionKeyFile {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Null: there is none yet. */
  async load(): Promise<string | null> {
    const key = await attempt('read', async () => {
      if (!(await this.#folder.exists(ONION_KEY_FILE_NAME))) return null;
      return await this.#read();
    });
    if (key === null || isTorServiceKey(key)) return key;
    const path = `${this.#folder.path}/${ONION_KEY_FILE_NAME}`;
    throw torError(`${path} holds no private key; move it away to be given another address`);
  }

  async save(key: string): Promise<void> {
    await attempt('save', () => writeFileAtomic(this.#folder, ONION_KEY_FILE_NAME, encodeUtf8(key)));
  }

  /** The text, or the beginning of one that is too long. */
  async #read(): Promise<string> {
    const file = await this.#folder.open(ONION_KEY_FILE_NAME, 'read');
    try {
      return toByteText(await file.read(0, Math.min(await file.size(), FILE_BYTES_MAX)));
    } finally {
      await file.close();
    }
  }
}

async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    throw torError(`Cannot ${doing} the private key of the onion service: ${cause.message}`, cause);
  }
}
