// HashMap and HashSet over keys of one fixed length: txids, outpoints, script hashes. Open addressing in typed arrays: no object
// and no string per key, keys are given as (bytes, at), and nothing is allocated until the table grows.
//
// Strangers choose the keys and can grind them (a txid costs one hash to try), so slots come from a keyed hash: HalfSipHash-1-3,
// SipHash's 32-bit sibling with one round per word and three at the end, which Linux uses for its tables. Its 64-bit key would
// not resist a search by whoever saw hashes, but nobody does: hashes never leave the table, only their effect on its timing, and
// every table draws its own key. What is needed is that colliding keys cannot be found without the key, and no way is known.

import { assert } from './assert.ts';
import { equalRange } from './bytes.ts';
import type { Rng } from './prng.ts';

/** HalfSipHash-1-3 of `length` bytes at `at` under the key (`key0`, `key1`), as a signed 32-bit integer. */
export function halfSipHash13(key0: number, key1: number, bytes: Uint8Array, at: number, length: number): number {
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const words = length >>> 2;
  // the words, then the rest with the length on top, then three rounds without input
  for (let i = 0; i < words + 4; i++) {
    const p = at + 4 * i;
    let m = 0;
    if (i < words) m = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
    else if (i === words) {
      m = length << 24;
      for (let rest = 0; p + rest < at + length; rest++) m |= bytes[p + rest]! << (8 * rest);
    } else if (i === words + 1) v2 ^= 0xff;
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
  }
  return v1 ^ v3;
}

/** Fewest slots of a table; a power of two, as all slot counts are. */
const SLOTS_MIN = 16;

/** A table is at most five eighths full: about four slots are then looked at for an absent key. */
function slotsFor(keyCount: number): number {
  let slots = SLOTS_MIN;
  while (keyCount * 8 > slots * 5) slots *= 2;
  return slots;
}

type NumberArray = Int32Array | Float64Array;

/** What both collections are: linear probing, and removal by moving later keys up, so that nothing wears out. */
class KeyTable {
  readonly keyBytes: number;
  size = 0;
  keys: Uint8Array;
  values: NumberArray | null;
  /** The full hash of the key in each slot; 0 is an empty slot. */
  #hashes: Int32Array;
  #mask: number;
  readonly #key0: number;
  readonly #key1: number;
  readonly #createValues: ((length: number) => NumberArray) | null;

  constructor(
    keyBytes: number,
    expectedSize: number,
    createValues: ((length: number) => NumberArray) | null,
    rng: Rng,
  ) {
    assert(Number.isInteger(keyBytes) && keyBytes >= 1, 'keys have one fixed length');
    const slots = slotsFor(expectedSize);
    this.keyBytes = keyBytes;
    this.keys = new Uint8Array(slots * keyBytes);
    this.values = createValues === null ? null : createValues(slots);
    this.#hashes = new Int32Array(slots);
    this.#mask = slots - 1;
    this.#key0 = rng.nextU32() | 0;
    this.#key1 = rng.nextU32() | 0;
    this.#createValues = createValues;
  }

  get slots(): number {
    return this.#hashes.length;
  }

  isFull(slot: number): boolean {
    return this.#hashes[slot] !== 0;
  }

  /** The slot of a key, or -1 when it is absent. */
  find(bytes: Uint8Array, at: number): number {
    const slot = this.#probe(this.#hash(bytes, at), bytes, at);
    return this.#hashes[slot] === 0 ? -1 : slot;
  }

