// Which clusters become one when the waiting dependencies are applied (Core GroupClusters): union-find over the clusters that a
// dependency touches. Nothing is merged here, so that groups above the limits can be counted, too, and trimmed.

import type { TxRef } from './cluster.ts';
import type { ClusterKey, GraphStore } from './tx-graph-store.ts';
import type { Level } from './tx-graph-table.ts';

/** Clusters that dependencies join, with those dependencies: child `children[i]` spends parent `parents[i]`. */
export interface Group {
  readonly keys: ClusterKey[];
  readonly parents: TxRef[];
  readonly children: TxRef[];
  /** Transactions and weight of all its clusters. */
  count: number;
  weightWu: number;
}

/** Sets of numbers 0 to n - 1 that only grow together; each has one representative. */
export class DisjointSets {
  readonly #parents: number[] = [];

  /** A new set of one; its number. */
  add(): number {
    this.#parents.push(this.#parents.length);
    return this.#parents.length - 1;
  }

  /** The representative of the set that `item` is in. Paths are halved on the way, so that they stay short. */
  find(item: number): number {
    const parents = this.#parents;
    let at = item;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  /** Makes one set of two and returns its representative, the older item. */
  join(a: number, b: number): number {
    const rootA = this.find(a);
    const rootB = this.find(b);
    const root = Math.min(rootA, rootB);
    this.#parents[Math.max(rootA, rootB)] = root;
    return root;
  }
}

/**
 * The groups that dependencies between existing transactions of a level make, in the order in which they first occur.
 * `alone` are transactions that form a group although nothing may join them: each is too heavy by itself.
 */
export function groupClusters(
  store: GraphStore,
  level: Level,
  parents: readonly TxRef[],
  children: readonly TxRef[],
  alone: readonly TxRef[],
): Group[] {
  const sets = new DisjointSets();
  const items = new Map<ClusterKey, number>();
  const itemOf = (ref: TxRef): number => {
    const key = store.keyOf(ref, level);
    const known = items.get(key);
    if (known !== undefined) return known;
    const item = sets.add();
    items.set(key, item);
    return item;
  };
  for (let i = 0; i < parents.length; i++) sets.join(itemOf(parents[i]!), itemOf(children[i]!));
  for (const ref of alone) itemOf(ref);
  const groups = new Map<number, Group>();
  for (const [key, item] of items) {
    const root = sets.find(item);
    let group = groups.get(root);
    if (group === undefined) {
      group = { keys: [], parents: [], children: [], count: 0, weightWu: 0 };
      groups.set(root, group);
    }
    group.keys.push(key);
    group.count += store.members(key).length;
    group.weightWu += store.weightOf(key);
  }
  for (let i = 0; i < parents.length; i++) {
    const group = groups.get(sets.find(itemOf(parents[i]!)))!;
    group.parents.push(parents[i]!);
    group.children.push(children[i]!);
  }
  return [...groups.values()];
}
