// Where in a CoinSlab each outpoint's entry is: open addressing with linear probing, eight bytes per slot (the outpoint's hash
// and the entry's reference), the outpoints themselves staying in the slab. Strangers choose outpoints, so slots come from a
// keyed hash (see util/hash-map.ts). A slot's home is its hash scaled to the table, not masked: the table may have any size, it
// grows by half at a time, and since its order is that of the hashes, growing is one walk through old and new memory.
//
// Look-up and change are two steps: find() leaves the table at an outpoint, then put() or remove() acts there.

import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { halfSipHash13 } from '../util/hash-map.ts';
import type { Rng } from '../util/prng.ts';
import type { CoinSlab } from './coin-slab.ts';

const SLOTS_MIN = 1024;
const TWO_32 = 0x100000000;

/** References of entries by outpoint. */
export class CoinTable {
  readonly #slab: CoinSlab;
  readonly #key0: number;
  readonly #key1: number;
  /** For each slot the hash and the reference; reference 0 is an empty slot. */
  #slots: Int32Array = new Int32Array(2 * SLOTS_MIN);
  #slotCount: number = SLOTS_MIN;
  #size = 0;
  /** Where the last find() ended. */
  #slot = 0;
  #hash = 0;

  /** `rng` salts the table. */
  constructor(slab: CoinSlab, rng: Rng) {
    this.#slab = slab;
    this.#key0 = rng.nextU32();
    this.#key1 = rng.nextU32();
  }

  /** Number of entries. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the table. */
  get usedBytes(): number {
    return this.#slots.byteLength;
  }

  /** The reference of the outpoint's entry, or 0. */
  find(outpoints: Uint8Array, at: number): number {
    const hash = halfSipHash13(this.#key0, this.#key1, outpoints, at, OUTPOINT_BYTES);
    const slots = this.#slots;
    let slot = this.#home(hash);
    for (;;) {
      const ref = slots[2 * slot + 1]!;
      if (ref === 0 || (slots[2 * slot] === hash && this.#slab.matches(ref, outpoints, at))) {
        this.#hash = hash;
        this.#slot = slot;
        return ref;
      }
      slot = this.#next(slot);
    }
  }

  /** Sets the reference of the outpoint that find() was last asked for. Nothing else may have happened since. */
  put(ref: number): void {
    if (this.#slots[2 * this.#slot + 1] === 0) {
      this.#size++;
      if (4 * this.#size > 3 * this.#slotCount) this.#grow();
    }
    this.#slots[2 * this.#slot] = this.#hash;
    this.#slots[2 * this.#slot + 1] = ref;
  }

  /** Takes out the outpoint that find() found last. Entries behind it that its place kept from their own move up. */
  remove(): void {
    const slots = this.#slots;
    let hole = this.#slot;
    for (let slot = this.#next(hole); slots[2 * slot + 1] !== 0; slot = this.#next(slot)) {
      if (this.#distance(this.#home(slots[2 * slot]!), slot) < this.#distance(hole, slot)) continue;
      slots[2 * hole] = slots[2 * slot]!;
      slots[2 * hole + 1] = slots[2 * slot + 1]!;
      hole = slot;
    }
    slots[2 * hole + 1] = 0;
    this.#size--;
  }

  /** Takes all out and keeps the room. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  #home(hash: number): number {
    return Math.floor((hash >>> 0) * (this.#slotCount / TWO_32));
  }

  #next(slot: number): number {
    return slot + 1 === this.#slotCount ? 0 : slot + 1;
  }

  /** Slots from one to another, going up. */
  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#slotCount;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slotCount += this.#slotCount >>> 1;
    this.#slots = new Int32Array(2 * this.#slotCount);
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      const slot = this.#freeSlot(old[i]!);
      this.#slots[2 * slot] = old[i]!;
      this.#slots[2 * slot + 1] = old[i + 1]!;
    }
    this.#slot = this.#freeSlot(this.#hash);
  }

  #freeSlot(hash: number): number {
    let slot = this.#home(hash);
    while (this.#slots[2 * slot + 1] !== 0) slot = this.#next(slot);
    return slot;
  }
}
