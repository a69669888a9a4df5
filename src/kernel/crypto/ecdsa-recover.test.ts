import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { recoverPublicKey, signCompact } from './ecdsa-recover.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte !== 0 && byte !== 255));

test('the key that signed is found again, compressed or not', () => {
  fc.assert(
    fc.property(bytes32, bytes32, fc.boolean(), (secret, digest, isCompressed) => {
      fc.pre(nobleSecp256k1.isValidSecret(secret));
      const signature = signCompact(nobleSecp256k1, digest, secret, isCompressed);
      assert.ok(signature !== null);
      assert.deepEqual(recoverPublicKey(signature, digest), nobleSecp256k1.createPublicKey(secret, isCompressed));
    }),
    { numRuns: 15 },
  );
});

test('bytes that are no signature give no key and no exception', () => {
  const digest = new Uint8Array(32).fill(1);
  for (const length of [0, 1, 64, 66]) assert.equal(recoverPublicKey(new Uint8Array(length), digest), null);
  assert.equal(recoverPublicKey(new Uint8Array(65), digest), null);
  assert.equal(recoverPublicKey(new Uint8Array(65).fill(255), digest), null);
  assert.equal(signCompact(nobleSecp256k1, digest, new Uint8Array(32), true), null);
});
