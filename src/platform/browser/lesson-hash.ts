// Fingerprints of texts: SHA-256, twice, as the ledger hashes everything. Digests are shown in the order in which they are computed,
// so that other programs say the same; only the ledger's own hashes are read backwards.

import { sha256d } from '../../kernel/crypto/sha256.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';

/** A fingerprint. */
export interface LessonDigest {
  readonly hex: string;
  /** 256 bits, the first one first. */
  readonly bits: readonly boolean[];
  /** How many of the first bits are zero. */
  readonly zeroBits: number;
}

const BYTE_BITS = 8;

/** The fingerprint of a text (UTF-8). */
export function hashText(text: string): LessonDigest {
  const bytes = sha256d(encodeUtf8(text));
  const bits = Array.from(bytes).flatMap((byte) =>
    Array.from({ length: BYTE_BITS }, (_, i) => (byte & (0x80 >>> i)) !== 0),
  );
  return { hex: toHex(bytes), bits, zeroBits: countZeroBits(bytes) };
}

/** How many of the first bits are zero. */
export function countZeroBits(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? BYTE_BITS * bytes.length : BYTE_BITS * first + Math.clz32(bytes[first]!) - 24;
}

/** In how many bits two fingerprints differ. */
export function countChangedBits(a: LessonDigest, b: LessonDigest): number {
  return a.bits.filter((bit, i) => bit !== b.bits[i]).length;
}
