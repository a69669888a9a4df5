// Reads the file of a mempool (persist.ts) as its bytes come: what is whole is handed over item by item, and what comes after the
// first byte that makes no sense is lost, as in Core. Nothing about the file is trusted: no count makes room for anything, and no
// more is kept waiting than the largest transaction that a block can hold. Whether a transaction is valid is not asked here.

import { OBFUSCATION_KEY_BYTES, Obfuscation } from '../../kernel/chain/obfuscation.ts';
import { MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import { compactSizeLength, readCompactSizeAt } from '../../kernel/encoding/compact-size.ts';
import { DecodeError, type DecodeReason } from '../../kernel/encoding/decode-error.ts';
import { readI64, readU32 } from '../../kernel/encoding/numbers.ts';
import { asTxid, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { OffsetTable } from '../../kernel/primitives/offset-table.ts';
import { scanTransaction } from '../../kernel/primitives/scan.ts';
import { Transaction } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import { DELTA_ITEM_BYTES, NUMBER_BYTES, PERSIST_VERSION_KEYED, PERSIST_VERSION_PLAIN } from './persist.ts';

/** An item of the file. */
export type PersistedItem =
  | {
      readonly type: 'entry';
      /** A view of the bytes that were fed; the pool copies what it takes. */
      readonly transaction: Transaction;
      readonly timeSec: number;
      /** What the operator added to its fee. */
      readonly deltaSat: number;
    }
  | { readonly type: 'delta'; readonly txid: Txid; readonly deltaSat: number }
  | { readonly type: 'unbroadcast'; readonly txid: Txid };

/** How reading ended. */
export type PersistVerdict =
  /** Everything was read. */
  | { readonly kind: 'complete' }
  /** The file ends before its contents do. */
  | { readonly kind: 'truncated' }
  /** A version that is not known. */
  | { readonly kind: 'bad-version' }
  /** A key that is not of 8 bytes. */
  | { readonly kind: 'bad-key' }
  /** Bytes that are no transaction, or no count; Core's words for it are in `reason`. */
  | { readonly kind: 'damaged'; readonly reason: DecodeReason };

/** What comes next in the file. */
type Section =
  | 'version'
  | 'key'
  | 'entry-count'
  | 'entries'
  | 'delta-count'
  | 'deltas'
  | 'unbroadcast-count'
  | 'unbroadcast';

/** Offsets of a transaction with two inputs, two outputs and a witness: room to begin with. */
const OFFSETS_EXPECTED = 12;

/** Most bytes that an entry can have: a transaction without witness data weighs four units a byte, one with may be as large as this. */
const ENTRY_BYTES_MAX: number = MAX_BLOCK_WEIGHT + 2 * NUMBER_BYTES;

/** Reads a file in chunks: feed one, take every item that {@link next} has, feed the next; after the last, {@link end} and take the rest. */
export class MempoolFileReader {
  #section: Section = 'version';
  /** What was fed; read up to {@link #at}. */
  #bytes: Uint8Array = EMPTY_BYTES;
  #at = 0;
  /** Place in the file of the first byte of {@link #bytes}. */
  #position = 0;
  /** Nothing is tried before so many bytes wait, so that an item that comes in many chunks is not scanned for each of them. */
  #wanted = 0;
  #hasEnded = false;
  #obfuscation: Obfuscation | null = null;
  /** Items left of the section. */
  #left = 0;
  #entryCount = 0;
  #verdict: PersistVerdict | null = null;

  /** How it ended; null while there may be more. */
  get verdict(): PersistVerdict | null {
    return this.#verdict;
  }

  /** How many entries the file promises; 0 before that is known. Nothing says that they come. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** Takes a copy of the next bytes of the file. */
  feed(chunk: Uint8Array): void {
    if (this.#verdict !== null) return;
    const rest = this.#waiting;
    const bytes = new Uint8Array(rest + chunk.length);
    bytes.set(this.#bytes.subarray(this.#at));
    bytes.set(chunk, rest);
    this.#position += this.#at;
    this.#bytes = bytes;
    this.#at = 0;
    this.#obfuscation?.apply(bytes.subarray(rest), this.#position + rest);
  }

  /** There are no more bytes; once {@link next} has nothing more, there is a verdict. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The next item, or null when more bytes are needed or there is a verdict. */
  next(): PersistedItem | null {
    while (this.#verdict === null && (this.#hasEnded || this.#waiting >= this.#wanted)) {
      try {
        const item = this.#step();
        if (item !== null) return item;
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#failed(error);
      }
    }
    return null;
  }

  /** Bytes that wait to be read. */
  get #waiting(): number {
    return this.#bytes.length - this.#at;
  }

  /** Reads one item, or goes on to the next section and returns null. Throws DecodeError. */
  #step(): PersistedItem | null {
    switch (this.#section) {
      case 'version':
        return this.#readVersion();
      case 'key':
        return this.#readKey();
      case 'entry-count':
        this.#entryCount = this.#readU64();
        return this.#begin('entries', this.#entryCount);
      case 'entries':
        return this.#left > 0 ? this.#readEntry() : this.#begin('delta-count', 0);
      case 'delta-count':
        return this.#begin('deltas', this.#readCompactSize());
      case 'deltas':
        return this.#left > 0 ? this.#readDelta() : this.#begin('unbroadcast-count', 0);
      case 'unbroadcast-count':
        return this.#begin('unbroadcast', this.#readCompactSize());
      case 'unbroadcast':
        return this.#left > 0 ? this.#readUnbroadcast() : this.#conclude({ kind: 'complete' });
    }
  }

  #begin(section: Section, left: number): null {
    this.#section = section;
    this.#left = left;
    return null;
  }

  #conclude(verdict: PersistVerdict): null {
    this.#verdict = verdict;
    this.#bytes = EMPTY_BYTES;
    this.#at = 0;
    return null;
  }

  /** Bytes that end too early may only be late; anything else is the end. */
  #failed(error: DecodeError): void {
    const isShort = error.reason === 'SpanReader::read(): end of data' && this.#waiting < ENTRY_BYTES_MAX;
    if (!isShort) this.#conclude({ kind: 'damaged', reason: error.reason });
    else if (this.#hasEnded) this.#conclude({ kind: 'truncated' });
    else this.#wanted = Math.min(Math.max(2 * this.#waiting, 1), ENTRY_BYTES_MAX);
  }

  /** Place of the next `length` bytes, which are then read. */
  #take(length: number): number {
    const at = this.#at;
    if (this.#waiting < length) {
      throw new DecodeError('SpanReader::read(): end of data', this.#section, at, this.#waiting, length);
    }
    this.#at += length;
    this.#wanted = 0;
    return at;
  }

  /** A number beyond 2^53 is rounded. */
  #readU64(): number {
    const at = this.#take(NUMBER_BYTES);
    return readU32(this.#bytes, at) + 2 ** 32 * readU32(this.#bytes, at + 4);
  }

  #readCompactSize(): number {
    const value = readCompactSizeAt(this.#bytes, this.#at, this.#bytes.length, this.#section);
    this.#take(compactSizeLength(value));
    return value;
  }

  #readVersion(): null {
    const version = this.#readU64();
    if (version === PERSIST_VERSION_PLAIN) return this.#begin('entry-count', 0);
    if (version === PERSIST_VERSION_KEYED) return this.#begin('key', 0);
    return this.#conclude({ kind: 'bad-version' });
  }

  #readKey(): null {
    if (this.#waiting > 0 && this.#bytes[this.#at] !== OBFUSCATION_KEY_BYTES)
      return this.#conclude({ kind: 'bad-key' });
    const keyAt = this.#take(1 + OBFUSCATION_KEY_BYTES) + 1;
    this.#obfuscation = new Obfuscation(this.#bytes.subarray(keyAt, this.#at));
    this.#obfuscation.apply(this.#bytes.subarray(this.#at), this.#position + this.#at);
    return this.#begin('entry-count', 0);
  }

  #readEntry(): PersistedItem {
    const bytes = this.#bytes;
    const start = this.#at;
    const table = new OffsetTable(OFFSETS_EXPECTED);
    const end = scanTransaction(bytes, start, bytes.length, table, true);
    const timeAt = this.#take(end - start + 2 * NUMBER_BYTES) + end - start;
    this.#left--;
    return {
      type: 'entry',
      transaction: new Transaction(bytes, table.words, 0),
      timeSec: readI64(bytes, timeAt),
      deltaSat: readI64(bytes, timeAt + NUMBER_BYTES),
    };
  }

  #readDelta(): PersistedItem {
    const at = this.#take(DELTA_ITEM_BYTES);
    this.#left--;
    const txid = asTxid(this.#bytes.slice(at, at + HASH_BYTES));
    return { type: 'delta', txid, deltaSat: readI64(this.#bytes, at + HASH_BYTES) };
  }

  #readUnbroadcast(): PersistedItem {
    const at = this.#take(HASH_BYTES);
    this.#left--;
    return { type: 'unbroadcast', txid: asTxid(this.#bytes.slice(at, at + HASH_BYTES)) };
  }
}
