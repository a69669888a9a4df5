// Threads that search nonces (node/mining/grinder.ts). Each has its part of the nonces of one header; all of them look into shared
// memory for what to do, since a thread that computes hears no messages. When a thread dies its part of the nonces would never be
// searched: no search goes well from then on, and whoever wants one hears of it.

import { Worker } from 'node:worker_threads';
import type { GrindEvents, Grinder } from '../../node/mining/grinder.ts';
import { GrindControl, NO_SEARCH } from './grind-control.ts';
import type { GrindMessage, GrindWorkerData } from './grind-worker.ts';

/** Numbers of searches begin anew here: they lie in 31 bits, and whoever still has the first one is long gone. */
const SEARCH_MAX = 0x7fffffff;

/** Starts a thread that does as grind-worker.ts does; tests give one that fails. */
export type StartGrindWorker = (workerData: GrindWorkerData) => Worker;

/** A {@link Grinder} on threads, which are started with it and end with {@link close}. */
export class GrindThreads implements Grinder {
  readonly #control: GrindControl = new GrindControl();
  readonly #workers: readonly Worker[];
  readonly #ended: Promise<unknown>;
  #search = NO_SEARCH;
  #events: GrindEvents | null = null;
  #exhaustedCount = 0;
  /** What the first thread that died died of. */
  #failure: { readonly cause: unknown } | null = null;
  #isClosed = false;

  /** Starts `threadCount` threads, which wait for something to do. */
  constructor(threadCount: number, startWorker: StartGrindWorker = startGrindWorker) {
    const { memory } = this.#control;
    this.#control.share = 1;
    this.#workers = Array.from({ length: threadCount }, (_, index) => startWorker({ memory, index, threadCount }));
    this.#ended = Promise.all(this.#workers.map((worker) => this.#watch(worker)));
  }

  get hashCount(): number {
    return this.#control.hashCount;
  }

  start(header: Uint8Array, events: GrindEvents): void {
    if (this.#isClosed) return;
    this.#events = events;
    if (this.#failure !== null) {
      this.#fail(this.#failure.cause);
      return;
    }
    this.#search = this.#search >= SEARCH_MAX ? 1 : this.#search + 1;
    this.#exhaustedCount = 0;
    this.#control.begin(this.#search, header);
  }

  stop(): void {
    this.#events = null;
    this.#control.end();
  }

  setShare(share: number): void {
    this.#control.share = share;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#events = null;
    for (const worker of this.#workers) worker.ref();
    this.#control.close();
    await this.#ended;
  }

  /** Resolves when the thread is no more. */
  #watch(worker: Worker): Promise<void> {
    let cause: unknown = null;
    worker.on('message', (message: GrindMessage) => this.#onMessage(message));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.unref();
    return new Promise((resolve) => {
      worker.on('exit', (code) => {
        if (!this.#isClosed) this.#fail(cause ?? new Error(`a thread of the miner ended with code ${code}`));
        resolve();
      });
    });
  }

  #onMessage({ search, nonce, record }: GrindMessage): void {
    const events = this.#events;
    if (events === null || search !== this.#search) return;
    if (record !== undefined) {
      events.onRecord?.(record);
      return;
    }
    if (nonce === null) {
      this.#exhaustedCount++;
      if (this.#exhaustedCount < this.#workers.length) return;
    }
    this.stop();
    if (nonce === null) events.onExhausted();
    else events.onFound(nonce);
  }

  #fail(cause: unknown): void {
    this.#failure ??= { cause };
    const events = this.#events;
    this.stop();
    events?.onFailed(cause);
  }
}

function startGrindWorker(workerData: GrindWorkerData): Worker {
  return new Worker(new URL('./grind-worker.js', import.meta.url), { workerData });
}
