// Targets of proof of work: the compact 32-bit form in headers ("bits"), the 256-bit number it stands for, and the work a target
// proves (Core arith_uint256 SetCompact and GetCompact, chain.cpp GetBitsProof). A compact is a floating-point number of base
// 256: one byte of size, a sign bit, 23 bits of mantissa. Numbers are bigint here except where every header passes: the
// comparison with a hash runs on bytes.

import { assert } from '../util/assert.ts';

/** Bytes of a target. */
const TARGET_BYTES = 32;
/** 2^256: targets and sums of work lie below it. */
const TARGET_END = 1n << 256n;
const MANTISSA_MASK = 0x7fffff;
const SIGN_BIT = 0x800000;

/** What a compact says: a magnitude, cut to 256 bits, and two ways in which it is no target. */
export interface CompactValue {
  /** Magnitude, cut to 256 bits as Core's shift does. */
  readonly magnitude: bigint;
  readonly isNegative: boolean;
  /** The value does not fit into 256 bits. */
  readonly isOverflow: boolean;
}

/** The easiest target of a network, in the three forms in which it is needed. */
export interface PowLimit {
  readonly target: bigint;
  /** Compact form, rounded down: what minimum-difficulty blocks carry. */
  readonly bits: number;
  /** 32 bytes, least significant first, as hashes are. */
  readonly bytes: Uint8Array;
}

/** Mantissa of a compact whose size is below 3: the low bytes fall off. */
function compactMantissa(bits: number): number {
  const size = bits >>> 24;
  const mantissa = bits & MANTISSA_MASK;
  return size < 3 ? mantissa >>> (8 * (3 - size)) : mantissa;
}

/** Position of the mantissa's lowest byte. */
function compactShiftBytes(bits: number): number {
  const size = bits >>> 24;
  return size < 3 ? 0 : size - 3;
}

/** A sign on anything but zero (Core's fNegative). */
export function isNegativeCompact(bits: number): boolean {
  return (bits & SIGN_BIT) !== 0 && compactMantissa(bits) !== 0;
}

/** A value of more than 256 bits (Core's fOverflow). */
export function isOverflowCompact(bits: number): boolean {
  const size = bits >>> 24;
  const mantissa = compactMantissa(bits);
  return mantissa !== 0 && (size > 34 || (size > 33 && mantissa > 0xff) || (size > 32 && mantissa > 0xffff));
}

/** Reads a compact (Core SetCompact). */
export function decodeCompact(bits: number): CompactValue {
  return {
    magnitude: BigInt.asUintN(256, BigInt(compactMantissa(bits)) << BigInt(8 * compactShiftBytes(bits))),
    isNegative: isNegativeCompact(bits),
    isOverflow: isOverflowCompact(bits),
  };
}

/** Compact form of a number below 2^256, rounded down to what its mantissa holds (Core GetCompact). */
export function encodeCompact(target: bigint): number {
  assert(target >= 0n && target < TARGET_END, 'a target of 256 bits');
  let size = target === 0n ? 0 : Math.ceil(target.toString(16).length / 2);
  let mantissa = size <= 3 ? Number(target) << (8 * (3 - size)) : Number(target >> BigInt(8 * (size - 3)));
  if ((mantissa & SIGN_BIT) !== 0) {
    // The top bit is the sign: give the number one more byte of size instead.
    mantissa >>>= 8;
    size++;
  }
  return ((size << 24) | mantissa) >>> 0;
}

/**
 * Compares the magnitude of a compact with the 32-byte number at `start`, least significant byte first: negative, zero or
 * positive. No allocation; the compact must not overflow.
 */
export function compareCompact(bits: number, number: Uint8Array, start: number): number {
  const mantissa = compactMantissa(bits);
  const low = compactShiftBytes(bits);
  for (let i = TARGET_BYTES - 1; i > low + 2; i--) {
    if (number[start + i] !== 0) return -1;
  }
  for (let i = low + 2; i >= low; i--) {
    const wanted = (mantissa >>> (8 * (i - low))) & 0xff;
    const found = i < TARGET_BYTES ? number[start + i]! : 0;
    if (wanted !== found) return wanted - found;
  }
  for (let i = low - 1; i >= 0; i--) {
    if (number[start + i] !== 0) return -1;
  }
  return 0;
}

/** The number in 32 bytes, least significant first. */
export function readTarget(bytes: Uint8Array, start = 0): bigint {
  let value = 0n;
  for (let i = TARGET_BYTES - 4; i >= 0; i -= 4) {
    const at = start + i;
    const word = bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x10000 + bytes[at + 3]! * 0x1000000;
    value = (value << 32n) | BigInt(word);
  }
  return value;
}

/** 32 bytes of a number below 2^256, least significant first. */
export function encodeTarget(target: bigint): Uint8Array {
  const bytes = new Uint8Array(TARGET_BYTES);
  let rest = target;
  for (let i = 0; i < TARGET_BYTES; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** A network's limit from its number. */
export function createPowLimit(target: bigint): PowLimit {
  return { target, bits: encodeCompact(target), bytes: encodeTarget(target) };
}

/** Whether bits encode a target that a header of this network may claim: positive, not above the limit (C31). */
export function isTargetInRange(bits: number, limit: PowLimit): boolean {
  if (isNegativeCompact(bits) || isOverflowCompact(bits) || compactMantissa(bits) === 0) return false;
  return compareCompact(bits, limit.bytes, 0) <= 0;
}

/** The target that bits encode, or null where {@link isTargetInRange} is false (Core DeriveTarget). */
export function deriveTarget(bits: number, limit: PowLimit): bigint | null {
  return isTargetInRange(bits, limit) ? decodeCompact(bits).magnitude : null;
}

/**
 * Work that a header with these bits proves: the hashes it takes on average, 2^256 / (target + 1). Zero for bits that are no
 * target (Core GetBitsProof).
 */
export function computeWork(bits: number): bigint {
  const { magnitude, isNegative, isOverflow } = decodeCompact(bits);
  return isNegative || isOverflow || magnitude === 0n ? 0n : TARGET_END / (magnitude + 1n);
}
