// ScriptVerifier on the calling thread: for memory chains, tests, the simulator, and hosts without threads. Blocks are judged one
// after another in the order of the calls, since one InputVerifier serves them all.
//
// The kernel has no clock, so when the host gets a turn is counted in inputs: after every `inputsPerPause` of them `pause` is
// awaited, where the host gave one. A shell looks at its clock there and may come back at once; the simulator goes through its
// event queue. Without a pause a block is judged in one go, which is right for programs that have nothing else to do.

import { type JobVerifier, runScriptJobs, type ScriptFailure } from '../consensus/script-job.ts';
import { type ScriptBatch, type ScriptVerifier, VerifierError } from './ports.ts';

/** Few, because the JavaScript backend takes a millisecond for each; an await costs nothing beside them. */
const INPUTS_PER_PAUSE = 4;

/** How an {@link InlineVerifier} shares the thread. */
export interface InlineVerifierOptions {
  /** Lets the host do other things; what it throws fails the batch. */
  readonly pause?: () => Promise<void>;
  /** Inputs that are judged between two pauses, at least 1. */
  readonly inputsPerPause?: number;
}

/**
 * Judges scripts where it is called.
 *
 * @example
 * const scripts = new InlineVerifier(new InputVerifier(secp));
 * const failure = await scripts.verify({ block, connected });
 */
export class InlineVerifier implements ScriptVerifier {
  readonly #verifier: JobVerifier;
  readonly #pause: (() => Promise<void>) | null;
  readonly #inputsPerPause: number;
  /** Ends with the last batch asked for, and never fails. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(verifier: JobVerifier, options?: InlineVerifierOptions) {
    this.#verifier = verifier;
    this.#pause = options?.pause ?? null;
    this.#inputsPerPause = options?.inputsPerPause ?? INPUTS_PER_PAUSE;
  }

  verify(batch: ScriptBatch): Promise<ScriptFailure | null> {
    const verdict = this.#last.then(() => this.#run(batch));
    this.#last = verdict.catch(() => null);
    return verdict;
  }

  /** Batches under way are rejected at their next pause. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  async #run({ connected, knownGood }: ScriptBatch): Promise<ScriptFailure | null> {
    this.#assertOpen();
    const { scriptFlags } = connected;
    const scriptJobs = connected.scriptJobs.filter(({ txIndex }) => knownGood?.[txIndex] !== 1);
    if (this.#pause === null) return runScriptJobs(scriptJobs, this.#verifier, scriptFlags);
    let left = this.#inputsPerPause;
    for (const { txIndex, transaction, spent } of scriptJobs) {
      this.#verifier.setTransaction(transaction, spent);
      for (let i = 0; i < transaction.inputCount; i++) {
        if (left-- === 0) {
          await this.#pause();
          this.#assertOpen();
          left = this.#inputsPerPause - 1;
        }
        const error = this.#verifier.verifyInput(i, scriptFlags);
        if (error !== null) return { txIndex, inputIndex: i, error };
      }
    }
    return null;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new VerifierError('closed', 'the script verifier is closed');
  }
}
