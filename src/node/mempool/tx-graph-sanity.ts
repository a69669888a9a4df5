// The invariants of a settled TxGraph, computed anew from what is stored (Core TxGraphImpl::SanityCheck).

import { compareFeerate } from '../../kernel/policy/fee-frac.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Cluster, TxRef } from './cluster.ts';
import { computeChunks } from './linearize-chunks.ts';
import type { GraphState, LevelState } from './tx-graph-state.ts';
import type { ClusterKey } from './tx-graph-store.ts';
import { ALONE, isPresent, type Level, MAIN, MISSING, REMOVED, STAGING } from './tx-graph-table.ts';

/** Stops with an AssertionError unless everything fits together. Both levels must be settled. */
export function checkGraph(graph: GraphState): void {
  checkHandles(graph);
  const numbers = checkLevel(graph, MAIN, graph.main);
  if (graph.staging !== null) {
    for (const number of checkLevel(graph, STAGING, graph.staging)) {
      assert(!numbers.has(number), 'a cluster belongs to one level');
      numbers.add(number);
    }
  }
  const { clusters } = graph.store;
  for (let number = 0; number < clusters.length; number++) {
    assert((clusters[number] !== null) === numbers.has(number), 'a cluster is kept as long as somebody is in it');
  }
  checkChunks(graph);
}

/** Handles are free or at some level, and staging's own entries are listed. */
function checkHandles({ store, staging, tooHeavy, limits }: GraphState): void {
  const { table } = store;
  const touched = new Set(store.touched);
  assert(touched.size === store.touched.length, 'what staging touches is listed once');
  let free = 0;
  for (let ref = 0; ref < table.end; ref++) {
    const home = table.homes[MAIN][ref]!;
    const staged = table.homes[STAGING][ref]!;
    assert(home === MISSING || isPresent(home), 'nothing is marked as removed in the main level');
    assert(staged !== REMOVED || isPresent(home), 'only what is in the main level is marked as removed');
    assert(staged === MISSING || touched.has(ref), 'staging lists its own entries');
    if (home === MISSING && staged === MISSING && !touched.has(ref)) free++;
    const isHeavy = table.isHome(ref) && table.weightsWu[ref]! > limits.clusterWeightMax;
    assert(tooHeavy.has(ref) === isHeavy || touched.has(ref), 'heavy transactions are known');
  }
  assert(free === table.freeCount, 'handles are free or in use');
  assert(staging !== null || touched.size === 0, 'nothing is touched without staging');
}

/** Checks all clusters that a level has itself; returns their numbers. */
function checkLevel(graph: GraphState, level: Level, state: LevelState): Set<number> {
  const { store, limits } = graph;
  assert(state.removals.length === 0 && state.stale.size === 0 && !state.isChanged, 'the level is settled');
  assert(state.isOversized || state.parents.length === 0, 'dependencies wait only while they do not fit');
  const keys = new Set<ClusterKey>();
  let count = 0;
  let isHeavy = false;
  for (let ref = 0; ref < store.table.end; ref++) {
    if (store.foundAt(ref, level) === null) continue;
    count++;
    isHeavy ||= store.table.weightsWu[ref]! > limits.clusterWeightMax;
    if (store.foundAt(ref, level) === level) keys.add(store.keyOf(ref, level));
  }
  assert(count === state.count, 'transactions are counted');
  const isTooLarge = state.groups.some((group) => graph.exceedsLimits(group.count, group.weightWu));
  assert(state.isOversized === isTooLarge && (state.isOversized || !isHeavy), 'oversized levels are known');
  for (const key of keys) if (key >= 0) checkCluster(graph, level, key);
  return new Set([...keys].filter((key) => key >= 0));
}

function checkCluster(graph: GraphState, level: Level, number: number): void {
  const { store } = graph;
  const cluster: Cluster = store.cluster(number);
  const { refs } = cluster;
  assert(refs.length >= 2 && !graph.exceedsLimits(refs.length, cluster.weightWu), 'a cluster of two or more that fits');
  let weightWu = 0;
  refs.forEach((ref, place) => {
    weightWu += store.table.weightsWu[ref]!;
    assert(store.table.homes[level][ref] === number, 'members know their cluster');
    assert(store.table.places[level][ref] === place, 'members know their place');
  });
  assert(weightWu === cluster.weightWu, 'the weight of a cluster is the sum of its members');
  store.graph.clear();
  store.load(number);
  const { ancestors, descendants } = store.graph;
  for (let slot = 0; slot < refs.length; slot++) {
    assert(ancestors.has(slot, slot) && descendants.next(slot, -1) === slot, 'ancestors come first');
    for (let above = ancestors.next(slot, -1); above >= 0; above = ancestors.next(slot, above)) {
      assert(ancestors.isSubset(above, ancestors, slot), 'ancestors of ancestors are ancestors');
    }
  }
  assert(store.graph.components().length === 1, 'a cluster is connected');
  let start = 0;
  for (const { end } of computeChunks(refs, store.table.feesSat, store.table.weightsWu)) {
    store.graph.clear();
    store.load(number);
    const chunk = store.graph.extract(Array.from({ length: end - start }, (_, i) => start + i));
    store.graph.clear();
    store.graph.addCluster(chunk, store.table);
    assert(store.graph.components().length === 1, 'a chunk is connected');
    start = end;
  }
}

/** The index of chunks against chunks computed anew. */
function checkChunks(graph: GraphState): void {
  const { store } = graph;
  const { table, chunks } = store;
  const cursor = { block: 0, at: 0 };
  const seen = new Set<TxRef>();
  let previous: TxRef | undefined;
  for (let head = chunks.next(cursor); head !== undefined; head = chunks.next(cursor)) {
    assert(previous === undefined || chunks.compare(previous, head) < 0, 'chunks are in strict order');
    const feerate = { feeSat: 0, size: 0 };
    for (const ref of store.chunkMembers(head)) {
      assert(
        table.homes[MAIN][ref] !== MISSING && !seen.has(ref),
        'each transaction of the main level is in one chunk',
      );
      assert(table.chunkHeads[ref] === head, 'members know their chunk');
      seen.add(ref);
      feerate.feeSat += table.feesSat[ref]!;
      feerate.size += table.weightsWu[ref]!;
    }
    const stored = { feeSat: table.chunkFeesSat[head]!, size: table.chunkWeightsWu[head]! };
    assert(compareFeerate(stored, feerate) === 0 && stored.size === feerate.size, 'chunks know what they pay');
    previous = head;
  }
  assert(seen.size === graph.main.count, 'all transactions of the main level are in chunks');
  for (const ref of seen) {
    const key = store.keyOf(ref, MAIN);
    const members = table.homes[MAIN][ref] === ALONE ? [ref] : store.members(key);
    const ends = computeChunks(members, table.feesSat, table.weightsWu).map((chunk) => chunk.end);
    const place = members.indexOf(ref);
    const isHead = place === 0 || ends.includes(place);
    assert(isHead === (table.chunkHeads[ref] === ref), 'chunks begin where the linearization says');
  }
}
