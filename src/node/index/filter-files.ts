// The files that hold block filters (fltrNNNNN.dat, as Core's): records of a block hash, a length and a filter, one after another.
// Filters are many and large, and never change: a key-value store would copy them again and again while it sorts them. Where a record
// lies is in the rows of the index, with the hash by which it is checked; nothing in the files says where they end.

import { FilePool } from '../../kernel/chain/file-pool.ts';
import type { Folder } from '../../kernel/chain/ports.ts';
import { compactSizeLength, writeCompactSizeAt } from '../../kernel/encoding/compact-size.ts';
import { decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';

/** Largest file (Core MAX_FLTR_FILE_SIZE). */
const FILE_BYTES_MAX: number = 16 * 1024 * 1024;

/** What the first read of a record fetches: filters of small blocks are whole in it. */
const FIRST_READ_BYTES = 4096;

/** Most bytes of a record before the filter. */
const RECORD_HEAD_BYTES_MAX: number = HASH_BYTES + 5;

/** A place in the files. */
export interface FilterPosition {
  readonly file: number;
  readonly offset: number;
}

/** A filter as it was stored. */
export interface StoredFilter {
  readonly blockHash: Uint8Array;
  readonly filter: Uint8Array;
}

function fileName(file: number): string {
  return `fltr${String(file).padStart(5, '0')}.dat`;
}

/** Appends and reads filters. */
export class FilterFiles {
  readonly #folder: Folder;
  readonly #pool: FilePool;
  /** Names of files that were written since the last sync. */
  readonly #unsynced: Set<string> = new Set();

  constructor(folder: Folder) {
    this.#folder = folder;
    this.#pool = new FilePool(folder);
  }

  /** Writes a filter at `end` or, when it does not fit there, at the beginning of the next file; returns where. */
  async append(
    end: FilterPosition,
    { blockHash, filter }: StoredFilter,
  ): Promise<readonly [at: FilterPosition, end: FilterPosition]> {
    const record = new Uint8Array(HASH_BYTES + compactSizeLength(filter.length) + filter.length);
    record.set(blockHash, 0);
    record.set(filter, writeCompactSizeAt(record, HASH_BYTES, filter.length));
    const fits = end.offset === 0 || end.offset + record.length <= FILE_BYTES_MAX;
    const at = fits ? end : { file: end.file + 1, offset: 0 };
    const name = fileName(at.file);
    this.#unsynced.add(name);
    await this.#pool.use(name, 'create', (handle) => handle.write(at.offset, record));
    return [at, { file: at.file, offset: at.offset + record.length }];
  }

  /** The filter at a place; null when there is none. */
  async read({ file, offset }: FilterPosition): Promise<StoredFilter | null> {
    const name = fileName(file);
    if (!(await this.#folder.exists(name))) return null;
    return this.#pool.use(name, 'read', async (handle) => {
      const leftBytes = (await handle.size()) - offset;
      if (leftBytes < HASH_BYTES) return null;
      let bytes = await handle.read(offset, Math.min(FIRST_READ_BYTES, leftBytes));
      const wanted = recordBytes(bytes);
      if (wanted === null || wanted > leftBytes) return null;
      if (wanted > bytes.length) bytes = await handle.read(offset, wanted);
      return readRecord(bytes);
    });
  }

  /** Everything written so far has survived a power cut when the promise resolves. */
  async sync(): Promise<void> {
    if (this.#unsynced.size === 0) return;
    for (const name of this.#unsynced) await this.#pool.use(name, 'create', (handle) => handle.sync());
    this.#unsynced.clear();
    await this.#folder.sync();
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Bytes of the record that begins with these; null when it is none. */
function recordBytes(head: Uint8Array): number | null {
  const length = decodeResult(() => {
    const reader = new ByteReader(head, HASH_BYTES, Math.min(head.length, RECORD_HEAD_BYTES_MAX));
    const filterBytes = reader.compactSize('filter');
    return reader.position + filterBytes;
  });
  return length.ok ? length.value : null;
}

function readRecord(bytes: Uint8Array): StoredFilter | null {
  const record = decodeResult(() => {
    const reader = new ByteReader(bytes);
    return { blockHash: reader.copy(HASH_BYTES, 'block hash'), filter: reader.varBytes('filter').slice() };
  });
  return record.ok ? record.value : null;
}
