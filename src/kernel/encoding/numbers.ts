// Little-endian integers of fixed width at an offset. Callers check bounds first; these only compute.

/** Unsigned 16-bit integer. */
export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** Unsigned 32-bit integer. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** Signed 32-bit integer. */
export function readI32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/**
 * Signed 64-bit integer as a number: exact within ±2^53, rounded beyond. Amounts beyond 2^53 are out of money range whatever
 * the rounding, so a range check on the result is exact (C01).
 */
export function readI64(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at + 4) * 0x100000000 + readU32(bytes, at);
}

/** Unsigned 64-bit integer, exact. */
export function readU64BigInt(bytes: Uint8Array, at: number): bigint {
  return (BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at));
}

/** Writes the low 16 bits of `value`. */
export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
}

/** Writes a 32-bit integer, signed or unsigned. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = (value >>> 24) & 0xff;
}

/** Writes a 64-bit integer that a number holds exactly (|value| ≤ 2^53), two's complement. */
export function writeI64(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x100000000);
  writeU32(bytes, at, (value - high * 0x100000000) >>> 0);
  writeU32(bytes, at + 4, high | 0);
}

/** Writes an unsigned 64-bit integer. */
export function writeU64BigInt(bytes: Uint8Array, at: number, value: bigint): void {
  writeU32(bytes, at, Number(value & 0xffffffffn));
  writeU32(bytes, at + 4, Number((value >> 32n) & 0xffffffffn));
}
