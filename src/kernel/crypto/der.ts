// ECDSA signatures as bytes: the lax reading of old blocks (Core's ecdsa_signature_parse_der_lax), the strict form of
// BIP66 (Core's IsValidSignatureEncoding), the low-S rule (BIP146), and the encoder. Everything works on ranges of a
// larger array and writes r||s into 64 bytes of the caller. Verifying is not done here: see secp256k1.ts.

/** Bytes of a compact signature: r and s, 32 bytes each, most significant byte first. */
export const COMPACT_SIGNATURE_SIZE = 64;

/** Longest strict DER signature with its hash type byte: two integers of 33 bytes (BIP66). */
export const STRICT_DER_SIZE_MAX = 73;

/** Order n of the group (SEC 2, secp256k1), most significant byte first. */
const ORDER: Uint8Array = Uint8Array.from([
  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
  0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
]);

/** (n - 1) / 2: the largest s that counts as low. */
const HALF_ORDER: Uint8Array = Uint8Array.from([
  0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
  0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
]);

/** Order of two 32-byte numbers, `a` from `aStart` and `b` whole: negative, zero or positive. */
function compare32(a: Uint8Array, aStart: number, b: Uint8Array): number {
  for (let i = 0; i < 32; i++) {
    const difference = a[aStart + i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Copies the integer in `[start, end)` right-aligned into 32 bytes of `out`, which must be zero. Returns false when it
 * has more than 32 significant bytes. A sign bit has no meaning here.
 */
function copyInteger(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): boolean {
  let first = start;
  while (first < end && bytes[first] === 0) first++;
  const length = end - first;
  if (length > 32) return false;
  for (let i = 0; i < length; i++) out[outAt + 32 - length + i] = bytes[first + i]!;
  return true;
}

/** Start of the contents of the integer whose tag lies at `tagAt`; -1 when no tag or length can be read there. */
function integerStart(bytes: Uint8Array, tagAt: number, end: number): number {
  if (end - tagAt < 2 || bytes[tagAt] !== 0x02) return -1;
  const length = bytes[tagAt + 1]!;
  if (length < 0x80) return tagAt + 2;
  const start = tagAt + 2 + (length - 0x80);
  return start <= end ? start : -1;
}

/** End of the contents that begin at `start`, the tag being at `tagAt`; -1 when they would reach past `end`. */
function integerEnd(bytes: Uint8Array, tagAt: number, start: number, end: number): number {
  let length = bytes[tagAt + 1]!;
  if (length >= 0x80) {
    let at = tagAt + 2;
    while (at < start && bytes[at] === 0) at++;
    if (start - at >= 4) return -1;
    length = 0;
    for (; at < start; at++) length = length * 256 + bytes[at]!;
  }
  return length <= end - start ? start + length : -1;
}

/**
 * Reads a signature (without its hash type byte) the way blocks before BIP66 need it: lengths in any form, padding,
 * "negative" integers and bytes after the end are all accepted, and the length of the sequence is ignored. Writes r||s to
 * `out64` and returns true; returns false when no two integers can be made out, and `out64` is then zero. An r or s of n
 * or more gives r = s = 0 and true, as in Core: a signature that reads well and verifies for no key.
 */
export function parseSignatureLax(bytes: Uint8Array, start: number, end: number, out64: Uint8Array): boolean {
  out64.fill(0, 0, COMPACT_SIGNATURE_SIZE);
  if (end - start < 2 || bytes[start] !== 0x30) return false;
  let position = start + 2;
  const sequenceLength = bytes[start + 1]!;
  if (sequenceLength >= 0x80) {
    if (sequenceLength - 0x80 > end - position) return false;
    position += sequenceLength - 0x80;
  }
  const rStart = integerStart(bytes, position, end);
  const rEnd = rStart < 0 ? -1 : integerEnd(bytes, position, rStart, end);
  if (rEnd < 0) return false;
  const sStart = integerStart(bytes, rEnd, end);
  const sEnd = sStart < 0 ? -1 : integerEnd(bytes, rEnd, sStart, end);
  if (sEnd < 0) return false;
  const fits =
    copyInteger(bytes, rStart, rEnd, out64, 0) &&
    copyInteger(bytes, sStart, sEnd, out64, 32) &&
    compare32(out64, 0, ORDER) < 0 &&
    compare32(out64, 32, ORDER) < 0;
  if (!fits) out64.fill(0, 0, COMPACT_SIGNATURE_SIZE);
  return true;
}

/** True when s, the second half of a compact signature, is above half the order (BIP146). */
export function isHighS(signature64: Uint8Array): boolean {
  return compare32(signature64, 32, HALF_ORDER) > 0;
}

/**
 * Replaces a high s (above half the order, below the order) by n - s, in place; both verify alike, and every backend
 * takes the low one only. Returns whether s was high. Consensus never asked for a low s, hence this step.
 */
export function normalizeS(signature64: Uint8Array): boolean {
  if (!isHighS(signature64)) return false;
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = ORDER[i]! - signature64[32 + i]! - borrow;
    signature64[32 + i] = difference & 0xff;
    borrow = difference < 0 ? 1 : 0;
  }
  return true;
}

/**
 * True when `[start, end)` is one strict DER signature followed by one hash type byte (BIP66, Core's
 * IsValidSignatureEncoding): shortest lengths, positive integers without needless zeros, nothing left over. The values
 * may still be out of range. An empty range is not strict; script rules allow it elsewhere.
 */
export function isStrictDerSignature(bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  if (size < 9 || size > STRICT_DER_SIZE_MAX) return false;
  if (bytes[start] !== 0x30 || bytes[start + 1] !== size - 3) return false;
  const rLength = bytes[start + 3]!;
  if (5 + rLength >= size) return false;
  const sLength = bytes[start + 5 + rLength]!;
  if (rLength + sLength + 7 !== size) return false;
  return isStrictInteger(bytes, start + 2, rLength) && isStrictInteger(bytes, start + 4 + rLength, sLength);
}

/** True when the integer whose tag lies at `tagAt` has `length` ≥ 1 bytes, is positive and has no needless zero. */
function isStrictInteger(bytes: Uint8Array, tagAt: number, length: number): boolean {
  if (bytes[tagAt] !== 0x02 || length === 0) return false;
  const first = bytes[tagAt + 2]!;
  if (first >= 0x80) return false;
  return !(length > 1 && first === 0 && bytes[tagAt + 3]! < 0x80);
}

/**
 * True when the signature in `[start, end)`, without its hash type byte, reads (laxly) and has a low s; Core's
 * CPubKey::CheckLowS. An s of n or more counts as zero, thus as low, also as in Core. Leaves r||s in `scratch64`.
 */
export function isLowSDerSignature(bytes: Uint8Array, start: number, end: number, scratch64: Uint8Array): boolean {
  return parseSignatureLax(bytes, start, end, scratch64) && !isHighS(scratch64);
}

/** Writes one DER integer at `outAt` and returns the position after it. */
function writeInteger(signature64: Uint8Array, from: number, out: Uint8Array, outAt: number): number {
  let first = from;
  while (first < from + 31 && signature64[first] === 0) first++;
  const length = from + 32 - first;
  const padded = signature64[first]! >= 0x80 ? 1 : 0;
  out[outAt] = 0x02;
  out[outAt + 1] = length + padded;
  out[outAt + 2] = 0;
  let position = outAt + 2 + padded;
  for (let i = 0; i < length; i++) out[position++] = signature64[first + i]!;
  return position;
}

/** The strict DER form of a compact signature, without a hash type byte: 8 to 72 new bytes. */
export function encodeSignatureDer(signature64: Uint8Array): Uint8Array {
  const out = new Uint8Array(STRICT_DER_SIZE_MAX - 1);
  const end = writeInteger(signature64, 32, out, writeInteger(signature64, 0, out, 2));
  out[0] = 0x30;
  out[1] = end - 2;
  return out.slice(0, end);
}
