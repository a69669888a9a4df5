// The script machine (Core EvalScript): reads one operation after another, keeps the limits and the flow of control, and hands
// the rest to the ops-*.ts files. One operation is one call of executeNext over an explicit state, so a debugger can stand
// between any two of them while the normal run is a plain loop over the same function. Stacks carry over from script to script;
// which scripts are run one after another is verify.ts. No exceptions, no allocation: an error is a constant string.

import type { ScriptExecution } from './execution.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { isDisabledOpcode, OP } from './opcodes.ts';
import {
  executeCheckMultisig,
  executeCheckSig,
  executeCheckSigAdd,
  executeCodeSeparator,
  MAX_OPS_PER_SCRIPT,
} from './ops-crypto.ts';
import { executeHash } from './ops-hash.ts';
import { executeNopOrLocktime } from './ops-locktime.ts';
import { executeNumericOp } from './ops-numeric.ts';
import { executeStackOp } from './ops-stack.ts';
import { isMinimalPush, MAX_SCRIPT_ELEMENT_SIZE, MAX_SCRIPT_SIZE, nextOpPosition, pushPrefixLength } from './script.ts';
import type { ScriptError } from './script-error.ts';
import { SIG_VERSION, type SigVersion } from './sig-version.ts';
import { MAX_STACK_SIZE } from './stack.ts';

/** Sets the machine to the first operation of a script; the main stack stays as the script before has left it. */
export function beginScript(
  execution: ScriptExecution,
  script: Uint8Array,
  start: number,
  end: number,
  sigVersion: SigVersion,
  flags: number,
): ScriptError | null {
  execution.load(script, start, end, sigVersion, flags);
  return sigVersion !== SIG_VERSION.TAPSCRIPT && end - start > MAX_SCRIPT_SIZE ? 'SCRIPT_SIZE' : null;
}

/** Runs the script that has been begun to its end, or to its first error. */
export function runScript(execution: ScriptExecution): ScriptError | null {
  while (execution.position < execution.end) {
    const error = executeNext(execution);
    if (error !== null) return error;
  }
  return finishScript(execution);
}

/** Verdict at the end of a script, after its last operation: no condition may be open. */
export function finishScript(execution: ScriptExecution): ScriptError | null {
  return execution.conditionDepth === 0 ? null : 'UNBALANCED_CONDITIONAL';
}

/** Executes the operation at `position`, which must not be at the end, and moves on to the next. */
export function executeNext(execution: ScriptExecution): ScriptError | null {
  const { stacks } = execution;
  const opcode = execution.script[execution.position]!;
  stacks.makeRoomForOperation();
  const error = opcode <= OP.OP_PUSHDATA4 ? executePush(execution, opcode) : executeOperation(execution, opcode);
  if (error !== null) return error;
  execution.opIndex++;
  return stacks.main.depth + stacks.alt.depth > MAX_STACK_SIZE ? 'STACK_SIZE' : null;
}

/** OP_0 … OP_PUSHDATA4: limits hold even where the push is not executed. */
function executePush(execution: ScriptExecution, opcode: number): ScriptError | null {
  const { script, position } = execution;
  const dataEnd = nextOpPosition(script, position, execution.end);
  if (dataEnd < 0) return 'BAD_OPCODE';
  const dataStart = position + pushPrefixLength(opcode);
  if (dataEnd - dataStart > MAX_SCRIPT_ELEMENT_SIZE) return 'PUSH_SIZE';
  execution.position = dataEnd;
  if (!execution.isExecuting) return null;
  if ((execution.flags & SCRIPT_VERIFY.MINIMALDATA) !== 0 && !isMinimalPush(opcode, script, dataStart, dataEnd)) {
    return 'MINIMALDATA';
  }
  execution.stacks.push(script, dataStart, dataEnd);
  return null;
}

/** Everything above OP_PUSHDATA4: limits first, then, unless it lies in a branch not taken, the operation. */
function executeOperation(execution: ScriptExecution, opcode: number): ScriptError | null {
  execution.position++;
  if (opcode <= OP.OP_16) return execution.isExecuting ? executeSmallNumber(execution, opcode) : null;
  if (execution.sigVersion !== SIG_VERSION.TAPSCRIPT && ++execution.opCount > MAX_OPS_PER_SCRIPT) return 'OP_COUNT';
  if (isDisabledOpcode(opcode)) return 'DISABLED_OPCODE';
  if (
    opcode === OP.OP_CODESEPARATOR &&
    execution.sigVersion === SIG_VERSION.BASE &&
    (execution.flags & SCRIPT_VERIFY.CONST_SCRIPTCODE) !== 0
  ) {
    return 'OP_CODESEPARATOR';
  }
  if (opcode <= OP.OP_RETURN) return executeControl(execution, opcode);
  if (!execution.isExecuting) return null;
  return executeByGroup(execution, opcode);
}

