// Turns of the host's event loop. Whoever works long gives the host its turn and waits here to go on; one of those who wait goes on
// per turn, in the order in which they came. If all went on in the same turn, as plain setImmediate has it, a connection that came in
// meanwhile would wait for a slice of each of them.

/** Resumes one waiter per turn. */
export class HostTurns {
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  /** Resolves when the host had its turn, and everybody who came before has gone on. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}

const TURNS: HostTurns = new HostTurns();

/** Gives the host its turn: resolves when it is the caller's again, in one order for the whole thread. */
export function yieldToHost(): Promise<void> {
  return TURNS.next();
}
