// What this machine encrypts connections with (BIP324): OpenSSL's ChaCha20-Poly1305, which takes a twentieth of the time that
// JavaScript does, and the system's chance. Where OpenSSL has not got the cipher, or gives another answer, JavaScript does the work.

import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  type ChaCha20Poly1305,
  nobleChaCha20Poly1305,
} from '../../kernel/crypto/chacha20-poly1305.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { EMPTY_BYTES, equalBytes } from '../../kernel/util/bytes.ts';
import type { Encryption } from '../../node/ports.ts';

const ALGORITHM = 'chacha20-poly1305';
const TAG_LENGTH = { authTagLength: AEAD_TAG_BYTES };

/** The cipher through node:crypto. */
export const opensslChaCha20Poly1305: ChaCha20Poly1305 = Object.freeze({
  name: 'OpenSSL (node:crypto)',
  sealInPlace: (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, bytes: Uint8Array): void => {
    const length = bytes.length - AEAD_TAG_BYTES;
    const cipher = createCipheriv(ALGORITHM, key, nonce, TAG_LENGTH);
    cipher.setAAD(associated, { plaintextLength: length });
    bytes.set(cipher.update(bytes.subarray(0, length)));
    cipher.final();
    bytes.set(cipher.getAuthTag(), length);
  },
  open: (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Uint8Array | null => {
    const length = sealed.length - AEAD_TAG_BYTES;
    if (length < 0) return null;
    const decipher = createDecipheriv(ALGORITHM, key, nonce, TAG_LENGTH);
    decipher.setAAD(associated, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const { buffer, byteOffset } = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      // The tag is not right.
      return null;
    }
    return new Uint8Array(buffer, byteOffset, length);
  },
});

/** Whether both ciphers make the same of a message with associated data, and open it. */
function doAgree(one: ChaCha20Poly1305, other: ChaCha20Poly1305): boolean {
  const key = new Uint8Array(AEAD_KEY_BYTES).fill(1);
  const nonce = new Uint8Array(AEAD_NONCE_BYTES).fill(2);
  const associated = Uint8Array.of(3, 4, 5);
  const [first, second] = [one, other].map((cipher) => {
    const bytes = new Uint8Array(100).fill(6);
    cipher.sealInPlace(key, nonce, associated, bytes);
    return bytes;
  });
  if (!equalBytes(first!, second!) || one.open(key, nonce, EMPTY_BYTES, first!) !== null) return false;
  const opened = one.open(key, nonce, associated, second!);
  return opened?.length === 100 - AEAD_TAG_BYTES && opened.every((byte) => byte === 6);
}

/** The fastest cipher that works here. */
export function loadChaCha20Poly1305(candidate: ChaCha20Poly1305 = opensslChaCha20Poly1305): ChaCha20Poly1305 {
  try {
    if (doAgree(candidate, nobleChaCha20Poly1305)) return candidate;
  } catch {
    // It is not there: some builds of OpenSSL have left it out.
  }
  return nobleChaCha20Poly1305;
}

/** What connections are encrypted with on this machine. */
export function createHostEncryption(secp: Secp256k1): Encryption {
  return {
    secp,
    aead: loadChaCha20Poly1305(),
    secureRandom: (bytes) => {
      randomFillSync(bytes);
    },
  };
}
