// Compact blocks and the transactions that were missing from them (BIP152). Mirrors Core's CBlockHeaderAndShortTxIDs,
// BlockTransactionsRequest and BlockTransactions (blockencodings.h). Places in a block travel as differences and are absolute here.

import { DecodeError } from '../../../kernel/encoding/decode-error.ts';
import type { ByteReader } from '../../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../../kernel/encoding/writer.ts';
import { asBlockHash, HASH_BYTES } from '../../../kernel/primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../../../kernel/primitives/header.ts';
import { OffsetTable } from '../../../kernel/primitives/offset-table.ts';
import { RECORD_HEAD_WORDS, scanTransaction } from '../../../kernel/primitives/scan.ts';
import { Transaction } from '../../../kernel/primitives/transaction.ts';
import type { BlockTxnMessage, CmpctBlockMessage, GetBlockTxnMessage, PrefilledTransaction } from '../messages.ts';
import { TransactionList } from '../packed-lists.ts';
import { COMPACT_BLOCK_TX_COUNT_MAX, SHORT_ID_BYTES } from '../protocol.ts';
import type { Codec } from './codec.ts';

/** Largest number of 16 bits: places in a block have no more. */
const INDEX_MAX = 0xffff;

/** Fewest bytes of a transaction: version, no inputs, no outputs, locktime. */
const TRANSACTION_BYTES_MIN = 10;

/** Average bytes per offset that real transactions need. */
const BYTES_PER_OFFSET = 40;

/** A table for the transactions in what is left to read. */
function tableFor(reader: ByteReader): OffsetTable {
  return new OffsetTable(Math.ceil(reader.remaining / BYTES_PER_OFFSET) + RECORD_HEAD_WORDS);
}

/** Scans the transaction at the reader's position, passes over it, and returns its record. */
function readTransaction(reader: ByteReader, table: OffsetTable): number {
  const record = table.length;
  const end = scanTransaction(reader.bytes, reader.position, reader.end, table, true);
  reader.skip(end - reader.position, 'transaction');
  return record;
}

// --- cmpctblock

/** A difference of 16 bits. */
function readIndexDifference(reader: ByteReader): number {
  const at = reader.position;
  const difference = reader.compactSize('prefilled index');
  if (difference > INDEX_MAX) {
    throw new DecodeError('CompactSize exceeds limit of type', 'prefilled index', at, difference, INDEX_MAX);
  }
  return difference;
}

function readPrefilled(reader: ByteReader, count: number): PrefilledTransaction[] {
  const table = tableFor(reader);
  const places: { readonly index: number; readonly record: number }[] = [];
  let next = 0;
  for (let i = 0; i < count; i++) {
    const index = next + readIndexDifference(reader);
    places.push({ index, record: readTransaction(reader, table) });
    next = index + 1;
  }
  // only now: the table may have moved while it grew
  return places.map(({ index, record }) => ({
    index,
    transaction: new Transaction(reader.bytes, table.words, record),
  }));
}

function decodeCmpctBlock(reader: ByteReader): CmpctBlockMessage {
  const header = new BlockHeader(reader.bytes, reader.skip(HEADER_BYTES, 'block header'));
  const nonce = reader.u64('nonce');
  const shortIdCount = reader.count(SHORT_ID_BYTES, 'short id count');
  const shortIds = reader.view(SHORT_ID_BYTES * shortIdCount, 'short ids');
  const countAt = reader.position;
  const prefilledCount = reader.count(1 + TRANSACTION_BYTES_MIN, 'prefilled count');
  const txCount = shortIdCount + prefilledCount;
  // checked before the transactions are read, and not after as in Core, so that they cost nothing
  if (txCount > COMPACT_BLOCK_TX_COUNT_MAX) {
    throw new DecodeError(
      'indexes overflowed 16 bits',
      'transaction count',
      countAt,
      txCount,
      COMPACT_BLOCK_TX_COUNT_MAX,
    );
  }
  return { type: 'cmpctblock', header, nonce, shortIds, prefilled: readPrefilled(reader, prefilledCount) };
}

function encodeCmpctBlock({ header, nonce, shortIds, prefilled }: CmpctBlockMessage): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES + 8 + 9 + shortIds.length + 1024);
  writer.put(header.serialized()).u64(nonce);
  writer.compactSize(shortIds.length / SHORT_ID_BYTES).put(shortIds);
  writer.compactSize(prefilled.length);
  let next = 0;
  for (const { index, transaction } of prefilled) {
    writer.compactSize(index - next).put(transaction.serialized());
    next = index + 1;
  }
  return writer.finish();
}

/** `cmpctblock`. */
export const cmpctblockCodec: Codec<CmpctBlockMessage> = { decode: decodeCmpctBlock, encode: encodeCmpctBlock };

// --- getblocktxn

function decodeGetBlockTxn(reader: ByteReader): GetBlockTxnMessage {
  const blockHash = asBlockHash(reader.view(HASH_BYTES, 'block hash'));
  const count = reader.count(1, 'index count');
  // each is larger than the one before: with more of them than there are numbers the loop ends in an overflow
  const indexes = new Uint16Array(Math.min(count, INDEX_MAX + 1));
  let next = 0;
  for (let i = 0; i < count; i++) {
    const at = reader.position;
    const index = next + reader.compactSize('index');
    if (index > INDEX_MAX) throw new DecodeError('differential value overflow', 'index', at, index, INDEX_MAX);
    indexes[i] = index;
    next = index + 1;
  }
  return { type: 'getblocktxn', blockHash, indexes };
}

function encodeGetBlockTxn({ blockHash, indexes }: GetBlockTxnMessage): Uint8Array {
  const writer = new ByteWriter(HASH_BYTES + 3 + 3 * indexes.length).put(blockHash).compactSize(indexes.length);
  let next = 0;
  for (const index of indexes) {
    writer.compactSize(index - next);
    next = index + 1;
  }
  return writer.finish();
}

/** `getblocktxn`. */
export const getblocktxnCodec: Codec<GetBlockTxnMessage> = { decode: decodeGetBlockTxn, encode: encodeGetBlockTxn };

// --- blocktxn

function decodeBlockTxn(reader: ByteReader): BlockTxnMessage {
  const blockHash = asBlockHash(reader.view(HASH_BYTES, 'block hash'));
  const count = reader.count(TRANSACTION_BYTES_MIN, 'transaction count');
  const records = new Uint32Array(count);
  const table = tableFor(reader);
  for (let i = 0; i < count; i++) records[i] = readTransaction(reader, table);
  return { type: 'blocktxn', blockHash, transactions: TransactionList.scanned(reader.bytes, table.words, records) };
}

function encodeBlockTxn({ blockHash, transactions }: BlockTxnMessage): Uint8Array {
  let length = HASH_BYTES + 9;
  for (let i = 0; i < transactions.count; i++) length += transactions.transaction(i).totalSize;
  const writer = new ByteWriter(length).put(blockHash).compactSize(transactions.count);
  for (let i = 0; i < transactions.count; i++) writer.put(transactions.transaction(i).serialized());
  return writer.finish();
}

/** `blocktxn`. */
export const blocktxnCodec: Codec<BlockTxnMessage> = { decode: decodeBlockTxn, encode: encodeBlockTxn };
