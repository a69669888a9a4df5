// FindAndDelete byte by byte (C16), and what it does to spends: before segwit only, and forbidden by CONST_SCRIPTCODE.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getCurve } from '../../../test/vectors/curve.ts';
import { createSpend, verifyAll } from '../../../test/vectors/script-case.ts';
import { createTestKey, signLegacy, signWitnessV0 } from '../../../test/vectors/script-machine.ts';
import { sha256 } from '../crypto/sha256.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import { buildTransaction, toTransactionData } from '../primitives/transaction.ts';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { findAndDelete } from './find-and-delete.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { encodePush } from './script.ts';
import { createWitnessProgram } from './script-builder.ts';
import type { ScriptError } from './script-error.ts';
import { InputVerifier } from './verify.ts';

function removed(scriptHex: string, pushHex: string): string | null {
  const script = fromHex(scriptHex);
  const push = fromHex(pushHex);
  const target = new Uint8Array(script.length);
  const length = findAndDelete(script, 0, script.length, push, push.length, target);
  return length < 0 ? null : toHex(target.subarray(0, length));
}

describe('findAndDelete', () => {
  const CASES: readonly (readonly [why: string, script: string, push: string, rest: string | null])[] = [
    ['(a) the canonical push goes', '5102aabb52', '02aabb', '5152'],
    ['(b) the same bytes pushed by OP_PUSHDATA1 stay', '514c02aabb52', '02aabb', null],
    ['(b) the same bytes pushed by OP_PUSHDATA2 stay', '514d0200aabb52', '02aabb', null],
    ['(c) the push inside a longer push stays', '0402aabb00', '02aabb', null],
    ['(d) the same bytes across two operations stay', '0102aa', '02aa', null],
    ['(e) two in a row both go', '02aabb02aabb', '02aabb', ''],
    ['two apart both go', '02aabb5102aabb', '02aabb', '51'],
    ['an empty signature takes every OP_0 with it', '0051000052', '00', '5152'],
    ['a zero inside a push is no OP_0', '020000', '00', null],
    ['a match at the very end goes', '5102aabb', '02aabb', '51'],
    ['a longer pattern than the script is nowhere', '02aa', '02aabb', null],
    ['what follows a broken push stays', '02aabb05aabb', '02aabb', '05aabb'],
    ['after a broken push nothing is looked for', '5102aabb4c', '02aabb', '514c'],
    [
      'deleting can leave bytes that read otherwise, and they are not read again',
      '0302aabb02aabb',
      '02aabb',
      '0302aabb',
    ],
    ['an opcode pattern goes wherever it begins', '0051ab51', '51', '00ab'],
  ];
  for (const [why, script, push, rest] of CASES) {
    test(`C16: ${why}`, () => assert.equal(removed(script, push), rest));
  }

  test('C16: it may write over the script that it reads', () => {
    const script = fromHex('02aabb51020102aa02aabb52');
    const push = fromHex('02aabb');
    const length = findAndDelete(script, 0, script.length, push, push.length, script);
    assert.equal(toHex(script.subarray(0, length)), '51020102aa52');
  });

  test('C16: it starts where it is told to', () => {
    const script = fromHex('02aabb5102aabb');
    const target = new Uint8Array(7);
    assert.equal(findAndDelete(script, 3, 7, fromHex('02aabb'), 3, target), 1);
    assert.equal(target[0], 0x51);
  });
});

