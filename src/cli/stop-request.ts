// A wish that the program stop in order: by a signal of the system, by an option, or after a failure. Asked for at every place
// where long work can pause; once made it stays.

/** Why the program stops. */
export type StopReason = 'signal' | 'rpc' | 'height' | 'import-done' | 'failure';

/** One wish to stop, made at most once. */
export class StopRequest {
  #reason: StopReason | null = null;
  readonly #waiting: (() => void)[] = [];

  /** The reason, or null as long as nobody wants to stop. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Whether to stop. */
  get isMade(): boolean {
    return this.#reason !== null;
  }

  /** Makes the wish; later ones change nothing. */
  make(reason: StopReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    for (const resume of this.#waiting) resume();
  }

  /** Resolves when the wish is made. */
  async wait(): Promise<void> {
    if (!this.isMade) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }
}
