// Blocks and undo data by entry of the index: blocks that just arrived come from memory, others from the files, where the next ones
// are read while earlier ones are still being verified. Whatever comes from a file has proved to be what the header and the
// checksum say; witnesses, which no header covers, are looked at before their block may be called invalid. Bare bytes are for those
// who only pass them on: of these the header alone is looked at.

import type { BlockUndo } from '../consensus/undo.ts';
import type { Block } from '../primitives/block.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { assert } from '../util/assert.ts';
import type { BlockEntry, BlockIndex } from './block-index.ts';
import type { BlockPosition, BlockStore } from './block-store.ts';
import type { CoinCodec } from './coin-codec.ts';
import { INDEX_STORE_NAME } from './layout.ts';
import { StorageError } from './ports.ts';
import { decodeBlockUndo, encodeBlockUndo } from './undo-codec.ts';

/** Bytes of blocks that are kept in memory between their arrival and their connection. */
const RECENT_BYTES_MAX: number = 64 * 1024 * 1024;

/** Reads and writes for the chain what the block store holds. */
export class BlockSource {
  readonly #index: BlockIndex;
  readonly #store: BlockStore;
  readonly #codec: CoinCodec;
  /** Blocks that arrived and passed every check that needs no coins, oldest first. */
  readonly #recent: Map<BlockEntry, Block> = new Map();
  #recentBytes = 0;
  readonly #reads: Map<BlockEntry, Promise<Block>> = new Map();

  constructor(index: BlockIndex, store: BlockStore, codec: CoinCodec) {
    this.#index = index;
    this.#store = store;
    this.#codec = codec;
  }

  /** Keeps a block that was stored a moment ago, if there is room. */
  remember(entry: BlockEntry, block: Block): void {
    this.#recent.set(entry, block);
    this.#recentBytes += block.bytes.length;
    for (const oldest of this.#recent.keys()) {
      if (this.#recentBytes <= RECENT_BYTES_MAX) return;
      this.forget(oldest);
    }
  }

  /** Lets a block go that will not be asked for again soon. */
  forget(entry: BlockEntry): void {
    this.#recentBytes -= this.#recent.get(entry)?.bytes.length ?? 0;
    this.#recent.delete(entry);
    this.#reads.delete(entry);
  }

  /** Begins to read a block that will be asked for. */
  prefetch(entry: BlockEntry): void {
    if (this.#recent.has(entry) || this.#reads.has(entry)) return;
    const read = this.#readFromFile(entry);
    read.catch(() => undefined); // whoever asks for the block gets the error
    this.#reads.set(entry, read);
  }

  /** The block of an entry; one that is not stored any more is a StorageError. */
  async read(entry: BlockEntry): Promise<Block> {
    const recent = this.#recent.get(entry);
    if (recent !== undefined) return recent;
    const started = this.#reads.get(entry);
    this.#reads.delete(entry);
    return started ?? this.#readFromFile(entry);
  }

  /** The bytes of a stored block, see {@link BlockStore.readBlockBytes}; one that is not stored any more is a StorageError. */
  async readBytes(entry: BlockEntry): Promise<Uint8Array> {
    if (!this.#index.hasData(entry)) throw this.#missing(entry, 'the block');
    return this.#store.readBlockBytes(this.#index.dataPosition(entry), this.#index.blockHash(entry));
  }

  /** Forgets reads that were begun and never asked for. */
  dropPrefetched(): void {
    this.#reads.clear();
  }

  /** Throws unless the block is what it was when it arrived, so that a verdict on it is one on the block and not on a disk. */
  assertUnharmed(entry: BlockEntry, block: Block): void {
    if (this.#recent.get(entry) === block) return;
    this.#store.checkWitnesses(block, this.#index.dataPosition(entry));
  }

  async #readFromFile(entry: BlockEntry): Promise<Block> {
    if (!this.#index.hasData(entry)) throw this.#missing(entry, 'the block');
    return this.#store.readBlock(this.#index.dataPosition(entry), this.#index.blockHash(entry));
  }

  /** The undo data of a connected block. */
  async readUndo(entry: BlockEntry): Promise<BlockUndo> {
    if (!this.#index.hasUndo(entry)) throw this.#missing(entry, 'the undo data');
    const position = this.#index.undoPosition(entry);
    const bytes = await this.#store.readUndo(position.file, position.offset, this.#parentHash(entry));
    const decoded = decodeBlockUndo(bytes, this.#codec);
    if (!decoded.ok) throw corruptUndo(position, decoded.error.message);
    const { coins } = decoded.value;
    for (let i = 0; i < coins.count; i++) {
      // Written by software of 2012 for all but the last coin of a transaction; the others would have to be searched for.
      if (coins.height(i) === 0) throw corruptUndo(position, 'a coin without the height of its block');
    }
    return decoded.value;
  }

  /** Stores the undo data of a block and returns their offset. */
  writeUndo(entry: BlockEntry, undo: BlockUndo): Promise<number> {
    const { file } = this.#index.dataPosition(entry);
    return this.#store.writeUndo(file, encodeBlockUndo(undo, this.#codec), this.#parentHash(entry));
  }

  #missing(entry: BlockEntry, what: string): StorageError {
    const where = `${formatHash(this.#index.blockHash(entry))} at height ${this.#index.height(entry)}`;
    return new StorageError(
      'corrupt',
      INDEX_STORE_NAME,
      `block index: ${what} of ${where} should be stored and is not`,
    );
  }

  #parentHash(entry: BlockEntry): BlockHash {
    assert(this.#index.height(entry) > 0, 'the first block has no undo data');
    return this.#index.blockHash(this.#index.parent(entry));
  }
}

function corruptUndo(position: BlockPosition, what: string): StorageError {
  const path = `rev${String(position.file).padStart(5, '0')}.dat`;
  return new StorageError('corrupt', path, `${path} is corrupt at ${position.offset}: ${what}`);
}
