// Blocks and undo data in flat files of Core's format and names (Core node/blockstorage.cpp, flatfile.cpp), so that its folder can
// be taken over and given back:
//
//   blkNNNNN.dat   magic · size as uint32 · block                       one after another, in the order of arrival
//   revNNNNN.dat   magic · size as uint32 · undo · sha256d(previous block hash · undo)
//   xor.dat        the 8 bytes that every byte of the others is combined with (obfuscation.ts)
//
// A file is left for the next once it would pass 128 MiB; the undo of a block goes to the file of the same number. Where a block
// lies and how far each file is filled is kept by the block index, whose records the store is opened with: what lies beyond a
// recorded length never existed, and is overwritten. Nothing is durable before `sync`.
//
// Reading back trusts nothing: the header must have the expected hash, the transactions the header's merkle root, the undo data
// their checksum, else `corrupt` is thrown, which is no verdict on the block. Witnesses are under no hash of the header; their
// commitment costs another pass over the block, so it is checked when asked for: before a stored block is called invalid, and
// before it is given to others. After a failed write or sync the store writes no more until it is opened anew, because a second
// sync may report success for data that the first one lost. Space is not allocated ahead, and no PoW is checked: no flip of bits
// keeps a hash.

import { checkWitnessCommitment } from '../consensus/witness-commitment.ts';
import { SHA256_BYTES, Sha256Hasher } from '../crypto/sha256.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { type Block, decodeBlock } from '../primitives/block.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../primitives/header.ts';
import { computeMerkleRoot } from '../primitives/merkle.ts';
import { assert } from '../util/assert.ts';
import { EMPTY_BYTES, equalBytes, equalRange, toHex } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import { addBlockToFile, type BlockFileInfo, EMPTY_BLOCK_FILE } from './block-file-info.ts';
import { type BlockFileKind, formatBlockFileName } from './block-file-name.ts';
import { checkDiskSpace } from './disk-space.ts';
import { FilePool } from './file-pool.ts';
import type { Obfuscation } from './obfuscation.ts';
import { type Folder, StorageError } from './ports.ts';
import { openObfuscation } from './xor-key.ts';

/** Largest size of a block file (Core MAX_BLOCKFILE_SIZE): 128 MiB. */
export const BLOCK_FILE_BYTES_MAX: number = 128 * 2 ** 20;

/** Bytes before each block and each undo record: magic and size. */
export const RECORD_HEADER_BYTES = 8;

/** Free space is asked for whenever a file grows into another piece of this size (Core BLOCKFILE_CHUNK_SIZE, UNDOFILE_CHUNK_SIZE). */
const SPACE_CHECK_BYTES: Readonly<Record<BlockFileKind, number>> = { blk: 16 * 2 ** 20, rev: 2 ** 20 };

/** What the first read of a record fetches: most blocks of the first years, and most undo data, are whole in it. */
const FIRST_READ_BYTES = 16 * 1024;

/** Where a block lies. */
export interface BlockPosition {
  /** Number of its file. */
  readonly file: number;
  /** Position of its first byte, after magic and size (Core nDataPos). */
  readonly offset: number;
}

/** How to open a {@link BlockStore}. */
export interface BlockStoreOptions {
  /** The four bytes that begin each record. */
  readonly magic: Uint8Array;
  /** Draws the key of a new folder. */
  readonly rng: Rng;
  /** What the block index knows of each file, by number. */
  readonly fileInfos?: readonly BlockFileInfo[];
  /** False: a new folder gets no key, and one that has a key is refused (option -blocksxor). */
  readonly isObfuscated?: boolean;
  /** Where a block file ends; tests want small ones (option -fastprune). */
  readonly fileBytesMax?: number;
}

