import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AEAD_TAG_BYTES, type ChaCha20Poly1305, nobleChaCha20Poly1305 } from '../../kernel/crypto/chacha20-poly1305.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { createHostEncryption, loadChaCha20Poly1305, opensslChaCha20Poly1305 } from './host-encryption.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });

test('both ciphers make the same of anything, and open what the other sealed', () => {
  const parts = fc.tuple(bytes32, bytes12, fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(parts, ([key, nonce, associated, message]) => {
      const [one, other] = [opensslChaCha20Poly1305, nobleChaCha20Poly1305].map((cipher) => {
        const bytes = new Uint8Array(message.length + AEAD_TAG_BYTES);
        bytes.set(message);
        cipher.sealInPlace(key, nonce, associated, bytes);
        return bytes;
      });
      assert.deepEqual(one, other);
      assert.deepEqual(opensslChaCha20Poly1305.open(key, nonce, associated, other!), message);
      assert.deepEqual(nobleChaCha20Poly1305.open(key, nonce, associated, one!), message);
    }),
    { numRuns: 100 },
  );
});

test('what is opened is a plain array of its own length, and nothing that was changed is opened', () => {
  const [key, nonce] = [new Uint8Array(32).fill(7), new Uint8Array(12)];
  const sealed = new Uint8Array(10 + AEAD_TAG_BYTES);
  const aad = Uint8Array.of(1);
  opensslChaCha20Poly1305.sealInPlace(key, nonce, aad, sealed);
  const opened = opensslChaCha20Poly1305.open(key, nonce, aad, sealed)!;
  assert.equal(opened.constructor, Uint8Array);
  assert.equal(opened.length, 10);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = changed[at]! ^ 0x80;
    assert.equal(opensslChaCha20Poly1305.open(key, nonce, aad, changed), null, `byte ${at}`);
    assert.equal(opensslChaCha20Poly1305.open(key, nonce, aad, sealed.subarray(0, at)), null, `${at} bytes`);
  }
});

test('a cipher that is not there, or that gives another answer, is passed over', () => {
  const absent: ChaCha20Poly1305 = {
    ...opensslChaCha20Poly1305,
    sealInPlace: () => {
      throw new Error('Unknown cipher');
    },
  };
  const wrong: ChaCha20Poly1305 = {
    ...opensslChaCha20Poly1305,
    sealInPlace: (_key, _nonce, _aad, bytes) => void bytes.fill(1),
  };
  const credulous: ChaCha20Poly1305 = {
    ...opensslChaCha20Poly1305,
    open: (_key, _nonce, _aad, bytes) => bytes.slice(0, -16),
  };
  for (const candidate of [absent, wrong, credulous])
    assert.equal(loadChaCha20Poly1305(candidate), nobleChaCha20Poly1305);
  assert.equal(loadChaCha20Poly1305(), opensslChaCha20Poly1305);
});

test('chance comes from the system', () => {
  const { secureRandom, secp } = createHostEncryption(nobleSecp256k1);
  const [one, other] = [new Uint8Array(32), new Uint8Array(32)];
  secureRandom(one);
  secureRandom(other);
  assert.notDeepEqual(one, other);
  assert.equal(secp, nobleSecp256k1);
});
