// The JavaScript backend: the self-test, refusals of every wrong length, and corners where the library beneath differs from
// libsecp256k1. All backends together are tested in src/platform/node/secp256k1.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { nobleSecp256k1 as secp } from './secp256k1-noble.ts';
import { selfTestSecp256k1 } from './secp256k1-self-test.ts';

const ONE = fromHex('0000000000000000000000000000000000000000000000000000000000000001');
const ORDER_MINUS_1 = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');
const G_X = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const G_Y = '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
const MINUS_G_Y = 'b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777';

test('the JavaScript backend passes the self-test', () => {
  assert.equal(selfTestSecp256k1(secp), null);
});

test('inputs of any length are refused without an exception', () => {
  for (let size = 0; size <= 70; size++) {
    const bytes = new Uint8Array(size).fill(2);
    const sound = size === 32;
    assert.equal(secp.verifyEcdsa(bytes, bytes, bytes), false);
    assert.equal(secp.verifySchnorr(bytes, bytes, bytes), false);
    assert.equal(secp.checkXOnlyTweak(bytes, 0, bytes, bytes), false);
    assert.equal(secp.isValidSecret(bytes), sound);
    assert.equal(secp.createPublicKey(bytes, true) !== null, sound);
    assert.equal(secp.tweakSecret(bytes, bytes) !== null, sound);
    assert.equal(secp.signEcdsa(bytes, bytes) !== null, sound);
    assert.equal(secp.signSchnorr(bytes, bytes, bytes) !== null, sound);
    if (size !== 33) assert.equal(secp.convertPublicKey(bytes, true), null);
    if (!sound) assert.equal(secp.tweakXOnly(bytes, bytes), null);
    assert.equal(secp.ecdhX(bytes, bytes), null);
    assert.equal(secp.tweakPublicKey(bytes, bytes), null);
  }
});

test('a hybrid key counts when its first byte tells the parity of y', () => {
  const key = (prefix: string, y: string): Uint8Array => fromHex(prefix + G_X + y);
  assert.equal(secp.isValidPublicKey(key('06', G_Y)), true);
  assert.equal(secp.isValidPublicKey(key('07', MINUS_G_Y)), true);
  assert.equal(secp.isValidPublicKey(key('07', G_Y)), false);
  assert.equal(secp.isValidPublicKey(key('06', MINUS_G_Y)), false);
  assert.equal(secp.isValidPublicKey(key('05', G_Y)), false);
  assert.equal(toHex(secp.convertPublicKey(key('07', MINUS_G_Y), true)!), `03${G_X}`);
});

test('coordinates at or above the field size name no point', () => {
  // p + 1 and p: 1 is the x of a point, 0 is not.
  const above = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30';
  const field = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f';
  assert.equal(secp.isValidXOnlyPublicKey(ONE), true);
  assert.equal(secp.isValidXOnlyPublicKey(fromHex(above)), false);
  assert.equal(secp.isValidXOnlyPublicKey(fromHex(field)), false);
  assert.equal(secp.isValidPublicKey(fromHex(`02${above}`)), false);
  assert.equal(secp.isValidXOnlyPublicKey(new Uint8Array(32)), false);
});

test('a tweak of zero changes nothing, and opposite points leave none', () => {
  const g = fromHex(`02${G_X}`);
  assert.deepEqual(secp.tweakPublicKey(g, new Uint8Array(32)), g);
  assert.equal(secp.tweakPublicKey(g, ORDER_MINUS_1), null);
  assert.deepEqual(secp.tweakXOnly(g.subarray(1), new Uint8Array(32)), { x: g.slice(1), parity: 0 });
  assert.equal(secp.tweakXOnly(g.subarray(1), ORDER_MINUS_1), null);
  assert.equal(secp.tweakXOnlySecret(ONE, ORDER_MINUS_1), null);
});

test('arguments may be views of a larger buffer and stay as they are', () => {
  const large = concatBytes(fromHex('ff'), ONE, fromHex('ffff'));
  const before = toHex(large);
  const secret = large.subarray(1, 33);
  const signature = secp.signEcdsa(secret, secret)!;
  assert.equal(secp.verifyEcdsa(signature, secret, fromHex(`02${G_X}`)), true);
  assert.equal(toHex(large), before);
});
