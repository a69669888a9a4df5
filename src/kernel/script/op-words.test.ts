import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOp } from './op-words.ts';
import { isDisabledOpcode, OP } from './opcodes.ts';

test('every operation that has a name has its own sentence in both languages', () => {
  const nameless = describeOp(0xff);
  for (const [name, opcode] of Object.entries(OP)) {
    const { words, wordsZh } = describeOp(opcode);
    assert.notEqual(words, nameless.words, name);
    assert.match(words, /^[A-Z].*\.$/);
    assert.match(wordsZh, /\p{Script=Han}.*。$/u);
    assert.equal(words.startsWith('Switched off in 2010'), isDisabledOpcode(opcode), name);
  }
});

test('pushes, numbers and what is no operation are told apart', () => {
  assert.equal(describeOp(0x4b).words, 'Puts these bytes on the stack.');
  assert.equal(describeOp(0x4e).words, 'Puts these bytes on the stack.');
  assert.equal(describeOp(0x60).words, 'Puts this number on the stack.');
  assert.equal(describeOp(0x00).words, 'Puts an empty value on the stack, which is zero and false.');
  assert.equal(describeOp(0xbb).words, 'No such operation: fails the script where it is executed.');
  assert.equal(describeOp(0xac).words.includes('signature'), true);
});
