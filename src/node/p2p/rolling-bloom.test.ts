import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur3 } from '../../kernel/crypto/murmur3.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { RollingBloomFilter } from './rolling-bloom.ts';

function keyOf(n: number): Uint8Array {
  return Uint8Array.of(n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24, 7);
}

/** The filter written down again with one generation number per position and no packing. */
class SlowFilter {
  readonly generations: number[];
  readonly hashCount: number;
  readonly perGeneration: number;
  readonly #rng: Rng;
  tweak: number;
  generation = 1;
  entries = 0;

  constructor(hashCount: number, blocks: number, perGeneration: number, rng: Rng) {
    this.generations = new Array<number>(64 * blocks).fill(0);
    this.hashCount = hashCount;
    this.perGeneration = perGeneration;
    this.#rng = rng;
    this.tweak = rng.nextU32();
  }

  positions(key: Uint8Array): number[] {
    const blocks = BigInt(this.generations.length / 64);
    return Array.from({ length: this.hashCount }, (_, i) => {
      const seed = Number(BigInt.asUintN(32, BigInt(i) * 0xfba4c795n + BigInt(this.tweak)));
      const hash = BigInt(murmur3(seed, key));
      const word = (hash * (2n * blocks)) >> 32n; // Core counts 64-bit words, two per block
      return Number((word >> 1n) * 64n + (hash & 63n));
    });
  }

  insert(key: Uint8Array): void {
    if (this.entries === this.perGeneration) {
      this.entries = 0;
      this.generation = this.generation === 3 ? 1 : this.generation + 1;
      for (let i = 0; i < this.generations.length; i++) {
        if (this.generations[i] === this.generation) this.generations[i] = 0;
      }
    }
    this.entries++;
    for (const position of this.positions(key)) this.generations[position] = this.generation;
  }

  contains(key: Uint8Array): boolean {
    return this.positions(key).every((position) => this.generations[position] !== 0);
  }

  reset(): void {
    this.generations.fill(0);
    this.generation = 1;
    this.entries = 0;
    this.tweak = this.#rng.nextU32();
  }
}

test('the rolling filter agrees with a slow twin over many generations, wrong answers included', () => {
  // 40 elements at 1 %: round(log 0.01 / log 0.5) = 7 hashes; -7 × 60 / ln(1 - 0.01^(1/7)) = 575.6, so 9 blocks of 64
  const fast = new RollingBloomFilter(40, 0.01, createRng(5));
  const slow = new SlowFilter(7, 9, 20, createRng(5));
  const rng = createRng(6);
  let wrong = 0;
  for (let step = 0; step < 3_000; step++) {
    if (rng.below(700) === 0) {
      fast.reset();
      slow.reset();
    }
    const key = keyOf(rng.below(600));
    if (rng.below(2) === 0) {
      fast.insert(key);
      slow.insert(key);
      assert.equal(fast.contains(key), true);
    }
    for (let probe = 0; probe < 8; probe++) {
      const other = keyOf(rng.below(2_000));
      const answer = slow.contains(other);
      assert.equal(fast.contains(other), answer);
      if (answer) wrong++;
    }
  }
  assert.ok(wrong > 100);
});

test('the last `elements` entries are always there, and the rate of wrong answers is kept when the filter is full', () => {
  const elements = 1_000;
  const filter = new RollingBloomFilter(elements, 0.01, createRng(1));
  for (let n = 0; n < 5 * elements; n++) {
    filter.insert(keyOf(n));
    if (n % 97 === 0) {
      for (let back = Math.max(0, n - elements + 1); back <= n; back++) assert.ok(filter.contains(keyOf(back)));
    }
  }
  let wrong = 0;
  const probes = 40_000;
  for (let n = 0; n < probes; n++) if (filter.contains(keyOf(1_000_000 + n))) wrong++;
  // at most 1 % with three generations full: 400 expected then, with a deviation of 20
  assert.ok(wrong <= 460, `${wrong} of ${probes}`);
  assert.ok(wrong >= 20, `${wrong} of ${probes}`);
});

test('sizes are those of Core: 5,000 addresses at 0.1 % and 50,000 transactions at one in a million', () => {
  const rng = createRng(0);
  // 10 hashes, 7,500 entries: -75,000 / ln(1 - 0.001^0.1) = 107,832.3 bits, 1,685 blocks of 16 bytes
  assert.equal(new RollingBloomFilter(5_000, 0.001, rng).sizeBytes, 1_685 * 16);
  // 20 hashes, 75,000 entries: -1,500,000 / ln(1 - 1e-6^0.05) = 2,156,645.9 bits, 33,698 blocks
  assert.equal(new RollingBloomFilter(50_000, 0.000_001, rng).sizeBytes, 33_698 * 16);
});

test('a reset forgets, and draws another tweak', () => {
  const filter = new RollingBloomFilter(100, 0.001, createRng(3));
  for (let n = 0; n < 100; n++) filter.insert(keyOf(n));
  filter.reset();
  for (let n = 0; n < 100; n++) assert.equal(filter.contains(keyOf(n)), false);
});

test('ranges of a longer array are hashed as the range alone', () => {
  const filter = new RollingBloomFilter(10, 0.000_1, createRng(3));
  const longer = Uint8Array.of(9, 9, 1, 2, 3, 9);
  filter.insert(longer, 2, 5);
  assert.equal(filter.contains(Uint8Array.of(1, 2, 3)), true);
  assert.equal(filter.contains(longer), false);
});
