// Script numbers and the numeric operations: by hand (C21), and against a slow second version (test/model) on random stacks.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  MODEL_OPERATIONS,
  modelExecute,
  modelReadNumber,
  modelWriteNumber,
} from '../../../test/model/script-number-model.ts';
import { assembleScript } from '../../../test/vectors/asm.ts';
import { runLoneScript } from '../../../test/vectors/script-machine.ts';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { encodePush } from './script.ts';
import { decodeScriptNumber, encodeScriptNumber } from './script-number.ts';

/** Bytes, value, and whether they are the shortest. */
const NUMBERS: readonly (readonly [hex: string, value: number, minimal: boolean])[] = [
  ['', 0, true],
  ['00', 0, false],
  ['80', 0, false],
  ['0080', 0, false],
  ['01', 1, true],
  ['81', -1, true],
  ['7f', 127, true],
  ['ff', -127, true],
  ['8000', 128, true],
  ['8080', -128, true],
  ['ff00', 255, true],
  ['0100', 1, false],
  ['0001', 256, true],
  ['ff7f', 32767, true],
  ['ffff', -32767, true],
  ['008000', 32768, true],
  ['ffffff7f', 2147483647, true],
  ['ffffffff', -2147483647, true],
];

describe('script numbers', () => {
  for (const [hex, value, minimal] of NUMBERS) {
    test(`C21: ${hex || 'nothing'} is ${value}${minimal ? '' : ', but not the shortest way to say so'}`, () => {
      const bytes = fromHex(hex);
      assert.equal(decodeScriptNumber(bytes, 0, bytes.length, 4, false), value);
      const strict = decodeScriptNumber(bytes, 0, bytes.length, 4, true);
      assert.equal(strict, minimal ? value : Number.NaN);
      if (minimal) assert.equal(toHex(encodeScriptNumber(value)), hex);
    });
  }

  test('C21: five bytes are a number only where five are allowed', () => {
    const bytes = fromHex('ffffffff7f');
    assert.ok(Number.isNaN(decodeScriptNumber(bytes, 0, 5, 4, false)));
    assert.equal(decodeScriptNumber(bytes, 0, 5, 5, true), 549755813887);
    assert.equal(toHex(encodeScriptNumber(549755813887)), 'ffffffff7f');
    assert.equal(toHex(encodeScriptNumber(-2147483648)), '0000008080');
  });

  test('reading gives what the model gives, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.constantFrom(4, 5), fc.boolean(), (bytes, lengthMax, minimal) => {
        const expected = modelReadNumber([...bytes], lengthMax, minimal);
        const actual = decodeScriptNumber(bytes, 0, bytes.length, lengthMax, minimal);
        assert.equal(actual, expected === null ? Number.NaN : Number(expected));
      }),
      { numRuns: 3000 },
    );
  });

  test('writing gives what the model gives, for any number that operations can make', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (value) => {
        assert.deepEqual([...encodeScriptNumber(value)], modelWriteNumber(BigInt(value)));
      }),
      { numRuns: 3000 },
    );
  });
});

/** Operands near the edges, of wrong lengths, and any. */
const element = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS.map(([hex]) => [...fromHex(hex)])) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }).map((n) => modelWriteNumber(BigInt(n))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => [...bytes]) },
);

describe('numeric operations', () => {
  test('each leaves what the slow model leaves, or fails as it does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODEL_OPERATIONS),
        fc.array(element, { maxLength: 4 }),
        fc.boolean(),
        (name, stack, requireMinimal) => {
          const expected = modelExecute(name, stack, requireMinimal);
          // The pushes may not be minimal: only the numbers are to be judged, so they are laid on the stack without that rule.
          const pushes = concatBytes(...stack.map((bytes) => encodePush(Uint8Array.from(bytes))));
          const isPushMinimal = runLoneScript(pushes, { flags: SCRIPT_VERIFY.MINIMALDATA }).error === null;
          if (requireMinimal && !isPushMinimal) return;
          const script = concatBytes(pushes, assembleScript(name));
          const actual = runLoneScript(script, { flags: requireMinimal ? SCRIPT_VERIFY.MINIMALDATA : 0 });
          if ('error' in expected) assert.equal(actual.error, expected.error);
          else {
            assert.equal(actual.error, null);
            assert.deepEqual(
              actual.stack,
              expected.stack.map((bytes) => toHex(Uint8Array.from(bytes))),
            );
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('C21: a result of five bytes may lie on the stack but is no operand', () => {
    assert.deepEqual(runLoneScript('2147483647 1ADD').stack, ['0000008000']);
    assert.equal(runLoneScript('2147483647 1ADD 1SUB').error, 'SCRIPTNUM');
    assert.deepEqual(runLoneScript('2147483647 1ADD SIZE').stack, ['0000008000', '05']);
    assert.deepEqual(runLoneScript('-2147483647 2147483647 SUB').stack, ['feffffff80']);
  });

  test('C21: negative zero is zero, and false', () => {
    assert.deepEqual(runLoneScript('0x01 0x80 0 NUMEQUAL').stack, ['01']);
    assert.deepEqual(runLoneScript('0x02 0x0080 IF 2 ELSE 3 ENDIF').stack, ['03']);
    assert.deepEqual(runLoneScript('0x02 0x8000 IF 2 ELSE 3 ENDIF').stack, ['02']);
    assert.equal(runLoneScript('0x01 0x80 0 NUMEQUAL', { flags: SCRIPT_VERIFY.MINIMALDATA }).error, 'SCRIPTNUM');
  });

  test('C21: OP_PICK and OP_ROLL refuse five bytes, negative places and places below the bottom', () => {
    for (const op of ['PICK', 'ROLL']) {
      assert.equal(runLoneScript(`7 8 0x05 0x0100000000 ${op}`).error, 'SCRIPTNUM');
      assert.equal(runLoneScript(`7 8 -1 ${op}`).error, 'INVALID_STACK_OPERATION');
      assert.equal(runLoneScript(`7 8 2 ${op}`).error, 'INVALID_STACK_OPERATION');
      assert.equal(runLoneScript(`7 8 2147483647 ${op}`).error, 'INVALID_STACK_OPERATION');
    }
    assert.deepEqual(runLoneScript('7 8 9 2 PICK').stack, ['07', '08', '09', '07']);
    assert.deepEqual(runLoneScript('7 8 9 2 ROLL').stack, ['08', '09', '07']);
  });
});
