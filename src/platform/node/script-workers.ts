// ScriptVerifier on threads. A batch goes to threads as shared memory (kernel/chain/shared-batch.ts), they take inputs from it
// until none is left, and each answers once. Batches queue up in the threads themselves, so that a thread which finds nothing
// left in one block turns to the next without asking.
//
// The calling thread judges nothing. Measured on two cores, one worker and slices of 1 to 2 ms on the calling thread are no
// faster than two workers: the system shares the cores as well as we could. But a slice can be as long as its longest input, and
// hostile inputs take seconds, during which a node would answer nobody.
//
// A thread that ends, throws or runs out of memory has judged nothing (C36): every batch that it owed its share of is rejected,
// and another thread takes its place for later ones. When that one does not even start, the pool stops: it rejects what is under
// way and all that follows. There is no time limit: a slow script is no failure.

import { Worker } from 'node:worker_threads';
import { InlineVerifier } from '../../kernel/chain/inline-verifier.ts';
import { type ScriptBatch, type ScriptVerifier, VerifierError } from '../../kernel/chain/ports.ts';
import { InputClaims, type SharedBatch, shareBatch } from '../../kernel/chain/shared-batch.ts';
import type { ScriptFailure } from '../../kernel/consensus/script-job.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { SkippedBackend } from '../../kernel/crypto/secp256k1-select.ts';
import { InputVerifier } from '../../kernel/script/verify.ts';
import { assert } from '../../kernel/util/assert.ts';
import { ScriptThread } from './script-thread.ts';
import type { ShareMessage } from './script-worker.ts';

/** Most threads that verify scripts (Core MAX_SCRIPTCHECK_THREADS and the main thread). */
const SCRIPT_THREADS_MAX = 16;

/** Waking a thread costs about as much as judging one input: a block of few inputs goes to few threads. */
const INPUTS_PER_THREAD = 8;

/** Batches wait in the order of the calls while those under way fill this much memory: eight blocks of the largest size. */
const UNDER_WAY_BYTES_MAX = 32 * 1024 * 1024;

/** How long an inline verifier keeps the event loop waiting. */
const SLICE_MS = 2;

/** What a {@link ScriptWorkers} is made of. */
export interface ScriptWorkersOptions {
  /** At least 1. */
  readonly threadCount: number;
  /** Starts a worker that speaks as script-worker.ts does; tests give one that fails. */
  readonly startWorker?: () => Worker;
}

/** A batch that waits for its turn. */
interface WaitingBatch {
  readonly batch: ScriptBatch;
  resolve(verdict: ScriptFailure | null): void;
  reject(error: unknown): void;
}

/** A batch that threads work on. */
interface RunningBatch extends WaitingBatch {
  readonly shared: SharedBatch;
  /** Threads that have not answered. */
  shareCount: number;
  goodCount: number;
  failure: ScriptFailure | null;
}

/**
 * Judges scripts on a number of threads.
 *
 * @example
 * const scripts = await ScriptWorkers.open({ threadCount: 2 });
 * const failure = await scripts.verify({ block, connected });
 * await scripts.close();
 */
export class ScriptWorkers implements ScriptVerifier {
  readonly #startWorker: () => Worker;
  readonly #threads: Set<ScriptThread> = new Set();
  readonly #waiting: WaitingBatch[] = [];
  readonly #running: Map<number, RunningBatch> = new Map();
  #lastId = 0;
  #runningBytes = 0;
  /** Why nothing is judged any more. */
  #stopped: VerifierError | null = null;
  #backend = '';
  #skipped: readonly SkippedBackend[] = [];

  private constructor(options: ScriptWorkersOptions) {
    assert(options.threadCount >= 1, 'script workers: at least one thread');
    this.#startWorker = options.startWorker ?? startScriptWorker;
    for (let i = 0; i < options.threadCount; i++) this.#startThread();
  }

  /** Starts the threads and waits until all of them can begin. */
  static async open(options: ScriptWorkersOptions): Promise<ScriptWorkers> {
    const pool = new ScriptWorkers(options);
    try {
      const [first] = await Promise.all([...pool.#threads].map((thread) => thread.started));
      pool.#backend = first!.backend;
      pool.#skipped = first!.skipped;
    } catch (error) {
      await pool.close();
      throw new VerifierError('thread-failed', 'a script thread does not start', { cause: error });
    }
    return pool;
  }

  /** Name of the secp256k1 backend that the threads use. */
  get backend(): string {
    return this.#backend;
  }

  /** Faster backends that the threads passed over, and why. */
  get skipped(): readonly SkippedBackend[] {
    return this.#skipped;
  }

  async verify(batch: ScriptBatch): Promise<ScriptFailure | null> {
    this.#assertRunning();
    if (batch.connected.scriptJobs.length === 0) return null;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#startWaiting();
    });
  }

