// Randomness that a seed determines: tie-breaking, jitter, salts, simulations. Fast and well mixed, but whoever sees its output
// can predict it: keys and secret nonces come from the platform's secure source, which has another type on purpose.

import { assert } from './assert.ts';

/** A source of numbers that look random; machines get it from their constructor and draw from nothing else. */
export interface Rng {
  /** An integer from 0 to 2^32 - 1. */
  nextU32(): number;
  /** An integer from 0 to `bound` - 1, each equally likely; `bound` is 1 to 2^53. A chance of 1 in n is `below(n) === 0`. */
  below(bound: number): number;
  /** `length` new bytes. */
  bytes(length: number): Uint8Array;
  /**
   * A source of its own for one purpose. It depends on the seed and the label alone, so that one part drawing more or less
   * changes nothing in another; the same label gives the same numbers again.
   */
  fork(label: string): Rng;
}

const TWO_32 = 0x100000000;

/** 64 bits at once, for nonces: the first draw is the high half. */
export function nextU64(rng: Rng): bigint {
  return BigInt(rng.nextU32()) * 0x1_0000_0000n + BigInt(rng.nextU32());
}

/** SplitMix64 (Steele, Lea, Flood 2014): spreads a 64-bit seed over as many numbers as needed. */
function splitMix(seed: bigint, count: number): bigint[] {
  const numbers: bigint[] = [];
  for (let i = 1; i <= count; i++) {
    let z = BigInt.asUintN(64, seed + BigInt(i) * 0x9e3779b97f4a7c15n);
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    numbers.push(z ^ (z >> 31n));
  }
  return numbers;
}

/** FNV-1a, 64 bits, over UTF-16 code units: labels are short literals. */
function hashLabel(label: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < label.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(label.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash;
}

/** xoshiro256++ (Blackman and Vigna 2019) in halves of 32 bits: four 64-bit words of state, low half first. */
export class Xoshiro256 implements Rng {
  readonly #state: Int32Array;
  readonly #seed: bigint;

  /** The same `seed` (64 bits) gives the same numbers for ever. `state` sets the four words directly, for test vectors. */
  constructor(seed: bigint, state?: readonly bigint[]) {
    this.#seed = BigInt.asUintN(64, seed);
    const words = state ?? splitMix(this.#seed, 4);
    assert(words.length === 4 && words.some((word) => word !== 0n), 'four words of state, not all zero');
    this.#state = Int32Array.from(words.flatMap((word) => [Number(word & 0xffffffffn), Number(word >> 32n)]));
  }

  /** The high half of a step: the better mixed one. */
  nextU32(): number {
    const s = this.#state;
    const low0 = s[0]!;
    const high0 = s[1]!;
    const low1 = s[2]!;
    const high1 = s[3]!;
    // rotl(s0 + s3, 23) + s0
    const lowSum = (low0 >>> 0) + (s[6]! >>> 0);
    const highSum = (high0 + s[7]! + (lowSum >= TWO_32 ? 1 : 0)) | 0;
    const lowTurned = (lowSum << 23) | (highSum >>> 9);
    const highTurned = (highSum << 23) | ((lowSum | 0) >>> 9);
    const carry = (lowTurned >>> 0) + (low0 >>> 0) >= TWO_32 ? 1 : 0;
    const result = (highTurned + high0 + carry) >>> 0;
    // s2 ^= s0, s3 ^= s1, s1 ^= s2, s0 ^= s3, s2 ^= s1 << 17, s3 = rotl(s3, 45)
    const low2 = s[4]! ^ low0;
    const high2 = s[5]! ^ high0;
    const low3 = s[6]! ^ low1;
    const high3 = s[7]! ^ high1;
    s[2] = low1 ^ low2;
    s[3] = high1 ^ high2;
    s[0] = low0 ^ low3;
    s[1] = high0 ^ high3;
    s[4] = low2 ^ (low1 << 17);
    s[5] = high2 ^ ((high1 << 17) | (low1 >>> 15));
    s[6] = (high3 << 13) | (low3 >>> 19);
    s[7] = (low3 << 13) | (high3 >>> 19);
    return result;
  }

  below(bound: number): number {
    assert(Number.isSafeInteger(bound - 1) && bound >= 1, 'a bound from 1 to 2^53');
    // numbers from the last, incomplete run of `bound` are drawn again, so that no result is likelier than another
    if (bound <= TWO_32) {
      const limit = TWO_32 - (TWO_32 % bound);
      for (;;) {
        const drawn = this.nextU32();
        if (drawn < limit) return drawn % bound;
      }
    }
    const range = 2 ** 53;
    const limit = range - (range % bound);
    for (;;) {
      const drawn = (this.nextU32() >>> 11) * TWO_32 + this.nextU32();
      if (drawn < limit) return drawn % bound;
    }
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const drawn = this.nextU32();
      for (let i = 0; i < 4 && at + i < length; i++) bytes[at + i] = drawn >>> (8 * i);
    }
    return bytes;
  }

  fork(label: string): Rng {
    return new Xoshiro256(splitMix(this.#seed ^ hashLabel(label), 1)[0]!);
  }
}

/** A source of numbers that `seed` determines. */
export function createRng(seed: number | bigint): Rng {
  return new Xoshiro256(BigInt(seed));
}
