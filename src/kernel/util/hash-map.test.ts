import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from './bytes.ts';
import { HashMap, HashSet, halfSipHash13 } from './hash-map.ts';
import { createRng } from './prng.ts';

test('HalfSipHash-1-3 gives the values of the Linux kernel’s self-test', () => {
  const message = Uint8Array.from({ length: 64 }, (_, i) => i);
  const expected = [
    0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6, 0x577999b1,
    0xc839caed,
  ];
  expected.forEach((value, length) => {
    assert.equal(halfSipHash13(0x03020100, 0x07060504, message, 0, length) >>> 0, value);
  });
});

/** A few keys, so that operations meet: `value` spelled over `keyBytes` bytes. */
function keyOf(value: number, keyBytes: number): Uint8Array {
  return Uint8Array.from({ length: keyBytes }, (_, i) => (i === 0 ? value : i));
}

for (const values of ['int32', 'float64'] as const) {
  test(`a map of ${values} values behaves as a Map of hexadecimal keys`, () => {
    const operation = fc.record({
      what: fc.constantFrom('set', 'set', 'get', 'has', 'delete', 'clear'),
      key: fc.nat(60),
      value: values === 'int32' ? fc.integer() : fc.double({ noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 300 }),
        fc.constantFrom(1, 3, 32, 36),
        fc.nat(),
        (steps, keyBytes, seed) => {
          const map = new HashMap({ keyBytes, values }, createRng(seed));
          const twin = new Map<string, number>();
          for (const { what, key, value } of steps) {
            const at = key % 3;
            const bytes = new Uint8Array(keyBytes + at);
            bytes.set(keyOf(key, keyBytes), at);
            const name = toHex(bytes.subarray(at));
            if (what === 'set') {
              map.set(bytes, at, value);
              twin.set(name, value);
            } else if (what === 'get') assert.equal(map.get(bytes, at), twin.get(name));
            else if (what === 'has') assert.equal(map.has(bytes, at), twin.has(name));
            else if (what === 'delete') assert.equal(map.delete(bytes, at), twin.delete(name));
            else if (value % 5 === 0) {
              map.clear();
              twin.clear();
            }
            assert.equal(map.size, twin.size);
          }
          const seen = new Map<string, number>();
          map.forEach((bytes, at, value) => {
            seen.set(toHex(bytes.subarray(at, at + keyBytes)), value);
          });
          assert.deepEqual([...seen].sort(), [...twin].sort());
          for (const [name, value] of twin) assert.equal(map.get(fromHex(name)), value);
        },
      ),
      { numRuns: 300 },
    );
  });
}

test('a set behaves as a Set of hexadecimal keys while it grows to thousands and shrinks again', () => {
  const rng = createRng(11);
  const set = new HashSet({ keyBytes: 32 }, rng.fork('salt'));
  const twin = new Set<string>();
  const key = new Uint8Array(32);
  for (let step = 0; step < 60_000; step++) {
    const chosen = rng.below(8000);
    key[0] = chosen;
    key[1] = chosen >>> 8;
    const name = String(chosen);
    const growing = step < 30_000;
    if (rng.below(4) < (growing ? 3 : 1)) {
      assert.equal(set.add(key), !twin.has(name));
      twin.add(name);
    } else assert.equal(set.delete(key), twin.delete(name));
    assert.equal(set.has(key), twin.has(name));
  }
  assert.equal(set.size, twin.size);
  const seen = new Set<string>();
  set.forEach((bytes, at) => {
    seen.add(String(bytes[at]! + 256 * bytes[at + 1]!));
  });
  assert.deepEqual([...seen].sort(), [...twin].sort());
  set.clear();
  assert.equal(set.size, 0);
  assert.equal(set.has(key), false);
});

test('D21: keys that an attacker made collide without the salt do not collide with it', () => {
  // all these share their first 4 and last 4 bytes, and collide in a table that masks any fixed word or sum of words
  const count = 20_000;
  const keys = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) {
    const view = new DataView(keys.buffer, 32 * i, 32);
    view.setUint32(8, i, true);
    view.setUint32(12, -i, true);
  }
  for (const seed of [1, 2, 3]) {
    const rng = createRng(seed);
    const [key0, key1] = [rng.nextU32(), rng.nextU32()];
    const buckets = new Uint32Array(1024);
    for (let i = 0; i < count; i++) buckets[halfSipHash13(key0, key1, keys, 32 * i, 32) & 1023]!++;
    // 19.5 keys per bucket expected; a random function stays below 50 with near certainty
    assert(Math.max(...buckets) < 50, `${Math.max(...buckets)} keys in one of 1024 buckets`);
    const set = new HashSet({ keyBytes: 32, expectedSize: count }, createRng(seed));
    for (let i = 0; i < count; i++) assert(set.add(keys, 32 * i));
    assert.equal(set.size, count);
  }
});

test('a key length that is none is a bug', () => {
  for (const keyBytes of [0, -1, 1.5]) {
    assert.throws(() => new HashSet({ keyBytes }, createRng(1)), { name: 'AssertionError' });
  }
});
