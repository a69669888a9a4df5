// Operations that move elements of the stacks, and the two that look at one without reading a number (OP_SIZE, OP_EQUAL). Each
// returns the error that ends the script, or null.

import { equalRange } from '../util/bytes.ts';
import { OP } from './opcodes.ts';
import type { ScriptError } from './script-error.ts';
import { decodeScriptNumber, SCRIPT_NUMBER_BYTES_MAX } from './script-number.ts';
import type { ScriptStacks } from './stack.ts';

/** Elements that each operation from OP_TOALTSTACK to OP_EQUALVERIFY needs on the main stack. */
const NEEDED: Uint8Array = listNeeded();

function listNeeded(): Uint8Array {
  const needed = new Uint8Array(256);
  for (const opcode of [OP.OP_TOALTSTACK, OP.OP_IFDUP, OP.OP_DROP, OP.OP_DUP, OP.OP_SIZE]) needed[opcode] = 1;
  for (const opcode of [OP.OP_2DROP, OP.OP_2DUP, OP.OP_NIP, OP.OP_OVER, OP.OP_PICK, OP.OP_ROLL]) needed[opcode] = 2;
  for (const opcode of [OP.OP_SWAP, OP.OP_TUCK, OP.OP_EQUAL, OP.OP_EQUALVERIFY]) needed[opcode] = 2;
  for (const opcode of [OP.OP_3DUP, OP.OP_ROT]) needed[opcode] = 3;
  for (const opcode of [OP.OP_2OVER, OP.OP_2SWAP]) needed[opcode] = 4;
  needed[OP.OP_2ROT] = 6;
  return needed;
}

/** Executes OP_TOALTSTACK … OP_TUCK, OP_SIZE, OP_EQUAL or OP_EQUALVERIFY. Comments show the main stack before and after, top last. */
export function executeStackOp(stacks: ScriptStacks, opcode: number, requireMinimal: boolean): ScriptError | null {
  const stack = stacks.main;
  if (stack.depth < NEEDED[opcode]!) return 'INVALID_STACK_OPERATION';
  switch (opcode) {
    case OP.OP_DUP: // a → a a
      stack.pushCopyOf(0);
      return null;
    case OP.OP_EQUAL: // a b → truth
    case OP.OP_EQUALVERIFY: // a b →
      return executeEqual(stacks, opcode === OP.OP_EQUALVERIFY);
    case OP.OP_TOALTSTACK: // a →
      stacks.alt.push(stack.starts[stack.depth - 1]!, stack.lengths[stack.depth - 1]!);
      stack.depth--;
      return null;
    case OP.OP_FROMALTSTACK: // → a
      return executeFromAltstack(stacks);
    case OP.OP_2DROP: // a b →
      stack.depth -= 2;
      return null;
    case OP.OP_2DUP: // a b → a b a b
      stack.pushCopyOf(1);
      stack.pushCopyOf(1);
      return null;
    case OP.OP_3DUP: // a b c → a b c a b c
      stack.pushCopyOf(2);
      stack.pushCopyOf(2);
      stack.pushCopyOf(2);
      return null;
    case OP.OP_2OVER: // a b c d → a b c d a b
      stack.pushCopyOf(3);
      stack.pushCopyOf(3);
      return null;
    case OP.OP_2ROT: // a b c d e f → c d e f a b
      stack.roll(5);
      stack.roll(5);
      return null;
    case OP.OP_2SWAP: // a b c d → c d a b
      stack.swap(3, 1);
      stack.swap(2, 0);
      return null;
    case OP.OP_IFDUP: // a → a, or a a when a is true
      if (stacks.isTrue(0)) stack.pushCopyOf(0);
      return null;
    case OP.OP_DEPTH: // → depth
      stacks.pushNumber(stack.depth);
      return null;
    case OP.OP_DROP: // a →
      stack.depth--;
      return null;
    case OP.OP_NIP: // a b → b
      stack.swap(1, 0);
      stack.depth--;
      return null;
    case OP.OP_OVER: // a b → a b a
      stack.pushCopyOf(1);
      return null;
    case OP.OP_PICK: // … xn … x0 n → … xn … x0 xn
    case OP.OP_ROLL: // … xn … x0 n → … x0 xn
      return executePick(stacks, opcode === OP.OP_ROLL, requireMinimal);
    case OP.OP_ROT: // a b c → b c a
      stack.roll(2);
      return null;
    case OP.OP_SWAP: // a b → b a
      stack.swap(1, 0);
      return null;
    case OP.OP_TUCK: // a b → b a b
      stack.swap(1, 0);
      stack.pushCopyOf(1);
      return null;
    case OP.OP_SIZE: // a → a length
      stacks.pushNumber(stack.lengths[stack.depth - 1]!);
      return null;
    default:
      return 'BAD_OPCODE';
  }
}

function executeFromAltstack(stacks: ScriptStacks): ScriptError | null {
  const { alt } = stacks;
  if (alt.depth < 1) return 'INVALID_ALTSTACK_OPERATION';
  alt.depth--;
  stacks.main.push(alt.starts[alt.depth]!, alt.lengths[alt.depth]!);
  return null;
}

function executeEqual(stacks: ScriptStacks, isVerify: boolean): ScriptError | null {
  const stack = stacks.main;
  const top = stack.depth - 1;
  const length = stack.lengths[top]!;
  const isEqual =
    stack.lengths[top - 1] === length &&
    equalRange(stacks.bytes, stack.starts[top]!, stacks.bytes, stack.starts[top - 1]!, length);
  stack.depth -= 2;
  if (!isVerify || !isEqual) stacks.pushBoolean(isEqual);
  return isVerify && !isEqual ? 'EQUALVERIFY' : null;
}

function executePick(stacks: ScriptStacks, isRoll: boolean, requireMinimal: boolean): ScriptError | null {
  const stack = stacks.main;
  const top = stack.depth - 1;
  const fromTop = decodeScriptNumber(
    stacks.bytes,
    stack.starts[top]!,
    stack.lengths[top]!,
    SCRIPT_NUMBER_BYTES_MAX,
    requireMinimal,
  );
  if (Number.isNaN(fromTop)) return 'SCRIPTNUM';
  stack.depth--;
  if (fromTop < 0 || fromTop >= stack.depth) return 'INVALID_STACK_OPERATION';
  if (isRoll) stack.roll(fromTop);
  else stack.pushCopyOf(fromTop);
  return null;
}
