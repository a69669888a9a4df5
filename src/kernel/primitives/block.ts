// Block: an immutable view over its serialized bytes and a table of offsets (Core CBlock). Scanning finds every transaction,
// input, output and witness in one pass; transactions become objects only when asked for.

import { sha256dGappedInto } from '../crypto/sha256.ts';
import {
  compactSizeLength,
  compactSizeWidth,
  readCompactSizeAt,
  writeCompactSizeAt,
} from '../encoding/compact-size.ts';
import { DecodeError, decodeResult } from '../encoding/decode-error.ts';
import type { Result } from '../util/result.ts';
import { BlockHeader, HEADER_BYTES } from './header.ts';
import { OffsetTable } from './offset-table.ts';
import {
  fittingItems,
  RECORD_BODY_END,
  RECORD_BODY_START,
  RECORD_END,
  RECORD_HEAD_WORDS,
  RECORD_START,
  scanTransaction,
} from './scan.ts';
import { Transaction, WITNESS_SCALE_FACTOR } from './transaction.ts';

/** Fewest bytes of a transaction: version, no inputs, no outputs, locktime. */
const TRANSACTION_BYTES_MIN = 10;

/** Average bytes per offset that real blocks need, rounded down so that the table rarely grows. */
const BYTES_PER_OFFSET = 40;

/** A block inside `bytes`, from offset 0. Treat the bytes as frozen. */
export class Block {
  readonly bytes: Uint8Array;
  readonly header: BlockHeader;
  readonly txCount: number;
  /** Serialized bytes with witnesses. */
  readonly totalSize: number;
  /** Serialized bytes without witnesses. */
  readonly strippedSize: number;
  readonly #words: Uint32Array;
  readonly #records: Uint32Array;
  readonly #transactions: (Transaction | undefined)[] = [];
  #txids: Uint8Array | null = null;
  #wtxids: Uint8Array | null = null;

  /** For scanners: `records[i]` is the record of transaction `i` in `words`, written by scanTransaction. */
  constructor(bytes: Uint8Array, totalSize: number, words: Uint32Array, records: Uint32Array) {
    this.bytes = bytes;
    this.header = new BlockHeader(bytes, 0);
    this.txCount = records.length;
    this.totalSize = totalSize;
    this.#words = words;
    this.#records = records;
    this.strippedSize = computeStrippedSize(words, records);
  }

  /** Weight in weight units (BIP141). */
  get weightWu(): number {
    return this.strippedSize * (WITNESS_SCALE_FACTOR - 1) + this.totalSize;
  }

  /** The transaction at position `i` in the block; the same object each time. */
  transaction(i: number): Transaction {
    const known = this.#transactions[i];
    if (known !== undefined) return known;
    const transaction = new Transaction(this.bytes, this.#words, this.#records[i]!);
    this.#transactions[i] = transaction;
    if (this.#txids !== null) transaction.adoptTxid(this.#txids, 32 * i);
    if (this.#wtxids !== null) transaction.adoptWtxid(this.#wtxids, 32 * i);
    return transaction;
  }

  /** All txids in block order, 32 bytes each, computed once. Treat as frozen. */
  txids(): Uint8Array {
    if (this.#txids === null) {
      const txids = new Uint8Array(32 * this.txCount);
      sha256dGappedInto(this.bytes, this.#strippedOffsets(), txids);
      this.#transactions.forEach((transaction, i) => {
        transaction?.adoptTxid(txids, 32 * i);
      });
      this.#txids = txids;
    }
    return this.#txids;
  }

  /** All wtxids in block order, 32 bytes each, computed once; that of the coinbase is its own. Treat as frozen. */
  wtxids(): Uint8Array {
    if (this.#wtxids === null) {
      const wtxids = new Uint8Array(32 * this.txCount);
      sha256dGappedInto(this.bytes, this.#wholeOffsets(), wtxids);
      this.#transactions.forEach((transaction, i) => {
        transaction?.adoptWtxid(wtxids, 32 * i);
      });
      this.#wtxids = wtxids;
    }
    return this.#wtxids;
  }

  /** For each transaction where it begins and ends, and between them gaps that are none. */
  #wholeOffsets(): Uint32Array {
    const offsets = new Uint32Array(4 * this.txCount);
    for (let i = 0; i < this.txCount; i++) {
      const start = this.#words[this.#records[i]! + RECORD_START]!;
      const end = this.#words[this.#records[i]! + RECORD_END]!;
      offsets[4 * i] = start;
      offsets[4 * i + 1] = start + 4;
      offsets[4 * i + 2] = end - 4;
      offsets[4 * i + 3] = end;
    }
    return offsets;
  }