  /** The slot of a key, which is put there when absent; `size` tells. */
  claim(bytes: Uint8Array, at: number): number {
    const hash = this.#hash(bytes, at);
    let slot = this.#probe(hash, bytes, at);
    if (this.#hashes[slot] !== 0) return slot;
    if ((this.size + 1) * 8 > this.slots * 5) {
      this.#resize(2 * this.slots);
      slot = this.#probe(hash, bytes, at);
    }
    this.#hashes[slot] = hash;
    for (let i = 0; i < this.keyBytes; i++) this.keys[slot * this.keyBytes + i] = bytes[at + i]!;
    this.size++;
    return slot;
  }

  /** Empties a slot; keys behind it that its place kept from their own move up. */
  release(slot: number): void {
    let hole = slot;
    for (let next = (slot + 1) & this.#mask; this.#hashes[next] !== 0; next = (next + 1) & this.#mask) {
      const home = this.#hashes[next]! & this.#mask;
      if (((next - home) & this.#mask) < ((next - hole) & this.#mask)) continue;
      this.#move(next, hole);
      hole = next;
    }
    this.#hashes[hole] = 0;
    this.size--;
  }

  clear(): void {
    this.#hashes.fill(0);
    this.size = 0;
  }

  #hash(bytes: Uint8Array, at: number): number {
    const hash = halfSipHash13(this.#key0, this.#key1, bytes, at, this.keyBytes);
    return hash === 0 ? 1 : hash;
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  #probe(hash: number, bytes: Uint8Array, at: number): number {
    const hashes = this.#hashes;
    let slot = hash & this.#mask;
    for (;;) {
      const found = hashes[slot]!;
      if (found === 0) return slot;
      if (found === hash && equalRange(this.keys, slot * this.keyBytes, bytes, at, this.keyBytes)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #move(from: number, to: number): void {
    this.#hashes[to] = this.#hashes[from]!;
    this.keys.copyWithin(to * this.keyBytes, from * this.keyBytes, (from + 1) * this.keyBytes);
    if (this.values !== null) this.values[to] = this.values[from]!;
  }

  #resize(slots: number): void {
    const { keys, values, keyBytes } = this;
    const hashes = this.#hashes;
    this.keys = new Uint8Array(slots * keyBytes);
    this.values = this.#createValues === null ? null : this.#createValues(slots);
    this.#hashes = new Int32Array(slots);
    this.#mask = slots - 1;
    for (let from = 0; from < hashes.length; from++) {
      const hash = hashes[from]!;
      if (hash === 0) continue;
      let to = hash & this.#mask;
      while (this.#hashes[to] !== 0) to = (to + 1) & this.#mask;
      this.#hashes[to] = hash;
      for (let i = 0; i < keyBytes; i++) this.keys[to * keyBytes + i] = keys[from * keyBytes + i]!;
      if (this.values !== null) this.values[to] = values![from]!;
    }
  }
}

/** How to make a {@link HashSet}. */
export interface HashSetOptions {
  /** Length of every key. */
  readonly keyBytes: number;
  /** Room for so many keys before the table grows. */
  readonly expectedSize?: number;
}

/** How to make a {@link HashMap}. */
export interface HashMapOptions extends HashSetOptions {
  /** What the values are: indices and flags fit 32 signed bits, amounts need 64. */
  readonly values: 'int32' | 'float64';
}

/** A set of keys of one length. Keys are the `keyBytes` bytes at an offset; they are copied in. */
export class HashSet {
  readonly #table: KeyTable;

  /** `rng` gives the salt. */
  constructor(options: HashSetOptions, rng: Rng) {
    this.#table = new KeyTable(options.keyBytes, options.expectedSize ?? 0, null, rng);
  }

  get size(): number {
    return this.#table.size;
  }

  has(bytes: Uint8Array, at = 0): boolean {
    return this.#table.find(bytes, at) >= 0;
  }

  /** Adds a key; false when it was there. */
  add(bytes: Uint8Array, at = 0): boolean {
    const { size } = this.#table;
    this.#table.claim(bytes, at);
    return this.#table.size > size;
  }

  /** Takes a key out; false when it was absent. */
  delete(bytes: Uint8Array, at = 0): boolean {
    const slot = this.#table.find(bytes, at);
    if (slot >= 0) this.#table.release(slot);
    return slot >= 0;
  }

  /** Takes all keys out and keeps the room. */
  clear(): void {
    this.#table.clear();
  }

  /** Calls `visit` for each key, in no useful order. The bytes are the table's own: read them, change nothing meanwhile. */
  forEach(visit: (bytes: Uint8Array, at: number) => void): void {
    const table = this.#table;
    for (let slot = 0; slot < table.slots; slot++) {
      if (table.isFull(slot)) visit(table.keys, slot * table.keyBytes);
    }
  }
}

/** Numbers by keys of one length. Keys are the `keyBytes` bytes at an offset; they are copied in. */
export class HashMap {
  readonly #table: KeyTable;

  /** `rng` gives the salt. */
  constructor(options: HashMapOptions, rng: Rng) {
    const createValues =
      options.values === 'int32'
        ? (length: number): NumberArray => new Int32Array(length)
        : (length: number): NumberArray => new Float64Array(length);
    this.#table = new KeyTable(options.keyBytes, options.expectedSize ?? 0, createValues, rng);
  }

  get size(): number {
    return this.#table.size;
  }

  has(bytes: Uint8Array, at = 0): boolean {
    return this.#table.find(bytes, at) >= 0;
  }

  /** The value of a key, or undefined when it is absent. */
  get(bytes: Uint8Array, at = 0): number | undefined {
    const slot = this.#table.find(bytes, at);
    return slot < 0 ? undefined : this.#table.values![slot]!;
  }

  /** Sets the value of a key, which is added when absent. */
  set(bytes: Uint8Array, at: number, value: number): void {
    const slot = this.#table.claim(bytes, at); // may replace the arrays
    this.#table.values![slot] = value;
  }

  /** Takes a key out; false when it was absent. */
  delete(bytes: Uint8Array, at = 0): boolean {
    const slot = this.#table.find(bytes, at);
    if (slot >= 0) this.#table.release(slot);
    return slot >= 0;
  }

  /** Takes all keys out and keeps the room. */
  clear(): void {
    this.#table.clear();
  }

  /** Calls `visit` for each key, in no useful order. The bytes are the table's own: read them, change nothing meanwhile. */
  forEach(visit: (bytes: Uint8Array, at: number, value: number) => void): void {
    const table = this.#table;
    for (let slot = 0; slot < table.slots; slot++) {
      if (table.isFull(slot)) visit(table.keys, slot * table.keyBytes, table.values![slot]!);
    }
  }
}
