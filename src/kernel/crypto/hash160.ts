// RIPEMD-160, SHA-1 and HASH160 = RIPEMD-160(SHA-256(x)), on ranges and without garbage: HASH160 runs once for every P2PKH and
// P2WPKH input. The two old functions are here for the scripts that name them; nothing new should rely on their resistance to
// collisions. Same results as Core's CRIPEMD160, CSHA1 and CHash160.

import { copyRange } from '../util/bytes.ts';
import { copyRangeLoosely } from '../util/range-copy.ts';
import { type Compress, compressEnding, compressRipemd160, compressSha1 } from './hash-compress.ts';
import { hashKernel, STAGING_BYTES } from './hash-kernel.ts';
import { MD_INITIAL } from './ripemd160-constants.ts';
import { SHA256_BYTES, sha256Into } from './sha256.ts';

/** Bytes of a RIPEMD-160 or HASH160 digest. */
export const HASH160_BYTES = 20;

/** Bytes of a SHA-1 digest. */
export const SHA1_BYTES = 20;

const BLOCK_BYTES = 64;

// Scratch of this thread for messages that exceed the staging area; nothing here calls back, so no two uses overlap.
const longState: Int32Array = new Int32Array(5);
const longWords: Int32Array = new Int32Array(80);
const longTail: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

/** A long message by RIPEMD-160 or SHA-1: no script has one, so it need not be fast. Leaves the digest in `longState`. */
function hashLong(compress: Compress, littleEndian: boolean, bytes: Uint8Array, start: number, end: number): void {
  longState.set(MD_INITIAL);
  let at = start;
  for (; end - at >= BLOCK_BYTES; at += BLOCK_BYTES) compress(longState, bytes, at, longWords);
  copyRange(bytes, at, longTail, 0, end - at);
  const bitsHigh = Math.floor((end - start) / 0x20000000);
  const bitsLow = (8 * (end - start)) >>> 0;
  compressEnding(compress, littleEndian, longState, longTail, 0, end - at, bitsHigh, bitsLow, longWords);
}

/** Writes 5 words of state as bytes in the order of RIPEMD-160. */
function writeLittleEndian(state: Int32Array, out: Uint8Array, outAt: number): void {
  for (let i = 0; i < 5; i++) {
    const word = state[i]!;
    out[outAt + 4 * i] = word;
    out[outAt + 4 * i + 1] = word >>> 8;
    out[outAt + 4 * i + 2] = word >>> 16;
    out[outAt + 4 * i + 3] = word >>> 24;
  }
}

/** Writes 5 words of state as bytes in the order of SHA-1. */
function writeBigEndian(state: Int32Array, out: Uint8Array, outAt: number): void {
  for (let i = 0; i < SHA1_BYTES; i++) out[outAt + i] = state[i >>> 2]! >>> (24 - 8 * (i & 3));
}

/** RIPEMD-160 of `bytes` from `start` to `end`, written to `out` at `outAt`. The ranges may overlap. */
export function ripemd160Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  if (end - start > STAGING_BYTES) {
    hashLong(compressRipemd160, true, bytes, start, end);
    writeLittleEndian(longState, out, outAt);
    return;
  }
  const kernel = hashKernel();
  copyRangeLoosely(bytes, start, end, kernel.staging, kernel.stagingView, 0);
  kernel.ripemd160(end - start);
  writeLittleEndian(kernel.state, out, outAt);
}

/** SHA-1 of a range. The ranges may overlap. */
export function sha1Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  if (end - start > STAGING_BYTES) {
    hashLong(compressSha1, false, bytes, start, end);
    writeBigEndian(longState, out, outAt);
    return;
  }
  const kernel = hashKernel();
  copyRangeLoosely(bytes, start, end, kernel.staging, kernel.stagingView, 0);
  kernel.sha1(end - start);
  writeBigEndian(kernel.state, out, outAt);
}

/** RIPEMD-160 of the SHA-256 of a range: what P2PKH, P2SH and P2WPKH commit to. The ranges may overlap. */
export function hash160Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  const kernel = hashKernel();
  if (end - start > STAGING_BYTES) {
    sha256Into(bytes, start, end, kernel.staging, 0);
    kernel.ripemd160(SHA256_BYTES);
  } else {
    copyRangeLoosely(bytes, start, end, kernel.staging, kernel.stagingView, 0);
    kernel.hash160(end - start);
  }
  writeLittleEndian(kernel.state, out, outAt);
}

/** RIPEMD-160. */
export function ripemd160(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(HASH160_BYTES);
  ripemd160Into(data, 0, data.length, out, 0);
  return out;
}

/** SHA-1. */
export function sha1(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(SHA1_BYTES);
  sha1Into(data, 0, data.length, out, 0);
  return out;
}

/** RIPEMD-160 of the SHA-256. */
export function hash160(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(HASH160_BYTES);
  hash160Into(data, 0, data.length, out, 0);
  return out;
}
