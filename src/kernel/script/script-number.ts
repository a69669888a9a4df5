// Script numbers (Core CScriptNum): little-endian with the sign in the highest bit, any length up to a limit. Operands have at
// most 4 bytes, locktimes 5; results may grow by a byte and are then no operands any more. All of them are exact as numbers
// of JavaScript, and an encoding that is none reads as NaN, so that nothing is thrown or allocated here.

/** Longest operand of the numeric opcodes, in bytes (Core CScriptNum::nDefaultMaxNumSize). */
export const SCRIPT_NUMBER_BYTES_MAX = 4;

/** Longest operand of OP_CHECKLOCKTIMEVERIFY and OP_CHECKSEQUENCEVERIFY, so that they reach beyond 2038 (BIP65, BIP112). */
export const LOCKTIME_NUMBER_BYTES_MAX = 5;

/** Room that the encoding of any number from here needs: 5 bytes for ±(2^39 − 1), which covers every result. */
export const ENCODED_NUMBER_BYTES_MAX = 6;

/**
 * True when no shorter encoding says the same: the highest byte is more than a sign, unless the byte below needs that sign
 * bit's place. Refuses negative zero, too (BIP62 rule 4).
 */
export function isMinimalScriptNumber(bytes: Uint8Array, start: number, length: number): boolean {
  if (length === 0 || (bytes[start + length - 1]! & 0x7f) !== 0) return true;
  return length > 1 && (bytes[start + length - 2]! & 0x80) !== 0;
}

/** The number in `length` bytes at `start`, or NaN when they are longer than `bytesMax` or not minimal where that is required. */
export function decodeScriptNumber(
  bytes: Uint8Array,
  start: number,
  length: number,
  bytesMax: number,
  requireMinimal: boolean,
): number {
  if (length === 0) return 0;
  if (length > bytesMax) return Number.NaN;
  if (requireMinimal && !isMinimalScriptNumber(bytes, start, length)) return Number.NaN;
  const top = bytes[start + length - 1]!;
  let magnitude = top & 0x7f;
  for (let i = length - 2; i >= 0; i--) magnitude = magnitude * 256 + bytes[start + i]!;
  return (top & 0x80) === 0 ? magnitude : 0 - magnitude;
}

/** Writes the shortest encoding of an integer within ±(2^47 − 1) at `at` and returns its length in bytes; zero has none. */
export function writeScriptNumberAt(target: Uint8Array, at: number, value: number): number {
  let rest = Math.abs(value);
  let length = 0;
  while (rest > 0) {
    target[at + length++] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  if (length === 0) return 0;
  const top = target[at + length - 1]!;
  if ((top & 0x80) !== 0) target[at + length++] = value < 0 ? 0x80 : 0;
  else if (value < 0) target[at + length - 1] = top | 0x80;
  return length;
}

/** The shortest encoding of an integer within ±(2^47 − 1), in a new array. */
export function encodeScriptNumber(value: number): Uint8Array {
  const room = new Uint8Array(ENCODED_NUMBER_BYTES_MAX);
  return room.slice(0, writeScriptNumberAt(room, 0, value));
}
