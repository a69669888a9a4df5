// The memory of who signs: it spares verifications, and no verdict depends on it. The curve is a stub to which a signature is good
// for a key when both bear the same number.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSpend, type Spend, verifyAll } from '../../../test/vectors/script-case.ts';
import { createStubCurve } from '../../../test/vectors/script-machine.ts';
import { encodeSignatureDer } from '../crypto/der.ts';
import { concatBytes, EMPTY_BYTES } from '../util/bytes.ts';
import { createRng } from '../util/prng.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { MultisigMemory } from './multisig-memory.ts';
import { OP } from './opcodes.ts';
import { encodePush } from './script.ts';
import { createMultisig } from './script-builder.ts';
import { SIGHASH } from './sighash-type.ts';
import { InputVerifier } from './verify.ts';

/** What blocks hold signatures to since BIP66. */
const BLOCK_FLAGS = SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.DERSIG;

/** The number of signatures that are good for no key, and of none at all. */
const NOBODY = 99;
const EMPTY = 0;

function createKey(number: number, firstByte = 2): Uint8Array {
  const key = new Uint8Array(33).fill(number);
  key[0] = firstByte;
  return key;
}

function createSignature(number: number): Uint8Array {
  if (number === EMPTY) return EMPTY_BYTES;
  const signature64 = new Uint8Array(64);
  signature64[31] = number;
  signature64[63] = 1;
  return concatBytes(encodeSignatureDer(signature64), Uint8Array.of(SIGHASH.ALL));
}

function spendMultisig(keys: readonly Uint8Array[], signers: readonly number[]): Spend {
  const pushes = signers.map((number) => encodePush(createSignature(number)));
  return createSpend({
    scriptSig: concatBytes(Uint8Array.of(OP.OP_0), ...pushes),
    scriptPubKey: createMultisig(signers.length, keys),
  });
}

/** A verifier, and how many signatures it has verified with which keys since it was last asked. */
function createWatchedVerifier(): { readonly verifier: InputVerifier; takeTried(): readonly number[] } {
  let tried: number[] = [];
  const verifyEcdsa = (signature64: Uint8Array, _: Uint8Array, key: Uint8Array): boolean => {
    tried.push(key[32]!);
    return signature64[31] === key[32];
  };
  const takeTried = (): readonly number[] => {
    const taken = tried;
    tried = [];
    return taken;
  };
  return { verifier: new InputVerifier({ ...createStubCurve(false), verifyEcdsa }), takeTried };
}

/** Whether the signatures from the first on find keys from `firstKey` on, in their order. By trying everything. */
function findsKeys(signers: readonly number[], keys: readonly number[], firstKey = 0): boolean {
  const [signer, ...others] = signers;
  if (signer === undefined) return true;
  return keys.some((key, i) => i >= firstKey && key === signer && findsKeys(others, keys, i + 1));
}

/** Every list of `length` of the numbers. */
function allLists(length: number, numbers: readonly number[]): readonly (readonly number[])[] {
  if (length === 0) return [[]];
  return allLists(length - 1, numbers).flatMap((list) => numbers.map((number) => [...list, number]));
}

