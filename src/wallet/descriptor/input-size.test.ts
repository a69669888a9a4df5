import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { hash160 } from '../../kernel/crypto/hash160.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { createP2pkh, createP2sh, createWitnessProgram } from '../../kernel/script/script-builder.ts';
import { EMPTY_BYTES, fromHex } from '../../kernel/util/bytes.ts';
import { DescriptorExpander } from './expand.ts';
import { computeInputVsize, computeInputWeight, measureDescriptorInput, measureRingInput } from './input-size.ts';
import { KeyRing } from './key-ring.ts';
import { parseDescriptor } from './parse.ts';

const { prefixes } = createRegtestParams();
const KEY_1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEY_2 = '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5';
const KEY_3 = '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9';
/** The point of KEY_1 in 65 bytes. */
const LONG_KEY =
  '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';

/** Weights in a transaction with a witness: signatures with a low r, with any r; and without a witness. */
function weightsOf(text: string): readonly (number | null)[] {
  const ring = new KeyRing();
  const parsed = parseDescriptor(text, { prefixes, secp, ring });
  assert.ok(parsed.ok);
  const [descriptor] = parsed.value;
  const script = new DescriptorExpander(ring, secp).expand(descriptor!, 0)![0]!;
  const weight = (isLowR: boolean, hasWitness: boolean): number | null => {
    const measure = measureDescriptorInput(descriptor!, script, isLowR);
    const fromRing = measureRingInput(script, ring, isLowR);
    if (measure === null) return null;
    // a ring that knows the scripts and keys says the same
    assert.deepEqual(fromRing, measure);
    return computeInputWeight(measure, hasWitness);
  };
  return [weight(true, true), weight(false, true), weight(true, false)];
}

test('signed inputs of every type weigh what they weigh at most', () => {
  // 41 bytes of outpoint, length and sequence are 164
  assert.deepEqual(weightsOf(`pk(${KEY_1})`), [453, 457, 452]);
  assert.deepEqual(weightsOf(`pkh(${KEY_1})`), [589, 593, 588]);
  assert.deepEqual(weightsOf(`pkh(${LONG_KEY})`), [717, 721, 716]);
  assert.deepEqual(weightsOf(`wpkh(${KEY_1})`), [271, 272, 271]);
  assert.deepEqual(weightsOf(`sh(wpkh(${KEY_1}))`), [363, 364, 363]);
  assert.deepEqual(weightsOf(`tr(${KEY_1.slice(2)})`), [231, 231, 231]);
});

test('multisig takes as many signatures as are required, and its script', () => {
  const two = `multi(2,${KEY_1},${KEY_2},${KEY_3})`;
  // two signatures and an empty item
  assert.deepEqual(weightsOf(two), [164 + 1 + 4 * 145, 164 + 1 + 4 * 147, 164 + 4 * 145]);
  // the script of 105 bytes with its length
  assert.deepEqual(weightsOf(`wsh(${two})`), [164 + 1 + 145 + 106, 164 + 1 + 147 + 106, 164 + 1 + 145 + 106]);
  // in a scriptSig it takes two bytes to push, and above 252 bytes the scriptSig has a longer length
  assert.deepEqual(weightsOf(`sh(${two})`)[0], 164 + 1 + 4 * (145 + 107));
  assert.deepEqual(weightsOf(`sh(${two})`)[1], 164 + 8 + 1 + 4 * (147 + 107));
  // the program of 34 bytes with its length
  assert.deepEqual(weightsOf(`sh(wsh(${two}))`)[0], 164 + 1 + 4 * 35 + 145 + 106);
});

test('a spend by a leaf takes signatures, script and proof of the heaviest one', () => {
  const [x1, x2, x3] = [KEY_1, KEY_2, KEY_3].map((key) => key.slice(2));
  const weightOf = (text: string): number | null => {
    const ring = new KeyRing();
    const parsed = parseDescriptor(text, { prefixes, secp, ring });
    assert.ok(parsed.ok);
    const measure = measureDescriptorInput(parsed.value[0]!, EMPTY_BYTES, true, 'leaf');
    return measure === null ? null : computeInputWeight(measure, true);
  };
  // signature 66, script 35, control block of one leaf 34
  assert.equal(weightOf(`tr(${x1},pk(${x2}))`), 164 + 1 + 66 + 35 + 34);
  // two signatures and an empty item, script of 104 with its length, control block of two leaves 66
  assert.equal(weightOf(`tr(${x1},{pk(${x2}),multi_a(2,${x1},${x2},${x3})})`), 164 + 1 + 133 + 105 + 66);
  assert.equal(weightOf(`tr(${x1})`), null);
});

test('combo() is measured by the output that is spent', () => {
  const ring = new KeyRing();
  const parsed = parseDescriptor(`combo(${KEY_1})`, { prefixes, secp, ring });
  assert.ok(parsed.ok);
  const [descriptor] = parsed.value;
  const scripts = new DescriptorExpander(ring, secp).expand(descriptor!, 0)!;
  const vsizes = scripts.map((script) => computeInputVsize(measureDescriptorInput(descriptor!, script, true)));
  assert.deepEqual(vsizes, [114, 148, 68, 91]);
  const other = createWitnessProgram(1, new Uint8Array(32));
  assert.equal(measureDescriptorInput(descriptor!, other, true), null);
});

test('what nobody can sign is not measured', () => {
  const ring = new KeyRing();
  const keyHash = hash160(fromHex(KEY_1));
  for (const script of [
    createP2pkh(keyHash),
    createP2sh(keyHash),
    createWitnessProgram(0, keyHash),
    createWitnessProgram(0, new Uint8Array(32)),
    Uint8Array.of(0x6a, 1, 2),
    EMPTY_BYTES,
  ]) {
    assert.equal(measureRingInput(script, ring, true), null);
    assert.equal(measureDescriptorInput({ type: 'raw', script }, script, true), null);
  }
  assert.equal(computeInputVsize(null), -1);
});

test('a script that holds itself ends at once', () => {
  const ring = new KeyRing();
  const inner = createP2sh(new Uint8Array(20));
  ring.addScript(inner);
  const outer = createP2sh(hash160(inner));
  ring.addScript(outer);
  assert.equal(measureRingInput(createP2sh(hash160(outer)), ring, true), null);
});
