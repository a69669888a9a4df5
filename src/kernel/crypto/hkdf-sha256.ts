// HKDF with HMAC-SHA256 (RFC 5869), in the one form that is in use: keys of 32 bytes, each a single step of the expansion (BIP324).
// Mirrors Core's CHKDF_HMAC_SHA256_L32.

import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** What keys are derived from: one secret, spread evenly. Salts and the names of keys are bytes of ASCII text. */
export class HkdfSha256 {
  readonly #pseudorandomKey: Uint8Array;

  constructor(secret: Uint8Array, salt: Uint8Array) {
    this.#pseudorandomKey = extract(sha256, secret, salt);
  }

  /** The key of this name, 32 new bytes. */
  deriveKey(name: Uint8Array): Uint8Array {
    return expand(sha256, this.#pseudorandomKey, name, 32);
  }

  /** Forgets the secret; no key can be derived any more. */
  clear(): void {
    this.#pseudorandomKey.fill(0);
  }
}
