// RIPEMD-160, SHA-1 and HASH160 = RIPEMD-160(SHA-256(x)), on ranges and without garbage: HASH160 runs once for every P2PKH and
// P2WPKH input. The two old functions are here for the scripts that name them; nothing new should rely on their resistance to
// collisions. Same results as Core's CRIPEMD160, CSHA1 and CHash160.

import { sha256Into } from './sha256.ts';

/** Bytes of a RIPEMD-160 or HASH160 digest. */
export const HASH160_BYTES = 20;

/** Bytes of a SHA-1 digest. */
export const SHA1_BYTES = 20;

const BLOCK_BYTES = 64;

// Scratch of this thread; nothing here calls back, so no two uses overlap.
const state: Int32Array = new Int32Array(5);
const words: Int32Array = new Int32Array(80);
const tail: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);
const middle: Uint8Array = new Uint8Array(32);

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** The order in which one round of RIPEMD-160 permutes the words of the round before. */
const PERMUTATION: readonly number[] = [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8];

/** Word numbers of the 80 steps of a line whose first round reads `first`. */
function wordOrder(first: readonly number[]): Uint8Array {
  const order = new Uint8Array(80);
  order.set(first);
  for (let i = 16; i < 80; i++) order[i] = PERMUTATION[order[i - 16]!]!;
  return order;
}

const LEFT_WORDS: Uint8Array = wordOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
const RIGHT_WORDS: Uint8Array = wordOrder([5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12]);

/** Rotations of the 80 steps, hexadecimal (the largest is 15). */
function shiftAmounts(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => Number(`0x${digit}`));
}

const LEFT_SHIFTS: Uint8Array = shiftAmounts(
  'befc5879bdef6798' + '768db97f7cf9b7dc' + 'bd67e9dfe8d65c75' + 'bcefef989e56865c' + '9f5b68dc5cdeb856',
);
const RIGHT_SHIFTS: Uint8Array = shiftAmounts(
  '899bdff5778beec6' + '9df7c89b77c76fdb' + '97fb866ecd5edd75' + 'f58bee6e69c9c5f8' + '85c9c5e68d65fdbb',
);

const LEFT_CONSTANTS: readonly number[] = [0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e];
const RIGHT_CONSTANTS: readonly number[] = [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0];

/** The five boolean functions of RIPEMD-160, in the order of the left line. */
function mix(which: number, x: number, y: number, z: number): number {
  if (which === 0) return x ^ y ^ z;
  if (which === 1) return (x & y) | (~x & z);
  if (which === 2) return (x | ~y) ^ z;
  if (which === 3) return (x & z) | (y & ~z);
  return x ^ (y | ~z);
}

/** One block of RIPEMD-160: two independent lines of 80 steps, then their sum. */
function compressRipemd160(bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const p = at + 4 * i;
    words[i] = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
  }
  const [h0, h1, h2, h3, h4] = [state[0]!, state[1]!, state[2]!, state[3]!, state[4]!];
  let [a, b, c, d, e] = [h0, h1, h2, h3, h4];
  let [aa, bb, cc, dd, ee] = [h0, h1, h2, h3, h4];
  for (let round = 0; round < 5; round++) {
    const constant = LEFT_CONSTANTS[round]! | 0;
    const constantRight = RIGHT_CONSTANTS[round]! | 0;
    for (let i = 16 * round; i < 16 * round + 16; i++) {
      const sum = (a + mix(round, b, c, d) + words[LEFT_WORDS[i]!]! + constant) | 0;
      const next = (rotateLeft(sum, LEFT_SHIFTS[i]!) + e) | 0;
      a = e;
      e = d;
      d = rotateLeft(c, 10);
      c = b;
      b = next;
      const sumRight = (aa + mix(4 - round, bb, cc, dd) + words[RIGHT_WORDS[i]!]! + constantRight) | 0;
      const nextRight = (rotateLeft(sumRight, RIGHT_SHIFTS[i]!) + ee) | 0;
      aa = ee;
      ee = dd;
      dd = rotateLeft(cc, 10);
      cc = bb;
      bb = nextRight;
    }
  }
  state[0] = h1 + c + dd;
  state[1] = h2 + d + ee;
  state[2] = h3 + e + aa;
  state[3] = h4 + a + bb;
  state[4] = h0 + b + cc;
}

/** One block of SHA-1. */
function compressSha1(bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const p = at + 4 * i;
    words[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!;
  }
  for (let i = 16; i < 80; i++) {
    words[i] = rotateLeft(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
  }
  let [a, b, c, d, e] = [state[0]!, state[1]!, state[2]!, state[3]!, state[4]!];
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

/** Runs `compress` over a range with the padding of MD4's family: 0x80, zeros, the length in bits in 8 bytes. */
function compressRange(
  compress: (bytes: Uint8Array, at: number) => void,
  bytes: Uint8Array,
  start: number,
  end: number,
  bigEndian: boolean,
): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  state[4] = 0xc3d2e1f0;
  let at = start;
  for (; end - at >= BLOCK_BYTES; at += BLOCK_BYTES) compress(bytes, at);
  const rest = end - at;
  const tailBytes = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  for (let i = 0; i < tailBytes; i++) tail[i] = i < rest ? bytes[at + i]! : 0;
  tail[rest] = 0x80;
  let bits = (end - start) * 8;
  for (let i = 0; i < 8; i++) {
    tail[bigEndian ? tailBytes - 1 - i : tailBytes - 8 + i] = bits % 256;
    bits = Math.floor(bits / 256);
  }
  for (let i = 0; i < tailBytes; i += BLOCK_BYTES) compress(tail, i);
}

/** RIPEMD-160 of `bytes` from `start` to `end`, written to `out` at `outAt`. The ranges may overlap. */
export function ripemd160Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  compressRange(compressRipemd160, bytes, start, end, false);
  for (let i = 0; i < HASH160_BYTES; i++) out[outAt + i] = state[i >>> 2]! >>> (8 * (i & 3));
}

/** SHA-1 of a range. The ranges may overlap. */
export function sha1Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  compressRange(compressSha1, bytes, start, end, true);
  for (let i = 0; i < SHA1_BYTES; i++) out[outAt + i] = state[i >>> 2]! >>> (24 - 8 * (i & 3));
}

/** RIPEMD-160 of the SHA-256 of a range: what P2PKH, P2SH and P2WPKH commit to. The ranges may overlap. */
export function hash160Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  sha256Into(bytes, start, end, middle, 0);
  ripemd160Into(middle, 0, middle.length, out, outAt);
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
