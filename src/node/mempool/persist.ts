// The file of the mempool, mempool.dat, as Core writes it (node/mempool_persist.cpp): every transaction with its time and what was
// added to its fee, then additions to fees of others, then the transactions that no peer has asked for yet. Version 2 lies under an
// 8-byte key that stands in front, so that no virus scanner finds in it what somebody put into a transaction; version 1 does not.
// This file names the parts and writes; persist-decode.ts reads. Neither opens a file or waits.

import { OBFUSCATION_KEY_BYTES, Obfuscation } from '../../kernel/chain/obfuscation.ts';
import { compactSizeLength, writeCompactSizeAt } from '../../kernel/encoding/compact-size.ts';
import { writeI64 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { copyRange } from '../../kernel/util/bytes.ts';
import type { MempoolEntry } from './entry.ts';
import type { FeeDelta, PrioritisedTransaction } from './prioritise.ts';

/** Version of a file without a key (Core MEMPOOL_DUMP_VERSION_NO_XOR_KEY). */
export const PERSIST_VERSION_PLAIN = 1;

/** Version of a file under a key (Core MEMPOOL_DUMP_VERSION). */
export const PERSIST_VERSION_KEYED = 2;

/** Bytes of the version, and of every other number of fixed size. */
export const NUMBER_BYTES = 8;

/** Bytes of an addition to a fee: txid and amount. */
export const DELTA_ITEM_BYTES: number = HASH_BYTES + NUMBER_BYTES;

/** A piece is handed out when it has so many bytes, and has one item more at most: as much as is written between two pauses. */
const PIECE_BYTES = 1 << 18;

/** What of an entry is written. */
export type PersistedEntry = Pick<MempoolEntry, 'transaction' | 'timeSec' | 'feeSat' | 'modifiedFeeSat'>;

/** What is written: a snapshot of a pool. Entries are not copied, so it costs little. */
export interface MempoolSnapshot {
  /** Parents before children. */
  readonly entries: readonly PersistedEntry[];
  /** Additions to the fees of transactions that are not among the entries, by rising txid. */
  readonly deltas: readonly FeeDelta[];
  /** By rising txid. */
  readonly unbroadcast: readonly Txid[];
}

/** What a snapshot is taken of: {@link Mempool}. */
export interface SnapshotSource {
  sorted(): readonly MempoolEntry[];
  prioritised(): readonly PrioritisedTransaction[];
  unbroadcast(): readonly Txid[];
}

/** What there is to write of a pool now. */
export function takeSnapshot(pool: SnapshotSource): MempoolSnapshot {
  const deltas = pool.prioritised().filter(({ entry }) => entry === null);
  return { entries: pool.sorted(), deltas, unbroadcast: pool.unbroadcast() };
}

/**
 * The bytes of the file, in pieces of a quarter of a megabyte or a little more. `key`: 8 bytes for version 2, null for version 1.
 * The caller writes a piece, lets others run, and asks for the next.
 */
export function* encodeMempoolFile(
  snapshot: MempoolSnapshot,
  key: Uint8Array | null,
): Generator<Uint8Array, void, undefined> {
  const writer = new PieceWriter(key);
  writer.number(snapshot.entries.length);
  for (const entry of snapshot.entries) {
    writer.bytes(entry.transaction.bytes, entry.transaction.start, entry.transaction.totalSize);
    writer.number(entry.timeSec);
    writer.number(entry.modifiedFeeSat - entry.feeSat);
    if (writer.isFull) yield writer.take();
  }
  writer.compactSize(snapshot.deltas.length);
  for (const { txid, deltaSat } of snapshot.deltas) {
    writer.bytes(txid, 0, HASH_BYTES);
    writer.number(deltaSat);
    if (writer.isFull) yield writer.take();
  }
  writer.compactSize(snapshot.unbroadcast.length);
  for (const txid of snapshot.unbroadcast) {
    writer.bytes(txid, 0, HASH_BYTES);
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}

/** Collects a piece and puts it under the key when it is taken. */
class PieceWriter {
  readonly #obfuscation: Obfuscation;
  #piece: Uint8Array = new Uint8Array(PIECE_BYTES + (PIECE_BYTES >>> 2));
  #length = 0;
  /** Bytes of the pieces that were taken. */
  #position = 0;
  /** Bytes at the beginning of the file that the key does not lie over. */
  readonly #headBytes: number;

  constructor(key: Uint8Array | null) {
    this.#obfuscation = new Obfuscation(key ?? new Uint8Array(OBFUSCATION_KEY_BYTES));
    this.number(key === null ? PERSIST_VERSION_PLAIN : PERSIST_VERSION_KEYED);
    if (key !== null) {
      this.compactSize(key.length);
      this.bytes(key, 0, key.length);
    }
    this.#headBytes = this.#length;
  }

  get isFull(): boolean {
    return this.#length >= PIECE_BYTES;
  }

  /** A 64-bit integer. */
  number(value: number): void {
    writeI64(this.#piece, this.#claim(NUMBER_BYTES), value);
  }

  compactSize(value: number): void {
    const at = this.#claim(compactSizeLength(value));
    writeCompactSizeAt(this.#piece, at, value);
  }

  bytes(bytes: Uint8Array, start: number, length: number): void {
    const at = this.#claim(length);
    copyRange(bytes, start, this.#piece, at, length);
  }

  /** The piece, which is the caller's from now on. */
  take(): Uint8Array {
    const taken = this.#piece.slice(0, this.#length);
    const plain = Math.max(0, Math.min(this.#headBytes - this.#position, taken.length));
    this.#obfuscation.apply(taken.subarray(plain), this.#position + plain);
    this.#position += taken.length;
    this.#length = 0;
    return taken;
  }

  #claim(length: number): number {
    const at = this.#length;
    if (at + length > this.#piece.length) {
      const grown = new Uint8Array(Math.max(at + length, 2 * this.#piece.length));
      grown.set(this.#piece.subarray(0, at));
      this.#piece = grown;
    }
    this.#length = at + length;
    return at;
  }
}
