// Pauses in long work, by a count of what was done rather than by a clock, so that two runs do the same. The caller says about how
// long a piece took; what is meant is a machine of today.

/** Work between two pauses, in microseconds: short against the 50 ms that nothing may hold up the rest. */
const SLICE_US = 8000;

/** Gives the host its turn now and then. */
export class Pacer {
  readonly #yieldToHost: () => Promise<void>;
  #spentUs = 0;

  constructor(yieldToHost: () => Promise<void>) {
    this.#yieldToHost = yieldToHost;
  }

  /** Notes work of about so many microseconds. True: it is time for {@link pause}. */
  spend(costUs: number): boolean {
    this.#spentUs += costUs;
    return this.#spentUs >= SLICE_US;
  }

  /** Gives the host its turn. */
  async pause(): Promise<void> {
    this.#spentUs = 0;
    await this.#yieldToHost();
  }
}
