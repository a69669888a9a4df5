// Encryption that shows every change: XChaCha20-Poly1305, whose nonces are long enough to be drawn by chance. Associated data are not
// encrypted, but must be the same when the ciphertext is opened.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { drawEntropy } from '../keys/entropy.ts';
import type { SecureRandom } from '../ports.ts';

/** Length of keys. */
export const AEAD_KEY_BYTES = 32;

const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** By how much a sealed text is longer than what is in it. */
export const AEAD_OVERHEAD_BYTES: number = NONCE_BYTES + TAG_BYTES;

/** Encrypts under a new nonce, which comes first. */
export function seal(
  key: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
  secureRandom: SecureRandom,
): Uint8Array {
  const nonce = drawEntropy(secureRandom, NONCE_BYTES);
  return concatBytes(nonce, xchacha20poly1305(key, nonce, associated).encrypt(plain));
}

/** Decrypts; null when anything about it is not as it was: the key, the associated data, the ciphertext. */
export function unseal(key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | null {
  if (sealed.length < AEAD_OVERHEAD_BYTES) return null;
  const cipher = xchacha20poly1305(key, sealed.subarray(0, NONCE_BYTES), associated);
  try {
    return cipher.decrypt(sealed.subarray(NONCE_BYTES));
  } catch {
    // With these lengths there is one reason: the tag is not right.
    return null;
  }
}
