// OP_CHECKLOCKTIMEVERIFY (BIP65), OP_CHECKSEQUENCEVERIFY (BIP112) and the operations that still do nothing (OP_NOP1, OP_NOP4 …
// OP_NOP10). Both locks were NOPs once: they leave the stack as it is.

import type { ScriptExecution } from './execution.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { OP } from './opcodes.ts';
import type { ScriptError } from './script-error.ts';
import { decodeScriptNumber, LOCKTIME_NUMBER_BYTES_MAX } from './script-number.ts';

/** Executes OP_NOP1 … OP_NOP10. */
export function executeNopOrLocktime(execution: ScriptExecution, opcode: number): ScriptError | null {
  const { flags } = execution;
  if (opcode === OP.OP_CHECKLOCKTIMEVERIFY) {
    return (flags & SCRIPT_VERIFY.CHECKLOCKTIMEVERIFY) === 0 ? null : executeCheckLocktime(execution);
  }
  if (opcode === OP.OP_CHECKSEQUENCEVERIFY) {
    return (flags & SCRIPT_VERIFY.CHECKSEQUENCEVERIFY) === 0 ? null : executeCheckSequence(execution);
  }
  return (flags & SCRIPT_VERIFY.DISCOURAGE_UPGRADABLE_NOPS) === 0 ? null : 'DISCOURAGE_UPGRADABLE_NOPS';
}

function executeCheckLocktime(execution: ScriptExecution): ScriptError | null {
  if (execution.stacks.main.depth < 1) return 'INVALID_STACK_OPERATION';
  const locktime = readTop(execution);
  if (Number.isNaN(locktime)) return 'SCRIPTNUM';
  if (locktime < 0) return 'NEGATIVE_LOCKTIME';
  return execution.checker.checkLocktime(locktime) ? null : 'UNSATISFIED_LOCKTIME';
}

function executeCheckSequence(execution: ScriptExecution): ScriptError | null {
  if (execution.stacks.main.depth < 1) return 'INVALID_STACK_OPERATION';
  const sequence = readTop(execution);
  if (Number.isNaN(sequence)) return 'SCRIPTNUM';
  if (sequence < 0) return 'NEGATIVE_LOCKTIME';
  // The disable flag, bit 31, keeps the door open for later meanings; the operand may have 39 bits.
  if (sequence >>> 31 === 1) return null;
  return execution.checker.checkSequence(sequence) ? null : 'UNSATISFIED_LOCKTIME';
}

/** The top element as a number of up to 5 bytes, or NaN. It stays where it is. */
function readTop(execution: ScriptExecution): number {
  const { bytes, main } = execution.stacks;
  return decodeScriptNumber(
    bytes,
    main.starts[main.depth - 1]!,
    main.lengths[main.depth - 1]!,
    LOCKTIME_NUMBER_BYTES_MAX,
    (execution.flags & SCRIPT_VERIFY.MINIMALDATA) !== 0,
  );
}
