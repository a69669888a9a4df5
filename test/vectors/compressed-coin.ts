// Amounts and scripts as Core's coin database compresses them (compressor.cpp), read back. For judges; the codec of the program
// itself belongs to its database.

import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { ByteReader } from '../../src/kernel/encoding/reader.ts';
import { readVarint } from '../../src/kernel/encoding/varint.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';

/** Satoshis of a compressed amount: digits without trailing zeros, the count of zeros, and the last digit, in one number. */
export function decompressAmount(compressed: number): number {
  if (compressed === 0) return 0;
  let rest = compressed - 1;
  const zeros = rest % 10;
  rest = Math.floor(rest / 10);
  if (zeros === 9) return (rest + 1) * 10 ** 9;
  const digit = (rest % 9) + 1;
  return (Math.floor(rest / 9) * 10 + digit) * 10 ** zeros;
}

/** Kinds below this number are templates; above it the number is the length of the script plus this. */
const SPECIAL_KINDS = 6;

/** The script after its kind: 0 P2PKH, 1 P2SH, 2 and 3 compressed key, 4 and 5 uncompressed key, else as it is. */
export function decompressScript(reader: ByteReader): Uint8Array {
  const kind = readVarint(reader, 'script kind');
  if (kind >= SPECIAL_KINDS) return reader.copy(kind - SPECIAL_KINDS, 'script');
  if (kind === 0) return concatBytes(Uint8Array.of(0x76, 0xa9, 20), reader.view(20, 'hash'), Uint8Array.of(0x88, 0xac));
  if (kind === 1) return concatBytes(Uint8Array.of(0xa9, 20), reader.view(20, 'hash'), Uint8Array.of(0x87));
  const x = reader.view(32, 'key');
  const compressed = concatBytes(Uint8Array.of(2 + (kind % 2)), x);
  const key = kind < 4 ? compressed : secp256k1.Point.fromBytes(compressed).toBytes(false);
  return concatBytes(Uint8Array.of(key.length), key, Uint8Array.of(0xac));
}
