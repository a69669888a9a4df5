// Choosing a backend: the first that loads and answers rightly; a backend with any one lie in it is found out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError } from '../util/assert.ts';
import { err, ok } from '../util/result.ts';
import type { Secp256k1 } from './secp256k1.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';
import { type BackendLoader, formatSkippedBackend, selectSecp256k1 } from './secp256k1-select.ts';
import { selfTestSecp256k1 } from './secp256k1-self-test.ts';
import { createWasmSecp256k1 } from './secp256k1-wasm.ts';

const noble: BackendLoader = { backend: 'plain', load: () => ok(nobleSecp256k1) };
const { verifyEcdsa, verifySchnorr } = nobleSecp256k1;

test('the first backend that works is chosen, and the others say why they were passed over', () => {
  const liar: Secp256k1 = { ...nobleSecp256k1, verifyEcdsa: () => true };
  const { backend, skipped } = selectSecp256k1([
    { backend: 'native', load: () => err({ kind: 'absent', detail: 'not found', remedy: 'brew install it' }) },
    {
      backend: 'broken',
      load: () => {
        throw new Error('bad magic');
      },
    },
    { backend: 'liar', load: () => ok(liar) },
    noble,
    { backend: 'never asked', load: () => assert.fail() },
  ]);
  assert.equal(backend, nobleSecp256k1);
  assert.deepEqual(skipped.map(formatSkippedBackend), [
    'native not found: brew install it',
    'broken bad magic',
    'liar failed its self-test: ecdsa refuses a hybrid key of the wrong parity',
  ]);
  assert.deepEqual(
    skipped.map(({ kind }) => kind),
    ['absent', 'unusable', 'failed-self-test'],
  );
});

test('without any backend there is nothing to run', () => {
  assert.throws(() => selectSecp256k1([]), AssertionError);
});

const LIES: Readonly<Record<string, Partial<Secp256k1>>> = {
  'accepts no ECDSA': { verifyEcdsa: () => false },
  'accepts any Schnorr': { verifySchnorr: () => true },
  'accepts no Schnorr': { verifySchnorr: () => false },
  'throws on a short digest': {
    verifyEcdsa: (signature, digest, key) => {
      if (digest.length !== 32) throw new RangeError('digest');
      return verifyEcdsa(signature, digest, key);
    },
  },
  'refuses hybrid keys': {
    verifyEcdsa: (signature, digest, key) => key[0]! < 6 && verifyEcdsa(signature, digest, key),
  },
  'ignores the prefix of hybrid keys': {
    verifyEcdsa: (signature, digest, key) => {
      const plain = key.slice();
      if (plain[0] === 7) plain[0] = 4;
      return verifyEcdsa(signature, digest, plain);
    },
  },
  'takes only messages of 32 bytes': {
    verifySchnorr: (signature, message, key) => message.length === 32 && verifySchnorr(signature, message, key),
  },
  'ignores the parity of tweaks': {
    checkXOnlyTweak: (output, _parity, internal, tweak) =>
      nobleSecp256k1.checkXOnlyTweak(output, 0, internal, tweak) ||
      nobleSecp256k1.checkXOnlyTweak(output, 1, internal, tweak),
  },
  'signs at random': { signEcdsa: () => new Uint8Array(64).fill(1) },
  'takes any key': { isValidPublicKey: () => true },
};

for (const [what, lie] of Object.entries(LIES)) {
  test(`the self-test finds a backend that ${what}`, () => {
    assert.notEqual(selfTestSecp256k1({ ...nobleSecp256k1, ...lie }), null);
  });
}

test('bytes that are no WebAssembly module give a problem in words', () => {
  const made = createWasmSecp256k1(Uint8Array.of(1, 2, 3));
  assert.ok(!made.ok && made.error.length > 0);
});

test('a module of another make gives a problem in words', () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  assert.ok(!createWasmSecp256k1(empty).ok);
});