  /** Ends all threads; batches that are not judged yet are rejected. */
  async close(): Promise<void> {
    this.#stop(new VerifierError('closed', 'the script verifier is closed'));
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #assertRunning(): void {
    if (this.#stopped === null) return;
    const { code, message } = this.#stopped;
    throw new VerifierError(code, message, { cause: this.#stopped });
  }

  #startThread(): void {
    const thread = new ScriptThread(this.#startWorker(), {
      share: (_, message) => this.#takeShare(message),
      end: (ended, cause) => this.#replace(ended, cause),
    });
    this.#threads.add(thread);
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#runningBytes < UNDER_WAY_BYTES_MAX) {
      const next = this.#waiting.shift()!;
      try {
        this.#start(next);
      } catch (error) {
        next.reject(error);
      }
    }
  }

  #start(waiting: WaitingBatch): void {
    const shared = shareBatch(waiting.batch);
    const id = ++this.#lastId;
    const threads = this.#chooseThreads(shared.inputCount);
    const { batch, resolve, reject } = waiting;
    const progress = { shareCount: threads.length, goodCount: 0, failure: null };
    this.#running.set(id, { batch, resolve, reject, shared, ...progress });
    this.#runningBytes += sharedBytes(shared);
    for (const thread of threads) thread.send({ id, batch: shared });
  }

  /** Those that owe the fewest batches. */
  #chooseThreads(inputCount: number): readonly ScriptThread[] {
    const byLoad = [...this.#threads].sort((a, b) => a.owed.size - b.owed.size);
    return byLoad.slice(0, Math.ceil(inputCount / INPUTS_PER_THREAD));
  }

  #takeShare({ id, goodCount, failure }: ShareMessage): void {
    const running = this.#running.get(id);
    // Settled before, by the other threads or by an end.
    if (running === undefined) return;
    running.shareCount--;
    running.goodCount += goodCount;
    running.failure = earlierFailure(running.failure, failure);
    if (running.goodCount === running.shared.inputCount) {
      this.#remove(id).resolve(null);
    } else if (running.shareCount === 0) {
      const { failure: first, reject, resolve } = this.#remove(id);
      if (first !== null) resolve(first);
      else reject(new VerifierError('thread-failed', 'inputs of a block were judged by no script thread'));
    }
    this.#startWaiting();
  }

  #remove(id: number): RunningBatch {
    const running = this.#running.get(id)!;
    this.#running.delete(id);
    this.#runningBytes -= sharedBytes(running.shared);
    return running;
  }

  /** Gives up a batch. The threads that work on it find nothing more to claim. */
  #fail(id: number, error: VerifierError): void {
    const { shared, reject } = this.#remove(id);
    new InputClaims(shared.claims).lowerLimit(0);
    reject(error);
  }

  #replace(thread: ScriptThread, cause: unknown): void {
    this.#threads.delete(thread);
    if (this.#stopped !== null) return;
    const error = new VerifierError('thread-failed', 'a script thread failed', { cause });
    for (const id of thread.owed) {
      if (this.#running.has(id)) this.#fail(id, error);
    }
    if (!thread.hasStarted) {
      this.#stop(error);
      return;
    }
    try {
      this.#startThread();
    } catch (startError) {
      this.#stop(new VerifierError('thread-failed', 'a script thread does not start', { cause: startError }));
    }
    this.#startWaiting();
  }

  #stop(error: VerifierError): void {
    if (this.#stopped !== null) return;
    this.#stopped = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    for (const id of [...this.#running.keys()]) this.#fail(id, error);
    for (const thread of this.#threads) void thread.terminate();
  }
}

function startScriptWorker(): Worker {
  return new Worker(new URL('./script-worker.js', import.meta.url), { name: 'scriptch' });
}

function sharedBytes({ block, spentBytes, spentOffsets }: SharedBatch): number {
  return block.length + spentBytes.length + spentOffsets.byteLength;
}

function earlierFailure(a: ScriptFailure | null, b: ScriptFailure | null): ScriptFailure | null {
  if (a === null || b === null) return a ?? b;
  const isFirst = a.txIndex < b.txIndex || (a.txIndex === b.txIndex && a.inputIndex < b.inputIndex);
  return isFirst ? a : b;
}

/**
 * Threads that verify scripts for a value of the option -par, as Core reads it: a positive number is their count, 0 takes all
 * cores, a negative one leaves that many free. At least 1, which means the calling thread.
 */
export function computeScriptThreads(par: number, coreCount: number): number {
  const wanted = par > 0 ? par : coreCount + par;
  return Math.max(1, Math.min(wanted, SCRIPT_THREADS_MAX));
}

/**
 * The verifier for a number of threads: with 1 it judges on the calling thread, using `secp`, and lets the event loop turn every
 * few milliseconds.
 */
export async function openScriptVerifier(threadCount: number, secp: Secp256k1): Promise<ScriptVerifier> {
  if (threadCount > 1) return ScriptWorkers.open({ threadCount });
  return new InlineVerifier(new InputVerifier(secp), { pause: createPause(SLICE_MS) });
}

/** A pause that lets the event loop turn when `sliceMs` have gone by since it last did, and else costs next to nothing. */
function createPause(sliceMs: number): () => Promise<void> {
  let sliceEnd = 0;
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(() => {
        sliceEnd = performance.now() + sliceMs;
        resolve();
      });
    });
  return () => (performance.now() < sliceEnd ? Promise.resolve() : turn());
}
