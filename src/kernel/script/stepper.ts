// Walks the verification of one input operation by operation, for people: a debugger shows which script runs, where it stands and
// what lies on the stacks. It drives the same InputVerifier through the same steps as verifyInput does, so its verdict is the
// verdict; the normal run knows nothing of it and pays nothing for it. Views are copies and may be kept.

import type { Secp256k1 } from '../crypto/secp256k1.ts';
import type { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { executeNext, finishScript } from './interpreter.ts';
import { OP, opName } from './opcodes.ts';
import { nextOpPosition, pushPrefixLength } from './script.ts';
import type { ScriptError } from './script-error.ts';
import type { SigVersion } from './sig-version.ts';
import { NO_CODE_SEPARATOR } from './sighash.ts';
import { InputVerifier, type VerifyPhase } from './verify.ts';

/** An operation as it stands in a script. */
export interface OperationView {
  /** Byte of the script at which it begins. */
  readonly position: number;
  readonly opcode: number;
  /** Core's name, or `push` for a direct push of 1 to 75 bytes. */
  readonly name: string;
  /** What it pushes, for OP_0 … OP_PUSHDATA4; null for other operations and for a push that runs past the end. */
  readonly data: Uint8Array | null;
}

/** Everything that a running script is, between two operations. */
export interface ScriptView {
  /** Which script it is; `done` after the last one. */
  readonly phase: VerifyPhase;
  readonly script: Uint8Array;
  /** Byte of the script where the next operation begins; its length at the end. */
  readonly position: number;
  /** The operation that the next step executes; null at the end of the script and after an error. */
  readonly next: OperationView | null;
  /** Operations executed or passed over so far. */
  readonly opIndex: number;
  /** Operations that count towards the limit of 201. */
  readonly opCount: number;
  /** Main stack, bottom first. */
  readonly stack: readonly Uint8Array[];
  /** Altstack, bottom first. */
  readonly altstack: readonly Uint8Array[];
  /** Open conditions, and the outermost one that is false, counted from 0; null when all are true. */
  readonly conditions: { readonly depth: number; readonly firstFalse: number | null };
  /** False while the script passes over a branch that is not taken. */
  readonly isExecuting: boolean;
  readonly sigVersion: SigVersion;
  /** Bits of SCRIPT_VERIFY. */
  readonly flags: number;
  /** Byte of the script from which signatures commit to it. */
  readonly codeStart: number;
  /** Index of the last executed OP_CODESEPARATOR; null when there is none. */
  readonly codeSeparatorPosition: number | null;
  /** Tapscript: what signature checks may still cost; null elsewhere. */
  readonly validationWeightLeft: number | null;
}

/** What a verification has come to: still under way, valid, or an error. */
export type StepVerdict =
  | { readonly kind: 'running' }
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly error: ScriptError };

const RUNNING: StepVerdict = Object.freeze({ kind: 'running' });
const VALID: StepVerdict = Object.freeze({ kind: 'valid' });

/** The input to be walked through. */
export interface StepperInput {
  readonly transaction: Transaction;
  /** What the inputs spend, in input order. */
  readonly spent: SpentOutputs;
  readonly inputIndex: number;
  /** Bits of SCRIPT_VERIFY. */
  readonly flags: number;
  /**
   * One that has been given this transaction: what signatures of all inputs commit to is then hashed once and not for every input.
   * It serves one stepper at a time.
   */
  readonly verifier?: InputVerifier;
}

/**
 * A verification that waits before each operation.
 *
 * @example
 * const stepper = new ScriptStepper(secp, { transaction, spent, inputIndex: 0, flags });
 * while (stepper.verdict.kind === 'running') {
 *   show(stepper.view());
 *   stepper.step();
 * }
 */
export class ScriptStepper {
  readonly #verifier: InputVerifier;
  #verdict: StepVerdict = RUNNING;

  constructor(secp: Secp256k1, input: StepperInput) {
    this.#verifier = input.verifier ?? new InputVerifier(secp);
    if (input.verifier === undefined) this.#verifier.setTransaction(input.transaction, input.spent);
    this.#judge(this.#verifier.begin(input.inputIndex, input.flags));
  }

  /** What the verification has come to. */
  get verdict(): StepVerdict {
    return this.#verdict;
  }

  /**
   * Executes one operation; at the end of a script, judges it and loads the next one instead. Does nothing once there is a
   * verdict.
   */
  step(): StepVerdict {
    if (this.#verdict.kind !== 'running') return this.#verdict;
    const { execution } = this.#verifier;
    if (execution.position < execution.end) {
      this.#judge(executeNext(execution));
    } else {
      this.#judge(finishScript(execution) ?? this.#verifier.advance());
    }
    return this.#verdict;
  }

  /** Steps on to the verdict. */
  run(): StepVerdict {
    while (this.#verdict.kind === 'running') this.step();
    return this.#verdict;
  }

  /** The state before the next operation, or after the one that brought the verdict. */
  view(): ScriptView {
    const { execution, phase } = this.#verifier;
    const { stacks, start } = execution;
    return {
      phase,
      script: execution.script.slice(start, execution.end),
      position: execution.position - start,
      next: this.#nextOperation(),
      opIndex: execution.opIndex,
      opCount: execution.opCount,
      stack: stacks.copyElements(stacks.main),
      altstack: stacks.copyElements(stacks.alt),
      conditions: {
        depth: execution.conditionDepth,
        firstFalse: execution.firstFalse < 0 ? null : execution.firstFalse,
      },
      isExecuting: execution.isExecuting,
      sigVersion: execution.sigVersion,
      flags: execution.flags,
      codeStart: execution.codeStart - start,
      codeSeparatorPosition:
        execution.codeSeparatorPosition === NO_CODE_SEPARATOR ? null : execution.codeSeparatorPosition,
      validationWeightLeft: phase === 'tapscript' ? execution.validationWeightLeft : null,
    };
  }

  #judge(error: ScriptError | null): void {
    if (error !== null) this.#verdict = { kind: 'invalid', error };
    else if (this.#verifier.phase === 'done') this.#verdict = VALID;
  }

  #nextOperation(): OperationView | null {
    const { script, position, start, end } = this.#verifier.execution;
    if (this.#verdict.kind !== 'running' || position >= end) return null;
    const opcode = script[position]!;
    const isPush = opcode <= OP.OP_PUSHDATA4;
    const next = nextOpPosition(script, position, end);
    return {
      position: position - start,
      opcode,
      name: opcode >= 1 && opcode < OP.OP_PUSHDATA1 ? 'push' : opName(opcode),
      data: isPush && next >= 0 ? script.slice(position + pushPrefixLength(opcode), next) : null,
    };
  }
}
