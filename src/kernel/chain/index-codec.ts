// The block index in its database (Core CDiskBlockIndex, CBlockFileInfo and kernel::BlockTreeDB): one record for each block, one
// for each pair of block files, and a few marks. Keys are in layout.ts. Chainwork and everything else that follows from the
// headers is not stored but computed when the index is read.
//
// Reading trusts nothing: a record must hash to its key and show its proof of work, its parent must be there at the height
// below. What does not fit is a damaged database and no verdict on any block; it can be built again from the block files.

import type { AssumeUtxo, PowRules } from '../consensus/params.ts';
import { checkProofOfWork } from '../consensus/pow.ts';
import { DecodeError } from '../encoding/decode-error.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { ByteReader } from '../encoding/reader.ts';
import { readVarint, writeVarint } from '../encoding/varint.ts';
import { ByteWriter } from '../encoding/writer.ts';
import { asBlockHash, type BlockHash, formatHash, HASH_BYTES } from '../primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../primitives/header.ts';
import { equalRange } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import { type BlockFileInfo, EMPTY_BLOCK_FILE } from './block-file-info.ts';
import { type BlockEntry, BlockIndex, NO_ENTRY, type RestoredFields } from './block-index.ts';
import { BLOCK_FLAG } from './block-status.ts';
import {
  BLOCK_INDEX_PREFIX,
  blockIndexKey,
  FILE_INFO_PREFIX,
  fileInfoKey,
  flagKey,
  INDEX_STORE_NAME,
  LAST_FILE_KEY,
  REINDEXING_KEY,
} from './layout.ts';
import { type KvStore, StorageError } from './ports.ts';

/** Begins every record, for no reason that is left: the highest version of Core that ever wrote one. */
const RECORD_VERSION = 259_900;

/** Blocks of one batch: a first synchronisation writes a million headers, which must not be held in memory twice at once. */
const BATCH_BLOCKS = 10_000;

/** The record of a block (Core CDiskBlockIndex). */
export function encodeIndexRecord(index: BlockIndex, entry: BlockEntry): Uint8Array {
  const writer = new ByteWriter(128);
  const hasData = index.hasData(entry);
  const hasUndo = index.hasUndo(entry);
  writeVarint(writer, RECORD_VERSION);
  writeVarint(writer, index.height(entry));
  writeVarint(writer, index.status(entry));
  writeVarint(writer, index.txCount(entry));
  if (hasData) writeVarint(writer, index.dataPosition(entry).file);
  else if (hasUndo) writeVarint(writer, index.undoPosition(entry).file);
  if (hasData) writeVarint(writer, index.dataPosition(entry).offset);
  if (hasUndo) writeVarint(writer, index.undoPosition(entry).offset);
  writer.put(index.header(entry).serialized());
  return writer.finish();
}

/** A record as it was read. */
export interface IndexRecord extends RestoredFields {
  readonly height: number;
  readonly header: BlockHeader;
}

/** Reads a record; throws DecodeError. */
export function readIndexRecord(bytes: Uint8Array): IndexRecord {
  const reader = new ByteReader(bytes);
  readVarint(reader, 'record version');
  const height = readVarint(reader, 'height');
  const status = readVarint(reader, 'status');
  const txCount = readVarint(reader, 'transaction count');
  const hasData = (status & BLOCK_FLAG.haveData) !== 0;
  const hasUndo = (status & BLOCK_FLAG.haveUndo) !== 0;
  const file = hasData || hasUndo ? readVarint(reader, 'file') : 0;
  const dataOffset = hasData ? readVarint(reader, 'block offset') : 0;
  const undoOffset = hasUndo ? readVarint(reader, 'undo offset') : 0;
  const header = new BlockHeader(bytes, reader.skip(HEADER_BYTES, 'header'));
  reader.finish('index record');
  return { height, status, txCount, file, dataOffset, undoOffset, header };
}

/** The record of a pair of block files (Core CBlockFileInfo). */
export function encodeFileInfo(info: BlockFileInfo): Uint8Array {
  const writer = new ByteWriter(32);
  writeVarint(writer, info.blockCount);
  writeVarint(writer, info.blockBytes);
  writeVarint(writer, info.undoBytes);
  writeVarint(writer, info.heightFirst);
  writeVarint(writer, info.heightLast);
  writeVarint(writer, info.timeFirstSec);
  writeVarint(writer, info.timeLastSec);
  return writer.finish();
}

