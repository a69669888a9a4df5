// Applies the changes that wait at a level of a TxGraph, in this order: removals, clusters that fall apart, clusters that
// dependencies join (unless a limit is exceeded: then the dependencies wait on), and new linearizations. Cost is that of the
// clusters concerned, whatever the size of the mempool.

import type { Cluster, TxRef } from './cluster.ts';
import { linearize } from './linearize.ts';
import { type Group, groupClusters } from './tx-graph-groups.ts';
import type { GraphState, LevelState } from './tx-graph-state.ts';
import type { ClusterKey } from './tx-graph-store.ts';
import { type Level, MAIN, STAGING } from './tx-graph-table.ts';

/** Brings a level up to date. The main one comes first: staging copies from it. */
export function settle(graph: GraphState, level: Level): void {
  if (level === STAGING) settle(graph, MAIN);
  const state = graph.level(level);
  if (state.isChanged) {
    applyRemovals(graph, level, state);
    joinGroups(graph, level, state);
    state.isChanged = false;
  }
  for (const number of state.stale) {
    graph.store.graph.clear();
    graph.store.load(number);
    graph.store.replace(level, number, linearizeLoaded(graph));
    if (level === MAIN) graph.store.index(number);
  }
  state.stale.clear();
}

/** Takes transactions out, and splits the clusters that they leave. */
function applyRemovals(graph: GraphState, level: Level, state: LevelState): void {
  const { store } = graph;
  const damaged = new Set<number>();
  for (const ref of state.removals) {
    const found = store.foundAt(ref, level);
    if (found === null) continue; // removed twice
    let key = store.keyOf(ref, level);
    if (found !== level) key = store.pullIn(key);
    if (key < 0 || !damaged.has(key)) unindex(graph, level, state, key);
    store.vacate(level, ref);
    if (key >= 0) damaged.add(key);
    if (level === MAIN) releaseRef(graph, ref);
    state.count--;
  }
  state.removals = [];
  for (const number of damaged) mend(graph, level, state, number);
}

/** Makes clusters of what is left of one. */
function mend(graph: GraphState, level: Level, state: LevelState, number: number): void {
  const { store } = graph;
  const homes = store.table.homes[level];
  const left: number[] = [];
  store.cluster(number).refs.forEach((ref, place) => {
    if (homes[ref] === number) left.push(place);
  });
  if (left.length > 0) {
    store.graph.clear();
    store.load(number);
    const rest = store.graph.extract(left);
    store.graph.clear();
    store.graph.addCluster(rest, store.table);
  }
  store.dissolve(level, number);
  state.stale.delete(number);
  if (left.length === 0) return;
  for (const slots of store.graph.components()) {
    const key = store.place(level, store.graph.extract(slots));
    if (key >= 0) state.stale.add(key);
    else if (level === MAIN) store.index(key);
  }
}

/** Joins clusters by the dependencies that wait, or finds that this would make one too large. */
function joinGroups(graph: GraphState, level: Level, state: LevelState): void {
  dropDeadDependencies(graph, level, state);
  const heavy = [...graph.tooHeavy].filter((ref) => graph.store.foundAt(ref, level) !== null);
  state.groups = [];
  state.isOversized = false;
  if (state.parents.length === 0 && heavy.length === 0) return;
  const groups = groupClusters(graph.store, level, state.parents, state.children, heavy);
  if (groups.some((group) => graph.exceedsLimits(group.count, group.weightWu))) {
    state.groups = groups;
    state.isOversized = true;
    return;
  }
  for (const group of groups) join(graph, level, state, group);
  state.parents = [];
  state.children = [];
}

/** Forgets dependencies of transactions that are gone. */
function dropDeadDependencies(graph: GraphState, level: Level, state: LevelState): void {
  const isAlive = (i: number): boolean =>
    graph.store.foundAt(state.parents[i]!, level) !== null && graph.store.foundAt(state.children[i]!, level) !== null;
  const parents = state.parents.filter((_, i) => isAlive(i));
  state.children = state.children.filter((_, i) => isAlive(i));
  state.parents = parents;
}

/** Makes one cluster of a group and linearizes it. */
function join(graph: GraphState, level: Level, state: LevelState, group: Group): void {
  const { store } = graph;
  const scratch = store.graph;
  const places = store.table.places[level];
  scratch.clear();
  for (const foundKey of group.keys) {
    const first = scratch.count;
    const isPulled = store.foundAt(store.members(foundKey)[0]!, level) !== level;
    const key = isPulled ? store.pullIn(foundKey) : foundKey;
    unindex(graph, level, state, key);
    store.load(key);
    // until the joined cluster is placed, the places of its members are their slots
    for (let slot = first; slot < scratch.count; slot++) places[scratch.refs[slot]!] = slot;
    state.stale.delete(key);
    store.dissolve(level, key);
  }
  for (let i = 0; i < group.parents.length; i++) {
    scratch.addDependency(places[group.parents[i]!]!, places[group.children[i]!]!);
  }
  const joined = scratch.extract(scratch.topologicalOrder());
  scratch.clear();
  scratch.addCluster(joined, store.table);
  const key = store.place(level, linearizeLoaded(graph));
  if (level === MAIN) store.index(key);
}

/** The cluster in the scratch graph, in its new order. */
function linearizeLoaded(graph: GraphState): Cluster {
  const scratch = graph.store.graph;
  return scratch.extract(linearize(scratch));
}

/** Takes the chunks of a cluster out of the index before it changes, if they are there. */
export function unindex(graph: GraphState, level: Level, state: LevelState, key: ClusterKey): void {
  if (level === MAIN && !state.stale.has(key)) graph.store.unindex(key);
}

/** Gives the handle of a transaction back that neither level has. */
export function releaseRef(graph: GraphState, ref: TxRef): void {
  graph.tooHeavy.delete(ref);
  graph.store.table.release(ref);
}
