// A bounded set that may forget: of things that were verified once and cost more to verify again than to look up (Core cuckoocache,
// script/sigcache). An entry is the SHA-256 of a secret salt and of whatever names the thing, so that nobody outside can aim entries
// at one place, and no two things are taken for one another. An entry may be pushed out by another at any time.

import { assert } from '../util/assert.ts';
import { Sha256Hasher } from './sha256.ts';

/** 32-bit words of an entry: a whole SHA-256. */
const ENTRY_WORDS = 8;

/** Entries that share a place in the table. */
const BUCKET_ENTRIES = 4;

/** Bytes of the salt. */
export const LOSSY_SET_SALT_BYTES = 32;

/** What a set is made of. */
export interface LossySetOptions {
  /** Entries it holds, rounded up to a power of two; each takes 32 bytes. */
  readonly entryCountMax: number;
  /** 32 secret random bytes, new at every start. */
  readonly salt: Uint8Array;
}

/**
 * A bounded set of what is written into a hasher.
 *
 * @example
 * set.begin().update(wtxid).updateU32(flags);
 * if (!set.has()) { verify(); set.begin().update(wtxid).updateU32(flags); set.add(); }
 */
export class LossySet {
  readonly #table: Uint32Array;
  readonly #bucketMask: number;
  readonly #salted = new Sha256Hasher();
  readonly #hasher = new Sha256Hasher();
  readonly #entryBytes = new Uint8Array(4 * ENTRY_WORDS);
  readonly #entry = new Uint32Array(this.#entryBytes.buffer);
  #isEmpty = true;

  constructor(options: LossySetOptions) {
    assert(options.salt.length === LOSSY_SET_SALT_BYTES, 'lossy set: a salt of 32 bytes');
    let bucketCount = 1;
    while (bucketCount * BUCKET_ENTRIES < options.entryCountMax) bucketCount *= 2;
    this.#bucketMask = bucketCount - 1;
    this.#table = new Uint32Array(bucketCount * BUCKET_ENTRIES * ENTRY_WORDS);
    // The salt fills one block of SHA-256 together with zeros, so that it costs nothing per entry.
    this.#salted
      .reset()
      .update(options.salt)
      .update(new Uint8Array(64 - LOSSY_SET_SALT_BYTES));
  }

  /** True while nothing was ever added: nothing need be looked up. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Begins to name an entry: everything that it depends on is to be written into the hasher, each part of a length that is clear. */
  begin(): Sha256Hasher {
    return this.#hasher.copyFrom(this.#salted);
  }

  /** True when the set has the entry that was named since {@link begin}. */
  has(): boolean {
    this.#hasher.digestInto(this.#entryBytes, 0);
    const first = this.#bucketStart();
    for (let i = 0; i < BUCKET_ENTRIES; i++) {
      if (this.#holdsAt(first + i * ENTRY_WORDS)) return true;
    }
    return false;
  }

  /** Adds the entry that was named since {@link begin}. */
  add(): void {
    this.#hasher.digestInto(this.#entryBytes, 0);
    this.#isEmpty = false;
    const first = this.#bucketStart();
    let at = first + (this.#entry[1]! % BUCKET_ENTRIES) * ENTRY_WORDS;
    for (let i = 0; i < BUCKET_ENTRIES; i++) {
      const candidate = first + i * ENTRY_WORDS;
      if (this.#holdsAt(candidate)) return;
      if (this.#isFree(candidate)) at = candidate;
    }
    this.#table.set(this.#entry, at);
  }

  #bucketStart(): number {
    return (this.#entry[0]! & this.#bucketMask) * BUCKET_ENTRIES * ENTRY_WORDS;
  }

  #holdsAt(at: number): boolean {
    for (let i = 0; i < ENTRY_WORDS; i++) {
      if (this.#table[at + i] !== this.#entry[i]) return false;
    }
    return true;
  }

  /** A free place is all zeros; no entry ever is, short of a preimage. */
  #isFree(at: number): boolean {
    for (let i = 0; i < ENTRY_WORDS; i++) {
      if (this.#table[at + i] !== 0) return false;
    }
    return true;
  }
}
