// The node's small files: known addresses (peers.dat), connections to begin with (anchors.dat), bans (banlist.json), in Core's forms.
// Each is replaced as a whole (S13), and read with distrust (E09): a damaged list of bans is put aside, a damaged table of addresses
// is for a person to decide about, one of a newer program is put aside.

import { type Folder, StorageError } from '../../kernel/chain/ports.ts';
import { writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { AddressManager, type AddressManagerOptions } from '../p2p/addrman.ts';
import { ANCHORS_FILE_BYTES_MAX, ANCHORS_FILE_NAME, decodeAnchors, encodeAnchors } from '../p2p/anchors.ts';
import { BanList } from '../p2p/ban-list.ts';
import { BAN_LIST_FILE_NAME, BAN_LIST_TEXT_MAX, formatBanList, parseBanList } from '../p2p/ban-list-file.ts';
import { decodePeersFile, encodePeersFile, PEERS_FILE_NAME } from '../p2p/peers-file.ts';
import type { Logger } from '../ports.ts';
import { toByteText } from '../wire/byte-text.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import type { NodeOptions } from './node-options.ts';

/** Bytes of the key of a new address manager. */
const KEY_BYTES = 32;

/** A longer table of addresses is none: the 81,920 that fit into ours or Core's take at most 150 bytes each. */
const PEERS_FILE_BYTES_MAX: number = 16 * 1024 * 1024;

/** Whom people tell of what is wrong (SECURITY.md; Core names its own place). */
const REPORT_TO = 'the maintainers of Tallystick';

/** The key of -test=addrman (Core: the number 1). */
const OPEN_KEY: Uint8Array = Uint8Array.of(1, ...new Uint8Array(KEY_BYTES - 1));

/** A file is damaged, and only a person can say what is to become of it: the message says what may be done. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

/** What of the node's options matters to the tables of addresses. */
export type AddressOptions = Pick<NodeOptions, 'netGroups' | 'addressCheckInterval' | 'hasOpenAddressKey'>;

/** Files of one network. */
export class SmallFiles {
  readonly #folder: Folder;
  readonly #magic: Uint8Array;
  readonly #log: Logger;
  /** Files are written one after another: two writes of one would share its temporary name. */
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(folder: Folder, magic: Uint8Array, log: Logger) {
    this.#folder = folder;
    this.#magic = magic;
    this.#log = log;
  }

  /** The addresses of the last run, or none. Throws DamagedFileError when the file is damaged. */
  async loadAddresses(hostRng: Rng, options: AddressOptions): Promise<AddressManager> {
    const { netGroups: groups, addressCheckInterval: checkInterval, hasOpenAddressKey } = options;
    const rng = hasOpenAddressKey ? createRng(0) : hostRng;
    const note = (text: string): void => this.#log.debug('addrman', () => text);
    const settings: AddressManagerOptions = { groups, checkInterval, note };
    const create = (): AddressManager =>
      new AddressManager(hasOpenAddressKey ? OPEN_KEY : rng.bytes(KEY_BYTES), rng, settings);
    this.#log.info('init message: Loading P2P addresses…');
    const path = this.#path(PEERS_FILE_NAME);
    if (!(await this.#folder.exists(PEERS_FILE_NAME))) {
      this.#log.info(`Creating ${PEERS_FILE_NAME} because the file was not found ("${path}")`);
      return create();
    }
    const bytes = await this.#read(PEERS_FILE_NAME, PEERS_FILE_BYTES_MAX);
    if (bytes === null) throw this.#corruptPeersFile('The file is too long');
    const decoded = decodePeersFile(bytes, this.#magic, rng, settings);
    if (decoded.ok) {
      const manager = decoded.value;
      this.#log.info(`Loaded ${manager.size()} addresses from ${PEERS_FILE_NAME}`);
      return manager;
    }
    const { kind, message } = decoded.error;
    if (kind !== 'unsupported-version') throw this.#corruptPeersFile(message);
    await this.#putAside(PEERS_FILE_NAME);
    this.#log.warn(
      `Creating new ${PEERS_FILE_NAME} because the file version was not compatible ("${path}"). ` +
        `Original backed up to ${PEERS_FILE_NAME}.bak`,
    );
    return create();
  }

  #corruptPeersFile(what: string): DamagedFileError {
    return new DamagedFileError(
      `Invalid or corrupt ${PEERS_FILE_NAME} (${what}). If you believe this is a bug, please report it to ${REPORT_TO}. ` +
        `As a workaround, you can move the file ("${this.#path(PEERS_FILE_NAME)}") out of the way ` +
        '(rename, move, or delete) to have a new one created on the next start.',
    );
  }

  saveAddresses(manager: AddressManager): Promise<void> {
    return this.#write(PEERS_FILE_NAME, encodePeersFile(manager, this.#magic));
  }

  /** The anchors of the last run, once: the file is gone afterwards, so that they are not tried for ever. */
  async takeAnchors(): Promise<readonly AddressEntry[]> {
    if (!(await this.#folder.exists(ANCHORS_FILE_NAME))) return [];
    const decoded = await this.#readAnchors();
    await this.#folder.remove(ANCHORS_FILE_NAME);
    await this.#folder.sync();
    if (decoded === null || !decoded.ok) {
      this.#log.warn(`${ANCHORS_FILE_NAME} could not be read and was removed`);
      return [];
    }
    this.#log.info(`Loaded ${decoded.value.length} addresses from "${ANCHORS_FILE_NAME}"`);
    return decoded.value;
  }

  /** Null: the file cannot be read, or is too long to be one of ours. */
  async #readAnchors(): Promise<ReturnType<typeof decodeAnchors> | null> {
    try {
      const bytes = await this.#read(ANCHORS_FILE_NAME, ANCHORS_FILE_BYTES_MAX);
      return bytes === null ? null : decodeAnchors(bytes, this.#magic);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return null;
    }
  }

  async saveAnchors(anchors: readonly AddressEntry[]): Promise<void> {
    await this.#write(ANCHORS_FILE_NAME, encodeAnchors(anchors, this.#magic));
    const what = `${anchors.length} outbound block-relay-only peer addresses`;
    this.#log.info(`DumpAnchors: Flush ${what} to ${ANCHORS_FILE_NAME}`);
  }

  /** No bans, in a file that is written with the others: whoever looks for it finds it (as in Core). */
  #createBans(rng: Rng): BanList {
    this.#log.info('Recreating the banlist database');
    const list = new BanList(rng);
    list.markChanged();
    return list;
  }

  /** The bans of the last run that still hold; `usesCjdns` as for parseSubnet. */
  async loadBans(rng: Rng, nowSec: number, usesCjdns = false): Promise<BanList> {
    this.#log.info('init message: Loading banlist…');
    if (!(await this.#folder.exists(BAN_LIST_FILE_NAME))) {
      return this.#createBans(rng);
    }
    const bytes = await this.#read(BAN_LIST_FILE_NAME, BAN_LIST_TEXT_MAX);
    const parsed = bytes === null ? null : parseBanList(toByteText(bytes), usesCjdns);
    if (parsed === null || !parsed.ok) {
      await this.#putAside(BAN_LIST_FILE_NAME);
      const what = parsed?.error.message ?? 'the file is too long';
      this.#log.warn(`${BAN_LIST_FILE_NAME} is put aside: ${what}. No bans are in force`);
      return this.#createBans(rng);
    }
    for (const line of parsed.value.dropped) this.#log.warn(line);
    const list = new BanList(rng, parsed.value.bans);
    list.sweep(nowSec);
    return list;
  }

  /** Writes the bans if they have changed. */
  async saveBans(list: BanList, nowSec: number): Promise<void> {
    list.sweep(nowSec);
    if (!list.isDirty) return;
    const text = formatBanList(list.list(nowSec));
    list.markSaved();
    try {
      await this.#write(BAN_LIST_FILE_NAME, encodeUtf8(text));
    } catch (error) {
      list.markChanged();
      throw error;
    }
  }

  /** Null: the file is longer than any that we write. */
  async #read(name: string, bytesMax: number): Promise<Uint8Array | null> {
    const file = await this.#folder.open(name, 'read');
    try {
      const size = await file.size();
      return size > bytesMax ? null : await file.read(0, size);
    } finally {
      await file.close();
    }
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(() => writeFileAtomic(this.#folder, name, bytes));
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  /** Keeps a file that cannot be used under another name (Core's .bak). */
  async #putAside(name: string): Promise<void> {
    await this.#folder.rename(name, `${name}.bak`);
    await this.#folder.sync();
  }

  #path(name: string): string {
    return `${this.#folder.path}/${name}`;
  }
}
