// Chooses the secp256k1 backend: the first of a list, fastest first, that loads and passes the self-test. Says of each one
// passed over why, as data for a log or a page; one function puts it in a line. Loading itself is the platforms' business.

import { assert } from '../util/assert.ts';
import { err, type Result } from '../util/result.ts';
import type { Secp256k1 } from './secp256k1.ts';
import { selfTestSecp256k1 } from './secp256k1-self-test.ts';

/** Why a loader has no backend to offer. */
export interface BackendProblem {
  /** `absent`: not on this machine, nothing wrong. `unusable`: there, but does not work. */
  readonly kind: 'absent' | 'unusable';
  /** What is the matter, in a few words, e.g. `not found`. */
  readonly detail: string;
  /** What a person can do about it, when there is something. */
  readonly remedy?: string;
}

/** One way to a backend. */
export interface BackendLoader {
  /** What people call it, e.g. `libsecp256k1 (system)`. */
  readonly backend: string;
  load(): Result<Secp256k1, BackendProblem>;
}

/** A backend that was passed over. */
export interface SkippedBackend {
  readonly backend: string;
  /** As {@link BackendProblem}, or `failed-self-test`: it gave a wrong answer, and `detail` says to what. */
  readonly kind: BackendProblem['kind'] | 'failed-self-test';
  readonly detail: string;
  readonly remedy?: string;
}

/** The chosen backend, and those before it in the list. */
export interface Secp256k1Choice {
  readonly backend: Secp256k1;
  readonly skipped: readonly SkippedBackend[];
}

function tryLoad(loader: BackendLoader): Result<Secp256k1, BackendProblem> {
  try {
    return loader.load();
  } catch (error) {
    return err({ kind: 'unusable', detail: error instanceof Error ? error.message : 'exception' });
  }
}

/** The first backend of `loaders` that loads and passes. The last loader must always succeed (JavaScript does). */
export function selectSecp256k1(loaders: readonly BackendLoader[]): Secp256k1Choice {
  const skipped: SkippedBackend[] = [];
  for (const loader of loaders) {
    const loaded = tryLoad(loader);
    if (!loaded.ok) {
      skipped.push({ backend: loader.backend, ...loaded.error });
      continue;
    }
    const failedCase = selfTestSecp256k1(loaded.value);
    if (failedCase === null) return { backend: loaded.value, skipped };
    skipped.push({ backend: loader.backend, kind: 'failed-self-test', detail: failedCase });
  }
  assert(false, `no secp256k1 backend works: ${skipped.map(formatSkippedBackend).join('; ')}`);
}

/** One line for a log, e.g. `libsecp256k1 (system) not found: apt-get install libsecp256k1-1`. */
export function formatSkippedBackend(skipped: SkippedBackend): string {
  const text =
    skipped.kind === 'failed-self-test'
      ? `${skipped.backend} failed its self-test: ${skipped.detail}`
      : `${skipped.backend} ${skipped.detail}`;
  return skipped.remedy === undefined ? text : `${text}: ${skipped.remedy}`;
}