/** OP_1NEGATE and OP_1 … OP_16; OP_RESERVED lies between them. */
function executeSmallNumber(execution: ScriptExecution, opcode: number): ScriptError | null {
  if (opcode === OP.OP_RESERVED) return 'BAD_OPCODE';
  execution.stacks.pushSmallNumber(opcode - OP.OP_1 + 1);
  return null;
}

/** OP_NOP … OP_RETURN. Conditions count in branches not taken, too, and OP_VERIF and OP_VERNOTIF fail even there (C04). */
function executeControl(execution: ScriptExecution, opcode: number): ScriptError | null {
  switch (opcode) {
    case OP.OP_IF:
    case OP.OP_NOTIF:
      return executeIf(execution, opcode);
    case OP.OP_ELSE:
      if (execution.conditionDepth === 0) return 'UNBALANCED_CONDITIONAL';
      execution.toggleCondition();
      return null;
    case OP.OP_ENDIF:
      if (execution.conditionDepth === 0) return 'UNBALANCED_CONDITIONAL';
      execution.closeCondition();
      return null;
    case OP.OP_VERIF:
    case OP.OP_VERNOTIF:
      return 'BAD_OPCODE';
    default:
      return execution.isExecuting ? executePlainControl(execution, opcode) : null;
  }
}

/** OP_NOP, OP_VER, OP_VERIFY, OP_RETURN. */
function executePlainControl(execution: ScriptExecution, opcode: number): ScriptError | null {
  const { stacks } = execution;
  switch (opcode) {
    case OP.OP_NOP:
      return null;
    case OP.OP_VERIFY:
      if (stacks.main.depth < 1) return 'INVALID_STACK_OPERATION';
      if (!stacks.isTrue(0)) return 'VERIFY';
      stacks.main.depth--;
      return null;
    case OP.OP_RETURN:
      return 'OP_RETURN';
    default:
      return 'BAD_OPCODE';
  }
}

function executeIf(execution: ScriptExecution, opcode: number): ScriptError | null {
  if (!execution.isExecuting) {
    execution.openCondition(false);
    return null;
  }
  const { stacks } = execution;
  if (stacks.main.depth < 1) return 'INVALID_STACK_OPERATION';
  const error = checkConditionForm(execution);
  if (error !== null) return error;
  execution.openCondition(stacks.isTrue(0) === (opcode === OP.OP_IF));
  stacks.main.depth--;
  return null;
}

/** Exactly 01 or nothing: a rule of tapscript (BIP342), and of policy in witness v0. */
function checkConditionForm(execution: ScriptExecution): ScriptError | null {
  const { sigVersion, stacks } = execution;
  if (sigVersion === SIG_VERSION.BASE) return null;
  const top = stacks.main.depth - 1;
  const length = stacks.main.lengths[top]!;
  if (length === 0 || (length === 1 && stacks.bytes[stacks.main.starts[top]!] === 1)) return null;
  if (sigVersion === SIG_VERSION.TAPSCRIPT) return 'TAPSCRIPT_MINIMALIF';
  return (execution.flags & SCRIPT_VERIFY.MINIMALIF) !== 0 ? 'MINIMALIF' : null;
}

/** Everything above OP_RETURN. */
function executeByGroup(execution: ScriptExecution, opcode: number): ScriptError | null {
  const requireMinimal = (execution.flags & SCRIPT_VERIFY.MINIMALDATA) !== 0;
  if (opcode <= OP.OP_EQUALVERIFY) return executeStackOp(execution.stacks, opcode, requireMinimal);
  if (opcode <= OP.OP_RESERVED2) return 'BAD_OPCODE';
  if (opcode <= OP.OP_WITHIN) return executeNumericOp(execution.stacks, opcode, requireMinimal);
  if (opcode <= OP.OP_HASH256) return executeHash(execution.stacks, opcode);
  if (opcode <= OP.OP_CHECKMULTISIGVERIFY) return executeCrypto(execution, opcode);
  if (opcode <= OP.OP_NOP10) return executeNopOrLocktime(execution, opcode);
  return opcode === OP.OP_CHECKSIGADD ? executeCheckSigAdd(execution) : 'BAD_OPCODE';
}

/** OP_CODESEPARATOR … OP_CHECKMULTISIGVERIFY. */
function executeCrypto(execution: ScriptExecution, opcode: number): ScriptError | null {
  switch (opcode) {
    case OP.OP_CODESEPARATOR:
      executeCodeSeparator(execution);
      return null;
    case OP.OP_CHECKSIG:
    case OP.OP_CHECKSIGVERIFY:
      return executeCheckSig(execution, opcode === OP.OP_CHECKSIGVERIFY);
    default:
      return executeCheckMultisig(execution, opcode === OP.OP_CHECKMULTISIGVERIFY);
  }
}
