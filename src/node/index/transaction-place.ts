// Where a transaction lies in the block files, as Core's indexes write it (CDiskTxPos): file, offset of its block, and its offset
// behind the header; and reading it there. A place may be of an earlier life of the files, or of a block that has left the chain: what
// is read is taken only when its block is on the chain, and the caller looks whether it is the transaction that was meant.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { BlockPosition } from '../../kernel/chain/block-store.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { compactSizeLength } from '../../kernel/encoding/compact-size.ts';
import { DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { readVarint, varintLength, writeVarintAt } from '../../kernel/encoding/varint.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { BlockHeader, HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { OffsetTable } from '../../kernel/primitives/offset-table.ts';
import { scanTransaction } from '../../kernel/primitives/scan.ts';
import { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Result } from '../../kernel/util/result.ts';
import type { ChainReader } from './chain-reader.ts';

/** Where a transaction lies. */
export interface TransactionPlace {
  readonly block: BlockPosition;
  /** Offset of its first byte behind the header of its block. */
  readonly offset: number;
}

/** A transaction of the chain. */
export interface IndexedTransaction {
  readonly transaction: Transaction;
  /** The block that holds it. */
  readonly entry: BlockEntry;
}

/** What a first read fetches: most transactions are whole in it. */
const FIRST_READ_BYTES = 4096;

/** Offset of the first transaction of a block behind its header. */
export function firstTransactionOffset(block: Block): number {
  return compactSizeLength(block.txCount);
}

/** The bytes of a place. */
export function encodePlace({ block, offset }: TransactionPlace): Uint8Array {
  const bytes = new Uint8Array(varintLength(block.file) + varintLength(block.offset) + varintLength(offset));
  writeVarintAt(bytes, writeVarintAt(bytes, writeVarintAt(bytes, 0, block.file), block.offset), offset);
  return bytes;
}

/** A place of its bytes. */
export function decodePlace(bytes: Uint8Array): Result<TransactionPlace, DecodeError> {
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    const block = { file: readVarint(reader, 'file'), offset: readVarint(reader, 'offset') };
    const offset = readVarint(reader, 'transaction offset');
    reader.finish('place');
    return { block, offset };
  });
}

/** The transaction at a place; null when none of the chain is there. Throws StorageError when the files cannot be read. */
export async function readTransactionAt(
  reader: ChainReader,
  { block, offset }: TransactionPlace,
): Promise<IndexedTransaction | null> {
  const entry = await findBlockAt(reader, block);
  if (entry === NO_ENTRY) return null;
  for (let length = FIRST_READ_BYTES; ; length *= 2) {
    const bytes = await reader.readPart(block, HEADER_BYTES + offset, length);
    const transaction = scanOne(bytes);
    if (transaction !== null) return { transaction, entry };
    if (bytes.length < length) return null;
  }
}

/** The block of the chain that lies at a position, or NO_ENTRY. */
async function findBlockAt(reader: ChainReader, position: BlockPosition): Promise<BlockEntry> {
  const header = await readHeader(reader, position);
  if (header.length < HEADER_BYTES) return NO_ENTRY;
  const entry = reader.index.find(new BlockHeader(header, 0).blockHash);
  return entry !== NO_ENTRY && isOnBranch(reader, entry) ? entry : NO_ENTRY;
}

/** On the chain, or taken off it with nothing in its place: see indexer.ts. */
function isOnBranch({ index, active }: ChainReader, entry: BlockEntry): boolean {
  return active.contains(entry) || (index.hasUndo(entry) && index.descendsFrom(entry, active.tip));
}

/** Nothing when no block lies there: the files have changed since the place was written. */
async function readHeader(reader: ChainReader, position: BlockPosition): Promise<Uint8Array> {
  try {
    return await reader.readPart(position, 0, HEADER_BYTES);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'corrupt') return new Uint8Array(0);
    throw error;
  }
}

/** The transaction at the beginning of bytes; null when it is cut off, or none. */
function scanOne(bytes: Uint8Array): Transaction | null {
  const table = new OffsetTable(64);
  try {
    scanTransaction(bytes, 0, bytes.length, table, true);
    return new Transaction(bytes, table.words, 0);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
