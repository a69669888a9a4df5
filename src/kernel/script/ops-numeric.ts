// Operations on numbers. Operands have at most 4 bytes; results may have 5 and are then no operands any more. Each returns the
// error that ends the script, or null.

import { OP } from './opcodes.ts';
import type { ScriptError } from './script-error.ts';
import { decodeScriptNumber, SCRIPT_NUMBER_BYTES_MAX } from './script-number.ts';
import type { ScriptStacks } from './stack.ts';

/** The element `fromTop` places below the top as a number, or NaN when it is none. */
export function readNumber(stacks: ScriptStacks, fromTop: number, requireMinimal: boolean): number {
  const stack = stacks.main;
  const at = stack.depth - 1 - fromTop;
  return decodeScriptNumber(
    stacks.bytes,
    stack.starts[at]!,
    stack.lengths[at]!,
    SCRIPT_NUMBER_BYTES_MAX,
    requireMinimal,
  );
}

/** Executes OP_1ADD … OP_WITHIN, the disabled ones among them excepted. */
export function executeNumericOp(stacks: ScriptStacks, opcode: number, requireMinimal: boolean): ScriptError | null {
  if (opcode <= OP.OP_0NOTEQUAL) return executeUnary(stacks, opcode, requireMinimal);
  if (opcode === OP.OP_WITHIN) return executeWithin(stacks, requireMinimal);
  return executeBinary(stacks, opcode, requireMinimal);
}

function executeUnary(stacks: ScriptStacks, opcode: number, requireMinimal: boolean): ScriptError | null {
  const stack = stacks.main;
  if (stack.depth < 1) return 'INVALID_STACK_OPERATION';
  const a = readNumber(stacks, 0, requireMinimal);
  if (Number.isNaN(a)) return 'SCRIPTNUM';
  stack.depth--;
  stacks.pushNumber(computeUnary(opcode, a));
  return null;
}

function computeUnary(opcode: number, a: number): number {
  switch (opcode) {
    case OP.OP_1ADD:
      return a + 1;
    case OP.OP_1SUB:
      return a - 1;
    case OP.OP_NEGATE:
      return 0 - a;
    case OP.OP_ABS:
      return Math.abs(a);
    case OP.OP_NOT:
      return a === 0 ? 1 : 0;
    default: // OP_0NOTEQUAL
      return a === 0 ? 0 : 1;
  }
}

function executeBinary(stacks: ScriptStacks, opcode: number, requireMinimal: boolean): ScriptError | null {
  const stack = stacks.main;
  if (stack.depth < 2) return 'INVALID_STACK_OPERATION';
  const a = readNumber(stacks, 1, requireMinimal);
  const b = readNumber(stacks, 0, requireMinimal);
  if (Number.isNaN(a) || Number.isNaN(b)) return 'SCRIPTNUM';
  const result = computeBinary(opcode, a, b);
  stack.depth -= 2;
  if (opcode === OP.OP_NUMEQUALVERIFY && result !== 0) return null;
  stacks.pushNumber(result);
  return opcode === OP.OP_NUMEQUALVERIFY ? 'NUMEQUALVERIFY' : null;
}

function computeBinary(opcode: number, a: number, b: number): number {
  switch (opcode) {
    case OP.OP_ADD:
      return a + b;
    case OP.OP_SUB:
      return a - b;
    case OP.OP_MIN:
      return Math.min(a, b);
    case OP.OP_MAX:
      return Math.max(a, b);
    default:
      return compare(opcode, a, b) ? 1 : 0;
  }
}

function compare(opcode: number, a: number, b: number): boolean {
  switch (opcode) {
    case OP.OP_BOOLAND:
      return a !== 0 && b !== 0;
    case OP.OP_BOOLOR:
      return a !== 0 || b !== 0;
    case OP.OP_NUMEQUAL:
    case OP.OP_NUMEQUALVERIFY:
      return a === b;
    case OP.OP_NUMNOTEQUAL:
      return a !== b;
    case OP.OP_LESSTHAN:
      return a < b;
    case OP.OP_GREATERTHAN:
      return a > b;
    case OP.OP_LESSTHANOREQUAL:
      return a <= b;
    default: // OP_GREATERTHANOREQUAL
      return a >= b;
  }
}

function executeWithin(stacks: ScriptStacks, requireMinimal: boolean): ScriptError | null {
  const stack = stacks.main;
  if (stack.depth < 3) return 'INVALID_STACK_OPERATION';
  const value = readNumber(stacks, 2, requireMinimal);
  const lower = readNumber(stacks, 1, requireMinimal);
  const upper = readNumber(stacks, 0, requireMinimal);
  if (Number.isNaN(value) || Number.isNaN(lower) || Number.isNaN(upper)) return 'SCRIPTNUM';
  stack.depth -= 3;
  stacks.pushBoolean(lower <= value && value < upper);
  return null;
}
