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

/** Appends `value` (an integer from 0 to 2^53 - 1) as VARINT. */
export function writeVarint(writer: ByteWriter, value: number): void {
  const groups: number[] = [value % 128];
  let rest = Math.floor(value / 128);
  while (rest > 0) {
    rest -= 1;
    groups.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  for (let i = groups.length - 1; i >= 0; i--) writer.u8(groups[i]!);
}
