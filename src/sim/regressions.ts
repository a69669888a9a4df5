// Seeds that are kept: each once showed a bug, or shows that the simulation still sees one. The canary has a bug built in and must
// fail; when it passes, it is the simulation that is broken.

import type { SwarmOptions } from './swarm.ts';

/** A run that is kept. */
export interface KeptRun {
  readonly seed: number;
  readonly overrides: Partial<SwarmOptions>;
  /** What it once showed. */
  readonly sentence: string;
}

/** A kept run with a bug in it, and the check that must find it. */
export interface Canary extends KeptRun {
  readonly mutant: string;
  readonly check: string;
}

/** Runs that failed once and must not fail again. */
export const REGRESSIONS: readonly KeptRun[] = Object.freeze([
  {
    seed: 1,
    overrides: {},
    sentence: 'a reorganisation in the middle of a stream of blocks told of a tip with less work than the one before',
  },
]);

/** The run that must fail. */
export const CANARY: Canary = Object.freeze({
  seed: 1,
  overrides: {},
  mutant: 'kept-coins',
  check: 'books',
  sentence: 'a spent coin stays, and the audit of the books must miss it nowhere',
});
