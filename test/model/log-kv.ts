// A key-value store on a simulated disk, so that a whole node runs on one MemoryDisk and can be stopped at every boundary of a
// write of any of its parts (S01, S02). As simple as may be: all entries in memory, and every batch a record with a checksum at
// the end of one file. What a real store promises, and no more: after a power cut the batches up to the last durable one are
// there, and perhaps some that follow, without a gap.

import { MemoryKv } from '../../src/kernel/chain/memory-kv.ts';
import type { Folder, KvBatch, KvStore } from '../../src/kernel/chain/ports.ts';
import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { readU32, writeU32 } from '../../src/kernel/encoding/numbers.ts';
import { concatBytes, equalBytes } from '../../src/kernel/util/bytes.ts';

const LOG = 'log.kv';
const CHECKSUM_BYTES = 8;

/** A key-value store in a folder, for tests. */
export class LogKv implements KvStore {
  readonly #folder: Folder;
  readonly #entries: MemoryKv = new MemoryKv();
  #position = 0;

  private constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Opens the store of a folder and takes what a crash left of it. */
  static async open(folder: Folder): Promise<LogKv> {
    const store = new LogKv(folder);
    const file = await folder.open(LOG, 'create');
    const log = await file.read(0, await file.size());
    for (let at = 0; ; ) {
      const record = readRecord(log, at);
      if (record === null) break;
      await store.#entries.write(decodeBatch(record), false);
      at += 4 + CHECKSUM_BYTES + record.length;
      store.#position = at;
    }
    await file.truncate(store.#position);
    await file.sync();
    await file.close();
    await folder.sync();
    return store;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#entries.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#entries.getMany(keys);
  }

  async write(batch: KvBatch, durable: boolean): Promise<void> {
    const body = encodeBatch(batch);
    const record = concatBytes(u32(body.length), sha256(body).subarray(0, CHECKSUM_BYTES), body);
    const file = await this.#folder.open(LOG, 'write');
    try {
      await file.write(this.#position, record);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    this.#position += record.length;
    await this.#entries.write(batch, durable);
  }

  entries(prefix: Uint8Array): AsyncIterable<readonly (readonly [key: Uint8Array, value: Uint8Array])[]> {
    return this.#entries.entries(prefix);
  }

  /** What is read is what the journal said, and that was checked when it was opened. */
  async verify(): Promise<void> {}

  async close(): Promise<void> {}
}

function readRecord(log: Uint8Array, at: number): Uint8Array | null {
  const bodyAt = at + 4 + CHECKSUM_BYTES;
  if (bodyAt > log.length) return null;
  const end = bodyAt + readU32(log, at);
  if (end > log.length) return null;
  const body = log.subarray(bodyAt, end);
  return equalBytes(sha256(body).subarray(0, CHECKSUM_BYTES), log.subarray(at + 4, bodyAt)) ? body : null;
}

/** The count of deletes, then deletes and puts, each with its length before it. */
function encodeBatch({ puts, deletes }: KvBatch): Uint8Array {
  const items = [...deletes, ...puts];
  const body = new Uint8Array(items.reduce((sum, item) => sum + 4 + item.length, 4));
  writeU32(body, 0, deletes.length);
  let at = 4;
  for (const item of items) {
    writeU32(body, at, item.length);
    body.set(item, at + 4);
    at += 4 + item.length;
  }
  return body;
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

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}
