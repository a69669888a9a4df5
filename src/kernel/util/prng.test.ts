import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng, Xoshiro256 } from './prng.ts';

test('xoshiro256++ steps as its reference from the state 1, 2, 3, 4', () => {
  const expected = [
    41943041n,
    58720359n,
    3588806011781223n,
    3591011842654386n,
    9228616714210784205n,
    9973669472204895162n,
    14011001112246962877n,
    12406186145184390807n,
    15849039046786891736n,
    10450023813501588000n,
  ];
  const rng = new Xoshiro256(0n, [1n, 2n, 3n, 4n]);
  for (const output of expected) assert.equal(rng.nextU32(), Number(output >> 32n));
});

/** The whole generator in 64-bit arithmetic, seed included. */
function* naive(seed: bigint): Generator<number> {
  const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
  const rotate = (x: bigint, bits: bigint): bigint => u64((x << bits) | (x >> (64n - bits)));
  let z = seed;
  const next = (): bigint => {
    z = u64(z + 0x9e3779b97f4a7c15n);
    let mixed = u64((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = u64((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  for (;;) {
    yield Number(u64(rotate(u64(a + d), 23n) + a) >> 32n);
    const shifted = u64(b << 17n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 45n);
  }
}

test('a seed gives the numbers of a naive twin', () => {
  for (const seed of [0n, 1n, 1477776061723855037n, 0xffffffffffffffffn]) {
    const rng = createRng(seed);
    const twin = naive(seed);
    for (let i = 0; i < 1000; i++) assert.equal(rng.nextU32(), twin.next().value);
  }
});

test('below stays below, reaches every value and favours none', () => {
  const rng = createRng(7);
  assert.equal(rng.below(1), 0);
  for (const bound of [2, 3, 6, 7]) {
    const counts = new Array<number>(bound).fill(0);
    for (let i = 0; i < 7000 * bound; i++) counts[rng.below(bound)]!++;
    // 7000 expected each, standard deviation below 84: six of them
    for (const count of counts) assert(Math.abs(count - 7000) < 500, `${count} of 7000`);
  }
  for (const bound of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 3 * 2 ** 51, 2 ** 53]) {
    let highest = 0;
    for (let i = 0; i < 1000; i++) {
      const drawn = rng.below(bound);
      assert(Number.isSafeInteger(drawn) && drawn >= 0 && drawn < bound);
      highest = Math.max(highest, drawn);
    }
    assert(highest > 0.9 * bound);
  }
  for (const bound of [0, -1, 1.5, 2 ** 53 + 2, Number.NaN]) {
    assert.throws(() => rng.below(bound), { name: 'AssertionError' });
  }
});

test('below draws again whatever falls into the incomplete last run', () => {
  const bound = 3 * 2 ** 30; // three quarters of the range: the last quarter is redrawn
  const rng = createRng(3);
  const twin = createRng(3);
  for (let i = 0; i < 200; i++) {
    let expected = twin.nextU32();
    while (expected >= bound) expected = twin.nextU32();
    assert.equal(rng.below(bound), expected);
  }
});

test('bytes are the numbers, little-endian, and any length is served', () => {
  for (let length = 0; length < 20; length++) {
    const drawn = createRng(5).bytes(length);
    assert.equal(drawn.length, length);
    const twin = createRng(5);
    for (let at = 0; at + 4 <= length; at += 4) {
      assert.equal(new DataView(drawn.buffer).getUint32(at, true), twin.nextU32());
    }
  }
});

test('a fork depends on seed and label alone', () => {
  const first = createRng(1);
  const second = createRng(1);
  for (let i = 0; i < 10; i++) second.nextU32();
  const numbers = (seed: ReturnType<typeof createRng>): number[] => Array.from({ length: 4 }, () => seed.nextU32());
  assert.deepEqual(numbers(first.fork('net')), numbers(second.fork('net')));
  assert.notDeepEqual(numbers(first.fork('net')), numbers(first.fork('ten')));
  assert.notDeepEqual(numbers(first.fork('net')), numbers(createRng(2).fork('net')));
  assert.notDeepEqual(numbers(first.fork('')), numbers(createRng(1)));
  assert.deepEqual(numbers(first.fork('a').fork('b')), numbers(second.fork('a').fork('b')));
});
