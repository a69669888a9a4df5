// The stored side of a wallet: its records by kind and name, over the log that keeps them (record-log.ts).

import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { WalletFolder } from '../ports.ts';
import { type OpenFault, RecordLog } from './record-log.ts';
import { decodeRecord, recordKey, toRecordChanges } from './record-shapes.ts';
import type { RecordKind, RecordOf, StoreChanges, StoredRecord } from './records.ts';
import type { WalletIdentity } from './wallet-file.ts';

/** The records of an open wallet. Whoever has one has the lock of the wallet. */
export class WalletStore {
  readonly #log: RecordLog;

  private constructor(log: RecordLog) {
    this.#log = log;
  }

  /** Makes the file of a new wallet with its first records; throws when there is a file already (K13). */
  static async create(
    folder: WalletFolder,
    identity: WalletIdentity,
    records: readonly StoredRecord[],
  ): Promise<WalletStore> {
    const changes = toRecordChanges({ puts: records, deletes: [] });
    return new WalletStore(await RecordLog.create(folder, identity, changes));
  }

  /** Opens the file of a wallet; `genesisHash` is the ledger that it must be for, null for any. */
  static async open(folder: WalletFolder, genesisHash: BlockHash | null): Promise<Result<WalletStore, OpenFault>> {
    const log = await RecordLog.open(folder, genesisHash);
    if (!log.ok) return log;
    for (const [key, text] of log.value.entries()) {
      if (decodeRecord(key, text) === null) return err({ kind: 'bad-record', key, path: log.value.path });
    }
    return ok(new WalletStore(log.value));
  }

  get identity(): WalletIdentity {
    return this.#log.identity;
  }

  /** True from opening to the first commit when the file ended in a write that nobody was told of. It is cut off then. */
  get isTorn(): boolean {
    return this.#log.isTorn;
  }

  /** The file, as the host names it. */
  get path(): string {
    return this.#log.path;
  }

  /** Length of the file. */
  get fileBytes(): number {
    return this.#log.fileBytes;
  }

  /** A record; null when there is none. */
  get<K extends RecordKind>(kind: K, id: string): RecordOf<K> | null {
    const key = recordKey({ kind, id });
    const text = this.#log.get(key);
    return text === null ? null : (decodeChecked(key, text) as RecordOf<K>);
  }

  /** All records of a kind, in the order in which they were first put. */
  all<K extends RecordKind>(kind: K): readonly RecordOf<K>[] {
    const found: RecordOf<K>[] = [];
    for (const [key, text] of this.#log.entries()) {
      if (key.startsWith(`${kind}/`)) found.push(decodeChecked(key, text) as RecordOf<K>);
    }
    return found;
  }

  /** Makes changes, all or none; they are durable when the promise resolves. When it fails, nothing has changed. */
  commit(changes: StoreChanges): Promise<void> {
    return this.#log.commit(toRecordChanges(changes));
  }

  /**
   * Makes changes after which nothing of what they replace may be found in any file: encryption, another passphrase. False when the
   * old file could not be overwritten.
   */
  rewrite(changes: StoreChanges): Promise<boolean> {
    return this.#log.rewrite(toRecordChanges(changes));
  }

  /** The file as it would be now without garbage: a backup. */
  exportFile(): Promise<Uint8Array> {
    return this.#log.exportFile();
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    return this.#log.close();
  }
}

function decodeChecked(key: string, text: string): StoredRecord {
  const record = decodeRecord(key, text);
  assert(record !== null, 'wallet store: records were checked when they came in');
  return record;
}
