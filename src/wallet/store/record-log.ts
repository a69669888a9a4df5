// The records of one wallet, in memory and in its file (wallet-file.ts). A commit is one frame at the end of the file: it is there as a
// whole or not at all, and memory changes only when it is durable. Changes are made one after another.
//
// - Opening writes nothing. The torn end of a write that nobody was told of is cut off at the first commit, and kept in a file beside
//   it: it may as well be the last confirmed frame with a fault of the disk, and somebody may want to look.
// - A commit that fails (disk full) leaves memory as before; what it has left in the file is cut off before the next one. After a
//   failed rewriting nobody knows which file is there, so it is looked at.
// - `rewrite` makes a new file with the changes in it and overwrites the old one with zeros: for changes after which nothing of before
//   may be found, such as encryption (K02). When more than half of a large file is garbage, that happens by itself.

import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { WalletFolder } from '../ports.ts';
import { type RecordChange, recordBytes } from './record-change.ts';
import {
  applyChanges,
  decodeHeader,
  decodeWalletFile,
  encodeFrame,
  encodeWalletFile,
  type WalletContents,
  type WalletFileFault,
  type WalletHeader,
  type WalletIdentity,
} from './wallet-file.ts';

/** Name of the file in the folder of a wallet. */
export const WALLET_FILE = 'wallet.dat';

/** How names of files begin that keep what was cut off; the offset follows. */
export const TORN_PREFIX = 'wallet.dat.torn-';

/** Files below this length are not made smaller by themselves. */
const COMPACTION_BYTES_MIN = 1_000_000;

/** Why a wallet cannot be opened: what is wrong with which file. */
export type OpenFault = (
  | WalletFileFault
  | { readonly kind: 'missing' }
  | { readonly kind: 'bad-record'; readonly key: string }
) & { readonly path: string };

/** The file of an open wallet is not the one that was opened: nothing is stored any more. */
export class WalletFileChangedError extends Error {
  override readonly name = 'WalletFileChangedError';
  readonly path: string;

  constructor(path: string) {
    super(`${path} was changed by somebody else: make a backup of the wallet, then load it again`);
    this.path = path;
  }
}

