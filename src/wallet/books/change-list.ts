// What one command changes in the books, gathered while it runs: one list becomes one stored frame. And the ways to run work that comes
// in slices.

import type { BookChanges, BookRecord, BookRecordName, BookSteps } from './records.ts';

/** Collects records; of each the last word counts. */
export class ChangeList {
  readonly #puts: Map<string, BookRecord> = new Map();
  readonly #deletes: Map<string, BookRecordName> = new Map();
  readonly #changed: Set<string> = new Set();
  readonly #met: Set<string> = new Set();

  /** True when there is nothing to store. */
  get isEmpty(): boolean {
    return this.#puts.size === 0 && this.#deletes.size === 0;
  }

  put(record: BookRecord): void {
    const name = nameOf(record);
    this.#deletes.delete(name);
    this.#puts.set(name, record);
  }

  delete(name: BookRecordName): void {
    const text = nameOf(name);
    this.#puts.delete(text);
    this.#deletes.set(text, { kind: name.kind, id: name.id });
  }

  /** Notes that a transaction is new or stands elsewhere. */
  touch(txidText: string): void {
    this.#changed.add(txidText);
  }

  /** Notes that a transaction was come by, though nothing about it may have changed. */
  meet(txidText: string): void {
    this.#met.add(txidText);
  }

  /** What was gathered so far. */
  finish(): BookChanges {
    const news = { changed: [...this.#changed], met: [...this.#met] };
    return { puts: [...this.#puts.values()], deletes: [...this.#deletes.values()], news };
  }
}

function nameOf({ kind, id }: BookRecordName): string {
  return `${kind}/${id}`;
}

/** Runs work to its end without a pause: for tests, and where it is known to be little. */
export function finishSteps<T>(steps: BookSteps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** A step derives one public key at most: about a millisecond in plain JavaScript, much less with a library. */
const STEPS_PER_SLICE = 4;

/** Runs work and lets everything else have a turn between slices of so many steps. */
export async function runSteps<T>(
  steps: BookSteps<T>,
  yieldToHost: () => Promise<void>,
  stepsPerSlice: number = STEPS_PER_SLICE,
): Promise<T> {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (count % stepsPerSlice === 0) await yieldToHost();
  }
}