  /** For each transaction where it begins, where its body does, where that ends, and the end. */
  #strippedOffsets(): Uint32Array {
    const words = this.#words;
    const offsets = new Uint32Array(4 * this.txCount);
    for (let i = 0; i < this.txCount; i++) {
      const record = this.#records[i]!;
      offsets[4 * i] = words[record + RECORD_START]!;
      offsets[4 * i + 1] = words[record + RECORD_BODY_START]!;
      offsets[4 * i + 2] = words[record + RECORD_BODY_END]!;
      offsets[4 * i + 3] = words[record + RECORD_END]!;
    }
    return offsets;
  }

  /** The serialized block, as a view. */
  serialized(): Uint8Array {
    return this.bytes.subarray(0, this.totalSize);
  }
}

function computeStrippedSize(words: Uint32Array, records: Uint32Array): number {
  let size = HEADER_BYTES + compactSizeLength(records.length);
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    size += words[record + RECORD_BODY_END]! - words[record + RECORD_BODY_START]! + 8;
  }
  return size;
}

/**
 * Finds every part of a block in one pass. Throws DecodeError; with `allowTrailing` bytes after the block are left alone, as
 * Core's submitblock does.
 */
export function scanBlock(bytes: Uint8Array, allowTrailing: boolean): Block {
  const end = bytes.length;
  if (end < HEADER_BYTES)
    throw new DecodeError('SpanReader::read(): end of data', 'block header', 0, end, HEADER_BYTES);
  const txCount = readCompactSizeAt(bytes, HEADER_BYTES, end, 'transaction count');
  let position = HEADER_BYTES + compactSizeWidth(bytes[HEADER_BYTES]!);
  const records = new Uint32Array(fittingItems(txCount, TRANSACTION_BYTES_MIN, end - position));
  const table = new OffsetTable(Math.ceil(end / BYTES_PER_OFFSET) + RECORD_HEAD_WORDS + 8);
  for (let i = 0; i < txCount; i++) {
    records[i] = table.length;
    position = scanTransaction(bytes, position, end, table, true);
  }
  if (position !== end && !allowTrailing) {
    throw new DecodeError('trailing bytes', 'block', position, end - position, 0);
  }
  return new Block(bytes, position, table.words, records);
}

/** Decodes one block; keeps a reference to `bytes`, which must not change afterwards. */
export function decodeBlock(
  bytes: Uint8Array,
  options?: { readonly allowTrailing?: boolean },
): Result<Block, DecodeError> {
  return decodeResult(() => scanBlock(bytes, options?.allowTrailing ?? false));
}

/** Serialized bytes of a header and transactions. */
export function encodeBlock(header: BlockHeader, transactions: readonly Transaction[]): Uint8Array {
  let length = HEADER_BYTES + compactSizeLength(transactions.length);
  for (const transaction of transactions) length += transaction.totalSize;
  const bytes = new Uint8Array(length);
  bytes.set(header.serialized(), 0);
  let at = writeCompactSizeAt(bytes, HEADER_BYTES, transactions.length);
  for (const transaction of transactions) {
    bytes.set(transaction.serialized(), at);
    at += transaction.totalSize;
  }
  return bytes;
}

/** A block made of a header and transactions. */
export function buildBlock(header: BlockHeader, transactions: readonly Transaction[]): Block {
  return scanBlock(encodeBlock(header, transactions), false);
}
