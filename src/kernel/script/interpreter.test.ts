// The machine itself: dead branches (C04), limits (C20), OP_CHECKMULTISIG's counts (C19), and what operations do to the stacks.
// The 1,222 cases of Core's script_tests are judged by test/vectors.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { assembleScript } from '../../../test/vectors/asm.ts';
import { runLoneScript } from '../../../test/vectors/script-machine.ts';
import { concatBytes } from '../util/bytes.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { isOpSuccess, opName } from './opcodes.ts';
import type { ScriptError } from './script-error.ts';
import { SIG_VERSION } from './sig-version.ts';

const DISABLED: readonly number[] = [
  0x7e, 0x7f, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x8d, 0x8e, 0x95, 0x96, 0x97, 0x98, 0x99,
];

function repeat(text: string, count: number): string {
  return new Array(count).fill(text).join(' ');
}

/** A script of `length` bytes that pushes nothing but its last element. */
function scriptOfLength(length: number): Uint8Array {
  const pair = concatBytes(Uint8Array.of(0x4d, 0x08, 0x02), new Uint8Array(520), Uint8Array.of(0x75));
  const script = new Uint8Array(length).fill(0x51);
  let at = 0;
  for (; at + pair.length < length; at += pair.length) script.set(pair, at);
  return script;
}

describe('dead branches', () => {
  test('C04: a disabled operation fails even where it is not executed', () => {
    for (const opcode of DISABLED) {
      const hex = opcode.toString(16);
      assert.equal(runLoneScript(`0 IF 0x${hex} ENDIF 1`).error, 'DISABLED_OPCODE', hex);
      assert.equal(runLoneScript(`1 1 0x${hex}`).error, 'DISABLED_OPCODE', hex);
    }
  });

  test('C04: OP_VERIF and OP_VERNOTIF fail even where they are not executed', () => {
    assert.equal(runLoneScript('0 IF VERIF ELSE 1 ENDIF').error, 'BAD_OPCODE');
    assert.equal(runLoneScript('0 IF VERNOTIF ELSE 1 ENDIF').error, 'BAD_OPCODE');
  });

  test('C04: reserved and undefined operations are harmless until they are executed', () => {
    const opcodes = [0x50, 0x62, 0x89, 0x8a];
    for (let opcode = 0xbb; opcode <= 0xff; opcode++) opcodes.push(opcode);
    for (const opcode of opcodes) {
      const hex = opcode.toString(16);
      assert.deepEqual(runLoneScript(`0 IF 0x${hex} ENDIF 7`), { error: null, stack: ['07'], altstack: [] }, hex);
      assert.equal(runLoneScript(`1 0x${hex}`).error, 'BAD_OPCODE', hex);
    }
  });

  test('C04: OP_CHECKSIGADD is an unknown operation outside tapscript', () => {
    for (const sigVersion of [SIG_VERSION.BASE, SIG_VERSION.WITNESS_V0]) {
      assert.equal(runLoneScript('0 IF 0xba ENDIF 7', { sigVersion }).error, null);
      assert.equal(runLoneScript('0 0 0 0xba', { sigVersion }).error, 'BAD_OPCODE');
    }
  });

  test('OP_RETURN and OP_VERIFY do nothing in a branch that is not taken', () => {
    assert.deepEqual(runLoneScript('0 IF RETURN 0 VERIFY ELSE 5 ENDIF').stack, ['05']);
  });
});

