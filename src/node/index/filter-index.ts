// Basic filters of all blocks, and the headers that chain them (Core index/blockfilterindex.cpp, option -blockfilterindex). Filters lie
// in files of their own, see filter-files.ts; a row per block says where, with the hash and the header of its filter. Blocks that have
// left the chain keep theirs.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Folder, KvStore } from '../../kernel/chain/ports.ts';
import { decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { readVarint, writeVarint } from '../../kernel/encoding/varint.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { computeBlockFilter, computeFilterHeader, hashFilter, NO_FILTER_HEADER } from './block-filter.ts';
import { corruptIndex, keepRowOfRemoved, putBlockRow, readBlockRow, readBlockRows } from './block-rows.ts';
import type { BlockPlace, ChainIndex, IndexedBlock } from './chain-index.ts';
import type { ChainReader } from './chain-reader.ts';
import { FilterFiles, type FilterPosition } from './filter-files.ts';
import type { IndexBatch } from './index-batch.ts';
import { FILTER_END_KEY } from './index-layout.ts';
import type { Pacer } from './pacer.ts';

/** What a filter costs per byte of its block, in microseconds. */
const BLOCK_BYTE_US = 0.02;

/** What an index knows of the filter of one block. */
export interface FilterRow {
  readonly filterHash: Uint8Array;
  readonly header: Uint8Array;
  readonly position: FilterPosition;
}

/** The index of filters. */
export class FilterIndex implements ChainIndex {
  readonly name = 'basic block filter index';
  readonly needsUndo = true;
  readonly #store: KvStore;
  readonly #files: FilterFiles;
  readonly #reader: ChainReader;
  #end: FilterPosition = { file: 0, offset: 0 };
  #lastHeader: Uint8Array = NO_FILTER_HEADER;

  constructor(store: KvStore, folder: Folder, reader: ChainReader) {
    this.#store = store;
    this.#files = new FilterFiles(folder);
    this.#reader = reader;
  }

  // --- asking ---------------------------------------------------------------------------------------------------------

  /** The encoded filter of a block; null when it has none yet. Throws StorageError. */
  async readFilter(entry: BlockEntry): Promise<Uint8Array | null> {
    const block = this.#reader.place(entry);
    const row = await readBlockRow(this.#store, block);
    return row === null ? null : this.#readStored(block, decodeRow(row));
  }

  /** The rows of the blocks of a branch from `startHeight` up to `stop`; null when one has none. Throws StorageError. */
  async readRows(startHeight: number, stop: BlockEntry): Promise<readonly FilterRow[] | null> {
    const { index } = this.#reader;
    const blocks: BlockPlace[] = [];
    for (let entry = stop; index.height(entry) >= startHeight; entry = index.parent(entry)) {
      blocks.push(this.#reader.place(entry));
      if (index.height(entry) === 0) break;
    }
    return this.#readRowsOf(blocks.reverse());
  }

  /** The rows of these blocks; null when one has none. Throws StorageError. */
  readRowsOf(entries: readonly BlockEntry[]): Promise<readonly FilterRow[] | null> {
    return this.#readRowsOf(entries.map((entry) => this.#reader.place(entry)));
  }

  async #readRowsOf(blocks: readonly BlockPlace[]): Promise<readonly FilterRow[] | null> {
    const rows: FilterRow[] = [];
    for (const bytes of await readBlockRows(this.#store, blocks)) {
      const row = bytes === null ? null : decodeRow(bytes);
      if (row === null) return null;
      rows.push(row);
    }
    return rows;
  }

  /** The header of the filter of a block; null when it has none yet. Throws StorageError. */
  async readHeader(entry: BlockEntry): Promise<Uint8Array | null> {
    const rows = await this.readRowsOf([entry]);
    return rows?.[0]?.header ?? null;
  }

  /** What lies at the place of the row, if it is what the row says: a crash may have put other filters there. */
  async #readStored({ blockHash }: BlockPlace, row: FilterRow | null): Promise<Uint8Array | null> {
    const stored = row === null ? null : await this.#files.read(row.position);
    if (row === null || stored === null || !equalBytes(stored.blockHash, blockHash)) return null;
    return equalBytes(hashFilter(stored.filter), row.filterHash) ? stored.filter : null;
  }

  // --- following the chain --------------------------------------------------------------------------------------------

  async load(best: BlockPlace | null): Promise<void> {
    this.#end = { file: 0, offset: 0 };
    this.#lastHeader = NO_FILTER_HEADER;
    const end = await this.#store.get(FILTER_END_KEY);
    if (end !== undefined) this.#end = decodePosition(end) ?? this.#fail('where the filters end');
    if (best === null) return;
    if (end === undefined) this.#fail('where the filters end');
    this.#lastHeader = await this.#headerOf(best);
  }

  async append(indexed: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void> {
    const { block, undo, blockHash } = indexed;
    const filter = computeBlockFilter(block, undo);
    const filterHash = hashFilter(filter);
    const header = computeFilterHeader(filterHash, this.#lastHeader);
    const [position, end] = await this.#files.append(this.#end, { blockHash, filter });
    putBlockRow(batch, indexed, encodeRow({ filterHash, header, position }));
    this.#end = end;
    this.#lastHeader = header;
    if (pacer.spend(block.bytes.length * BLOCK_BYTE_US)) await pacer.pause();
  }

  /** The end is written with the row that is kept: nothing will be written over the filter, whatever happens. */
  async remove(block: IndexedBlock, batch: IndexBatch): Promise<void> {
    await keepRowOfRemoved(this.#store, batch, block, this.name);
    batch.put(FILTER_END_KEY, encodePosition(this.#end));
    this.#lastHeader = await this.#headerOf(this.#reader.place(block.parent));
  }

  async saveState(batch: IndexBatch): Promise<void> {
    await this.#files.sync();
    batch.put(FILTER_END_KEY, encodePosition(this.#end));
  }

  /** Closes the files. */
  close(): Promise<void> {
    return this.#files.close();
  }

  async #headerOf(block: BlockPlace): Promise<Uint8Array> {
    const row = await readBlockRow(this.#store, block);
    const decoded = row === null ? null : decodeRow(row);
    return decoded === null ? this.#fail(`the filter at height ${block.height}`) : decoded.header;
  }

  #fail(what: string): never {
    throw corruptIndex(this.name, `${what} is not known`);
  }
}

function encodePosition({ file, offset }: FilterPosition): Uint8Array {
  const writer = new ByteWriter(10);
  writeVarint(writer, file);
  writeVarint(writer, offset);
  return writer.finish();
}

function readPosition(reader: ByteReader): FilterPosition {
  return { file: readVarint(reader, 'file'), offset: readVarint(reader, 'offset') };
}

function decodePosition(bytes: Uint8Array): FilterPosition | null {
  const decoded = decodeResult(() => readPosition(new ByteReader(bytes)));
  return decoded.ok ? decoded.value : null;
}

function encodeRow({ filterHash, header, position }: FilterRow): Uint8Array {
  return new ByteWriter(2 * HASH_BYTES + 10).put(filterHash).put(header).put(encodePosition(position)).finish();
}

function decodeRow(bytes: Uint8Array): FilterRow | null {
  const decoded = decodeResult(() => {
    const reader = new ByteReader(bytes);
    const filterHash = reader.copy(HASH_BYTES, 'filter hash');
    const header = reader.copy(HASH_BYTES, 'filter header');
    const position = readPosition(reader);
    reader.finish('row');
    return { filterHash, header, position };
  });
  return decoded.ok ? decoded.value : null;
}
