// A Bloom filter that forgets: it remembers at least the last `elements` things that were put in, at most one and a half times
// as many, and is wrong about others at a chosen rate at most. For things that would otherwise need a set without end: what a
// peer knows, what was rejected, who is discouraged. Mirrors Core's CRollingBloomFilter (common/bloom): same size, same hashes.
//
// Entries belong to one of three generations of elements / 2 each, written as two bits per position: 0 is empty. When the
// third is full, the positions of the oldest are wiped and its number is used again.

import { murmur3 } from '../../kernel/crypto/murmur3.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';

/** Distance of the seeds of one element's hashes, as in BIP37. */
const SEED_STEP = 0xfba4c795;

/** Most hashes per element (Core). */
const HASHES_MAX = 50;

/** Generations in the filter: one being filled, one full at least, one that is as full or wiped. */
const GENERATIONS = 3;

const TWO_32 = 0x100000000;

/** A bit of a byte, by the low bits of a hash. */
const BITS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/** Bytes of a block of 64 positions: the low bits of their generations, then the high bits. */
const BLOCK_BYTES = 16;
const HIGH_BITS_AT = 8;

/** Remembers byte strings for a while in bounded memory. */
export class RollingBloomFilter {
  readonly #rng: Rng;
  readonly #hashCount: number;
  readonly #entriesPerGeneration: number;
  readonly #bytes: Uint8Array;
  readonly #blocks: number;
  #tweak = 0;
  #generation = 1;
  #entriesThisGeneration = 0;

  /** Remembers the last `elements` for certain; contains anything else with a chance of at most `falsePositiveRate`. */
  constructor(elements: number, falsePositiveRate: number, rng: Rng) {
    assert(Number.isInteger(elements) && elements >= 1, 'a filter for one element at least');
    assert(falsePositiveRate > 0 && falsePositiveRate < 1, 'a rate between 0 and 1');
    const logRate = Math.log(falsePositiveRate);
    const hashCount = Math.max(1, Math.min(Math.round(logRate / Math.log(0.5)), HASHES_MAX));
    this.#rng = rng;
    this.#hashCount = hashCount;
    this.#entriesPerGeneration = Math.ceil(elements / 2);
    // the rate of a filter with all generations full is (1 - exp(-hashes × entries / bits)) ^ hashes; solved for the bits
    const entriesMax = this.#entriesPerGeneration * GENERATIONS;
    const bits = Math.ceil((-hashCount * entriesMax) / Math.log(1 - Math.exp(logRate / hashCount)));
    this.#blocks = Math.ceil(bits / 64);
    assert(this.#blocks <= 2 ** 20, 'a hash times twice the blocks is exact');
    this.#bytes = new Uint8Array(BLOCK_BYTES * this.#blocks);
    this.reset();
  }

  /** Memory of the filter. */
  get sizeBytes(): number {
    return this.#bytes.length;
  }

  /** Puts in `bytes` from `start` to `end`. */
  insert(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#entriesThisGeneration === this.#entriesPerGeneration) this.#beginGeneration();
    this.#entriesThisGeneration++;
    const isLow = this.#generation % 2 === 1;
    const isHigh = this.#generation >= 2;
    for (let i = 0; i < this.#hashCount; i++) {
      const hash = this.#hash(i, bytes, start, end);
      const at = this.#byteOf(hash);
      const bit = BITS[hash & 7]!;
      this.#setBit(at, bit, isLow);
      this.#setBit(at + HIGH_BITS_AT, bit, isHigh);
    }
  }

  /** True when `bytes` from `start` to `end` were put in lately, and sometimes when they were not. */
  contains(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    for (let i = 0; i < this.#hashCount; i++) {
      const hash = this.#hash(i, bytes, start, end);
      const at = this.#byteOf(hash);
      if (((this.#bytes[at]! | this.#bytes[at + HIGH_BITS_AT]!) & BITS[hash & 7]!) === 0) return false;
    }
    return true;
  }

  /** Forgets everything and hashes differently from now on. */
  reset(): void {
    this.#tweak = this.#rng.nextU32();
    this.#generation = 1;
    this.#entriesThisGeneration = 0;
    this.#bytes.fill(0);
  }

  #hash(index: number, bytes: Uint8Array, start: number, end: number): number {
    return murmur3((Math.imul(index, SEED_STEP) + this.#tweak) >>> 0, bytes, start, end);
  }

  /** Byte of the low bit: the block comes from the upper bits of the hash, the position in it from the lowest six. */
  #byteOf(hash: number): number {
    const scaled = Math.floor((hash * 2 * this.#blocks) / TWO_32); // Core counts blocks in halves
    return BLOCK_BYTES * (scaled >>> 1) + ((hash >>> 3) & 7);
  }

  #setBit(at: number, bit: number, isSet: boolean): void {
    const others = this.#bytes[at]! & ~bit;
    this.#bytes[at] = isSet ? others | bit : others;
  }

  /** Takes the number of the oldest generation for a new one, and wipes its positions. */
  #beginGeneration(): void {
    this.#entriesThisGeneration = 0;
    this.#generation = (this.#generation % GENERATIONS) + 1;
    const words = new Uint32Array(this.#bytes.buffer);
    const lowMask = this.#generation % 2 === 1 ? 0xffffffff : 0;
    const highMask = this.#generation >= 2 ? 0xffffffff : 0;
    for (let block = 0; block < words.length; block += 4) {
      for (let at = block; at < block + 2; at++) {
        // positions of any other generation stay
        const kept = (words[at]! ^ lowMask) | (words[at + 2]! ^ highMask);
        words[at] = words[at]! & kept;
        words[at + 2] = words[at + 2]! & kept;
      }
    }
  }
}
