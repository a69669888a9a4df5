// Calls that are under way: so many at one time, so many more waiting, and no others (options -rpcthreads and -rpcworkqueue).

/** Runs work, a few at one time. */
export class WorkQueue {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  #runningCount = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /** Runs `work` when its turn has come; null when there is no room to wait. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#runningCount >= this.#runningMax) {
      if (this.#waiting.length >= this.#waitingMax) return null;
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    } else this.#runningCount++;
    try {
      return await work();
    } finally {
      // The place goes to the one that waits longest.
      const next = this.#waiting.shift();
      if (next === undefined) this.#runningCount--;
      else next();
    }
  }
}
