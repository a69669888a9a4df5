// A key-value store on a simulated disk, so that every write of a node, wherever it goes, is under the same power cuts and faults.
// As simple as may be: all entries in memory, and every batch a record with a checksum at the end of one file. What a real store
// promises, and no more: after a power cut the batches up to the last durable one are there, and perhaps some that follow,
// without a gap.

import { MemoryKv } from '../kernel/chain/memory-kv.ts';
import type { Folder, KvBatch, KvStore } from '../kernel/chain/ports.ts';
import { sha256 } from '../kernel/crypto/sha256.ts';
import { readU32, writeU32 } from '../kernel/encoding/numbers.ts';
import { equalRange } from '../kernel/util/bytes.ts';

const LOG_NAME = 'records.log';

/** A record begins with the length of its body and the first bytes of the body's SHA-256. */
const CHECKSUM_BYTES = 8;
const HEAD_BYTES: number = 4 + CHECKSUM_BYTES;

/** A key-value store in a folder of its own. */
export class SimKv implements KvStore {
  readonly #folder: Folder;
  readonly #entries: MemoryKv = new MemoryKv();
  #length = 0;

  private constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Opens the store of a folder with what a crash has left of it. */
  static async open(folder: Folder): Promise<SimKv> {
    const store = new SimKv(folder);
    const file = await folder.open(LOG_NAME, 'create');
    try {
      const log = await file.read(0, await file.size());
      await store.#replay(log);
      await file.truncate(store.#length);
      await file.sync();
    } finally {
      await file.close();
    }
    await folder.sync();
    return store;
  }

  async #replay(log: Uint8Array): Promise<void> {
    for (let body = readRecord(log, 0); body !== null; body = readRecord(log, this.#length)) {
      await this.#entries.write(decodeBatch(body), false);
      this.#length += HEAD_BYTES + body.length;
    }
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#entries.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#entries.getMany(keys);
  }

  async write(batch: KvBatch, durable: boolean): Promise<void> {
    const record = encodeRecord(batch);
    const file = await this.#folder.open(LOG_NAME, 'write');
    try {
      await file.write(this.#length, record);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    this.#length += record.length;
    await this.#entries.write(batch, durable);
  }

  entries(prefix: Uint8Array): AsyncIterable<readonly (readonly [key: Uint8Array, value: Uint8Array])[]> {
    return this.#entries.entries(prefix);
  }

  /** What is read is what the journal said, and that was checked when it was opened. */
  async verify(): Promise<void> {}

  async close(): Promise<void> {}
}

/** The body of the record at `at`, or null when there is no whole one. */
function readRecord(log: Uint8Array, at: number): Uint8Array | null {
  const bodyAt = at + HEAD_BYTES;
  if (bodyAt > log.length) return null;
  const end = bodyAt + readU32(log, at);
  if (end > log.length) return null;
  const body = log.subarray(bodyAt, end);
  return equalRange(sha256(body), 0, log, at + 4, CHECKSUM_BYTES) ? body : null;
}

/** Head, count of deletes, then deletes and puts, each with its length before it. */
function encodeRecord({ puts, deletes }: KvBatch): Uint8Array {
  const items = [...deletes, ...puts];
  const record = new Uint8Array(items.reduce((sum, item) => sum + 4 + item.length, HEAD_BYTES + 4));
  const body = record.subarray(HEAD_BYTES);
  writeU32(body, 0, deletes.length);
  let at = 4;
  for (const item of items) {
    writeU32(body, at, item.length);
    body.set(item, at + 4);
    at += 4 + item.length;
  }
  writeU32(record, 0, body.length);
  record.set(sha256(body).subarray(0, CHECKSUM_BYTES), 4);
  return record;
}

function decodeBatch(body: Uint8Array): KvBatch {
  const items: Uint8Array[] = [];
  for (let at = 4; at < body.length; ) {
    const length = readU32(body, at);
    items.push(body.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const deleteCount = readU32(body, 0);
  return { deletes: items.slice(0, deleteCount), puts: items.slice(deleteCount) };
}