/** The records of a wallet that is open. Whoever has one has the lock of the wallet. */
export class RecordLog {
  readonly #folder: WalletFolder;
  readonly #records: Map<string, string>;
  #header: WalletHeader;
  /** Number of the next frame. */
  #sequence: number;
  /** Length of what is confirmed; the file may be longer. */
  #fileBytes: number;
  /** Bytes that records take as lines: what a new file would hold. */
  #liveBytes = 0;
  /** What lies behind the confirmed part of the file: nothing, what a failed commit left, what was there at opening, or who knows. */
  #tail: 'none' | 'failed' | 'torn' | 'unknown';
  /** No rewriting by itself below this length: after a failure it waits for the file to grow. */
  #compactAtBytes: number = COMPACTION_BYTES_MIN;
  #compactionError: unknown = null;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: WalletFolder, contents: WalletContents, tail: 'none' | 'torn') {
    this.#folder = folder;
    this.#records = contents.records;
    this.#header = contents.header;
    this.#sequence = contents.frameCount;
    this.#fileBytes = contents.end;
    this.#tail = tail;
    for (const [key, text] of contents.records) this.#liveBytes += recordBytes({ key, text });
  }

  /** Makes the file of a new wallet; throws when there is one already (K13). */
  static async create(
    folder: WalletFolder,
    identity: WalletIdentity,
    changes: readonly RecordChange[],
  ): Promise<RecordLog> {
    await folder.sweep();
    const records = new Map<string, string>();
    applyChanges(records, changes);
    const { bytes, header } = encodeWalletFile(identity, 0, records);
    await folder.create(WALLET_FILE, bytes);
    const frameCount = header.baseFrameCount;
    return new RecordLog(folder, { header, records, frameCount, end: bytes.length }, 'none');
  }

  /** Opens the file of a wallet of this ledger; null: of any. */
  static async open(folder: WalletFolder, genesisHash: BlockHash | null): Promise<Result<RecordLog, OpenFault>> {
    const path = walletPath(folder);
    await folder.sweep();
    const bytes = await folder.read(WALLET_FILE);
    if (bytes === null) return err({ kind: 'missing', path });
    const contents = decodeWalletFile(bytes, genesisHash);
    if (!contents.ok) return err({ ...contents.error, path });
    return ok(new RecordLog(folder, contents.value, contents.value.end < bytes.length ? 'torn' : 'none'));
  }

  get identity(): WalletIdentity {
    return this.#header;
  }

  /** The file, as the host names it. */
  get path(): string {
    return walletPath(this.#folder);
  }

  /** Length of the file. */
  get fileBytes(): number {
    return this.#fileBytes;
  }

  /** True from opening to the first commit when the file ends in a write that nobody was told of. */
  get isTorn(): boolean {
    return this.#tail === 'torn';
  }

  /** Why the file could not be made smaller lately; null when it could. Nothing is lost by that but room. */
  get compactionError(): unknown {
    return this.#compactionError;
  }

  /** The value of a record, as JSON; null when there is none. */
  get(key: string): string | null {
    return this.#records.get(key) ?? null;
  }

  /** All records, in the order in which they were first put. */
  entries(): Iterable<readonly [key: string, text: string]> {
    return this.#records;
  }

  /** Makes changes, all or none; they are durable when the promise resolves. */
  commit(changes: readonly RecordChange[]): Promise<void> {
    return this.#enqueue(async () => {
      if (changes.length === 0) return;
      await this.#append(changes);
      if (this.#fileBytes > this.#compactAtBytes && this.#fileBytes > 2 * this.#liveBytes) await this.#compact();
    });
  }

  /**
   * Makes changes by writing the file anew; the old one is overwritten with zeros, and so is what was once cut off from it. False when
   * only the overwriting has failed.
   */
  rewrite(changes: readonly RecordChange[]): Promise<boolean> {
    return this.#enqueue(async () => {
      const isWiped = await this.#rewrite(changes);
      return (await this.#wipeTorn()) && isWiped;
    });
  }

  /** The file as it would be now without garbage: a backup. */
  exportFile(): Promise<Uint8Array> {
    return this.#enqueue(async () => encodeWalletFile(this.#header, this.#header.generation, this.#records).bytes);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#enqueue(async () => {});
  }

  /** Runs one thing after another; one that fails does not stop those behind it. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => {});
    return run;
  }

  async #append(changes: readonly RecordChange[]): Promise<void> {
    if (this.#tail !== 'none') await this.#cutTail();
    if (this.#tail === 'unknown') {
      await this.#rewrite(changes);
      return;
    }
    const frame = encodeFrame(this.#header, this.#sequence, changes);
    this.#tail = 'failed';
    await this.#folder.append(WALLET_FILE, this.#fileBytes, frame);
    this.#tail = 'none';
    this.#sequence++;
    this.#fileBytes += frame.length;
    this.#apply(changes);
  }

  /** Makes the file end where the confirmed part ends. It stays as it is when a failed rewriting took place after all. */
  async #cutTail(): Promise<void> {
    const bytes = await this.#folder.read(WALLET_FILE);
    const found = bytes === null ? null : decodeHeader(bytes);
    const { walletId, generation } = this.#header;
    if (bytes === null || found?.ok !== true || !equalBytes(found.value.walletId, walletId)) throw this.#strangeFile();
    if (this.#tail === 'unknown' && found.value.generation === generation + 1) return;
    if (found.value.generation !== generation || bytes.length < this.#fileBytes) throw this.#strangeFile();
    if (this.#tail === 'torn') await this.#keepTorn(bytes.subarray(this.#fileBytes));
    await this.#folder.truncate(WALLET_FILE, this.#fileBytes);
    this.#tail = 'none';
  }

  /** Nothing is cut off and nothing is overwritten that is not known to be this wallet's. */
  #strangeFile(): WalletFileChangedError {
    return new WalletFileChangedError(this.path);
  }

  async #keepTorn(bytes: Uint8Array): Promise<void> {
    const name = `${TORN_PREFIX}${this.#fileBytes}`;
    const isThere = (await this.#folder.read(name)) !== null;
    if (isThere) await this.#folder.replace(name, bytes);
    else await this.#folder.create(name, bytes);
  }

  async #rewrite(changes: readonly RecordChange[]): Promise<boolean> {
    const records = new Map(this.#records);
    applyChanges(records, changes);
    const { bytes, header } = encodeWalletFile(this.#header, this.#header.generation + 1, records);
    this.#tail = 'unknown';
    const isWiped = await this.#folder.replace(WALLET_FILE, bytes);
    this.#tail = 'none';
    this.#header = header;
    this.#sequence = header.baseFrameCount;
    this.#fileBytes = bytes.length;
    this.#compactAtBytes = COMPACTION_BYTES_MIN;
    this.#apply(changes);
    return isWiped;
  }

  /** The file is written by then: that something else is left to be wiped is no failure. */
  async #wipeTorn(): Promise<boolean> {
    try {
      for (const name of await this.#folder.list()) {
        if (name.startsWith(TORN_PREFIX)) await this.#folder.wipe(name);
      }
      return true;
    } catch {
      return false;
    }
  }

  async #compact(): Promise<void> {
    try {
      await this.#rewrite([]);
      this.#compactionError = null;
    } catch (error) {
      this.#compactionError = error;
      this.#compactAtBytes = this.#fileBytes + COMPACTION_BYTES_MIN;
    }
  }

  #apply(changes: readonly RecordChange[]): void {
    for (const change of changes) {
      const old = this.#records.get(change.key);
      if (old !== undefined) this.#liveBytes -= recordBytes({ key: change.key, text: old });
      if (change.text !== null) this.#liveBytes += recordBytes(change);
      applyChanges(this.#records, [change]);
    }
  }
}

function walletPath(folder: WalletFolder): string {
  return `${folder.path}/${WALLET_FILE}`;
}
