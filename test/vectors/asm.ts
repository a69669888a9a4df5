// The text form of scripts in Core's test vectors (core_io ParseScript): decimal numbers as their shortest push, 0x… as raw
// bytes that are NOT pushed, 'text' as a push of its characters, and operations with or without OP_.

import { OP } from '../../src/kernel/script/opcodes.ts';
import { ScriptBuilder } from '../../src/kernel/script/script-builder.ts';
import { fromHex } from '../../src/kernel/util/bytes.ts';

/** Names that older files use for the two NOPs that have become locks. */
const OLD_NAMES: Readonly<Record<string, number>> = {
  NOP2: OP.OP_CHECKLOCKTIMEVERIFY,
  NOP3: OP.OP_CHECKSEQUENCEVERIFY,
};

const OPCODES: ReadonlyMap<string, number> = listOpcodes();

function listOpcodes(): Map<string, number> {
  const opcodes = new Map<string, number>();
  for (const [name, value] of Object.entries({ ...OP, ...OLD_NAMES })) {
    if (value < OP.OP_NOP && value !== OP.OP_RESERVED) continue;
    const short = name.replace(/^OP_/, '');
    opcodes.set(short, value).set(`OP_${short}`, value);
  }
  return opcodes;
}

/** Largest magnitude of a decimal number in the text. */
const NUMBER_MAX = 0xffffffff;

/** The script that the text stands for; throws TypeError on a word that means nothing. */
export function assembleScript(text: string): Uint8Array {
  const builder = new ScriptBuilder();
  for (const word of text.split(/[ \t\n]+/)) {
    if (word !== '') appendWord(builder, word);
  }
  return builder.build();
}

function appendWord(builder: ScriptBuilder, word: string): void {
  if (/^-?[0-9]+$/.test(word)) {
    const value = Number(word);
    if (Math.abs(value) > NUMBER_MAX) throw new TypeError(`number out of range: ${word}`);
    builder.number(value);
  } else if (/^0x([0-9a-fA-F]{2})+$/.test(word)) {
    builder.raw(fromHex(word.slice(2)));
  } else if (/^'.*'$/.test(word)) {
    builder.push(Uint8Array.from(word.slice(1, -1), (character) => character.charCodeAt(0)));
  } else {
    const opcode = OPCODES.get(word);
    if (opcode === undefined) throw new TypeError(`unknown word: ${word}`);
    builder.op(opcode);
  }
}
