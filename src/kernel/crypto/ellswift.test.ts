import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { computeEllSwiftSecret, createEllSwiftKey, decodeEllSwift, findEllSwiftT } from './ellswift.ts';
import { nobleSecp256k1 as secp } from './secp256k1-noble.ts';

const PRIME = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f';

test('what the paper leaves undefined stands for a point, too: u or t of zero, or zero modulo the prime', () => {
  // From the list of BIP324.
  const x = 'edd1fd3e327ce90cc7a3542614289aee9682003e9cf7dcc9cf2ca9743be5aa0c';
  for (const key of ['00'.repeat(64), PRIME + '00'.repeat(32), '00'.repeat(32) + PRIME, PRIME + PRIME]) {
    assert.equal(toHex(decodeEllSwift(fromHex(key))), x);
  }
});

test('any 64 bytes are a key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (key) => {
      assert.ok(secp.isValidXOnlyPublicKey(decodeEllSwift(key)));
    }),
    { numRuns: 50 },
  );
});

test('every t that stands for a coordinate is one that leads back to it', () => {
  const rng = createRng(5);
  let found = 0;
  for (let i = 0; i < 12; i++) {
    const x = decodeEllSwift(rng.bytes(64));
    const u = rng.bytes(32);
    for (let which = 0; which < 8; which++) {
      const t = findEllSwiftT(x, u, which);
      if (t === null) continue;
      found++;
      const key = new Uint8Array(64);
      key.set(u);
      key.set(t, 32);
      assert.equal(toHex(decodeEllSwift(key)), toHex(x), `case ${which}`);
    }
  }
  assert.ok(found >= 8, `${found} found`);
});

test('a key stands for the public key of its secret, is another one each time, and both sides find the same secret', () => {
  const rng = createRng(6);
  const draw = (): Uint8Array => rng.bytes(32);
  const [alice, bob] = [draw(), draw()];
  const keyOfAlice = createEllSwiftKey(secp, alice, draw)!;
  const keyOfBob = createEllSwiftKey(secp, bob, draw)!;
  assert.equal(toHex(decodeEllSwift(keyOfAlice)), toHex(secp.createPublicKey(alice, true)!.subarray(1)));
  assert.notEqual(toHex(createEllSwiftKey(secp, alice, draw)!), toHex(keyOfAlice));
  const ofAlice = computeEllSwiftSecret(secp, alice, { ours: keyOfAlice, theirs: keyOfBob, isInitiator: true })!;
  const ofBob = computeEllSwiftSecret(secp, bob, { ours: keyOfBob, theirs: keyOfAlice, isInitiator: false })!;
  assert.equal(toHex(ofAlice), toHex(ofBob));
  const swapped = computeEllSwiftSecret(secp, bob, { ours: keyOfBob, theirs: keyOfAlice, isInitiator: true })!;
  assert.notEqual(toHex(swapped), toHex(ofBob));
});

test('without a secret there is no key, and nothing is shared', () => {
  const zero = new Uint8Array(32);
  assert.equal(
    createEllSwiftKey(secp, zero, () => assert.fail('nothing to draw for')),
    null,
  );
  const key = fromHex('11'.repeat(64));
  assert.equal(computeEllSwiftSecret(secp, zero, { ours: key, theirs: key, isInitiator: true }), null);
});
