// The state of a running script: everything Core's EvalScript keeps in local variables, in one object that is reused for every
// script. Because nothing hides in a call stack, a debugger may look at it between any two operations. What operations do to it
// is in interpreter.ts and the ops-*.ts files.

import { EMPTY_BYTES } from '../util/bytes.ts';
import { MultisigMemory } from './multisig-memory.ts';
import { SIG_VERSION, type SigVersion } from './sig-version.ts';
import { NO_CODE_SEPARATOR } from './sighash.ts';
import type { SignatureChecker } from './signature-checker.ts';
import { ScriptStacks } from './stack.ts';

/** {@link ScriptExecution.firstFalse} when all enclosing conditions are true. */
const NO_FALSE = -1;

/** A script being executed, and the stacks that it works on and leaves behind. */
export class ScriptExecution {
  readonly stacks: ScriptStacks = new ScriptStacks();
  readonly checker: SignatureChecker;
  readonly multisigs: MultisigMemory = new MultisigMemory();

  /** The script is the bytes from `start` to `end` of `script`. */
  script: Uint8Array = EMPTY_BYTES;
  start = 0;
  end = 0;
  /** Where the next operation starts; `end` when there is none. */
  position = 0;
  /** Operations begun so far, pushes included: the position that BIP342 commits to. */
  opIndex = 0;
  /** Operations above OP_16 met so far, executed or not, and the keys of executed OP_CHECKMULTISIGs. */
  opCount = 0;
  /** Where the part of the script begins that signatures commit to: after the last executed OP_CODESEPARATOR. */
  codeStart = 0;
  /** {@link opIndex} of the last executed OP_CODESEPARATOR, or NO_CODE_SEPARATOR. */
  codeSeparatorPosition: number = NO_CODE_SEPARATOR;
  sigVersion: SigVersion = SIG_VERSION.BASE;
  /** Bits of SCRIPT_VERIFY. */
  flags = 0;

  /** Nested conditions that are open. */
  conditionDepth = 0;
  /** Outermost condition that is false, from 0, or −1: no others need be known (Core ConditionStack). */
  firstFalse: number = NO_FALSE;

  /** Tapscript: what signature checks may still cost (BIP342). */
  validationWeightLeft = 0;
  /** Tapscript: hash of the leaf that is being executed. */
  readonly tapleafHash: Uint8Array = new Uint8Array(32);

  /** Outcome of the signature check that has just been made. */
  isSignatureGood = false;

  constructor(checker: SignatureChecker) {
    this.checker = checker;
  }

  /** Turns to the first operation of another script; the main stack stays, the altstack does not. */
  load(script: Uint8Array, start: number, end: number, sigVersion: SigVersion, flags: number): void {
    this.script = script;
    this.start = start;
    this.end = end;
    this.position = start;
    this.opIndex = 0;
    this.opCount = 0;
    this.codeStart = start;
    this.codeSeparatorPosition = NO_CODE_SEPARATOR;
    this.sigVersion = sigVersion;
    this.flags = flags;
    this.conditionDepth = 0;
    this.firstFalse = NO_FALSE;
    this.stacks.alt.reset();
  }

  /** False inside a branch that is not taken. */
  get isExecuting(): boolean {
    return this.firstFalse === NO_FALSE;
  }

  /** Opens a condition. */
  openCondition(value: boolean): void {
    if (this.firstFalse === NO_FALSE && !value) this.firstFalse = this.conditionDepth;
    this.conditionDepth++;
  }

  /** Turns the innermost condition around; what lies below an outer false one cannot be seen and need not be kept. */
  toggleCondition(): void {
    const innermost = this.conditionDepth - 1;
    if (this.firstFalse === NO_FALSE) this.firstFalse = innermost;
    else if (this.firstFalse === innermost) this.firstFalse = NO_FALSE;
  }

  /** Closes the innermost condition. */
  closeCondition(): void {
    this.conditionDepth--;
    if (this.firstFalse === this.conditionDepth) this.firstFalse = NO_FALSE;
  }
}
