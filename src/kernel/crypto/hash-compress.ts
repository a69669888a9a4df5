// The compression functions of SHA-256 (FIPS 180-4 section 6.2.2), RIPEMD-160 and SHA-1 (section 6.1.2) in plain TypeScript: what
// the WebAssembly module is tested against, and what stands in for it where there is none.

import {
  RIPEMD160_LEFT_CONSTANTS,
  RIPEMD160_LEFT_SHIFTS,
  RIPEMD160_LEFT_WORDS,
  RIPEMD160_RIGHT_CONSTANTS,
  RIPEMD160_RIGHT_SHIFTS,
  RIPEMD160_RIGHT_WORDS,
} from './ripemd160-constants.ts';
import { SHA256_ROUND_CONSTANTS } from './sha256-constants.ts';

/** One block at `at` of `bytes` onto the first words of `state`; `words` is scratch of 80. */
export type Compress = (state: Int32Array, bytes: Uint8Array, at: number, words: Int32Array) => void;

const ROUND_CONSTANTS: Int32Array = Int32Array.from(SHA256_ROUND_CONSTANTS);

function rotateRight(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits));
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function readBigEndian(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function readLittleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** SHA-256, on 8 words of state. */
export function compressSha256(state: Int32Array, bytes: Uint8Array, at: number, schedule: Int32Array): void {
  for (let t = 0; t < 16; t++) schedule[t] = readBigEndian(bytes, at + 4 * t);
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15]!;
    const y = schedule[t - 2]!;
    const sigma0 = rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3);
    const sigma1 = rotateRight(y, 17) ^ rotateRight(y, 19) ^ (y >>> 10);
    schedule[t] = sigma1 + schedule[t - 7]! + sigma0 + schedule[t - 16]!;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const sum1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    const choice = g ^ (e & (f ^ g));
    const first = (h + sum1 + choice + ROUND_CONSTANTS[t]! + schedule[t]!) | 0;
    const sum0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + sum0 + majority) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

/** The five boolean functions of RIPEMD-160, in the order of the left line. */
function mix(which: number, x: number, y: number, z: number): number {
  if (which === 0) return x ^ y ^ z;
  if (which === 1) return (x & y) | (~x & z);
  if (which === 2) return (x | ~y) ^ z;
  if (which === 3) return (x & z) | (y & ~z);
  return x ^ (y | ~z);
}

/** RIPEMD-160, on 5 words of state: two independent lines of 80 steps, then their sum. */
export function compressRipemd160(state: Int32Array, bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let i = 0; i < 16; i++) words[i] = readLittleEndian(bytes, at + 4 * i);
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let aa = a;
  let bb = b;
  let cc = c;
  let dd = d;
  let ee = e;
  for (let round = 0; round < 5; round++) {
    const constant = RIPEMD160_LEFT_CONSTANTS[round]! | 0;
    const constantRight = RIPEMD160_RIGHT_CONSTANTS[round]! | 0;
    for (let i = 16 * round; i < 16 * round + 16; i++) {
      const sum = (a + mix(round, b, c, d) + words[RIPEMD160_LEFT_WORDS[i]!]! + constant) | 0;
      const next = (rotateLeft(sum, RIPEMD160_LEFT_SHIFTS[i]!) + e) | 0;
      a = e;
      e = d;
      d = rotateLeft(c, 10);
      c = b;
      b = next;
      const sumRight = (aa + mix(4 - round, bb, cc, dd) + words[RIPEMD160_RIGHT_WORDS[i]!]! + constantRight) | 0;
      const nextRight = (rotateLeft(sumRight, RIPEMD160_RIGHT_SHIFTS[i]!) + ee) | 0;
      aa = ee;
      ee = dd;
      dd = rotateLeft(cc, 10);
      cc = bb;
      bb = nextRight;
    }
  }
  const first = state[0]!;
  state[0] = state[1]! + c + dd;
  state[1] = state[2]! + d + ee;
  state[2] = state[3]! + e + aa;
  state[3] = state[4]! + a + bb;
  state[4] = first + b + cc;
}

/** SHA-1, on 5 words of state. */
export function compressSha1(state: Int32Array, bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let i = 0; i < 16; i++) words[i] = readBigEndian(bytes, at + 4 * i);
  for (let i = 16; i < 80; i++) {
    words[i] = rotateLeft(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  for (let i = 0; i < 80; i++) {
    let mixed: number;
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (rotateLeft(a, 5) + mixed + e + words[i]!) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
}

/**
 * Ends a message of MD4's family, of so many bits in all, whose last bytes are those from `start` to `end`: writes 0x80, zeros
 * and the length in the order of the function behind them, up to 72 bytes, and compresses it all.
 */
export function compressEnding(
  compress: Compress,
  littleEndian: boolean,
  state: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  bitsHigh: number,
  bitsLow: number,
  words: Int32Array,
): void {
  const paddedEnd = start + 64 * ((end - start + 9 + 63) >>> 6); // the end mark and the length take 9 bytes
  bytes[end] = 0x80;
  bytes.fill(0, end + 1, paddedEnd - 8);
  for (let i = 0; i < 8; i++) {
    const word = i < 4 ? bitsLow : bitsHigh;
    bytes[littleEndian ? paddedEnd - 8 + i : paddedEnd - 1 - i] = word >>> (8 * (i % 4));
  }
  for (let at = start; at < paddedEnd; at += 64) compress(state, bytes, at, words);
}
