// Remembers which signatures have been verified, so that a transaction checked for the mempool is not checked again in its block
// (Core script/sigcache). An entry names the kind of signature, signature hash, key and signature: all that a verification depends
// on, so flags and context cannot make a wrong hit (C37). Only successes are remembered. Bounded; an entry may be pushed out by
// another at any time (crypto/lossy-set.ts).

import { LOSSY_SET_SALT_BYTES, LossySet, type LossySetOptions } from '../crypto/lossy-set.ts';

/** Which scheme a signature belongs to; part of every entry. */
export const SIGNATURE_KIND: { readonly ECDSA: 0x45; readonly SCHNORR: 0x53 } = Object.freeze({
  ECDSA: 0x45,
  SCHNORR: 0x53,
});

/** Bytes of the salt. */
export const SIGNATURE_CACHE_SALT_BYTES: number = LOSSY_SET_SALT_BYTES;

/** What a signature cache is made of. */
export type SignatureCacheOptions = LossySetOptions;

/** A bounded set of verified signatures. */
export class SignatureCache {
  readonly #set: LossySet;

  constructor(options: SignatureCacheOptions) {
    this.#set = new LossySet(options);
  }

  /** True when exactly this verification has succeeded before. */
  has(kind: number, digest32: Uint8Array, publicKey: Uint8Array, signature64: Uint8Array): boolean {
    this.#name(kind, digest32, publicKey, signature64);
    return this.#set.has();
  }

  /** Remembers a verification that has succeeded. */
  add(kind: number, digest32: Uint8Array, publicKey: Uint8Array, signature64: Uint8Array): void {
    this.#name(kind, digest32, publicKey, signature64);
    this.#set.add();
  }

  /** Kind and length of the key first: no two different verifications give the same bytes. */
  #name(kind: number, digest32: Uint8Array, publicKey: Uint8Array, signature64: Uint8Array): void {
    const hasher = this.#set.begin();
    hasher.updateU8(kind).updateU8(publicKey.length).update(digest32).update(publicKey).update(signature64);
  }
}
