// The signature cache: remembers successes only, mixes nothing up (C37), and stays within its bound.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSpend, verifyAll } from '../../../test/vectors/script-case.ts';
import { createStubCurve, createTestKey, signLegacy } from '../../../test/vectors/script-machine.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { encodePush } from './script.ts';
import { createP2pk } from './script-builder.ts';
import { SIGNATURE_KIND, SignatureCache } from './sig-cache.ts';
import { InputVerifier } from './verify.ts';

const SALT = new Uint8Array(32).fill(7);

function bytes(length: number, value: number): Uint8Array {
  const filled = new Uint8Array(length);
  new DataView(filled.buffer).setUint32(0, value);
  return filled;
}

describe('signature cache', () => {
  test('C37: it knows exactly what was added', () => {
    const cache = new SignatureCache({ entryCountMax: 64, salt: SALT });
    const { ECDSA, SCHNORR } = SIGNATURE_KIND;
    cache.add(ECDSA, bytes(32, 1), bytes(33, 2), bytes(64, 3));
    assert.ok(cache.has(ECDSA, bytes(32, 1), bytes(33, 2), bytes(64, 3)));
    assert.ok(!cache.has(SCHNORR, bytes(32, 1), bytes(33, 2), bytes(64, 3)));
    assert.ok(!cache.has(ECDSA, bytes(32, 9), bytes(33, 2), bytes(64, 3)));
    assert.ok(!cache.has(ECDSA, bytes(32, 1), bytes(33, 9), bytes(64, 3)));
    assert.ok(!cache.has(ECDSA, bytes(32, 1), bytes(65, 2), bytes(64, 3)));
    assert.ok(!cache.has(ECDSA, bytes(32, 1), bytes(33, 2), bytes(64, 9)));
  });

  test('C37: another salt places the same entry elsewhere', () => {
    const places = new Set<string>();
    for (let s = 0; s < 8; s++) {
      const cache = new SignatureCache({ entryCountMax: 4, salt: new Uint8Array(32).fill(s) });
      const kept: number[] = [];
      for (let n = 0; n < 64; n++) cache.add(SIGNATURE_KIND.ECDSA, bytes(32, n), bytes(33, 0), bytes(64, 0));
      for (let n = 0; n < 64; n++) {
        if (cache.has(SIGNATURE_KIND.ECDSA, bytes(32, n), bytes(33, 0), bytes(64, 0))) kept.push(n);
      }
      places.add(kept.join());
    }
    assert.ok(places.size > 4);
  });

  test('it holds no more than its bound, and keeps the newest', () => {
    const cache = new SignatureCache({ entryCountMax: 1000, salt: SALT }); // 1024 by rounding up
    const has = (n: number) => cache.has(SIGNATURE_KIND.SCHNORR, bytes(32, n), bytes(32, 0), bytes(64, 0));
    for (let n = 0; n < 5000; n++) {
      cache.add(SIGNATURE_KIND.SCHNORR, bytes(32, n), bytes(32, 0), bytes(64, 0));
      assert.ok(has(n));
    }
    let held = 0;
    for (let n = 0; n < 5000; n++) if (has(n)) held++;
    assert.ok(held > 900 && held <= 1024, String(held));
  });

  test('C37: a success is not asked again, a failure is, and flags are none of the cache', () => {
    const key = createTestKey(8);
    const scriptPubKey = createP2pk(key.compressed);
    const plain = createSpend({ scriptPubKey });
    const good = createSpend({ scriptPubKey, scriptSig: encodePush(signLegacy(plain, key, scriptPubKey)) });
    let asked = 0;
    let answer = false;
    const verifyEcdsa = () => {
      asked++;
      return answer;
    };
    const curve = { ...createStubCurve(true), verifyEcdsa };
    const verifier = new InputVerifier(curve, {
      signatureCache: new SignatureCache({ entryCountMax: 16, salt: SALT }),
    });
    assert.equal(verifyAll(verifier, good, 0), 'EVAL_FALSE');
    assert.equal(verifyAll(verifier, good, 0), 'EVAL_FALSE');
    assert.equal(asked, 2);
    answer = true;
    assert.equal(verifyAll(verifier, good, 0), null);
    answer = false;
    assert.equal(verifyAll(verifier, good, 0), null);
    assert.equal(asked, 3);
    // The cache says that the signature is good; whether its form may be used is asked before, every time.
    assert.equal(verifyAll(verifier, good, SCRIPT_VERIFY.STRICTENC | SCRIPT_VERIFY.LOW_S), null);
    const odd = createSpend({ scriptPubKey, scriptSig: encodePush(signLegacy(plain, key, scriptPubKey, 0x41)) });
    answer = true;
    assert.equal(verifyAll(verifier, odd, 0), null);
    assert.equal(verifyAll(verifier, odd, SCRIPT_VERIFY.STRICTENC), 'SIG_HASHTYPE');
  });
});