/** Writes and reads blocks and undo data. Writes happen one after another, in the order of the calls; reads at any time. */
export class BlockStore {
  readonly #folder: Folder;
  readonly #pool: FilePool;
  readonly #magic: Uint8Array;
  readonly #obfuscation: Obfuscation;
  readonly #fileBytesMax: number;
  readonly #infos: BlockFileInfo[];
  /** Numbers of files whose info changed since it was taken. */
  readonly #changedInfos: Set<number> = new Set();
  /** Names of files written since the last sync. */
  readonly #unsynced: Set<string> = new Set();
  /**
   * Names that this process knows to be durable. None at first: a file that is found may have been made by a process that was killed,
   * and its name may be lost with the next power cut.
   */
  readonly #syncedNames: Set<string> = new Set();
  /** True when a file has grown into another piece of space since somebody set it to false: time to think of pruning. */
  hasGrown = true;
  /**
   * Blocks from this height on get files of their own, which a snapshot's chain prunes by itself (Core BlockfileType); null: all share.
   */
  splitHeight: number | null = null;
  #lastChange: Promise<unknown> = Promise.resolve();
  /** What the first change that failed threw. */
  #failure: unknown = null;

  private constructor(folder: Folder, obfuscation: Obfuscation, options: BlockStoreOptions) {
    this.#folder = folder;
    this.#pool = new FilePool(folder);
    this.#magic = options.magic;
    this.#obfuscation = obfuscation;
    this.#fileBytesMax = options.fileBytesMax ?? BLOCK_FILE_BYTES_MAX;
    this.#infos = [...(options.fileInfos ?? [])];
  }

  /** Opens the store of a folder. */
  static async open(folder: Folder, options: BlockStoreOptions): Promise<BlockStore> {
    assert(options.magic.length === 4, 'a magic of 4 bytes');
    const obfuscation = await openObfuscation(folder, { isWanted: options.isObfuscated ?? true, rng: options.rng });
    return new BlockStore(folder, obfuscation, options);
  }

  /** What is known of each file, by number. */
  get fileInfos(): readonly BlockFileInfo[] {
    return this.#infos;
  }

  /** Bytes of all blocks and undo data (Core CalculateCurrentUsage). */
  get usedBytes(): number {
    return this.#infos.reduce((sum, info) => sum + info.blockBytes + info.undoBytes, 0);
  }

