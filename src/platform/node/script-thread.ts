// One thread of script-workers.ts as the pool sees it: the worker behind it, the batches that it still owes its share of, and
// its end, of which there is exactly one account, whatever it died of.

import type { Worker } from 'node:worker_threads';
import type { BatchMessage, ReadyMessage, ShareMessage } from './script-worker.ts';

/** What a thread tells its pool. */
export interface ScriptThreadEvents {
  share(thread: ScriptThread, message: ShareMessage): void;
  /** The thread is no more. `cause` is what it threw, or the code that it ended with. */
  end(thread: ScriptThread, cause: unknown): void;
}

/** A worker that runs script-worker.ts. */
export class ScriptThread {
  readonly #worker: Worker;
  #ready: ReadyMessage | null = null;
  #cause: unknown = null;
  /** Resolves when the thread can begin, rejects when it ends before that. */
  readonly started: Promise<ReadyMessage>;
  /** Ids of the batches whose share it owes. */
  readonly owed: Set<number> = new Set();

  constructor(worker: Worker, events: ScriptThreadEvents) {
    this.#worker = worker;
    this.started = new Promise((resolve, reject) => {
      worker.on('message', (message: ReadyMessage | ShareMessage) => {
        if (message.type === 'share') {
          this.owed.delete(message.id);
          events.share(this, message);
        } else {
          this.#ready = message;
          resolve(message);
        }
      });
      worker.on('error', (error) => {
        this.#cause = error;
      });
      worker.on('exit', (code) => {
        const cause = this.#cause ?? new Error(`the thread ended with code ${code}`);
        reject(cause);
        events.end(this, cause);
      });
    });
    // Whoever does not wait for the start learns of a failure by `end`.
    this.started.catch(() => undefined);
  }

  /** True once the thread has been able to begin. */
  get hasStarted(): boolean {
    return this.#ready !== null;
  }

  /** Asks for the thread's share of a batch. A thread that has not started yet begins with what it was sent meanwhile. */
  send(message: BatchMessage): void {
    this.owed.add(message.id);
    this.#worker.postMessage(message);
  }

  /** Ends the thread, whatever it is doing; resolves when it is gone. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
