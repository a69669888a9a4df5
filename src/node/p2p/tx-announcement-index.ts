// Rows by the hash of their transaction: a table of row numbers, open addressing. The hashes themselves lie with the rows, so that
// a place costs four bytes; a table with keys of its own would be the largest part of what an announcement takes (D02). Strangers
// choose the hashes, so places come from a keyed hash, as in util/hash-map.ts.

import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import { halfSipHash13 } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';

/** No row. */
export const NO_ROW = -1;

/** Places of a table that has just begun; a power of two. */
const PLACES_MIN = 128;

/** Where the hashes of rows are: 32 bytes of each, one after another. */
export interface HashColumn {
  readonly hashes: Uint8Array;
}

/** See the top of the file. */
export class TxIndex {
  readonly #column: HashColumn;
  readonly #key0: number;
  readonly #key1: number;
  #places: Int32Array = new Int32Array(PLACES_MIN).fill(NO_ROW);
  #mask: number = PLACES_MIN - 1;
  #size = 0;

  /** `rng` salts the table. */
  constructor(column: HashColumn, rng: Rng) {
    this.#column = column;
    this.#key0 = rng.nextU32();
    this.#key1 = rng.nextU32();
  }

  get size(): number {
    return this.#size;
  }

  /** The row of a hash, or NO_ROW. */
  find(hash: Uint8Array): number {
    const { hashes } = this.#column;
    for (let place = this.#home(hash, 0); ; place = (place + 1) & this.#mask) {
      const row = this.#places[place]!;
      if (row === NO_ROW || equalRange(hashes, HASH_BYTES * row, hash, 0, HASH_BYTES)) return row;
    }
  }

  /** Adds a row whose hash is in its column, and was not here before. */
  add(row: number): void {
    this.#size++;
    if (2 * this.#size > this.#places.length) this.#grow();
    this.#put(row);
  }

  /** Takes a row out; those that it had pushed on move up. */
  delete(row: number): void {
    const places = this.#places;
    let hole = this.#homeOf(row);
    while (places[hole] !== row) hole = (hole + 1) & this.#mask;
    for (let next = (hole + 1) & this.#mask; places[next] !== NO_ROW; next = (next + 1) & this.#mask) {
      const wanted = this.#homeOf(places[next]!);
      if (((next - wanted) & this.#mask) < ((next - hole) & this.#mask)) continue;
      places[hole] = places[next]!;
      hole = next;
    }
    places[hole] = NO_ROW;
    this.#size--;
  }

  #put(row: number): void {
    let place = this.#homeOf(row);
    while (this.#places[place] !== NO_ROW) place = (place + 1) & this.#mask;
    this.#places[place] = row;
  }

  #grow(): void {
    const rows = this.#places;
    this.#places = new Int32Array(2 * rows.length).fill(NO_ROW);
    this.#mask = this.#places.length - 1;
    for (const row of rows) if (row !== NO_ROW) this.#put(row);
  }

  #homeOf(row: number): number {
    return this.#home(this.#column.hashes, HASH_BYTES * row);
  }

  #home(bytes: Uint8Array, at: number): number {
    return halfSipHash13(this.#key0, this.#key1, bytes, at, HASH_BYTES) & this.#mask;
  }
}
