// Work that is cut into steps, so that whoever runs it may pause between them: a generator that yields nothing and returns the outcome.

/** Work in steps. */
export type Steps<T> = Generator<undefined, T, void>;

/** Runs all steps at a stretch. */
export function runAllSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
