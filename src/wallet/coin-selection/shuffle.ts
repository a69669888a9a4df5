// Random orders (Fisher and Yates): which coins come first, and where the inputs of a transaction stand.

import type { Rng } from '../../kernel/util/prng.ts';

/** The items in a random order, each order equally likely. */
export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const order = items.slice();
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const item = order[i]!;
    order[i] = order[j]!;
    order[j] = item;
  }
  return order;
}
