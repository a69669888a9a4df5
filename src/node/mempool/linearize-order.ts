// The order among equals: of the many linearizations with the same chunks, the one that Core would write (SpanningForestState::
// GetLinearization). Thus the order of a cluster depends as little as possible on how it came about.

import { BitRows } from '../../kernel/util/bitset.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import { CLUSTER_SIZE_LIMIT, type ClusterGraph } from './cluster-graph.ts';
import { computeChunks } from './linearize-chunks.ts';

/** A chunk, or a transaction by itself, that waits for its place. */
interface Item {
  readonly feeSat: number;
  readonly size: number;
  readonly slots: readonly number[];
  /** The last of its slots in the order of ties. */
  readonly lastTie: number;
  /** Row of `needs` with the slots that must be placed before. */
  readonly row: number;
}

/**
 * The chunks of a valid order, best feerate first, then lightest, then by the last of their members in the order of ties; inside
 * each chunk its transactions by the same rule. Nothing comes before what it depends on.
 */
export function orderEquals(cluster: ClusterGraph, order: readonly number[]): number[] {
  const done = new BitRows(1);
  const needs = new BitRows(CLUSTER_SIZE_LIMIT);
  const chunks = chunkItems(cluster, order, needs);
  const ordered: number[] = [];
  while (chunks.length > 0) {
    const chunk = takeBest(cluster, chunks, needs, done);
    const members = chunk.slots.map((slot) => memberItem(cluster, slot, needs));
    while (members.length > 0) {
      const { lastTie: slot } = takeBest(cluster, members, needs, done);
      done.add(0, slot);
      ordered.push(slot);
    }
  }
  return ordered;
}

/** The chunks; each uses the row of its first slot, which its members use again when the chunk is placed. */
function chunkItems(cluster: ClusterGraph, order: readonly number[], needs: BitRows): Item[] {
  const members = new BitRows(1);
  let start = 0;
  return computeChunks(order, cluster.feesSat, cluster.weightsWu).map(({ feeSat, size, end }) => {
    const slots = order.slice(start, end);
    start = end;
    const row = slots[0]!;
    members.clear(0);
    needs.clear(row);
    let lastTie = row;
    for (const slot of slots) {
      members.add(0, slot);
      needs.unite(row, cluster.ancestors, slot);
      if (cluster.compareTies(slot, lastTie) > 0) lastTie = slot;
    }
    needs.subtract(row, members, 0);
    return { feeSat, size, slots, lastTie, row };
  });
}

function memberItem(cluster: ClusterGraph, slot: number, needs: BitRows): Item {
  const itself = new BitRows(1);
  itself.add(0, slot);
  needs.copy(slot, cluster.ancestors, slot);
  needs.subtract(slot, itself, 0);
  const feeSat = cluster.feesSat[slot]!;
  const size = cluster.weightsWu[slot]!;
  return { feeSat, size, slots: [slot], lastTie: slot, row: slot };
}

/** Takes out the item that goes first among those whose needs are placed. */
function takeBest(cluster: ClusterGraph, items: Item[], needs: BitRows, done: BitRows): Item {
  let best = -1;
  for (let i = 0; i < items.length; i++) {
    cluster.steps++;
    if (!needs.isSubset(items[i]!.row, done, 0)) continue;
    if (best < 0 || compareItems(cluster, items[i]!, items[best]!) < 0) best = i;
  }
  return items.splice(best, 1)[0]!;
}

/** Negative when `a` goes first. */
function compareItems(cluster: ClusterGraph, a: Item, b: Item): number {
  return (
    compareProducts(b.feeSat, a.size, a.feeSat, b.size) || a.size - b.size || cluster.compareTies(a.lastTie, b.lastTie)
  );
}
