// Open addressing over the full hashes of keys: finds the entries whose key may be the one looked for, and the keys themselves lie
// elsewhere, once, in the transactions. Ten bytes for a slot. Whoever asks compares keys and brings a keyed hash, since strangers
// choose the keys (see util/hash-map.ts, which is for keys that lie nowhere else).

import { assert } from '../../kernel/util/assert.ts';

/** Fewest slots; a power of two, as all counts of slots are. */
const SLOTS_MIN = 64;

/** Bytes of a slot: hash, item, part. */
const SLOT_BYTES: number = 4 + 4 + 2;

/** Between one eighth and five eighths of the slots are taken, so that a search looks at few and memory follows the need. */
const FULL_EIGHTHS = 5;
const SPARSE_EIGHTHS = 1;

/** No slot. */
export const NO_SLOT = -1;

/** Largest part of an item: the number of an input of a transaction, of which there are fewer than 24,400 in a block. */
const PART_MAX = 0xffff;

/** Items, and parts of them, by hash. Several may have one hash. */
export class ProbeTable {
  #hashes: Int32Array = new Int32Array(SLOTS_MIN);
  #items: Int32Array = new Int32Array(SLOTS_MIN);
  #parts: Uint16Array = new Uint16Array(SLOTS_MIN);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get usedBytes(): number {
    return this.#hashes.length * SLOT_BYTES;
  }

  /** First slot with this hash, or NO_SLOT; the others follow by {@link next}. No hash is 0. */
  first(hash: number): number {
    return this.#search(hash, hash & (this.#hashes.length - 1));
  }

  /** The next slot with the same hash, or NO_SLOT. */
  next(slot: number): number {
    return this.#search(this.#hashes[slot]!, (slot + 1) & (this.#hashes.length - 1));
  }

  item(slot: number): number {
    return this.#items[slot]!;
  }

  part(slot: number): number {
    return this.#parts[slot]!;
  }

  /** Adds an item; it may be there already, and is then there twice. */
  add(hash: number, item: number, part: number): void {
    assert(hash !== 0 && part <= PART_MAX, 'probe table: a hash and a part in range');
    if (8 * (this.#count + 1) > FULL_EIGHTHS * this.#hashes.length) this.#resize(2 * this.#hashes.length);
    this.#place(hash, item, part);
    this.#count++;
  }

  /** Empties a slot. Slots that were found before mean nothing afterwards. */
  release(slot: number): void {
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    let hole = slot;
    for (let next = (slot + 1) & mask; hashes[next] !== 0; next = (next + 1) & mask) {
      const home = hashes[next]! & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      hashes[hole] = hashes[next]!;
      this.#items[hole] = this.#items[next]!;
      this.#parts[hole] = this.#parts[next]!;
      hole = next;
    }
    hashes[hole] = 0;
    this.#count--;
    if (hashes.length > SLOTS_MIN && 8 * this.#count < SPARSE_EIGHTHS * hashes.length) this.#resize(hashes.length / 2);
  }

  #search(hash: number, from: number): number {
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    for (let slot = from; hashes[slot] !== 0; slot = (slot + 1) & mask) {
      if (hashes[slot] === hash) return slot;
    }
    return NO_SLOT;
  }

  #place(hash: number, item: number, part: number): void {
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    let slot = hash & mask;
    while (hashes[slot] !== 0) slot = (slot + 1) & mask;
    hashes[slot] = hash;
    this.#items[slot] = item;
    this.#parts[slot] = part;
  }

  #resize(slots: number): void {
    const hashes = this.#hashes;
    const items = this.#items;
    const parts = this.#parts;
    this.#hashes = new Int32Array(slots);
    this.#items = new Int32Array(slots);
    this.#parts = new Uint16Array(slots);
    for (let slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] !== 0) this.#place(hashes[slot]!, items[slot]!, parts[slot]!);
    }
  }
}
