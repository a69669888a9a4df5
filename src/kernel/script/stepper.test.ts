// The debugger's view: positions and stacks of a walk through P2PKH and through a condition, and the same verdict as the normal run
// on every case of Core's script_tests.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleScript } from '../../../test/vectors/asm.ts';
import { getCurve, rememberAnswers } from '../../../test/vectors/curve.ts';
import { openVectorFolder, skipWithout, vectorsPath } from '../../../test/vectors/folder.ts';
import { readScriptTests, rowsOf } from '../../../test/vectors/judges/script.ts';
import { createSpend, type ScriptPair, verifyAll } from '../../../test/vectors/script-case.ts';
import { createTestKey, signLegacy } from '../../../test/vectors/script-machine.ts';
import { hash160 } from '../crypto/hash160.ts';
import { sha256 } from '../crypto/sha256.ts';
import { concatBytes, toHex } from '../util/bytes.ts';
import { MANDATORY_SCRIPT_VERIFY_FLAGS } from './flags.ts';
import { encodePush } from './script.ts';
import { createP2pkh, createWitnessProgram } from './script-builder.ts';
import { ScriptStepper, type ScriptView, type StepVerdict } from './stepper.ts';
import { InputVerifier } from './verify.ts';

function createStepper(pair: ScriptPair, flags: number = MANDATORY_SCRIPT_VERIFY_FLAGS): ScriptStepper {
  return new ScriptStepper(getCurve(), { ...createSpend(pair), inputIndex: 0, flags });
}

/** `phase@position next: stack` before each step and after the last. */
function walk(stepper: ScriptStepper, describeView: (view: ScriptView) => string): string[] {
  const lines = [describeView(stepper.view())];
  while (stepper.verdict.kind === 'running') {
    stepper.step();
    lines.push(describeView(stepper.view()));
  }
  return lines;
}

function describePlace({ phase, position, next, stack }: ScriptView): string {
  return `${phase}@${position} ${next?.name ?? '-'}: ${stack.map(toHex).join(' ')}`.trimEnd();
}

