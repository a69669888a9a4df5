// Outpoint: the name of one output, by the txid of its transaction and its index there. On the wire and as a key: 36 bytes.

import { readU32, writeU32 } from '../encoding/numbers.ts';
import { isZeroBytes } from '../util/bytes.ts';
import { asTxid, formatHash, HASH_BYTES, type Txid } from './hashes.ts';

/** Bytes of an outpoint: txid, then the index as little-endian uint32. */
export const OUTPOINT_BYTES = 36;

/** Index that, with the zero txid, names no output: the prevout of a coinbase input. */
export const NULL_INDEX = 0xffffffff;

/** The name of one output. */
export interface Outpoint {
  readonly txid: Txid;
  /** Position of the output in its transaction, uint32. */
  readonly index: number;
}

/** The outpoint whose 36 bytes start at `at`, as a view. */
export function readOutpoint(bytes: Uint8Array, at: number): Outpoint {
  return { txid: asTxid(bytes.subarray(at, at + HASH_BYTES)), index: readU32(bytes, at + HASH_BYTES) };
}

/** Writes the 36 bytes of an outpoint. */
export function writeOutpoint(target: Uint8Array, at: number, outpoint: Outpoint): void {
  target.set(outpoint.txid, at);
  writeU32(target, at + HASH_BYTES, outpoint.index);
}

/** The 36 bytes of an outpoint in a new array. */
export function encodeOutpoint(outpoint: Outpoint): Uint8Array {
  const bytes = new Uint8Array(OUTPOINT_BYTES);
  writeOutpoint(bytes, 0, outpoint);
  return bytes;
}

/** True when the 36 bytes at `at` name no output, as a coinbase input does (Core COutPoint::IsNull). */
export function isNullOutpoint(bytes: Uint8Array, at: number): boolean {
  if (readU32(bytes, at + HASH_BYTES) !== NULL_INDEX) return false;
  for (let i = 0; i < HASH_BYTES; i++) {
    if (bytes[at + i] !== 0) return false;
  }
  return true;
}

/** True when the outpoint names no output. */
export function isNull(outpoint: Outpoint): boolean {
  return outpoint.index === NULL_INDEX && isZeroBytes(outpoint.txid);
}

/** `txid:index` as people write it. */
export function formatOutpoint(outpoint: Outpoint): string {
  return `${formatHash(outpoint.txid)}:${outpoint.index}`;
}
