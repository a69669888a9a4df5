// The last events as texts, numbered, for all who follow them together: nobody has a queue of their own, so that a slow reader costs
// no memory, and whoever is too slow finds that what they have not read is gone.

/** Events that are kept: more than a block of the largest kind changes in a mempool of the usual kind; arbitrary beyond that. */
export const RING_EVENTS_MAX = 8192;

/** Characters that are kept, should events be long. */
const RING_LENGTH_MAX: number = 8 * 1024 * 1024;

/** Numbered texts, the oldest of which fall out. */
export class EventRing {
  readonly #texts: (string | undefined)[] = new Array(RING_EVENTS_MAX).fill(undefined);
  #first = 0;
  #next = 0;
  #length = 0;

  /** Number of the oldest event that is still there. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next event gets. */
  get next(): number {
    return this.#next;
  }

  /** Adds the text of event {@link next}. */
  add(text: string): void {
    while (this.#next - this.#first >= RING_EVENTS_MAX || this.#length + text.length > RING_LENGTH_MAX) {
      if (this.#first === this.#next) break;
      this.#drop();
    }
    this.#texts[this.#next % RING_EVENTS_MAX] = text;
    this.#length += text.length;
    this.#next++;
  }

  /** The text of an event; undefined when it has fallen out or is yet to come. */
  at(sequence: number): string | undefined {
    return sequence >= this.#first && sequence < this.#next ? this.#texts[sequence % RING_EVENTS_MAX] : undefined;
  }

  /** Forgets everything, and leaves a gap in the numbers, so that nobody takes what follows for a continuation. */
  clear(): void {
    while (this.#first < this.#next) this.#drop();
    this.#next++;
    this.#first = this.#next;
  }

  #drop(): void {
    const at = this.#first % RING_EVENTS_MAX;
    this.#length -= this.#texts[at]?.length ?? 0;
    this.#texts[at] = undefined;
    this.#first++;
  }
}
