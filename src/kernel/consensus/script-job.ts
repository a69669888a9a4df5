// Script verification of a block as jobs: what a worker needs to judge one transaction, and nothing more. Connecting a block
// makes the jobs; who runs them, here in a loop or on many threads, and in which order, does not matter to the verdict, because
// a job reads nothing but itself (Core CScriptCheck).

import { formatHash } from '../primitives/hashes.ts';
import { formatOutpoint } from '../primitives/outpoint.ts';
import type { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { type ScriptError, scriptErrorMessage } from '../script/script-error.ts';
import type { InputVerifier } from '../script/verify.ts';
import { type BlockReject, rejectBlock, rejectTx, type TxReject } from './reject.ts';

/**
 * One transaction whose input scripts are to be verified. Its bytes are those of the whole block and the spent outputs are
 * packed in one buffer for the whole block: both go to a worker once, then a job is a few numbers.
 */
export interface ScriptJob {
  /** Position of the transaction in its block. */
  readonly txIndex: number;
  readonly transaction: Transaction;
  /** What the inputs spend, in input order. */
  readonly spent: SpentOutputs;
}

/** The first input of a list of jobs whose script failed. */
export interface ScriptFailure {
  readonly txIndex: number;
  readonly inputIndex: number;
  readonly error: ScriptError;
}

/** The part of an InputVerifier that running jobs needs. */
export type JobVerifier = Pick<InputVerifier, 'setTransaction' | 'verifyInput'>;

/**
 * Runs jobs one after another on the calling thread; null when every script succeeds. What the verifier throws passes through:
 * a machine that fails has judged nothing, and no block is invalid for it (C36).
 */
export function runScriptJobs(jobs: readonly ScriptJob[], verifier: JobVerifier, flags: number): ScriptFailure | null {
  for (const job of jobs) {
    const failure = runScriptJob(job, verifier, flags);
    if (failure !== null) return failure;
  }
  return null;
}

/** Runs one job: all inputs of its transaction. */
export function runScriptJob(job: ScriptJob, verifier: JobVerifier, flags: number): ScriptFailure | null {
  verifier.setTransaction(job.transaction, job.spent);
  const inputCount = job.transaction.inputCount;
  for (let i = 0; i < inputCount; i++) {
    const error = verifier.verifyInput(i, flags);
    if (error !== null) return { txIndex: job.txIndex, inputIndex: i, error };
  }
  return null;
}

/** The refusal of a transaction for a failed script under the rules of blocks. */
export function rejectTxForScript(transaction: Transaction, failure: ScriptFailure): TxReject {
  return rejectTx('consensus', scriptFailureReason(failure), 'input-script', scriptFailureDetail(transaction, failure));
}

/** The refusal of a block for a failed script. `transaction` is the one at `failure.txIndex`. */
export function rejectBlockForScript(transaction: Transaction, failure: ScriptFailure): BlockReject {
  return rejectBlock('consensus', scriptFailureReason(failure), 'input-script', {
    ...scriptFailureDetail(transaction, failure),
    txIndex: failure.txIndex,
  });
}

function scriptFailureReason(failure: ScriptFailure): `block-script-verify-flag-failed (${string})` {
  return `block-script-verify-flag-failed (${scriptErrorMessage[failure.error]})`;
}

function scriptFailureDetail(
  transaction: Transaction,
  { inputIndex, error }: ScriptFailure,
): { debug: string; inputIndex: number; scriptError: ScriptError } {
  const { txid, wtxid } = transaction;
  const spending = formatOutpoint(transaction.prevout(inputIndex));
  return {
    debug: `input ${inputIndex} of ${formatHash(txid)} (wtxid ${formatHash(wtxid)}), spending ${spending}`,
    inputIndex,
    scriptError: error,
  };
}