  /** Numbers of the files whose info is other than when this was last asked: what the block index has to write. */
  takeChangedFiles(): number[] {
    const numbers = [...this.#changedInfos].sort((a, b) => a - b);
    this.#changedInfos.clear();
    return numbers;
  }

  /** Appends a block. */
  writeBlock(bytes: Uint8Array, height: number, timeSec: number): Promise<BlockPosition> {
    return this.#enqueue(async () => {
      const recordBytes = RECORD_HEADER_BYTES + bytes.length;
      const lastFile = this.#lastFileFor(height);
      const file = this.#isFull(lastFile, recordBytes) ? this.#infos.length : lastFile;
      if (file !== lastFile) await this.#finishFile(lastFile);
      const start = this.#info(file).blockBytes;
      if (start === 0) await this.#beginUndoFile(file);
      await this.#append('blk', file, start, this.#encodeRecord(bytes, 0, start));
      this.#setInfo(file, addBlockToFile(this.#info(file), { height, timeSec, endOffset: start + recordBytes }));
      return { file, offset: start + RECORD_HEADER_BYTES };
    });
  }

  /** Takes note of a block that was found in a file of this folder (Core UpdateBlockInfo). */
  adoptBlock(position: BlockPosition, byteLength: number, height: number, timeSec: number): void {
    const endOffset = position.offset + byteLength;
    this.#setInfo(position.file, addBlockToFile(this.#info(position.file), { height, timeSec, endOffset }));
  }

  /** Reads a block back; `corrupt` when it is not the one with the expected hash. Its witnesses are not looked at. */
  async readBlock(position: BlockPosition, expectedHash: BlockHash): Promise<Block> {
    const bytes = await this.#readRecord('blk', position.file, position.offset, 0);
    // some old files have further bytes after a block within its size
    const decoded = decodeBlock(bytes, { allowTrailing: true });
    if (!decoded.ok) throw this.#corrupt('blk', position, `no block: ${decoded.error.message}`);
    const block = decoded.value;
    this.#checkHash(block.header, position, expectedHash);
    if (!equalBytes(computeMerkleRoot(block.txids()).root, block.header.merkleRoot)) {
      throw this.#corrupt(
        'blk',
        position,
        `transactions of block ${formatHash(expectedHash)} do not have its merkle root`,
      );
    }
    return block;
  }

  /**
   * The bytes of a stored block as they lie in the file, `corrupt` when they do not begin with the expected header; its transactions
   * are not looked at (Core ReadRawBlock). For whoever hands them on to somebody who looks.
   */
  async readBlockBytes(position: BlockPosition, expectedHash: BlockHash): Promise<Uint8Array> {
    const bytes = await this.#readRecord('blk', position.file, position.offset, 0);
    if (bytes.length < HEADER_BYTES) throw this.#corrupt('blk', position, 'no block: the header is cut short');
    this.#checkHash(new BlockHeader(bytes), position, expectedHash);
    return bytes;
  }

  #checkHash({ blockHash }: BlockHeader, position: BlockPosition, expectedHash: BlockHash): void {
    if (equalBytes(blockHash, expectedHash)) return;
    throw this.#corrupt('blk', position, `block ${formatHash(blockHash)} in place of ${formatHash(expectedHash)}`);
  }

  /** Bytes of a stored block from `start` on, at most `length` and none beyond its end. Nothing is checked but where it ends. */
  async readBlockPart(position: BlockPosition, start: number, length: number): Promise<Uint8Array> {
    const { file, offset } = position;
    const filledBytes = this.#info(file).blockBytes;
    if (offset < RECORD_HEADER_BYTES || offset > filledBytes) throw this.#corrupt('blk', position, 'no block is there');
    const head = await this.#read('blk', file, offset - RECORD_HEADER_BYTES, RECORD_HEADER_BYTES);
    const blockBytes = Math.min(readU32(head, 4), filledBytes - offset);
    if (!equalRange(head, 0, this.#magic, 0, 4)) throw this.#corrupt('blk', position, 'no block is there');
    if (start >= blockBytes) return EMPTY_BYTES;
    return this.#read('blk', file, offset + start, Math.min(length, blockBytes - start));
  }

  /** Throws `corrupt` unless the witnesses of a block that was read are those that its coinbase commits to. */
  checkWitnesses(block: Block, position: BlockPosition): void {
    if (!hasWitness(block) || checkWitnessCommitment(block, true) === null) return;
    const blockHash = formatHash(block.header.blockHash);
    throw this.#corrupt('blk', position, `witnesses of block ${blockHash} are not those that it commits to`);
  }

  /** Appends the undo data of a block that lies in file `file` and has `previousHash` before it; returns their offset there. */
  writeUndo(file: number, undo: Uint8Array, previousHash: BlockHash): Promise<number> {
    return this.#enqueue(async () => {
      const start = this.#info(file).undoBytes;
      const record = this.#encodeRecord(undo, SHA256_BYTES, start, (target, at) => {
        computeUndoChecksumInto(undo, previousHash, target, at);
      });
      await this.#append('rev', file, start, record);
      this.#setInfo(file, { ...this.#info(file), undoBytes: start + record.length });
      return start + RECORD_HEADER_BYTES;
    });
  }

  /** Reads undo data back; `corrupt` when they do not have their checksum. */
  async readUndo(file: number, offset: number, previousHash: BlockHash): Promise<Uint8Array> {
    const record = await this.#readRecord('rev', file, offset, SHA256_BYTES);
    const undo = record.subarray(0, record.length - SHA256_BYTES);
    const checksum = new Uint8Array(SHA256_BYTES);
    computeUndoChecksumInto(undo, previousHash, checksum, 0);
    if (!equalBytes(checksum, record.subarray(undo.length))) {
      throw this.#corrupt('rev', { file, offset }, 'undo data do not have their checksum');
    }
    return undo;
  }

  /** Everything written so far has survived a power cut when the promise resolves. */
  sync(): Promise<void> {
    return this.#enqueue(async () => {
      const names = [...this.#unsynced];
      this.#unsynced.clear();
      for (const name of names) await this.#pool.use(name, 'create', (file) => file.sync());
      if (names.every((name) => this.#syncedNames.has(name))) return;
      await this.#folder.sync();
      for (const name of names) this.#syncedNames.add(name);
    });
  }

  /** Forgets what a file holds; the index is written before the file itself is removed. */
  markPruned(file: number): void {
    this.#setInfo(file, EMPTY_BLOCK_FILE);
  }

  /** Removes pairs of files that hold nothing any more; those that are gone already are no fault. */
  async removeFiles(files: readonly number[]): Promise<void> {
    for (const file of files) {
      assert(this.#info(file).blockBytes === 0, 'a file that holds no block');
      for (const kind of ['blk', 'rev'] as const) {
        const name = formatBlockFileName(kind, file);
        await this.#pool.forget(name);
        this.#unsynced.delete(name);
        this.#syncedNames.delete(name);
        if (await this.#folder.exists(name)) await this.#folder.remove(name);
      }
    }
  }

  /** Closes the files; nothing is synced by it. */
  async close(): Promise<void> {
    await this.#lastChange;
    await this.#pool.close();
  }

  #info(file: number): BlockFileInfo {
    return this.#infos[file] ?? EMPTY_BLOCK_FILE;
  }

  #setInfo(file: number, info: BlockFileInfo): void {
    while (this.#infos.length < file) this.#infos.push(EMPTY_BLOCK_FILE);
    this.#infos[file] = info;
    this.#changedInfos.add(file);
  }

  /** The file where blocks of a height were written last. */
  #lastFileFor(height: number): number {
    const { splitHeight } = this;
    if (splitHeight === null) return Math.max(0, this.#infos.length - 1);
    const isAbove = height >= splitHeight;
    for (let file = this.#infos.length - 1; file >= 0; file--) {
      const { blockCount, heightFirst } = this.#info(file);
      if (blockCount > 0 && heightFirst >= splitHeight === isAbove) return file;
    }
    return this.#infos.length;
  }

  /** A file that holds nothing takes a block of any size. */
  #isFull(file: number, recordBytes: number): boolean {
    const { blockBytes } = this.#info(file);
    return blockBytes > 0 && blockBytes + recordBytes >= this.#fileBytesMax;
  }

  /** Cuts off what a crash may have left behind the last block of a file that will get no more. */
  async #finishFile(file: number): Promise<void> {
    const { blockBytes } = this.#info(file);
    const name = formatBlockFileName('blk', file);
    if (!(await this.#folder.exists(name))) return;
    await this.#pool.use(name, 'create', async (handle) => {
      if ((await handle.size()) > blockBytes) await handle.truncate(blockBytes);
    });
    this.#unsynced.add(name);
  }

  /** Files come in pairs, for whoever looks for both, also before there is anything to undo (as in Core). */
  async #beginUndoFile(file: number): Promise<void> {
    const name = formatBlockFileName('rev', file);
    this.#unsynced.add(name);
    await this.#pool.use(name, 'create', async () => {});
  }

  async #append(kind: BlockFileKind, file: number, start: number, record: Uint8Array): Promise<void> {
    const piece = SPACE_CHECK_BYTES[kind];
    const isNewPiece = Math.ceil((start + record.length) / piece) > Math.ceil(start / piece);
    if (isNewPiece) {
      this.hasGrown = true;
      await checkDiskSpace(this.#folder, Math.max(piece, record.length));
    }
    const name = formatBlockFileName(kind, file);
    this.#unsynced.add(name);
    await this.#pool.use(name, 'create', (handle) => handle.write(start, record));
  }

  /** Magic, size, payload, and a trailer that `writeTrailer` fills, ready to be written at `start`. */
  #encodeRecord(
    payload: Uint8Array,
    trailerBytes: number,
    start: number,
    writeTrailer?: (target: Uint8Array, at: number) => void,
  ): Uint8Array {
    const record = new Uint8Array(RECORD_HEADER_BYTES + payload.length + trailerBytes);
    record.set(this.#magic, 0);
    writeU32(record, 4, payload.length);
    record.set(payload, RECORD_HEADER_BYTES);
    writeTrailer?.(record, RECORD_HEADER_BYTES + payload.length);
    this.#obfuscation.apply(record, start);
    return record;
  }

  /** Payload and trailer of the record whose payload is at `offset`. Only what the index knows to be written is read. */
  async #readRecord(kind: BlockFileKind, file: number, offset: number, trailerBytes: number): Promise<Uint8Array> {
    const info = this.#info(file);
    const filledBytes = kind === 'blk' ? info.blockBytes : info.undoBytes;
    const start = offset - RECORD_HEADER_BYTES;
    const firstBytes = Math.min(FIRST_READ_BYTES, filledBytes - start);
    if (start < 0 || firstBytes < RECORD_HEADER_BYTES) {
      throw this.#corrupt(kind, { file, offset }, `nothing is known to be there: ${filledBytes} bytes are in use`);
    }
    const first = await this.#read(kind, file, start, firstBytes);
    if (!equalRange(first, 0, this.#magic, 0, 4)) {
      const found = toHex(first.subarray(0, 4));
      throw this.#corrupt(kind, { file, offset }, `magic ${found} in place of ${toHex(this.#magic)}`);
    }
    const length = readU32(first, 4) + trailerBytes;
    if (length > filledBytes - offset) {
      throw this.#corrupt(kind, { file, offset }, `${length} bytes, and only ${filledBytes - offset} are in use`);
    }
    if (RECORD_HEADER_BYTES + length <= firstBytes) {
      return first.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length);
    }
    return this.#read(kind, file, offset, length);
  }

  async #read(kind: BlockFileKind, file: number, position: number, length: number): Promise<Uint8Array> {
    const name = formatBlockFileName(kind, file);
    try {
      // A file that somebody took away would go on to be read while it is open, and be missed at the next start.
      if (!(await this.#folder.exists(name)))
        throw this.#corrupt(kind, { file, offset: position }, 'the file is missing');
      const bytes = await this.#pool.use(name, 'read', (handle) => handle.read(position, length));
      this.#obfuscation.apply(bytes, position);
      return bytes;
    } catch (error) {
      if (await this.#folder.exists(name)) throw error;
      throw this.#corrupt(kind, { file, offset: position }, 'the file is missing');
    }
  }

  #corrupt(kind: BlockFileKind, position: BlockPosition, what: string): StorageError {
    const path = `${this.#folder.path}/${formatBlockFileName(kind, position.file)}`;
    return new StorageError('corrupt', path, `${path} is corrupt at ${position.offset}: ${what}`);
  }

  /** One change after another, and none after one that failed. */
  #enqueue<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(async () => {
      if (this.#failure !== null) throw this.#failure;
      try {
        return await change();
      } catch (error) {
        this.#failure = error;
        throw error;
      }
    });
    this.#lastChange = done.catch(() => {});
    return done;
  }
}

function hasWitness(block: Block): boolean {
  for (let i = 0; i < block.txCount; i++) {
    if (block.transaction(i).hasWitness) return true;
  }
  return false;
}

function computeUndoChecksumInto(undo: Uint8Array, previousHash: BlockHash, target: Uint8Array, at: number): void {
  new Sha256Hasher().reset().update(previousHash).update(undo).digestDoubleInto(target, at);
}
