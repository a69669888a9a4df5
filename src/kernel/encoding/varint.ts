// VARINT: Core's base-128 integer of the databases and undo files (serialize.h ReadVarInt/WriteVarInt, mode DEFAULT).
// Most significant group first; every group but the last has its high bit set and carries one less than its value.

import { DecodeError } from './decode-error.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** A VARINT up to 2^53 - 1; a larger one is refused. */
export function readVarint(reader: ByteReader, what: string): number {
  const at = reader.position;
  let value = 0;
  for (;;) {
    const byte = reader.u8(what);
    if (value > (Number.MAX_SAFE_INTEGER - 127) / 128) {
      throw new DecodeError('ReadVarInt(): size too large', what, at, value, Number.MAX_SAFE_INTEGER);
    }
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return value;
    value += 1;
  }
}

/** Encoded length in bytes of a VARINT. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128) - 1) length++;
  return length;
}

/** Writes `value` (an integer from 0 to 2^53 - 1) as VARINT at `at` and returns the position after it. */
export function writeVarintAt(target: Uint8Array, at: number, value: number): number {
  const end = at + varintLength(value);
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    target[i] = (rest % 128) + (i === end - 1 ? 0 : 128);
    rest = Math.floor(rest / 128) - 1;
  }
  return end;
}

/** Appends `value` (an integer from 0 to 2^53 - 1) as VARINT. */
export function writeVarint(writer: ByteWriter, value: number): void {
  const bytes = new Uint8Array(varintLength(value));
  writeVarintAt(bytes, 0, value);
  writer.put(bytes);
}
