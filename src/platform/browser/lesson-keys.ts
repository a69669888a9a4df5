// Keys and signatures for a lesson: a key made by chance, a text signed with it, and the check that needs the public key alone. The
// curve is the ledger's (secp256k1, ECDSA), the digest its double SHA-256.

import { normalizeS } from '../../kernel/crypto/der.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { assert } from '../../kernel/util/assert.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

const SECRET_BYTES = 32;

/** A key pair in hexadecimal. */
export interface LessonKey {
  readonly secret: string;
  /** 33 bytes: it may be shown to everyone. */
  readonly publicKey: string;
}

/** A key made by the browser's source of chance. */
export function createLessonKey(): LessonKey {
  for (;;) {
    const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
    const publicKey = nobleSecp256k1.createPublicKey(secret, true);
    // One in 2^128 numbers of 256 bits is no key.
    if (publicKey !== null) return { secret: toHex(secret), publicKey: toHex(publicKey) };
  }
}

/** The signature of a text: 64 bytes in hexadecimal. */
export function signText(secret: string, text: string): string {
  const signature = nobleSecp256k1.signEcdsa(digestOf(text), fromHex(secret));
  assert(signature !== null, 'the secret of a key signs');
  return toHex(signature);
}

/** Whether a signature is that of the text by the owner of the public key. */
export function verifyText(publicKey: string, text: string, signature: string): boolean {
  const copy = fromHex(signature);
  normalizeS(copy);
  return nobleSecp256k1.verifyEcdsa(copy, digestOf(text), fromHex(publicKey));
}

function digestOf(text: string): Uint8Array {
  return sha256d(encodeUtf8(text));
}

/** The same bytes with one bit turned over: bit 0 is the highest of the first byte. */
export function flipBit(hex: string, bit: number): string {
  const bytes = fromHex(hex);
  bytes[bit >>> 3]! ^= 0x80 >>> (bit & 7);
  return toHex(bytes);
}
