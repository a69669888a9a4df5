// The verification of an input operation by operation, as answers show it: where it stands, what it does, and the stacks before and
// after. A script can have millions of operations on stacks of half a megabyte, so that only part of it is shown at once, and the host
// has its turns in between.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { describeOp, PASSED_OVER, SCRIPT_END } from '../../kernel/script/op-words.ts';
import type { ScriptError } from '../../kernel/script/script-error.ts';
import { ScriptStepper, type ScriptView, type StepperInput } from '../../kernel/script/stepper.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import { field, maybe, object, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** Steps that are shown at once: unless the caller says otherwise, and at most. */
export const STEP_COUNT_DEFAULT = 500;
export const STEP_COUNT_MAX = 10_000;

/** Values of a stack that are shown, from the top. */
export const STACK_SHOWN_MAX = 32;

/** Digits of hexadecimal text in one answer, after which no further step is shown. */
export const WALK_DIGITS_MAX: number = 8 * 2 ** 20;

/** Says when work has taken long enough, and gives the host its turn. */
export interface Pauses {
  readonly isDue: boolean;
  pause(): Promise<void>;
}

/** Runs the scripts of an input; null: it may spend its output. */
export async function runInput(secp: Secp256k1, input: StepperInput, pauses: Pauses): Promise<ScriptError | null> {
  const stepper = new ScriptStepper(secp, input);
  while (stepper.verdict.kind === 'running') {
    stepper.step();
    if (pauses.isDue) await pauses.pause();
  }
  return stepper.verdict.kind === 'invalid' ? stepper.verdict.error : null;
}

/** Which part of a walk is shown. */
export interface WalkRange {
  readonly skip: number;
  readonly count: number;
}

/** What a walk shows. */
export interface ScriptWalk {
  readonly steps: readonly JsonRecord[];
  /** The step that an answer after this one should begin with; null: this was the end. */
  readonly nextSkip: number | null;
  /** Null: the input may spend its output. */
  readonly error: ScriptError | null;
}

/** The fields of a step. */
export const STEP_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('step', 'number', 'Its number, from 0'),
  field('script', 'string', 'Which script runs: scriptSig, scriptPubKey, redeemScript, witnessScript or tapscript'),
  field('position', 'number', 'Byte of the script at which the operation begins'),
  maybe('op', 'string', 'The operation; absent at the end of a script'),
  maybe('data', 'hex', 'What it pushes'),
  field('executed', 'boolean', 'False where a branch that is not taken is passed over'),
  field('words', 'string', 'What it does'),
  field('words_zh', 'string', 'The same in Chinese'),
  ...['stack_before', 'stack_after', 'altstack_before', 'altstack_after'].map((key) =>
    maybe(key, 'object', `The ${key.replace('_', ' ')}; absent when it is an empty alternative stack`, {
      inner: [
        field('depth', 'number', 'Values on it'),
        field('values', 'array', `The last ${STACK_SHOWN_MAX} of them, the top one last`, {
          inner: [result('hex', 'A value')],
        }),
      ],
    }),
  ),
]);

/** Results of a walk. */
export const WALK_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('steps', 'array', 'The steps', { inner: [object(STEP_FIELDS)] }),
  maybe('next_skip', 'number', 'There are more steps than are shown: skip so many to go on'),
]);

/** Walks through an input and shows part of the way. The verdict is that of the whole way. */
export async function walkInput(
  secp: Secp256k1,
  input: StepperInput,
  range: WalkRange,
  pauses: Pauses,
): Promise<ScriptWalk> {
  const stepper = new ScriptStepper(secp, input);
  const steps: JsonRecord[] = [];
  let digitsLeft = WALK_DIGITS_MAX;
  let nextSkip: number | null = null;
  // A view copies the stacks: only what is shown is looked at.
  let before: ScriptView | null = null;
  for (let number = 0; stepper.verdict.kind === 'running'; number++) {
    const isShown = number >= range.skip && nextSkip === null;
    if (isShown) before ??= stepper.view();
    stepper.step();
    if (isShown && before !== null) {
      const after = stepper.view();
      steps.push(formatStep(number, before, after));
      digitsLeft -= countDigits(before) + countDigits(after);
      before = after;
      const isFull = steps.length >= range.count || digitsLeft <= 0;
      if (isFull && stepper.verdict.kind === 'running') nextSkip = number + 1;
    }
    if (pauses.isDue) await pauses.pause();
  }
  return { steps, nextSkip, error: stepper.verdict.kind === 'invalid' ? stepper.verdict.error : null };
}

/** Conditions are executed also where they only count how deep a branch lies that is not taken. */
function formatStep(step: number, before: ScriptView, after: ScriptView): JsonRecord {
  const { next, isExecuting } = before;
  const wasExecuted = next === null || isExecuting || after.isExecuting;
  const { words, wordsZh } = next === null ? SCRIPT_END : wasExecuted ? describeOp(next.opcode) : PASSED_OVER;
  return {
    step,
    script: before.phase,
    position: before.position,
    op: next?.name,
    data: next === null || next.data === null ? undefined : toHex(next.data),
    executed: wasExecuted,
    words,
    words_zh: wordsZh,
    stack_before: formatStack(before.stack),
    stack_after: formatStack(after.stack),
    altstack_before: before.altstack.length === 0 ? undefined : formatStack(before.altstack),
    altstack_after: after.altstack.length === 0 ? undefined : formatStack(after.altstack),
  };
}

function formatStack(stack: readonly Uint8Array[]): JsonOutput {
  return { depth: stack.length, values: stack.slice(-STACK_SHOWN_MAX).map(toHex) };
}

function countDigits({ stack, altstack, next }: ScriptView): number {
  let bytes = next?.data?.length ?? 0;
  for (const value of stack.slice(-STACK_SHOWN_MAX)) bytes += value.length;
  for (const value of altstack.slice(-STACK_SHOWN_MAX)) bytes += value.length;
  return 2 * bytes;
}
