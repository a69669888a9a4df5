// Answers to wrong passwords and tokens: late, one after another, and not many at a time. Guessing gets four answers a second in all,
// whoever guesses, and who knows the secret waits for none of them (R02).

/** How long such an answer takes (Core). */
const REFUSAL_DELAY_MS = 250;

/** Wrong secrets that may wait for their answer. */
const WAITING_MAX = 64;

/** Those who wait to be refused. */
export class SlowRefusals {
  #last: Promise<void> = Promise.resolve();
  #count = 0;

  /** Resolves when somebody may be told that they are wrong: true; or, at once, that too many are: false. */
  async wait(): Promise<boolean> {
    if (this.#count >= WAITING_MAX) return false;
    this.#count++;
    const turn = this.#last.then(() => new Promise<void>((resolve) => setTimeout(resolve, REFUSAL_DELAY_MS)));
    this.#last = turn;
    await turn;
    this.#count--;
    return true;
  }
}