/** Reads the record of a pair of block files; throws DecodeError. */
export function readFileInfo(bytes: Uint8Array): BlockFileInfo {
  const reader = new ByteReader(bytes);
  const info = {
    blockCount: readVarint(reader, 'blocks of a file'),
    blockBytes: readVarint(reader, 'bytes of a block file'),
    undoBytes: readVarint(reader, 'bytes of an undo file'),
    heightFirst: readVarint(reader, 'lowest height of a file'),
    heightLast: readVarint(reader, 'highest height of a file'),
    timeFirstSec: readVarint(reader, 'first time of a file'),
    timeLastSec: readVarint(reader, 'last time of a file'),
  };
  reader.finish('file record');
  return info;
}

/** Runs a reader of stored bytes; bytes that cannot be read are a damaged database. */
function readStored<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw corruptIndex('a record cannot be read', error);
    throw error;
  }
}

function corruptIndex(what: string, cause?: unknown): StorageError {
  return new StorageError('corrupt', INDEX_STORE_NAME, `block index: ${what}`, { cause });
}

// --- reading ----------------------------------------------------------------------------------------------------------

/** Numbers of a record while all are gathered: height, status, transactions, file, offsets of block and undo data. */
const STAGED_NUMBERS = 6;
/** Bytes of a record while all are gathered: the header and the hash it is stored under. */
const STAGED_BYTES = HEADER_BYTES + HASH_BYTES;

/**
 * All records, packed, on their way into an index. The database has them in the order of their hashes; the index wants parents
 * first, so they are gathered, then sorted by height.
 */
class StagedRecords {
  count = 0;
  #bytes: Uint8Array = new Uint8Array(1024 * STAGED_BYTES);
  #numbers: Float64Array = new Float64Array(1024 * STAGED_NUMBERS);

