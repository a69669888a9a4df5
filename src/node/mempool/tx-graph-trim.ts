// Makes a level fit its limits again (Core TxGraph::Trim). After a reorganisation, transactions of the lost blocks become parents of
// what is in the mempool, and clusters can be joined beyond every limit. Each group that is too large is then built up again from
// nothing: the best transaction whose parents are in comes in, unless the cluster that it would make is too large; what does not
// get in goes, with all its descendants. Quick rather than optimal.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { compareFeeFrac } from '../../kernel/policy/fee-frac.ts';
import type { TxRef } from './cluster.ts';
import { computeChunks } from './linearize-chunks.ts';
import { DisjointSets, type Group } from './tx-graph-groups.ts';
import type { GraphState } from './tx-graph-state.ts';
import type { GraphStore } from './tx-graph-store.ts';

/** The transactions of a group, by place in lists. */
interface Candidates {
  readonly refs: TxRef[];
  /** Feerate of the chunk of each. */
  readonly feerates: FeeFrac[];
  /** Places of parents and of children: by dependency, and of neighbours in a linearization. */
  readonly parents: number[][];
  readonly children: number[][];
}

/** What must go so that every group of an oversized level fits; with each transaction all its descendants at that level. */
export function chooseTrimmed(graph: GraphState, groups: readonly Group[]): TxRef[] {
  const trimmed: TxRef[] = [];
  for (const group of groups) {
    if (!graph.exceedsLimits(group.count, group.weightWu)) continue;
    const candidates = gather(graph.store, group);
    const isIncluded = rebuild(graph, candidates);
    candidates.refs.forEach((ref, place) => {
      if (!isIncluded[place]) trimmed.push(ref);
    });
  }
  return trimmed;
}

/** The transactions of a group. Inside a cluster each depends on the one before it, as if it were a chain. */
function gather(store: GraphStore, group: Group): Candidates {
  const candidates: Candidates = { refs: [], feerates: [], parents: [], children: [] };
  const placeOf = new Map<TxRef, number>();
  const link = (parent: number, child: number): void => {
    candidates.parents[child]!.push(parent);
    candidates.children[parent]!.push(child);
  };
  for (const key of group.keys) {
    const members = store.members(key);
    const chunks = computeChunks(members, store.table.feesSat, store.table.weightsWu);
    let chunk = 0;
    for (let i = 0; i < members.length; i++) {
      if (i === chunks[chunk]!.end) chunk++;
      const place = candidates.refs.length;
      placeOf.set(members[i]!, place);
      candidates.refs.push(members[i]!);
      candidates.feerates.push(chunks[chunk]!);
      candidates.parents.push([]);
      candidates.children.push([]);
      if (i > 0) link(place - 1, place);
    }
  }
  for (let i = 0; i < group.parents.length; i++) {
    link(placeOf.get(group.parents[i]!)!, placeOf.get(group.children[i]!)!);
  }
  return candidates;
}

/** Takes in one transaction after another, best first, and says which got in. */
function rebuild(graph: GraphState, candidates: Candidates): boolean[] {
  const { refs, feerates, parents, children } = candidates;
  const { weightsWu } = graph.store.table;
  const sets = new DisjointSets();
  const counts = refs.map(() => 1);
  const weights = refs.map((ref) => weightsWu[ref]!);
  const missing = parents.map((list) => list.length);
  const isIncluded = refs.map(() => false);
  const ready = new ReadyHeap(feerates);
  for (let place = 0; place < refs.length; place++) {
    sets.add();
    if (missing[place] === 0 && !graph.exceedsLimits(1, weights[place]!)) ready.push(place);
  }
  for (let place = ready.pop(); place !== undefined; place = ready.pop()) {
    const roots = new Set(parents[place]!.map((parent) => sets.find(parent)));
    let count = 1;
    let weightWu = weights[place]!;
    for (const root of roots) {
      count += counts[root]!;
      weightWu += weights[root]!;
    }
    if (graph.exceedsLimits(count, weightWu)) continue;
    isIncluded[place] = true;
    let root = place;
    for (const other of roots) root = sets.join(root, other);
    counts[root] = count;
    weights[root] = weightWu;
    for (const child of children[place]!) {
      missing[child]!--;
      if (missing[child] === 0) ready.push(child);
    }
  }
  return isIncluded;
}

/** Places that may come in, best feerate first: a binary heap. */
class ReadyHeap {
  readonly #feerates: readonly FeeFrac[];
  readonly #heap: number[] = [];

  constructor(feerates: readonly FeeFrac[]) {
    this.#feerates = feerates;
  }

  push(place: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(place);
    while (at > 0) {
      const above = (at - 1) >>> 1;
      if (!this.#isBefore(place, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = place;
  }

  pop(): number | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && this.#isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!this.#isBefore(heap[below]!, moved)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = moved;
    return first;
  }

  #isBefore(a: number, b: number): boolean {
    return (compareFeeFrac(this.#feerates[b]!, this.#feerates[a]!) || a - b) < 0;
  }
}