describe('conditions', () => {
  const CASES: readonly (readonly [script: string, stack: readonly string[]])[] = [
    ['1 IF 2 ELSE 3 ENDIF', ['02']],
    ['0 IF 2 ELSE 3 ENDIF', ['03']],
    ['0 NOTIF 2 ELSE 3 ENDIF', ['02']],
    ['1 IF 2 ELSE 3 ELSE 4 ENDIF', ['02', '04']],
    ['0 IF 2 ELSE 3 ELSE 4 ENDIF', ['03']],
    ['1 0 IF IF 2 ENDIF ELSE 4 ENDIF', ['01', '04']],
    ['0 IF 1 IF 2 ELSE 3 ENDIF ELSE 4 ENDIF', ['04']],
    ['1 IF 0 IF 2 ELSE 3 ENDIF ELSE 4 ENDIF', ['03']],
    ['0 1 IF IF 2 ENDIF 5 ENDIF', ['05']],
  ];
  for (const [script, stack] of CASES) {
    test(`${script} leaves ${stack.join(' ')}`, () => {
      assert.deepEqual(runLoneScript(script), { error: null, stack, altstack: [] });
    });
  }

  for (const script of ['1 IF', 'ELSE', 'ENDIF', '1 IF ELSE', '1 IF ENDIF ELSE', '0 IF 1 IF ENDIF']) {
    test(`${script} is unbalanced`, () => assert.equal(runLoneScript(script).error, 'UNBALANCED_CONDITIONAL'));
  }

  test('a condition other than 01 and nothing is wrong in tapscript, discouraged in version 0, fine in old scripts', () => {
    for (const push of ['0x01 0x02', '0x02 0x0100', '0x01 0x00']) {
      const script = `${push} IF ELSE ENDIF`;
      assert.equal(runLoneScript(script).error, null);
      assert.equal(runLoneScript(script, { flags: SCRIPT_VERIFY.MINIMALIF }).error, null);
      assert.equal(runLoneScript(script, { sigVersion: SIG_VERSION.WITNESS_V0 }).error, null);
      const strict = { sigVersion: SIG_VERSION.WITNESS_V0, flags: SCRIPT_VERIFY.MINIMALIF };
      assert.equal(runLoneScript(script, strict).error, 'MINIMALIF');
      assert.equal(runLoneScript(script, { sigVersion: SIG_VERSION.TAPSCRIPT }).error, 'TAPSCRIPT_MINIMALIF');
    }
    assert.equal(runLoneScript('1 IF ENDIF 0 IF ENDIF', { sigVersion: SIG_VERSION.TAPSCRIPT }).error, null);
  });
});

describe('limits', () => {
  test('C20: a script of 10,000 bytes runs, one of 10,001 does not, and in tapscript it does', () => {
    assert.equal(runLoneScript(scriptOfLength(10_000)).error, null);
    assert.equal(runLoneScript(scriptOfLength(10_001)).error, 'SCRIPT_SIZE');
    assert.equal(runLoneScript(scriptOfLength(10_001), { sigVersion: SIG_VERSION.WITNESS_V0 }).error, 'SCRIPT_SIZE');
    assert.equal(runLoneScript(scriptOfLength(10_001), { sigVersion: SIG_VERSION.TAPSCRIPT }).error, null);
  });

  test('C20: an element of 520 bytes may be pushed, one of 521 may not, executed or not, in any kind of script', () => {
    const push = (length: number) =>
      concatBytes(Uint8Array.of(0x4d, length & 255, length >> 8), new Uint8Array(length));
    const dead = (length: number) => concatBytes(Uint8Array.of(0x00, 0x63), push(length), Uint8Array.of(0x68));
    for (const sigVersion of Object.values(SIG_VERSION)) {
      assert.equal(runLoneScript(push(520), { sigVersion }).error, null);
      assert.equal(runLoneScript(push(521), { sigVersion }).error, 'PUSH_SIZE');
      assert.equal(runLoneScript(dead(520), { sigVersion }).error, null);
      assert.equal(runLoneScript(dead(521), { sigVersion }).error, 'PUSH_SIZE');
    }
  });

  test('C20: 201 operations above OP_16 are the most, counted in dead branches too, but not in tapscript', () => {
    assert.equal(runLoneScript(repeat('NOP', 201)).error, null);
    assert.equal(runLoneScript(repeat('NOP', 202)).error, 'OP_COUNT');
    assert.equal(runLoneScript(`0 IF ${repeat('NOP', 199)} ENDIF`).error, null);
    assert.equal(runLoneScript(`0 IF ${repeat('NOP', 200)} ENDIF`).error, 'OP_COUNT');
    assert.equal(runLoneScript(repeat('NOP', 202), { sigVersion: SIG_VERSION.WITNESS_V0 }).error, 'OP_COUNT');
    assert.equal(runLoneScript(repeat('NOP', 10_202), { sigVersion: SIG_VERSION.TAPSCRIPT }).error, null);
  });

  test('C20: pushes and OP_RESERVED do not count as operations', () => {
    assert.equal(runLoneScript(`${repeat('NOP', 199)} 0 IF ${repeat('RESERVED', 50)} ENDIF 1 2 3`).error, null);
  });

  test('C20: both stacks together hold 1,000 elements after any operation', () => {
    const sigVersion = SIG_VERSION.TAPSCRIPT;
    assert.equal(runLoneScript(repeat('1', 1000)).error, null);
    assert.equal(runLoneScript(repeat('1', 1001)).error, 'STACK_SIZE');
    assert.equal(runLoneScript(`${repeat('1 TOALTSTACK', 500)} ${repeat('1', 500)}`, { sigVersion }).error, null);
    assert.equal(
      runLoneScript(`${repeat('1 TOALTSTACK', 500)} ${repeat('1', 501)}`, { sigVersion }).error,
      'STACK_SIZE',
    );
    assert.equal(runLoneScript(`${repeat('1', 998)} 3DUP`).error, 'STACK_SIZE');
    assert.equal(runLoneScript(`${repeat('1', 997)} 3DUP`).error, null);
  });

  test('a push that runs past the end of the script fails, executed or not', () => {
    for (const script of ['0x02 0x01', '0x4c', '0x4c 0x05 0x01', '0x4d 0xff', '0x4e 0x010000', '0 IF 0x4b']) {
      assert.equal(runLoneScript(script).error, 'BAD_OPCODE', script);
    }
  });
});