describe('a signature inside the script that it signs', () => {
  const key = createTestKey(5);
  // Some pushes of the signature, OP_DROP for each, then key and OP_CHECKSIG. It signs the script as if it were not in it.
  const rest = concatBytes(fromHex('75'), encodePush(key.compressed), fromHex('ac'));
  const { transaction } = createSpend({ scriptPubKey: rest });

  /** Verdict on a spend whose scriptPubKey is `push` of the signature before `rest`. */
  function verdict(push: (signature: Uint8Array) => Uint8Array, flags: number): ScriptError | null {
    const signature = signLegacy({ transaction, spent: SpentOutputs.pack([]) }, key, rest);
    const data = toTransactionData(transaction);
    const signed = buildTransaction({
      ...data,
      inputs: data.inputs.map((input) => ({ ...input, scriptSig: encodePush(signature) })),
    });
    const spent = SpentOutputs.pack([{ valueSat: 0, scriptPubKey: concatBytes(push(signature), rest) }]);
    return verifyAll(new InputVerifier(getCurve()), { transaction: signed, spent }, flags);
  }

  test('C16: as the canonical push it is deleted before hashing, so the spend is valid', () => {
    assert.equal(verdict(encodePush, SCRIPT_VERIFY.P2SH), null);
  });

  test('C16: CONST_SCRIPTCODE forbids that anything is deleted', () => {
    assert.equal(verdict(encodePush, SCRIPT_VERIFY.CONST_SCRIPTCODE), 'SIG_FINDANDDELETE');
  });

  test('C16: pushed by OP_PUSHDATA1 or inside a longer push it stays and is hashed, so the spend is not valid', () => {
    const byPushdata1 = (signature: Uint8Array) => concatBytes(Uint8Array.of(0x4c, signature.length), signature);
    const inside = (signature: Uint8Array) => encodePush(concatBytes(encodePush(signature), Uint8Array.of(0)));
    for (const push of [byPushdata1, inside]) {
      assert.equal(verdict(push, SCRIPT_VERIFY.P2SH), 'EVAL_FALSE');
      assert.equal(verdict(push, SCRIPT_VERIFY.CONST_SCRIPTCODE), 'EVAL_FALSE');
    }
  });

  test('C16: an OP_CHECKMULTISIG deletes each of its signatures from the script of all, empty ones as OP_0', () => {
    // 0 <s> 0 | 0 DROP 2 <key> <key2> 2 CHECKMULTISIG NOT … : the OP_0 in the script goes, for an empty signature is among them.
    const other = createTestKey(6);
    const keys = concatBytes(encodePush(key.compressed), encodePush(other.compressed));
    const without = concatBytes(fromHex('7552'), keys, fromHex('52ae91'));
    const withZero = concatBytes(fromHex('00'), without);
    const signature = signLegacy({ transaction, spent: SpentOutputs.pack([]) }, other, without);
    const scriptSig = concatBytes(fromHex('00'), encodePush(signature), fromHex('00'));
    assert.equal(multisigVerdict(scriptSig, withZero, SCRIPT_VERIFY.CONST_SCRIPTCODE), 'SIG_FINDANDDELETE');
    // One of two required is missing: OP_CHECKMULTISIG says false, OP_NOT turns it around.
    assert.equal(multisigVerdict(scriptSig, withZero, SCRIPT_VERIFY.P2SH), null);
  });

  function multisigVerdict(scriptSig: Uint8Array, scriptPubKey: Uint8Array, flags: number): ScriptError | null {
    const data = toTransactionData(transaction);
    const signed = buildTransaction({ ...data, inputs: data.inputs.map((input) => ({ ...input, scriptSig })) });
    const spent = SpentOutputs.pack([{ valueSat: 0, scriptPubKey }]);
    return verifyAll(new InputVerifier(getCurve()), { transaction: signed, spent }, flags);
  }

  test('C16: segwit deletes nothing', () => {
    const spend = createSpend({ scriptPubKey: createWitnessProgram(0, sha256(rest)), valueSat: 7 });
    const signature = signWitnessV0(spend, key, rest);
    const witnessScript = concatBytes(encodePush(signature), rest);
    const scriptPubKey = createWitnessProgram(0, sha256(witnessScript));
    const data = toTransactionData(spend.transaction);
    const witness = [signature, witnessScript];
    const signed = buildTransaction({ ...data, inputs: data.inputs.map((input) => ({ ...input, witness })) });
    const spent = SpentOutputs.pack([{ valueSat: 7, scriptPubKey }]);
    const flags = SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS;
    assert.equal(verifyAll(new InputVerifier(getCurve()), { transaction: signed, spent }, flags), 'EVAL_FALSE');
  });
});
