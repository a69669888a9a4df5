import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { SecpCommitmentCache } from './secp-commitment-cache.ts';

const rng = createRng(1);
const output = rng.bytes(32);
const internal = rng.bytes(32);
const tweak = rng.bytes(32);

function withBitFlipped(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >>> 3]! ^= 1 << (bit & 7);
  return flipped;
}

test('a commitment is remembered once it was added, until another takes its place', () => {
  const cache = new SecpCommitmentCache();
  assert.equal(cache.has(output, 1, internal, tweak), false);
  assert.equal(cache.has(output, 1, internal, tweak), false, 'asking adds nothing');
  cache.add();
  assert.equal(cache.has(output, 1, internal, tweak), true);
  // the place is chosen by the first bytes of the hash
  const neighbour = withBitFlipped(tweak, 255);
  assert.equal(cache.has(output, 1, internal, neighbour), false);
  cache.add();
  assert.equal(cache.has(output, 1, internal, neighbour), true);
  assert.equal(cache.has(output, 1, internal, tweak), false);
});

test('C26: a commitment that differs in any bit from a good one is another', () => {
  const cache = new SecpCommitmentCache();
  cache.has(output, 0, internal, tweak);
  cache.add();
  assert.equal(cache.has(output, 1, internal, tweak), false);
  for (let bit = 0; bit < 256; bit++) {
    assert.equal(cache.has(withBitFlipped(output, bit), 0, internal, tweak), false);
    assert.equal(cache.has(output, 0, withBitFlipped(internal, bit), tweak), false);
    assert.equal(cache.has(output, 0, internal, withBitFlipped(tweak, bit)), false);
  }
  assert.equal(cache.has(output, 0, internal, tweak), true);
});

test('nothing is known at first, not even of zeros', () => {
  const zeros = new Uint8Array(32);
  const cache = new SecpCommitmentCache();
  assert.equal(cache.has(zeros, 0, zeros, zeros), false);
  assert.equal(cache.has(zeros, 1, zeros, zeros), false);
});
