// An improvement of any linearization in two passes (Core PostLinearize). Afterwards every chunk is connected, and the order is
// optimal where nobody has more than one child, or nobody more than one parent. It never gets worse, and replacing a
// transaction by one of the same size that pays more never makes a worse order than before.

import { BitRows } from '../../kernel/util/bitset.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import { CLUSTER_SIZE_LIMIT, type ClusterGraph } from './cluster-graph.ts';

/** After the last member of a group. */
const NO_SLOT = -1;

/**
 * Groups of transactions in a row. Each is called by the slot that it began with; its members are a linked list, so that two
 * groups are joined in one step.
 */
class Groups {
  /** Groups from front to back. */
  readonly row: number[] = [];
  readonly members: BitRows = new BitRows(CLUSTER_SIZE_LIMIT);
  /** Whatever a member depends on. */
  readonly needs: BitRows = new BitRows(CLUSTER_SIZE_LIMIT);
  readonly feesSat: Float64Array = new Float64Array(CLUSTER_SIZE_LIMIT);
  readonly weightsWu: Float64Array = new Float64Array(CLUSTER_SIZE_LIMIT);
  readonly head: Int8Array = new Int8Array(CLUSTER_SIZE_LIMIT);
  readonly tail: Int8Array = new Int8Array(CLUSTER_SIZE_LIMIT);
  readonly following: Int8Array = new Int8Array(CLUSTER_SIZE_LIMIT);

  push(slot: number, needs: BitRows, feeSat: number, weightWu: number): void {
    this.row.push(slot);
    this.members.clear(slot);
    this.members.add(slot, slot);
    this.needs.copy(slot, needs, slot);
    this.feesSat[slot] = feeSat;
    this.weightsWu[slot] = weightWu;
    this.head[slot] = slot;
    this.tail[slot] = slot;
    this.following[slot] = NO_SLOT;
  }

  /** True when the group at `place` of the row pays more than the one before it. */
  isMisplaced(place: number): boolean {
    const group = this.row[place]!;
    const before = this.row[place - 1]!;
    return (
      compareProducts(this.feesSat[group]!, this.weightsWu[before]!, this.feesSat[before]!, this.weightsWu[group]!) > 0
    );
  }

  /** True when the group at `place` needs something of the one before it. */
  dependsOnPrevious(place: number): boolean {
    return this.needs.overlaps(this.row[place]!, this.members, this.row[place - 1]!);
  }

  swapWithPrevious(place: number): void {
    const before = this.row[place - 1]!;
    this.row[place - 1] = this.row[place]!;
    this.row[place] = before;
  }

  /** Puts the members of the group before `place` in front of its own; the row becomes one shorter. */
  takeInPrevious(place: number): void {
    const group = this.row[place]!;
    const before = this.row[place - 1]!;
    this.members.unite(group, this.members, before);
    this.needs.unite(group, this.needs, before);
    this.feesSat[group]! += this.feesSat[before]!;
    this.weightsWu[group]! += this.weightsWu[before]!;
    this.following[this.tail[before]!] = this.head[group]!;
    this.head[group] = this.head[before]!;
    this.row.splice(place - 1, 1);
  }

  /** All members, group by group. */
  order(): number[] {
    const order: number[] = [];
    for (const group of this.row) {
      for (let slot = this.head[group]!; slot !== NO_SLOT; slot = this.following[slot]!) order.push(slot);
    }
    return order;
  }
}

/** An order at least as good as the given one, with connected chunks: a pass from the back, then one from the front. */
export function postLinearize(cluster: ClusterGraph, order: readonly number[]): number[] {
  // from the back everything is the other way round: children are needed first, and who pays least comes first
  const reversed = runPass(cluster, order.slice().reverse(), cluster.descendants, -1);
  return runPass(cluster, reversed.reverse(), cluster.ancestors, 1);
}

/**
 * Each transaction comes in as a group of its own at the back. While the group before it pays less, the two change places, or
 * become one when the newer needs the older.
 */
function runPass(cluster: ClusterGraph, order: readonly number[], needs: BitRows, sign: number): number[] {
  const groups = new Groups();
  for (const slot of order) {
    groups.push(slot, needs, sign * cluster.feesSat[slot]!, cluster.weightsWu[slot]!);
    for (let place = groups.row.length - 1; place > 0 && groups.isMisplaced(place); place--) {
      cluster.steps++;
      if (groups.dependsOnPrevious(place)) groups.takeInPrevious(place);
      else groups.swapWithPrevious(place);
    }
  }
  return groups.order();
}
