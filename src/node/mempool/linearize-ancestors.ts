// A linearization from nothing: again and again the transaction whose missing ancestors, taken with it, have the highest feerate
// (Core's block assembly before clusters, and the first step of its early cluster linearizations). Good for parents that one
// child pays for, blind for parents that several children pay for together: that is left to linearize-post.ts and to what the
// order before knew.

import { BitRows } from '../../kernel/util/bitset.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import type { ClusterGraph } from './cluster-graph.ts';

/** Rows of the scratch sets. */
const LEFT = 0;
const TAKEN = 1;

/** A valid order of all slots, best ancestor sets first; n steps of n comparisons. */
export function linearizeByAncestors(cluster: ClusterGraph): number[] {
  const { count, ancestors, descendants } = cluster;
  const sets = new BitRows(2);
  const feesSat = new Float64Array(count);
  const weightsWu = new Float64Array(count);
  sets.fill(LEFT, count);
  for (let slot = 0; slot < count; slot++) addToAll(cluster, slot, 1, feesSat, weightsWu);
  const order: number[] = [];
  while (order.length < count) {
    const best = bestSlot(cluster, sets, feesSat, weightsWu);
    sets.copy(TAKEN, ancestors, best);
    sets.intersect(TAKEN, sets, LEFT);
    for (let slot = sets.next(TAKEN, -1); slot >= 0; slot = sets.next(TAKEN, slot)) {
      order.push(slot);
      addToAll(cluster, slot, -1, feesSat, weightsWu);
    }
    cluster.steps += descendants.count(best);
    sets.subtract(LEFT, sets, TAKEN);
  }
  return order;
}

/** Adds a slot to the ancestor sets of all its descendants, or takes it out of them. */
function addToAll(
  { descendants, feesSat, weightsWu }: ClusterGraph,
  slot: number,
  sign: number,
  setFeesSat: Float64Array,
  setWeightsWu: Float64Array,
): void {
  for (let below = descendants.next(slot, -1); below >= 0; below = descendants.next(slot, below)) {
    setFeesSat[below]! += sign * feesSat[slot]!;
    setWeightsWu[below]! += sign * weightsWu[slot]!;
  }
}

/** The slot left whose set has the highest feerate; of equal ones the lightest, then the first. */
function bestSlot(cluster: ClusterGraph, sets: BitRows, feesSat: Float64Array, weightsWu: Float64Array): number {
  let best = sets.next(LEFT, -1);
  for (let slot = sets.next(LEFT, best); slot >= 0; slot = sets.next(LEFT, slot)) {
    cluster.steps++;
    const byRate = compareProducts(feesSat[slot]!, weightsWu[best]!, feesSat[best]!, weightsWu[slot]!);
    if (byRate > 0 || (byRate === 0 && weightsWu[slot]! < weightsWu[best]!)) best = slot;
  }
  return best;
}
