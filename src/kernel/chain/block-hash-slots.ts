// The block index by hash: open addressing over the numbers of entries, four bytes for a slot. The hashes themselves lie in the
// index, once, which is why this is not a HashMap. Hashes of blocks cost work to grind where there is any, but little on networks
// for tests, so slots come from a keyed hash all the same (see util/hash-map.ts).

import { HASH_BYTES } from '../primitives/hashes.ts';
import { equalRange } from '../util/bytes.ts';
import { halfSipHash13 } from '../util/hash-map.ts';
import type { Rng } from '../util/prng.ts';

/** In a slot without an entry; also what a search that fails gives. */
const EMPTY = -1;

/** Slots to begin with; a power of two, as all counts of slots are. At most half of them are taken. */
const SLOTS_MIN = 512;

/** Entries by hash. `hashes` is always the index's array: 32 bytes for each entry. */
export class BlockHashSlots {
  #slots: Int32Array = new Int32Array(SLOTS_MIN).fill(EMPTY);
  #count = 0;
  readonly #key0: number;
  readonly #key1: number;

  constructor(rng: Rng) {
    this.#key0 = rng.nextU32();
    this.#key1 = rng.nextU32();
  }

  get usedBytes(): number {
    return this.#slots.byteLength;
  }

  /** The entry whose hash is the one at `at`, or -1. */
  find(hashes: Uint8Array, bytes: Uint8Array, at: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hash(bytes, at) & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry === EMPTY || equalRange(hashes, entry * HASH_BYTES, bytes, at, HASH_BYTES)) return entry;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds an entry whose hash lies in `hashes` and is not here yet. */
  add(hashes: Uint8Array, entry: number): void {
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow(hashes);
    this.#place(hashes, entry);
    this.#count++;
  }

  #hash(bytes: Uint8Array, at: number): number {
    return halfSipHash13(this.#key0, this.#key1, bytes, at, HASH_BYTES);
  }

  #place(hashes: Uint8Array, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(hashes, entry * HASH_BYTES) & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  #grow(hashes: Uint8Array): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length).fill(EMPTY);
    for (const entry of before) {
      if (entry !== EMPTY) this.#place(hashes, entry);
    }
  }
}