describe('who signs a multisig', () => {
  const keys = [1, 2, 3].map((number) => createKey(number));

  test('the keys that signed last time are tried first, and those that were silent not at all', () => {
    const { verifier, takeTried } = createWatchedVerifier();
    const spend = spendMultisig(keys, [1, 2]);
    assert.equal(verifyAll(verifier, spend, BLOCK_FLAGS), null);
    assert.deepEqual(takeTried(), [3, 2, 1]);
    assert.equal(verifyAll(verifier, spend, BLOCK_FLAGS), null);
    assert.deepEqual(takeTried(), [2, 1]);
  });

  test('when others sign, the keys are taken in turn, and they are known from then on', () => {
    const { verifier, takeTried } = createWatchedVerifier();
    verifyAll(verifier, spendMultisig(keys, [1, 2]), BLOCK_FLAGS);
    takeTried();
    assert.equal(verifyAll(verifier, spendMultisig(keys, [1, 3]), BLOCK_FLAGS), null);
    assert.deepEqual(takeTried(), [2, 3, 2, 1]);
    assert.equal(verifyAll(verifier, spendMultisig(keys, [1, 3]), BLOCK_FLAGS), null);
    assert.deepEqual(takeTried(), [3, 1]);
    assert.equal(verifyAll(verifier, spendMultisig(keys, [2, 3]), BLOCK_FLAGS), null);
    assert.deepEqual(takeTried(), [3, 1, 3, 2]);
    assert.equal(verifyAll(verifier, spendMultisig(keys, [2, 3]), BLOCK_FLAGS), null);
    assert.deepEqual(takeTried(), [3, 2]);
  });

  test('a wrong guess is made once, also where no key fits and the script goes on', () => {
    const { verifier, takeTried } = createWatchedVerifier();
    verifyAll(verifier, spendMultisig(keys, [1, 2]), BLOCK_FLAGS);
    takeTried();
    const unsigned = spendMultisig(keys, [NOBODY, 2]);
    assert.equal(verifyAll(verifier, unsigned, BLOCK_FLAGS), 'EVAL_FALSE');
    assert.deepEqual(takeTried(), [2, 1, 3, 2, 1]);
    assert.equal(verifyAll(verifier, unsigned, BLOCK_FLAGS), 'EVAL_FALSE');
    assert.deepEqual(takeTried(), [3, 2, 1]);
  });

  test('where the form of keys is a rule, a silent key must have it every time', () => {
    const { verifier, takeTried } = createWatchedVerifier();
    const spend = spendMultisig([createKey(1), createKey(2), createKey(3, 5)], [1, 2]);
    const refused = verifyAll(verifier, spend, BLOCK_FLAGS | SCRIPT_VERIFY.STRICTENC);
    assert.equal(refused, 'PUBKEYTYPE');
    for (let i = 0; i < 2; i++) assert.equal(verifyAll(verifier, spend, BLOCK_FLAGS), null);
    assert.equal(verifyAll(verifier, spend, BLOCK_FLAGS | SCRIPT_VERIFY.STRICTENC), 'PUBKEYTYPE');
    assert.deepEqual(takeTried(), [2, 1, 2, 1]);
  });

  test('C19: no verdict depends on what was verified before, with keys that repeat and signatures of nobody', () => {
    const { verifier } = createWatchedVerifier();
    const cases = [1, 2, 3].flatMap((count) =>
      allLists(count, [1, 2, 3, NOBODY, EMPTY]).flatMap((signers) =>
        allLists(4, [1, 2, 3]).map((numbers) => ({ signers, numbers })),
      ),
    );
    const rng = createRng(7);
    for (let i = 0; i < 6000; i++) {
      const { signers, numbers } = cases[rng.nextU32() % cases.length]!;
      const keysOfCase = numbers.map((number) => createKey(number));
      const isGood = verifyAll(verifier, spendMultisig(keysOfCase, signers), BLOCK_FLAGS) === null;
      assert.equal(isGood, findsKeys(signers, numbers), `${signers} for ${numbers}`);
    }
  });
});

test('a memory tells nothing that does not fit the count of signatures and keys', () => {
  const memory = new MultisigMemory();
  const bytes = Uint8Array.of(2, 1, 1, 1, 1, 3, 2, 2, 2, 2);
  const place = memory.placeOf(bytes, 0, 5);
  assert.equal(memory.guess(place, 2, 3), 0);
  memory.learn(place, 0b110);
  assert.equal(memory.guess(place, 2, 3), 0b110);
  assert.equal(memory.guess(place, 1, 3), 0);
  assert.equal(memory.guess(place, 2, 2), 0);
  assert.equal(memory.guess(memory.placeOf(bytes, 5, 0), 2, 3), 0);
  memory.forget(place);
  assert.equal(memory.guess(place, 2, 3), 0);
  memory.learn(place, 0b101);
  assert.equal(memory.guess(place, 2, 3), 0b101);
  memory.learn(place, 0b011);
  assert.equal(memory.guess(place, 2, 3), 0);
});
