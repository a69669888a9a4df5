// How the tests of a port are registered for one implementation: each gets a subject of its own, which is taken away at its end.

import { test } from 'node:test';

/** What is tested. */
export interface Subject {
  /** Takes it away. */
  dispose(): Promise<void>;
}

/** Registers one test. */
export type Check<T extends Subject> = (title: string, body: (subject: T) => Promise<void>) => void;

/** Makes the function that registers tests; `make` makes a subject for each. */
export function checkerOf<T extends Subject>(name: string, make: () => Promise<T>): Check<T> {
  return (title, body) => {
    test(`${name}: ${title}`, async () => {
      const subject = await make();
      try {
        await body(subject);
      } finally {
        await subject.dispose();
      }
    });
  };
}
