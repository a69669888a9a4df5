// Amounts as Core's coin database and undo files compress them (compressor.cpp CompressAmount): most amounts end in zeros, so
// their count e (0 to 9), the last digit d before them and the rest n become one number, 1 + 10 * (9n + d - 1) + e, or
// 1 + 10 * (n - 1) + 9 for nine zeros and more; zero is zero. It is written as VARINT. The number reaches nine times the amount
// and so passes 2^53 for amounts above ten million coins; therefore it is never formed: its last seven bits and the rest are
// computed apart, from the quotient by ten and the remainder.

import { DecodeError } from '../encoding/decode-error.ts';
import type { ByteReader } from '../encoding/reader.ts';
import { writeVarintAt } from '../encoding/varint.ts';
import { MAX_MONEY } from '../primitives/amount.ts';

/** Most bytes that a compressed amount takes: its number is below 9 * MAX_MONEY * 10 / 9 < 2^55. */
export const COMPRESSED_AMOUNT_BYTES_MAX = 8;

/** Writes the amount, 0 to MAX_MONEY, at `at` and returns the position after it. */
export function writeCompressedAmountAt(target: Uint8Array, at: number, valueSat: number): number {
  if (valueSat === 0) {
    target[at] = 0;
    return at + 1;
  }
  let rest = valueSat;
  let zeros = 0;
  while (zeros < 9 && rest % 10 === 0) {
    rest /= 10;
    zeros++;
  }
  const digit = rest % 10;
  const quotient = zeros < 9 ? ((rest - digit) / 10) * 9 + digit - 1 : rest - 1;
  // 10 * quotient + remainder, as 128 * high + low
  const remainder = zeros + 1;
  const quotientLow = quotient % 64;
  const sum = 10 * quotientLow + remainder;
  const high = ((quotient - quotientLow) / 64) * 5 + Math.floor(sum / 128);
  const low = sum % 128;
  if (high === 0) {
    target[at] = low;
    return at + 1;
  }
  const last = writeVarintAt(target, at, high - 1);
  target[last - 1]! |= 0x80;
  target[last] = low;
  return last + 1;
}

/** Reads a compressed amount; one above MAX_MONEY is refused. */
export function readCompressedAmount(reader: ByteReader): number {
  const at = reader.position;
  // all groups but the last in `high`, as it will be multiplied by 128
  let high = 0;
  let low = reader.u8('amount');
  for (let groups = 1; (low & 0x80) !== 0; groups++) {
    if (groups === COMPRESSED_AMOUNT_BYTES_MAX) refuse(at, high, MAX_MONEY);
    high = high * 128 + (low & 0x7f) + 1;
    low = reader.u8('amount');
  }
  if (high === 0 && low === 0) return 0;
  const sum = 8 * high + low - 1;
  const zeros = sum % 10;
  const quotient = 12 * high + Math.floor(sum / 10);
  let value = zeros < 9 ? Math.floor(quotient / 9) * 10 + (quotient % 9) + 1 : quotient + 1;
  for (let i = 0; i < zeros; i++) value *= 10;
  if (value > MAX_MONEY) refuse(at, value, MAX_MONEY);
  return value;
}

function refuse(at: number, got: number, expected: number): never {
  throw new DecodeError('bad value', 'amount', at, got, expected);
}
