// Beginning, committing and aborting the staging level of a TxGraph. All three cost what was changed, not what is in the mempool.

import { assert } from '../../kernel/util/assert.ts';
import { releaseRef, settle } from './tx-graph-settle.ts';
import { createLevel, type GraphState } from './tx-graph-state.ts';
import type { ClusterKey } from './tx-graph-store.ts';
import { isPresent, type Level, MAIN, MISSING, STAGING } from './tx-graph-table.ts';

/** Begins a staging level that is equal to the main one. */
export function startStaging(graph: GraphState): void {
  assert(graph.staging === null, 'no staging yet');
  settle(graph, MAIN);
  const { main } = graph;
  graph.staging = {
    ...createLevel(main.count),
    parents: main.parents.slice(),
    children: main.children.slice(),
    isOversized: main.isOversized,
    groups: main.groups,
  };
}

/** Clusters of a level that have a member which staging holds by itself, or removed; each once. */
export function touchedKeys(graph: GraphState, level: Level): ClusterKey[] {
  const { store } = graph;
  const homes = store.table.homes[level];
  const keys = new Set<ClusterKey>();
  for (const ref of store.touched) {
    const home = homes[ref]!;
    if (isPresent(home)) keys.add(home >= 0 ? home : ~ref);
  }
  return [...keys];
}

/** Makes the staging level the main one. */
export function commitStaging(graph: GraphState): void {
  const { staging, store } = graph;
  assert(staging !== null && graph.observers === 0, 'staging exists and nobody walks along the main level');
  settle(graph, STAGING);
  const { homes } = store.table;
  for (const key of touchedKeys(graph, MAIN)) {
    store.unindex(key);
    for (const ref of store.members(key)) homes[MAIN][ref] = MISSING;
    store.dissolve(MAIN, key);
  }
  for (const key of touchedKeys(graph, STAGING)) {
    store.moveToMain(key);
    store.index(key);
  }
  forgetTouched(graph);
  graph.main = { ...staging, removals: [], stale: new Set() };
  graph.staging = null;
}

/** Forgets the staging level. */
export function abortStaging(graph: GraphState): void {
  const { store } = graph;
  assert(graph.staging !== null, 'staging exists');
  for (const key of touchedKeys(graph, STAGING)) store.dissolve(STAGING, key);
  forgetTouched(graph);
  graph.staging = null;
}

/** Empties staging's own entries, and gives back handles of transactions that the main level does not have. */
function forgetTouched(graph: GraphState): void {
  const { store } = graph;
  const { homes } = store.table;
  for (const ref of store.touched) {
    homes[STAGING][ref] = MISSING;
    if (homes[MAIN][ref] === MISSING) releaseRef(graph, ref);
  }
  store.touched.length = 0;
}
