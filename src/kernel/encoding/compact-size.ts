// CompactSize: Bitcoin's variable-length unsigned integer (Core serialize.h ReadCompactSize/WriteCompactSize).
// One value has exactly one encoding; a longer one is refused.

import { DecodeError } from './decode-error.ts';

/** Largest CompactSize that counts something (Core MAX_SIZE, 32 MiB): refuses absurd lengths before anything is allocated. */
export const MAX_SIZE = 0x02000000;

/** Encoded length in bytes of a CompactSize: 1, 3, 5 or 9. */
export function compactSizeLength(value: number): number {
  if (value < 0xfd) return 1;
  if (value <= 0xffff) return 3;
  if (value <= 0xffffffff) return 5;
  return 9;
}

/** Length in bytes of the CompactSize that starts with `firstByte`. */
export function compactSizeWidth(firstByte: number): number {
  if (firstByte < 0xfd) return 1;
  if (firstByte === 0xfd) return 3;
  if (firstByte === 0xfe) return 5;
  return 9;
}

/**
 * Value of the CompactSize at `position`; the caller advances by {@link compactSizeLength} of it.
 * Throws DecodeError when cut short, not canonical, or above MAX_SIZE. `end` bounds the readable bytes.
 */
export function readCompactSizeAt(bytes: Uint8Array, position: number, end: number, what: string): number {
  if (position >= end) throw new DecodeError('SpanReader::read(): end of data', what, position, 0, 1);
  const first = bytes[position]!;
  if (first < 0xfd) return first;
  return readLongCompactSizeAt(bytes, position, end, what);
}

function readLongCompactSizeAt(bytes: Uint8Array, position: number, end: number, what: string): number {
  const value = readAnyCompactSizeAt(bytes, position, end, what);
  if (value > MAX_SIZE) throw new DecodeError('ReadCompactSize(): size too large', what, position, value, MAX_SIZE);
  return value;
}

/**
 * As {@link readCompactSizeAt} without the MAX_SIZE limit, for values that are no lengths. Above 2^53 the value is rounded.
 */
export function readAnyCompactSizeAt(bytes: Uint8Array, position: number, end: number, what: string): number {
  if (position >= end) throw new DecodeError('SpanReader::read(): end of data', what, position, 0, 1);
  const first = bytes[position]!;
  const width = compactSizeWidth(first);
  if (width === 1) return first;
  if (end - position < width) {
    throw new DecodeError('SpanReader::read(): end of data', what, position, end - position, width);
  }
  let value = 0;
  for (let i = width - 1; i >= 1; i--) value = value * 256 + bytes[position + i]!;
  if (compactSizeLength(value) < width) {
    throw new DecodeError('non-canonical ReadCompactSize()', what, position, width, compactSizeLength(value));
  }
  return value;
}

/** Writes `value` as CompactSize at `position` and returns the position after it. */
export function writeCompactSizeAt(target: Uint8Array, position: number, value: number): number {
  const width = compactSizeLength(value);
  let rest = value;
  let at = position;
  if (width > 1) target[at++] = width === 3 ? 0xfd : width === 5 ? 0xfe : 0xff;
  for (let i = width === 1 ? 0 : 1; i < width; i++) {
    target[at++] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at;
}
