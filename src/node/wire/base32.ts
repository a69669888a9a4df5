// Base32 of RFC 4648 in lower case and without padding: how the addresses of onion services and of I2P are written. Mirrors Core's
// EncodeBase32 and DecodeBase32 (util/strencodings) for lengths that both kinds of address have.

import { decodeLetters, encodeLetters } from './base-letters.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Bits of a letter. */
const LETTER_BITS = 5;

/** The text of some bytes. */
export function encodeBase32(bytes: Uint8Array): string {
  return encodeLetters(bytes, ALPHABET);
}

/** The value of a digit in either case; -1: it is none. Only ASCII letters are folded. */
function digitOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 50 && code <= 55) return code - 24;
  return -1;
}

/** The bytes of a text in either case; null when it is none, or when bits that are left over are not zero. */
export function decodeBase32(text: string): Uint8Array | null {
  return decodeLetters(text, LETTER_BITS, digitOf);
}
