// Items in random order (Fisher and Yates): for lists that are gone through from the front where nobody may know who comes first.
// Draws from the Rng that is given, so that a simulation runs the same way again.

import type { Rng } from '../../kernel/util/prng.ts';

/** The items in random order, each order equally likely; a new array. */
export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const other = rng.below(i + 1);
    [result[i], result[other]] = [result[other]!, result[i]!];
  }
  return result;
}
