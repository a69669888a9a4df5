// Plain operations on byte arrays and their hexadecimal text. Nothing here knows what the bytes mean; in particular the
// reversed display order of hashes lives in primitives/hashes.ts alone.

import { AssertionError } from './assert.ts';
import { err, ok, type Result } from './result.ts';

/** No bytes at all; shared, since it has nothing that could be written. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** True when both hold the same bytes. Not constant-time: for public data only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && equalRange(a, 0, b, 0, a.length);
}

/** True when `length` bytes of `a` from `aStart` equal those of `b` from `bStart`. The ranges must lie inside. */
export function equalRange(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (a[aStart + i] !== b[bStart + i]) return false;
  }
  return true;
}

/** Lexicographic order of two byte strings: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * Longest range that is copied by a loop, the length of the longest stack element: what the engine's own copy saves above it
 * outweighs the view it needs.
 */
const LOOP_COPY_BYTES_MAX = 520;

/** Copies `length` bytes; ranges must lie inside, and must not overlap in one array. */
export function copyRange(
  source: Uint8Array,
  sourceStart: number,
  target: Uint8Array,
  targetStart: number,
  length: number,
): void {
  if (length <= LOOP_COPY_BYTES_MAX) {
    for (let i = 0; i < length; i++) target[targetStart + i] = source[sourceStart + i]!;
  } else {
    target.set(source.subarray(sourceStart, sourceStart + length), targetStart);
  }
}

/** All parts, one after another, in a new array; for few parts. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** All parts, however many, one after another, in a new array: a call takes no list of arguments without end (C40). */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}

/** A reversed copy. */
export function reversedBytes(bytes: Uint8Array): Uint8Array {
  return bytes.slice().reverse();
}

/** True when every byte is zero (also for no bytes). */
export function isZeroBytes(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0) return false;
  }
  return true;
}

const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Longer texts are made in pieces of so many bytes: a text that grew by two letters millions of times takes long to be read. */
const HEX_PIECE_BYTES = 4096;

/** Lower-case hexadecimal text, first byte first. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length > HEX_PIECE_BYTES) return encodeLongHex(bytes);
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX_PAIRS[bytes[i]!]!;
  return text;
}

/** What a host may be faster at: a block of 1.5 MB takes 1 ms in Node's own code, and 40 ms here to be written. */
export interface HostHex {
  /** The same text that {@link toHex} makes. */
  readonly encode: (bytes: Uint8Array) => string;
  /** The same bytes that {@link parseHex} reads; null for what is no hexadecimal text. */
  readonly decode: (text: string) => Uint8Array | null;
}

let encodeLongHex: HostHex['encode'] = encodeInPieces;
let decodeLongHex: HostHex['decode'] = () => null;

/** Lets a host write and read long texts. Results are the same with every host, and with none. */
export function useHostHex({ encode, decode }: HostHex): void {
  encodeLongHex = encode;
  decodeLongHex = decode;
}

function encodeInPieces(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += HEX_PIECE_BYTES) {
    const pairs = Array.from(bytes.subarray(start, start + HEX_PIECE_BYTES), (byte) => HEX_PAIRS[byte]!);
    text += pairs.join('');
  }
  return text;
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}

/** Why a text is not hexadecimal: an odd count of digits, or a character at `position` that is none. */
export interface HexError {
  readonly kind: 'hex-odd-length' | 'hex-bad-digit';
  readonly position: number;
}

/** Bytes of hexadecimal text in either case; no prefix, no spaces. */
export function parseHex(text: string): Result<Uint8Array, HexError> {
  if (text.length % 2 !== 0) return err({ kind: 'hex-odd-length', position: text.length });
  const read = text.length > 2 * HEX_PIECE_BYTES ? decodeLongHex(text) : null;
  if (read !== null) return ok(read);
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text.charCodeAt(2 * i));
    const low = nibble(text.charCodeAt(2 * i + 1));
    if (high < 0) return err({ kind: 'hex-bad-digit', position: 2 * i });
    if (low < 0) return err({ kind: 'hex-bad-digit', position: 2 * i + 1 });
    bytes[i] = high * 16 + low;
  }
  return ok(bytes);
}

/** Bytes of hexadecimal text that our own source spells out; a bad digit is a bug and throws AssertionError. */
export function fromHex(text: string): Uint8Array {
  const parsed = parseHex(text);
  if (!parsed.ok) throw new AssertionError(`${parsed.error.kind} at ${parsed.error.position}`);
  return parsed.value;
}
