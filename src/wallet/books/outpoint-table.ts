// Everything that the wallet knows about outpoints: which of its transactions spend one, and whether it is an own output. Looked up
// where the outpoint lies in a block, without making an object.

import { OUTPOINT_BYTES, type Outpoint, writeOutpoint } from '../../kernel/primitives/outpoint.ts';
import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { OutpointSlot } from './book-transaction.ts';

/** Slots by outpoints. */
export class OutpointTable {
  readonly #numbers: HashMap;
  readonly #slots: OutpointSlot[] = [];
  readonly #key = new Uint8Array(OUTPOINT_BYTES);

  /** `rng` gives the salt. */
  constructor(rng: Rng) {
    this.#numbers = new HashMap({ keyBytes: OUTPOINT_BYTES, values: 'int32' }, rng);
  }

  /** The slot of the 36 bytes at `at`; null when nothing is known. */
  find(bytes: Uint8Array, at: number): OutpointSlot | null {
    const number = this.#numbers.get(bytes, at);
    return number === undefined ? null : this.#slots[number]!;
  }

  findOutpoint(outpoint: Outpoint): OutpointSlot | null {
    writeOutpoint(this.#key, 0, outpoint);
    return this.find(this.#key, 0);
  }

  /** The slot of the 36 bytes at `at`, made when there is none. */
  claim(bytes: Uint8Array, at: number): OutpointSlot {
    const found = this.find(bytes, at);
    if (found !== null) return found;
    const slot: OutpointSlot = { spenders: [], own: null };
    this.#numbers.set(bytes, at, this.#slots.push(slot) - 1);
    return slot;
  }

  claimOutpoint(outpoint: Outpoint): OutpointSlot {
    writeOutpoint(this.#key, 0, outpoint);
    return this.claim(this.#key, 0);
  }
}
