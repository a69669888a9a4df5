// The order in which the transactions of a cluster should be mined (Core Linearize and PostLinearize). Finding the best order is
// hard in general; this finds a good one in bounded work: by ancestor sets, then merged with the order before so that nothing
// is ever lost, then improved. It is optimal where nobody has two children or nobody two parents. Core searches further, so that a
// cluster of another shape may be ordered better there. Everything else sees this one function only.

import type { ClusterGraph } from './cluster-graph.ts';
import { linearizeByAncestors } from './linearize-ancestors.ts';
import { mergeLinearizations } from './linearize-merge.ts';
import { orderEquals } from './linearize-order.ts';
import { postLinearize } from './linearize-post.ts';

/**
 * The slots of the cluster in a new order: valid, with connected chunks, and nowhere worse than the previous one, which is the
 * order that the slots are in. Work grows with the square of their count, which is at most 64.
 */
export function linearize(cluster: ClusterGraph): number[] {
  const previous = Array.from({ length: cluster.count }, (_, slot) => slot);
  if (isChain(cluster)) return previous;
  const merged = mergeLinearizations(cluster, previous, linearizeByAncestors(cluster));
  return postLinearize(cluster, orderEquals(cluster, postLinearize(cluster, merged)));
}

/** True when each transaction descends from the one before it: there is no other order. */
function isChain({ count, ancestors }: ClusterGraph): boolean {
  for (let slot = 1; slot < count; slot++) {
    if (!ancestors.has(slot, slot - 1)) return false;
  }
  return true;
}