describe('OP_CHECKMULTISIG', () => {
  const nulldummy = { flags: SCRIPT_VERIFY.NULLDUMMY };
  const CASES: readonly (readonly [script: string, error: ScriptError | null])[] = [
    ['0 0 0 CHECKMULTISIG', null],
    ['1 0 0 CHECKMULTISIG', null],
    ['0 0 CHECKMULTISIG', 'INVALID_STACK_OPERATION'],
    ['CHECKMULTISIG', 'INVALID_STACK_OPERATION'],
    [`0 0 ${repeat('1', 20)} 20 CHECKMULTISIG`, null],
    [`0 0 ${repeat('1', 21)} 21 CHECKMULTISIG`, 'PUBKEY_COUNT'],
    ['0 0 -1 CHECKMULTISIG', 'PUBKEY_COUNT'],
    ['0 -1 0 CHECKMULTISIG', 'SIG_COUNT'],
    ['0 1 0 CHECKMULTISIG', 'SIG_COUNT'],
    ['0 0 2 2 1 1 CHECKMULTISIG', 'SIG_COUNT'],
    ['0 0 0x05 0x0000000000 CHECKMULTISIG', 'SCRIPTNUM'],
  ];
  for (const [script, error] of CASES) {
    test(`C19: ${script} ends ${error === null ? 'well' : `with ${error}`}`, () => {
      assert.equal(runLoneScript(script).error, error);
    });
  }

  test('C19: the superfluous element must be empty under NULLDUMMY only', () => {
    assert.equal(runLoneScript('0 0 0 CHECKMULTISIG', nulldummy).error, null);
    assert.equal(runLoneScript('1 0 0 CHECKMULTISIG', nulldummy).error, 'SIG_NULLDUMMY');
  });

  test('C19: keys count towards the limit of 201 operations', () => {
    const multisig = `0 0 ${repeat('1', 20)} 20 CHECKMULTISIG DROP`;
    assert.equal(runLoneScript(`${repeat(multisig, 9)} ${repeat('NOP', 3)}`).error, null);
    assert.equal(runLoneScript(`${repeat(multisig, 9)} ${repeat('NOP', 4)}`).error, 'OP_COUNT');
    assert.equal(runLoneScript(`${repeat('NOP', 181)} 0 0 ${repeat('1', 20)} 20 CHECKMULTISIG`).error, 'OP_COUNT');
  });

  test('C19: it is no operation of tapscript, unless it is not executed', () => {
    const sigVersion = SIG_VERSION.TAPSCRIPT;
    assert.equal(runLoneScript('0 0 0 CHECKMULTISIG', { sigVersion }).error, 'TAPSCRIPT_CHECKMULTISIG');
    assert.equal(runLoneScript('0 IF CHECKMULTISIG ENDIF', { sigVersion }).error, null);
  });
});

