// The dependency graph of one cluster while it is worked on (Core cluster_linearize.h DepGraph): up to 64 transactions in slots, with
// the sets of all ancestors and all descendants of each, themselves included. Only the transitive closure is kept: a child that
// spends a grandparent, too, looks the same as one that does not. The object is scratch and used again for every cluster.

import { assert } from '../../kernel/util/assert.ts';
import { BIT_ROW_SIZE, BIT_ROW_WORDS, BitRows } from '../../kernel/util/bitset.ts';
import type { Cluster, TxFacts, TxRef } from './cluster.ts';

/** Most transactions of any cluster (Core MAX_CLUSTER_COUNT_LIMIT): a set of them is one row of bits. */
export const CLUSTER_SIZE_LIMIT: number = BIT_ROW_SIZE;

/**
 * Up to 64 transactions and what depends on what. Algorithms that linearize want slots in a valid order, no transaction before
 * an ancestor: the slots of any closed set are then a valid order of it when they rise.
 */
export class ClusterGraph {
  /** Slots in use: 0 to `count` - 1. */
  count = 0;
  readonly refs: Int32Array = new Int32Array(CLUSTER_SIZE_LIMIT);
  readonly feesSat: Float64Array = new Float64Array(CLUSTER_SIZE_LIMIT);
  readonly weightsWu: Int32Array = new Int32Array(CLUSTER_SIZE_LIMIT);
  readonly tieBreaks: Float64Array = new Float64Array(CLUSTER_SIZE_LIMIT);
  readonly ancestors: BitRows = new BitRows(CLUSTER_SIZE_LIMIT);
  readonly descendants: BitRows = new BitRows(CLUSTER_SIZE_LIMIT);
  /** Comparisons and set operations of linearizing, since a caller set it to 0: bounds on work are tested with it. */
  steps = 0;
  readonly #slotOf: Uint8Array = new Uint8Array(CLUSTER_SIZE_LIMIT);

  clear(): void {
    this.count = 0;
  }

  /** Puts a transaction without relatives into the next slot, which is returned. */
  add(ref: TxRef, facts: TxFacts): number {
    assert(this.count < CLUSTER_SIZE_LIMIT, 'a cluster holds 64 transactions');
    const slot = this.count++;
    this.refs[slot] = ref;
    this.feesSat[slot] = facts.feesSat[ref]!;
    this.weightsWu[slot] = facts.weightsWu[ref]!;
    this.tieBreaks[slot] = facts.tieBreaks[ref]!;
    this.ancestors.clear(slot);
    this.ancestors.add(slot, slot);
    this.descendants.clear(slot);
    this.descendants.add(slot, slot);
    return slot;
  }

  /** Puts a whole cluster into the next slots, in its order. */
  addCluster(cluster: Cluster, facts: TxFacts): void {
    const first = this.count;
    for (const ref of cluster.refs) this.add(ref, facts);
    for (let slot = first; slot < this.count; slot++) {
      const at = BIT_ROW_WORDS * (slot - first);
      this.ancestors.setRaised(slot, cluster.ancestors[at]!, cluster.ancestors[at + 1]!, first);
    }
    this.#deriveDescendants(first);
  }

  /** Makes `child` and all that descend from it depend on `parent` and its ancestors. */
  addDependency(parent: number, child: number): void {
    const { ancestors, descendants } = this;
    assert(!ancestors.has(parent, child), 'no transaction depends on itself');
    if (ancestors.has(child, parent)) return;
    for (let slot = descendants.next(child, -1); slot >= 0; slot = descendants.next(child, slot)) {
      ancestors.unite(slot, ancestors, parent);
    }
    for (let slot = ancestors.next(parent, -1); slot >= 0; slot = ancestors.next(parent, slot)) {
      descendants.unite(slot, descendants, child);
    }
  }

  /** The present order, repaired: each transaction where it stands, ancestors that came later just before it. */
  topologicalOrder(): number[] {
    const { ancestors, count } = this;
    const depths = Array.from({ length: count }, (_, slot) => ancestors.count(slot));
    const byDepth = depths.map((_, slot) => slot).sort((a, b) => depths[a]! - depths[b]! || a - b);
    const order: number[] = [];
    const placed = new BitRows(1);
    for (let slot = 0; slot < count; slot++) {
      if (ancestors.isSubset(slot, placed, 0)) continue;
      for (const above of byDepth) {
        if (!ancestors.has(slot, above) || placed.has(0, above)) continue;
        placed.add(0, above);
        order.push(above);
      }
    }
    return order;
  }

  /** The connected parts, each as its slots in rising order; parts are in the order of their first slots. */
  components(): number[][] {
    const components: number[][] = [];
    const seen = new BitRows(1);
    const part = new BitRows(1);
    for (let first = 0; first < this.count; first++) {
      if (seen.has(0, first)) continue;
      part.clear(0);
      part.add(0, first);
      // every slot of the part brings its relatives; those with lower numbers start the search again
      for (let slot = first; slot >= 0; ) {
        seen.add(0, slot);
        part.unite(0, this.ancestors, slot);
        part.unite(0, this.descendants, slot);
        slot = firstOnlyIn(part, seen);
      }
      components.push(slotsOf(part, 0));
    }
    return components;
  }

  /** The given slots as a cluster in the given order, without what leads out of them. */
  extract(slots: readonly number[]): Cluster {
    const kept = new BitRows(1);
    let weightWu = 0;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      kept.add(0, slot);
      this.#slotOf[slot] = i;
      weightWu += this.weightsWu[slot]!;
    }
    const rows = new BitRows(slots.length + 1);
    const scratch = slots.length;
    for (let i = 0; i < slots.length; i++) {
      rows.copy(scratch, this.ancestors, slots[i]!);
      rows.intersect(scratch, kept, 0);
      for (let above = rows.next(scratch, -1); above >= 0; above = rows.next(scratch, above)) {
        rows.add(i, this.#slotOf[above]!);
      }
    }
    return {
      refs: slots.map((slot) => this.refs[slot]!),
      ancestors: Array.from(rows.words.subarray(0, BIT_ROW_WORDS * slots.length)),
      weightWu,
    };
  }

  /** Order of two transactions that are equal otherwise: Core's fallback order, which is strong. */
  compareTies(a: number, b: number): number {
    return this.tieBreaks[a]! - this.tieBreaks[b]! || this.refs[a]! - this.refs[b]!;
  }

  #deriveDescendants(first: number): void {
    const { ancestors, descendants } = this;
    for (let slot = first; slot < this.count; slot++) {
      for (let above = ancestors.next(slot, -1); above >= 0; above = ancestors.next(slot, above)) {
        descendants.add(above, slot);
      }
    }
  }
}

/** The slots of a set in rising order. */
export function slotsOf(rows: BitRows, row: number): number[] {
  const slots: number[] = [];
  for (let slot = rows.next(row, -1); slot >= 0; slot = rows.next(row, slot)) slots.push(slot);
  return slots;
}

/** The lowest slot that only `part` holds, or -1. */
function firstOnlyIn(part: BitRows, seen: BitRows): number {
  for (let slot = part.next(0, -1); slot >= 0; slot = part.next(0, slot)) {
    if (!seen.has(0, slot)) return slot;
  }
  return -1;
}