  add(record: IndexRecord, key: Uint8Array): void {
    const i = this.count++;
    if ((i + 1) * STAGED_BYTES > this.#bytes.length) this.#grow();
    this.#bytes.set(record.header.serialized(), i * STAGED_BYTES);
    this.#bytes.set(key.subarray(1), i * STAGED_BYTES + HEADER_BYTES);
    const { height, status, txCount, file, dataOffset, undoOffset } = record;
    this.#numbers.set([height, status, txCount, file, dataOffset, undoOffset], i * STAGED_NUMBERS);
  }

  height(i: number): number {
    return this.#numbers[i * STAGED_NUMBERS]!;
  }

  /** The record, over the staged bytes. */
  record(i: number): IndexRecord {
    const at = i * STAGED_NUMBERS;
    const numbers = this.#numbers;
    return {
      height: numbers[at]!,
      status: numbers[at + 1]!,
      txCount: numbers[at + 2]!,
      file: numbers[at + 3]!,
      dataOffset: numbers[at + 4]!,
      undoOffset: numbers[at + 5]!,
      header: new BlockHeader(this.#bytes, i * STAGED_BYTES),
    };
  }

  /** True when the record was stored under the hash of its header. */
  hasOwnKey(i: number, blockHash: BlockHash): boolean {
    return equalRange(this.#bytes, i * STAGED_BYTES + HEADER_BYTES, blockHash, 0, HASH_BYTES);
  }

  /** Positions of the records by height; those of equal height stay in order. */
  sortByHeight(): Int32Array {
    if (this.count === 0) return new Int32Array(0);
    let heightMax = 0;
    for (let i = 0; i < this.count; i++) heightMax = Math.max(heightMax, this.height(i));
    // Heights without a gap are below the count; a record far above is damaged and has no parent.
    if (heightMax >= this.count) throw corruptIndex(`a block of height ${heightMax} among ${this.count} blocks`);
    const starts = new Int32Array(heightMax + 2);
    for (let i = 0; i < this.count; i++) starts[this.height(i) + 1]!++;
    for (let height = 0; height <= heightMax; height++) starts[height + 1]! += starts[height]!;
    const sorted = new Int32Array(this.count);
    for (let i = 0; i < this.count; i++) {
      const height = this.height(i);
      sorted[starts[height]!] = i;
      starts[height]!++;
    }
    return sorted;
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    const numbers = new Float64Array(2 * this.#numbers.length);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}

/**
 * Reads the whole index; empty where nothing was written yet. With a `snapshot`, blocks on top of its block are linked although some
 * before it may never have been seen.
 */
export async function readBlockIndex(
  store: KvStore,
  pow: PowRules,
  rng: Rng,
  snapshot: AssumeUtxo | null = null,
): Promise<BlockIndex> {
  const staged = new StagedRecords();
  for await (const entries of store.entries(BLOCK_INDEX_PREFIX)) {
    for (const [key, value] of entries) {
      if (key.length !== 1 + HASH_BYTES) throw corruptIndex('a key of a wrong length');
      staged.add(
        readStored(() => readIndexRecord(value)),
        key,
      );
    }
  }
  const index = new BlockIndex(rng, staged.count);
  for (const i of staged.sortByHeight()) {
    const entry = restoreRecord(index, staged, i, pow);
    if (snapshot !== null && index.hasHash(entry, snapshot.blockHash)) index.linkAs(entry, snapshot.chainTxCount);
  }
  index.recalculateBestHeader(NO_ENTRY);
  return index;
}

function restoreRecord(index: BlockIndex, staged: StagedRecords, i: number, pow: PowRules): BlockEntry {
  const record = staged.record(i);
  const { header, height } = record;
  const { blockHash } = header;
  if (!staged.hasOwnKey(i, blockHash) || !checkProofOfWork(blockHash, 0, header.bits, pow)) {
    throw corruptIndex(`the header at height ${height} is not what was written`);
  }
  const parent = height === 0 ? NO_ENTRY : index.find(header.previousBlockHash);
  const isPlaced = height === 0 ? index.count === 0 : parent !== NO_ENTRY && index.height(parent) === height - 1;
  if (!isPlaced) throw corruptIndex(`block ${formatHash(blockHash)} at height ${height} has no parent`);
  return index.restore(header, parent, record);
}

/** Reads the records of all pairs of block files, by number. */
export async function readFileInfos(store: KvStore): Promise<readonly BlockFileInfo[]> {
  const infos: BlockFileInfo[] = [];
  const last = await store.get(LAST_FILE_KEY);
  const lastNumber = last === undefined || last.length !== 4 ? -1 : readU32(last, 0);
  for await (const entries of store.entries(FILE_INFO_PREFIX)) {
    for (const [key, value] of entries) {
      if (key.length !== 5) throw corruptIndex('a key of a wrong length');
      const number = readU32(key, 1);
      if (number > MAX_FILE_NUMBER) throw corruptIndex(`a record of file ${number}`);
      while (infos.length <= Math.max(number, lastNumber)) infos.push(EMPTY_BLOCK_FILE);
      infos[number] = readStored(() => readFileInfo(value));
    }
  }
  return infos;
}

/** More files than names have digits for, many times over; a larger number is a damaged key. */
const MAX_FILE_NUMBER = 10_000_000;

/** True while a reindex is under way. */
export async function isReindexing(store: KvStore): Promise<boolean> {
  return (await store.get(REINDEXING_KEY)) !== undefined;
}

/** Notes that a reindex is under way, or not any more. */
export async function writeReindexing(store: KvStore, isUnderWay: boolean): Promise<void> {
  const batch = isUnderWay
    ? { puts: [REINDEXING_KEY, Uint8Array.of(FLAG_SET)], deletes: [] }
    : { puts: [], deletes: [REINDEXING_KEY] };
  await store.write(batch, true);
}

const FLAG_SET = 0x31;
const FLAG_UNSET = 0x30;

/** The value of a flag; false where it was never written. */
export async function readFlag(store: KvStore, name: string): Promise<boolean> {
  return (await store.get(flagKey(name)))?.[0] === FLAG_SET;
}

/** Writes a flag. */
export async function writeFlag(store: KvStore, name: string, value: boolean): Promise<void> {
  await store.write({ puts: [flagKey(name), Uint8Array.of(value ? FLAG_SET : FLAG_UNSET)], deletes: [] }, true);
}

// --- writing ----------------------------------------------------------------------------------------------------------

/** What is to be written of an index. */
export interface IndexChanges {
  readonly index: BlockIndex;
  readonly entries: readonly BlockEntry[];
  /** Records of block files by number, as far as they changed. */
  readonly files: ReadonlyMap<number, BlockFileInfo>;
  /** Number of the last block file; -1: there is none. */
  readonly lastFile: number;
}

/**
 * Writes changes of the index so that they have survived a power cut when the promise resolves. Files go first, then blocks with
 * parents before children: whatever prefix of the batches survives, every place lies within its file and every parent is there.
 */
export async function writeIndexChanges(store: KvStore, changes: IndexChanges): Promise<void> {
  const { index, files, lastFile } = changes;
  const entries = [...changes.entries].sort((a, b) => a - b);
  let puts: Uint8Array[] = [];
  for (const [number, info] of files) puts.push(fileInfoKey(number), encodeFileInfo(info));
  if (lastFile >= 0) {
    const value = new Uint8Array(4);
    writeU32(value, 0, lastFile);
    puts.push(LAST_FILE_KEY, value);
  }
  let count = 0;
  for (const entry of entries) {
    puts.push(blockIndexKey(asBlockHash(index.blockHash(entry))), encodeIndexRecord(index, entry));
    count++;
    if (count % BATCH_BLOCKS === 0 && count < entries.length) {
      await store.write({ puts, deletes: [] }, false);
      puts = [];
    }
  }
  await store.write({ puts, deletes: [] }, true);
}