describe('stack operations', () => {
  const CASES: readonly (readonly [script: string, stack: string])[] = [
    ['1 2 3 4 5 6 2ROT', '03 04 05 06 01 02'],
    ['1 2 3 4 2SWAP', '03 04 01 02'],
    ['1 2 3 4 2OVER', '01 02 03 04 01 02'],
    ['1 2 2DUP', '01 02 01 02'],
    ['1 2 3 3DUP', '01 02 03 01 02 03'],
    ['1 2 3 ROT', '02 03 01'],
    ['1 2 SWAP', '02 01'],
    ['1 2 TUCK', '02 01 02'],
    ['1 2 NIP', '02'],
    ['1 2 OVER', '01 02 01'],
    ['1 2 3 2DROP', '01'],
    ['1 IFDUP', '01 01'],
    ['5 6 DEPTH', '05 06 02'],
    ["'abc' SIZE", '616263 03'],
    ['1 TOALTSTACK 2 FROMALTSTACK', '02 01'],
    ['-1 16', '81 10'],
    ["'a' 'a' EQUAL", '01'],
  ];
  for (const [script, stack] of CASES) {
    test(`${script} leaves ${stack}`, () => assert.equal(runLoneScript(script).stack.join(' '), stack));
  }

  test('every operation says when the stack is too small', () => {
    const NEEDED: readonly (readonly [count: number, names: string])[] = [
      [
        1,
        'TOALTSTACK IFDUP DROP DUP SIZE VERIFY 1ADD 1SUB NEGATE ABS NOT 0NOTEQUAL RIPEMD160 SHA1 SHA256 HASH160 HASH256 IF',
      ],
      [
        2,
        '2DROP 2DUP NIP OVER PICK ROLL SWAP TUCK EQUAL EQUALVERIFY ADD SUB BOOLAND NUMEQUAL MIN CHECKSIG CHECKSIGVERIFY',
      ],
      [3, '3DUP ROT WITHIN'],
      [4, '2OVER 2SWAP'],
      [6, '2ROT'],
    ];
    for (const [count, names] of NEEDED) {
      for (const name of names.split(' ')) {
        assert.equal(runLoneScript(`${repeat('0', count - 1)} ${name}`).error, 'INVALID_STACK_OPERATION', name);
        assert.notEqual(runLoneScript(`${repeat('0', count)} ${name}`).error, 'INVALID_STACK_OPERATION', name);
      }
    }
    assert.equal(runLoneScript('1 FROMALTSTACK').error, 'INVALID_ALTSTACK_OPERATION');
  });

  test('elements survive when the arena is cleaned in the middle of a long script', () => {
    const count = 70_000; // times 32 bytes: the arena passes its bound of a megabyte twice
    const script = concatBytes(assembleScript("'kept' TOALTSTACK 'first' 'x'"), new Uint8Array(count).fill(0xa8));
    let expected = createHash('sha256').update('x').digest();
    for (let i = 1; i < count; i++) expected = createHash('sha256').update(expected).digest();
    const result = runLoneScript(script, { sigVersion: SIG_VERSION.TAPSCRIPT });
    assert.equal(result.error, null);
    assert.deepEqual(result.stack, ['6669727374', expected.toString('hex')]);
    assert.deepEqual(result.altstack, ['6b657074']);
  });
});

describe('opcodes', () => {
  test('names are those of Core', () => {
    assert.equal(opName(0x00), '0');
    assert.equal(opName(0x4f), '-1');
    assert.equal(opName(0x60), '16');
    assert.equal(opName(0xb1), 'OP_CHECKLOCKTIMEVERIFY');
    assert.equal(opName(0xba), 'OP_CHECKSIGADD');
    assert.equal(opName(0xbb), 'OP_UNKNOWN');
    assert.equal(opName(0x20), 'OP_UNKNOWN');
    assert.equal(opName(0xff), 'OP_INVALIDOPCODE');
  });

  test('87 values are OP_SUCCESSx', () => {
    let count = 0;
    for (let opcode = 0; opcode < 256; opcode++) if (isOpSuccess(opcode)) count++;
    assert.equal(count, 87);
    assert.ok(isOpSuccess(0x50) && isOpSuccess(0x7e) && isOpSuccess(0xbb) && isOpSuccess(0xfe));
    assert.ok(!isOpSuccess(0xba) && !isOpSuccess(0xff) && !isOpSuccess(0x65) && !isOpSuccess(0x87));
  });
});
