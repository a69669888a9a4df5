// The redeemScript that an input shows, found without running its scriptSig: policy asks for it before any script is run, and
// has made sure that the scriptSig only pushes. Core evaluates the scriptSig with no flags and takes the top of the stack; for
// scripts that only push the outcome here is the same, the failures included.

import { OP } from '../script/opcodes.ts';
import {
  isSmallInteger,
  lastPushStart,
  MAX_SCRIPT_ELEMENT_SIZE,
  MAX_SCRIPT_SIZE,
  nextOpPosition,
  pushPrefixLength,
} from '../script/script.ts';
import type { ScriptError } from '../script/script-error.ts';
import { MAX_STACK_SIZE } from '../script/stack.ts';

/**
 * How running a script that only pushes would fail, or null. A script that does more is answered with SIG_PUSHONLY, whatever
 * running it would do: spending a script hash with it is invalid.
 */
export function checkPushes(bytes: Uint8Array, start: number, end: number): ScriptError | null {
  if (end - start > MAX_SCRIPT_SIZE) return 'SCRIPT_SIZE';
  let position = start;
  let depth = 0;
  while (position < end) {
    const opcode = bytes[position]!;
    const next = nextOpPosition(bytes, position, end);
    if (next < 0) return 'BAD_OPCODE';
    if (next - position - pushPrefixLength(opcode) > MAX_SCRIPT_ELEMENT_SIZE) return 'PUSH_SIZE';
    if (opcode > OP.OP_16) return 'SIG_PUSHONLY';
    if (opcode > OP.OP_PUSHDATA4 && opcode !== OP.OP_1NEGATE && !isSmallInteger(opcode)) return 'BAD_OPCODE';
    if (++depth > MAX_STACK_SIZE) return 'STACK_SIZE';
    position = next;
  }
  return null;
}

/**
 * Start of the redeemScript in a scriptSig that {@link checkPushes} passes; it ends where the scriptSig ends. -1 when the scriptSig
 * is empty. A small number on top is taken for an empty script: neither has signature operations or is a witness program.
 */
export function findRedeemScript(bytes: Uint8Array, start: number, end: number): number {
  return start === end ? -1 : lastPushStart(bytes, start, end);
}