describe('a walk', () => {
  test('through P2PKH shows each operation, where it stands, and what it leaves', () => {
    const key = createTestKey(1);
    const scriptPubKey = createP2pkh(hash160(key.compressed));
    const signature = signLegacy(createSpend({ scriptPubKey }), key, scriptPubKey);
    const scriptSig = concatBytes(encodePush(signature), encodePush(key.compressed));
    const sig = toHex(signature);
    // The compressed key of secret 1, and its HASH160.
    const pub = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
    const keyHash = '751e76e8199196d454941c45d1b3a323f1433bd6';
    assert.deepEqual(walk(createStepper({ scriptSig, scriptPubKey }), describePlace), [
      'scriptSig@0 push:',
      `scriptSig@${signature.length + 1} push: ${sig}`,
      `scriptSig@${signature.length + 35} -: ${sig} ${pub}`,
      `scriptPubKey@0 OP_DUP: ${sig} ${pub}`,
      `scriptPubKey@1 OP_HASH160: ${sig} ${pub} ${pub}`,
      `scriptPubKey@2 push: ${sig} ${pub} ${keyHash}`,
      `scriptPubKey@23 OP_EQUALVERIFY: ${sig} ${pub} ${keyHash} ${keyHash}`,
      `scriptPubKey@24 OP_CHECKSIG: ${sig} ${pub}`,
      'scriptPubKey@25 -: 01',
      'done@25 -: 01',
    ]);
  });

  test('through IF and ELSE shows which branch is taken and how deep the conditions are', () => {
    const pair = { scriptSig: assembleScript('0'), scriptPubKey: assembleScript('IF 2 ELSE 1 TOALTSTACK 3 ENDIF') };
    const lines = walk(createStepper(pair), ({ phase, next, conditions, isExecuting, stack, altstack, opIndex }) => {
      const place = `${phase} ${opIndex} ${next?.name ?? '-'}`;
      const condition = `depth ${conditions.depth} false ${conditions.firstFalse} ${isExecuting ? 'taken' : 'passed over'}`;
      return `${place} | ${condition} | ${stack.map(toHex).join(',')} / ${altstack.map(toHex).join(',')}`;
    });
    assert.deepEqual(lines, [
      'scriptSig 0 0 | depth 0 false null taken |  / ',
      'scriptSig 1 - | depth 0 false null taken |  / ',
      'scriptPubKey 0 OP_IF | depth 0 false null taken |  / ',
      'scriptPubKey 1 2 | depth 1 false 0 passed over |  / ',
      'scriptPubKey 2 OP_ELSE | depth 1 false 0 passed over |  / ',
      'scriptPubKey 3 1 | depth 1 false null taken |  / ',
      'scriptPubKey 4 OP_TOALTSTACK | depth 1 false null taken | 01 / ',
      'scriptPubKey 5 3 | depth 1 false null taken |  / 01',
      'scriptPubKey 6 OP_ENDIF | depth 1 false null taken | 03 / 01',
      'scriptPubKey 7 - | depth 0 false null taken | 03 / 01',
      'done 7 - | depth 0 false null taken | 03 / 01',
    ]);
  });

  test('goes on into a witness script, and stops before nothing after an error', () => {
    const witnessScript = assembleScript('2 EQUALVERIFY 1');
    const scriptPubKey = createWitnessProgram(0, sha256(witnessScript));
    const stepper = createStepper({ scriptPubKey, witness: [Uint8Array.of(3), witnessScript] });
    const program = toHex(scriptPubKey.subarray(2));
    assert.deepEqual(walk(stepper, describePlace), [
      'scriptSig@0 -:',
      'scriptPubKey@0 0:',
      'scriptPubKey@1 push:',
      `scriptPubKey@34 -:  ${program}`,
      'witnessScript@0 2: 03',
      'witnessScript@1 OP_EQUALVERIFY: 03 02',
      'witnessScript@2 -:',
    ]);
    assert.deepEqual(stepper.verdict, { kind: 'invalid', error: 'EQUALVERIFY' });
    assert.deepEqual(stepper.step(), { kind: 'invalid', error: 'EQUALVERIFY' });
  });

  test('shows the data of a push, and none for a push that runs past the end', () => {
    const stepper = createStepper({
      scriptSig: assembleScript("'ab' 0x4c 0x09 0x01"),
      scriptPubKey: Uint8Array.of(0x51),
    });
    assert.deepEqual(stepper.view().next, { position: 0, opcode: 2, name: 'push', data: Uint8Array.of(97, 98) });
    stepper.step();
    assert.deepEqual(stepper.view().next, { position: 3, opcode: 0x4c, name: 'OP_PUSHDATA1', data: null });
    assert.deepEqual(stepper.run(), { kind: 'invalid', error: 'BAD_OPCODE' });
  });

  test('a view is a copy: later steps and its reader change nothing in it', () => {
    const stepper = createStepper({ scriptSig: assembleScript('5 6'), scriptPubKey: assembleScript('ADD') });
    stepper.step();
    const view = stepper.view();
    view.stack[0]!.fill(0xff);
    view.script.fill(0xff);
    stepper.step();
    assert.deepEqual(stepper.view().stack.map(toHex), ['05', '06']);
    assert.equal(view.stack.length, 1);
    assert.deepEqual(stepper.run(), { kind: 'valid' });
  });
});

test('stepping gives the verdict of the normal run on every case of script_tests', (context) => {
  const folder = openVectorFolder(vectorsPath());
  if (folder === null) {
    skipWithout(context, vectorsPath());
    return;
  }
  const secp = rememberAnswers(getCurve());
  const verifier = new InputVerifier(secp);
  let count = 0;
  for (const file of folder.files) {
    for (const { test: scriptTest } of readScriptTests(rowsOf(file))) {
      const spend = createSpend(scriptTest.pair);
      const error = verifyAll(verifier, spend, scriptTest.flags);
      const expected: StepVerdict = error === null ? { kind: 'valid' } : { kind: 'invalid', error };
      const stepper = new ScriptStepper(secp, { ...spend, inputIndex: 0, flags: scriptTest.flags });
      assert.deepEqual(stepper.run(), expected);
      count++;
    }
  }
  context.diagnostic(`${count} cases`);
  assert.ok(count >= 1222 || count === 0);
});
