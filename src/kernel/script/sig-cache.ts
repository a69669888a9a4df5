// Remembers which signatures have been verified, so that a transaction checked for the mempool is not checked again in its block
// (Core script/sigcache). An entry is the SHA-256 of a secret salt, the kind of signature, signature hash, key and signature:
// all that a verification depends on, so flags and context cannot make a wrong hit (C37), and nobody outside can aim entries at
// one place. Only successes are remembered. Bounded; an entry may be pushed out by another at any time.

import { Sha256Hasher } from '../crypto/sha256.ts';
import { assert } from '../util/assert.ts';

/** Which scheme a signature belongs to; part of every entry. */
export const SIGNATURE_KIND: { readonly ECDSA: 0x45; readonly SCHNORR: 0x53 } = Object.freeze({
  ECDSA: 0x45,
  SCHNORR: 0x53,
});

/** 32-bit words of an entry: a whole SHA-256. */
const ENTRY_WORDS = 8;

/** Entries that share a place in the table. */
const BUCKET_ENTRIES = 4;

/** Bytes of the salt. */
export const SIGNATURE_CACHE_SALT_BYTES = 32;

/** What a signature cache is made of. */
export interface SignatureCacheOptions {
  /** Entries it holds, rounded up to a power of two; each takes 32 bytes. */
  readonly entryCountMax: number;
  /** 32 secret random bytes, new at every start. */
  readonly salt: Uint8Array;
}

/** A bounded set of verified signatures. */
export class SignatureCache {
  readonly #table: Uint32Array;
  readonly #bucketMask: number;
  readonly #salted = new Sha256Hasher();
  readonly #hasher = new Sha256Hasher();
  readonly #entryBytes = new Uint8Array(4 * ENTRY_WORDS);
  readonly #entry = new Uint32Array(this.#entryBytes.buffer);

  constructor(options: SignatureCacheOptions) {
    assert(options.salt.length === SIGNATURE_CACHE_SALT_BYTES, 'signature cache: a salt of 32 bytes');
    let bucketCount = 1;
    while (bucketCount * BUCKET_ENTRIES < options.entryCountMax) bucketCount *= 2;
    this.#bucketMask = bucketCount - 1;
    this.#table = new Uint32Array(bucketCount * BUCKET_ENTRIES * ENTRY_WORDS);
    // The salt fills one block of SHA-256 together with zeros, so that it costs nothing per entry.
    this.#salted
      .reset()
      .update(options.salt)
      .update(new Uint8Array(64 - SIGNATURE_CACHE_SALT_BYTES));
  }

  /** True when exactly this verification has succeeded before. */
  has(kind: number, digest32: Uint8Array, publicKey: Uint8Array, signature64: Uint8Array): boolean {
    this.#computeEntry(kind, digest32, publicKey, signature64);
    const first = this.#bucketStart();
    for (let i = 0; i < BUCKET_ENTRIES; i++) {
      if (this.#holdsAt(first + i * ENTRY_WORDS)) return true;
    }
    return false;
  }

  /** Remembers a verification that has succeeded. */
  add(kind: number, digest32: Uint8Array, publicKey: Uint8Array, signature64: Uint8Array): void {
    this.#computeEntry(kind, digest32, publicKey, signature64);
    const first = this.#bucketStart();
    let at = first + (this.#entry[1]! % BUCKET_ENTRIES) * ENTRY_WORDS;
    for (let i = 0; i < BUCKET_ENTRIES; i++) {
      const candidate = first + i * ENTRY_WORDS;
      if (this.#holdsAt(candidate)) return;
      if (this.#isFree(candidate)) at = candidate;
    }
    this.#table.set(this.#entry, at);
  }

  #computeEntry(kind: number, digest32: Uint8Array, publicKey: Uint8Array, signature64: Uint8Array): void {
    const hasher = this.#hasher.copyFrom(this.#salted);
    // Kind and length of the key first: no two different verifications give the same bytes.
    hasher.updateU8(kind).updateU8(publicKey.length).update(digest32).update(publicKey).update(signature64);
    hasher.digestInto(this.#entryBytes, 0);
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
