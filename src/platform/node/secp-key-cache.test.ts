import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { PARSED_KEY_WORDS, SecpKeyCache } from './secp-key-cache.ts';

/** A cache, and the place where the library would parse keys, with what it would find there. */
class Fixture {
  readonly parsed = new Int32Array(PARSED_KEY_WORDS);
  readonly cache = new SecpKeyCache(this.parsed);

  /** Loads a key; when it is not remembered, stores it as if it had been parsed to so many equal words. */
  take(key: Uint8Array, word: number): 'remembered' | 'parsed' {
    this.parsed.fill(-1);
    if (this.cache.load(key)) {
      assert.deepEqual(this.parsed, new Int32Array(PARSED_KEY_WORDS).fill(word));
      return 'remembered';
    }
    assert.deepEqual(this.parsed, new Int32Array(PARSED_KEY_WORDS).fill(-1), 'nothing is touched');
    this.parsed.fill(word);
    this.cache.store();
    return 'parsed';
  }
}

function compressed(parity: 2 | 3, x: Uint8Array): Uint8Array {
  return Uint8Array.of(parity, ...x);
}

test('a key is remembered once it was stored, and both parities and the x-only key of an x are three keys', () => {
  const fixture = new Fixture();
  const x = createRng(1).bytes(32);
  const keys = [compressed(2, x), compressed(3, x), x, createRng(2).bytes(32)];
  for (const [i, key] of keys.entries()) {
    assert.equal(fixture.take(key, i + 1), 'parsed');
    assert.equal(fixture.take(key, i + 1), 'remembered');
  }
  // the first three meet in two places: the last two of them are still there
  assert.equal(fixture.take(keys[1]!, 2), 'remembered');
  assert.equal(fixture.take(keys[2]!, 3), 'remembered');
  assert.equal(fixture.take(keys[0]!, 1), 'parsed');
});

test('an x-only key of zeros is not taken for a free place', () => {
  const fixture = new Fixture();
  assert.equal(fixture.take(new Uint8Array(32), 1), 'parsed');
  assert.equal(fixture.take(new Uint8Array(32), 1), 'remembered');
});

test('33 bytes that begin like no compressed key are never remembered', () => {
  const fixture = new Fixture();
  const x = createRng(4).bytes(32);
  fixture.take(x, 1);
  fixture.take(compressed(2, x), 2);
  for (const first of [0, 1, 4, 0x20]) {
    assert.equal(fixture.cache.load(Uint8Array.of(first, ...x)), false);
    assert.equal(fixture.cache.load(Uint8Array.of(first, ...new Uint8Array(32))), false);
  }
});

test('thousands of keys are remembered, and however they meet, none is taken for another', () => {
  const fixture = new Fixture();
  const rng = createRng(3);
  const keys = Array.from({ length: 8000 }, (_, i) => {
    const x = rng.bytes(32);
    if (i % 4 === 0) x.fill(7, 0, 4); // all in two places
    return i % 2 === 0 ? x : compressed(i % 3 === 0 ? 2 : 3, x);
  });
  let remembered = 0;
  for (let round = 0; round < 3; round++) {
    for (const [i, key] of keys.entries()) {
      if (fixture.take(key, i) === 'remembered') remembered++;
    }
  }
  assert.ok(remembered > 2 * 0.9 * 6000, `${remembered} of ${2 * keys.length}`);
});
