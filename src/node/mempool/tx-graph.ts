// Fees, weights and dependencies of the transactions in the mempool, and the order in which they should be mined (Core TxGraph).
//
// Specification
// - Connected transactions form a cluster. Every cluster is kept linearized: its members in an order in which they could be mined,
//   cut into chunks that are mined together; feerates of chunks fall along the order. All chunks of all clusters are kept
//   sorted: the front is what a block takes, the back is what a full mempool gives up, and both come from one order.
// - A cluster has at most a number of transactions and a weight. A level that would break a limit is oversized: its waiting
//   dependencies are not applied, and only removing, counting, trimming and giving up are possible until it fits again.
// - There is one level of staging, as if the graph had been copied: changes go there while it exists, and are then committed or
//   aborted. This is how an addition or a replacement is tried out.
// - Transactions are named by small integers. The handle of a removed one is void, and given out again by a later `add`.
// - Dependencies are kept as their transitive closure: when a transaction in the middle is removed alone, its children go on
//   depending on its parents. Removals that wait are applied before dependencies that wait.
// - The order among equals is Core's: by what `computeTieBreak` makes of the txid. Same calls, same answers.

import { compareFeeFrac, EMPTY_FEE_FRAC, type FeeFrac } from '../../kernel/policy/fee-frac.ts';
import type { Txid } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { BitRows } from '../../kernel/util/bitset.ts';
import type { TxRef } from './cluster.ts';
import { CLUSTER_SIZE_LIMIT, type ClusterGraph } from './cluster-graph.ts';
import { computeChunks } from './linearize-chunks.ts';
import { BlockBuilder, type TxChunk } from './tx-graph-block-builder.ts';
import { checkGraph } from './tx-graph-sanity.ts';
import { settle, unindex } from './tx-graph-settle.ts';
import { abortStaging, commitStaging, startStaging, touchedKeys } from './tx-graph-staging.ts';
import { type ClusterLimits, GraphState, type LevelState } from './tx-graph-state.ts';
import type { ClusterKey } from './tx-graph-store.ts';
import { ALONE, type Level, MAIN, STAGING } from './tx-graph-table.ts';
import { chooseTrimmed } from './tx-graph-trim.ts';

export type { TxRef } from './cluster.ts';
export type { BlockBuilder, TxChunk } from './tx-graph-block-builder.ts';
export type { ClusterLimits } from './tx-graph-state.ts';

/** Which graph is meant: the mempool as it is, or staging while there is one. */
export type GraphLevel = 'main' | 'top';

/** Bytes of a txid that decide ties: as many as a number holds exactly. */
const TIE_BREAK_BYTES = 6;

/**
 * The number that orders transactions which are equal otherwise: the first bytes of the txid in internal order, where Core compares
 * all of them. Two that share the first 48 bits are ordered by their handles.
 */
export function computeTieBreak(txid: Txid): number {
  let tieBreak = 0;
  for (let i = 0; i < TIE_BREAK_BYTES; i++) tieBreak = 256 * tieBreak + txid[i]!;
  return tieBreak;
}

/** The graph of the mempool. Answers are about the state after all changes made before. */
export class TxGraph {
  readonly #graph: GraphState;

  constructor(limits: ClusterLimits) {
    assert(limits.clusterCountMax >= 1 && limits.clusterCountMax <= CLUSTER_SIZE_LIMIT, 'clusters of 1 to 64');
    this.#graph = new GraphState(limits);
  }

  /** Adds a transaction without relatives, in staging while there is one. The fee is the modified one, the weight the adjusted one. */
  add(feeSat: number, weightWu: number, tieBreak: number): TxRef {
    const { store } = this.#graph;
    const level = this.#changingLevel();
    const state = this.#graph.level(level);
    assert(weightWu > 0, 'a transaction has a weight');
    const ref = store.table.allocate(feeSat, weightWu, tieBreak);
    const key = store.placeAlone(level, ref);
    if (level === MAIN) store.index(key);
    state.count++;
    if (this.#graph.exceedsLimits(1, weightWu)) {
      this.#graph.tooHeavy.add(ref);
      state.isChanged = true;
    }
    return ref;
  }

  /** Removes a transaction, in staging while there is one. Nothing happens when it is gone already. */
  remove(ref: TxRef): void {
    const level = this.#changingLevel();
    if (this.#graph.store.foundAt(ref, level) === null) return;
    const state = this.#graph.level(level);
    state.removals.push(ref);
    state.isChanged = true;
  }

  /**
   * Says that `child` spends `parent`, in staging while there is one. The parent must not descend from the child. Nothing happens when
   * one of them does not exist.
   */
  addDependency(parent: TxRef, child: TxRef): void {
    const level = this.#changingLevel();
    const { store } = this.#graph;
    if (parent === child || store.foundAt(parent, level) === null || store.foundAt(child, level) === null) return;
    const state = this.#graph.level(level);
    state.parents.push(parent);
    state.children.push(child);
    state.isChanged = true;
  }

  /** Changes the fee of a transaction at both levels. Nothing happens when it does not exist. */
  setFee(ref: TxRef, feeSat: number): void {
    const { store, observers } = this.#graph;
    const { table } = store;
    assert(observers === 0, 'nobody walks along the main level');
    if (!table.isHome(ref) || table.feesSat[ref] === feeSat) return;
    if (table.homes[MAIN][ref] === ALONE) store.unindex(~ref);
    table.feesSat[ref] = feeSat;
    if (table.homes[MAIN][ref] === ALONE) store.index(~ref);
    this.#makeStale(MAIN, this.#graph.main, table.homes[MAIN][ref]!);
    if (this.#graph.staging !== null) this.#makeStale(STAGING, this.#graph.staging, table.homes[STAGING][ref]!);
  }

  get isStaging(): boolean {
    return this.#graph.staging !== null;
  }

  /** Begins staging: a level that is equal to the main one and takes all changes from now on. */
  startStaging(): void {
    startStaging(this.#graph);
  }

  /** Makes staging the main level. Handles of what was removed there are void. */
  commitStaging(): void {
    commitStaging(this.#graph);
  }

  /** Forgets staging. Handles of what was added there are void. */
  abortStaging(): void {
    abortStaging(this.#graph);
  }

  /** True when some cluster of the level would be above the limits. */
  isOversized(level: GraphLevel): boolean {
    return this.#settled(this.#levelOf(level)).isOversized;
  }

  exists(ref: TxRef, level: GraphLevel = 'main'): boolean {
    const at = this.#levelOf(level);
    settle(this.#graph, at);
    return this.#graph.store.foundAt(ref, at) !== null;
  }

  /** Transactions of the main level. */
  get count(): number {
    return this.#settled(MAIN).count;
  }

  /** Memory of the main level in bytes; scratch and waiting changes are not counted. */
  get usedBytes(): number {
    return this.#graph.store.mainBytes(this.#settled(MAIN).count);
  }

  /** Chunks of all clusters that differ between the levels, as each has them, best first. Neither may be oversized. */
  stagedDiagrams(): { main: FeeFrac[]; staging: FeeFrac[] } {
    assert(this.#graph.staging !== null, 'staging exists');
    this.#fitting(MAIN);
    this.#fitting(STAGING);
    return { main: this.#touchedChunks(MAIN), staging: this.#touchedChunks(STAGING) };
  }

  /** The cluster of a transaction in linearization order; empty when it does not exist. The level must not be oversized. */
  cluster(ref: TxRef, level: GraphLevel = 'main'): TxRef[] {
    const at = this.#fitting(this.#levelOf(level));
    const { store } = this.#graph;
    return store.foundAt(ref, at) === null ? [] : [...store.members(store.keyOf(ref, at))];
  }

  /** A transaction and what it depends on, each after its own ancestors; empty when it does not exist. */
  ancestors(ref: TxRef, level: GraphLevel = 'main'): TxRef[] {
    return this.ancestorsOfAll([ref], level);
  }

  /** A transaction and what depends on it, each after its own ancestors; empty when it does not exist. */
  descendants(ref: TxRef, level: GraphLevel = 'main'): TxRef[] {
    return this.descendantsOfAll([ref], level);
  }

  /** The union of the ancestors of several transactions, each once, those of one cluster in its order. */
  ancestorsOfAll(refs: readonly TxRef[], level: GraphLevel = 'main'): TxRef[] {
    return this.#relatives(refs, level, (scratch) => scratch.ancestors);
  }

  /** The union of the descendants of several transactions, each once, those of one cluster in its order. */
  descendantsOfAll(refs: readonly TxRef[], level: GraphLevel = 'main'): TxRef[] {
    return this.#relatives(refs, level, (scratch) => scratch.descendants);
  }

  /** In how many clusters the transactions are; those that do not exist are in none. */
  countDistinctClusters(refs: readonly TxRef[], level: GraphLevel = 'main'): number {
    return this.#byCluster(refs, this.#fitting(this.#levelOf(level))).size;
  }

  /** What a transaction itself pays for its weight; empty when it exists at no level. */
  individualFeerate(ref: TxRef): FeeFrac {
    const { store, top } = this.#graph;
    settle(this.#graph, top);
    if (!store.table.isHome(ref)) return EMPTY_FEE_FRAC;
    return { feeSat: store.table.feesSat[ref]!, size: store.table.weightsWu[ref]! };
  }

  /** The feerate at which the transaction would be mined: that of its chunk in the main level; empty when it does not exist there. */
  chunkFeerate(ref: TxRef): FeeFrac {
    this.#fitting(MAIN);
    const { store } = this.#graph;
    if (store.foundAt(ref, MAIN) === null) return EMPTY_FEE_FRAC;
    return this.#feerateOf(store.table.chunkHeads[ref]!);
  }

  /** Negative when `a` would be mined before `b`; both exist in the main level. */
  compareMiningOrder(a: TxRef, b: TxRef): number {
    this.#fitting(MAIN);
    const { table, chunks } = this.#graph.store;
    const byChunk = chunks.compare(table.chunkHeads[a]!, table.chunkHeads[b]!);
    return byChunk !== 0 ? byChunk : table.places[MAIN][a]! - table.places[MAIN][b]!;
  }

  /** Begins to offer chunks for a block. The main level must not change until the builder is closed. */
  beginBlock(): BlockBuilder {
    this.#fitting(MAIN);
    return new BlockBuilder(this.#graph);
  }

  /** The chunk that would be mined last, each transaction after its descendants; null when the graph is empty. */
  worstChunk(): TxChunk | null {
    this.#fitting(MAIN);
    const { store } = this.#graph;
    const head = store.chunks.last();
    if (head === undefined) return null;
    return { refs: store.chunkMembers(head).reverse(), feerate: this.#feerateOf(head) };
  }

  /**
   * Removes transactions with their descendants until the top level fits its limits, and returns them; none when it fits. Their handles
   * can be given out again by the next `add`.
   */
  trim(): TxRef[] {
    const level = this.#changingLevel();
    const state = this.#settled(level);
    const trimmed = chooseTrimmed(this.#graph, state.groups);
    for (const ref of trimmed) this.remove(ref);
    return trimmed;
  }

  /** Stops with an AssertionError when anything does not fit together. Costs time; for tests and `-checkmempool`. */
  sanityCheck(): void {
    settle(this.#graph, this.#graph.top);
    checkGraph(this.#graph);
  }

  #levelOf(level: GraphLevel): Level {
    return level === 'main' ? MAIN : this.#graph.top;
  }

  /** The level that takes changes. */
  #changingLevel(): Level {
    const { top, observers } = this.#graph;
    assert(top === STAGING || observers === 0, 'nobody walks along the main level');
    return top;
  }

  #settled(level: Level): LevelState {
    settle(this.#graph, level);
    return this.#graph.level(level);
  }

  /** Settles a level whose clusters all fit, and returns it. */
  #fitting(level: Level): Level {
    assert(!this.#settled(level).isOversized, 'a level within its limits');
    return level;
  }

  /** Has a cluster linearized anew the next time. */
  #makeStale(level: Level, state: LevelState, home: number): void {
    if (home < 0) return;
    unindex(this.#graph, level, state, home);
    state.stale.add(home);
  }

  #feerateOf(head: TxRef): FeeFrac {
    const { table } = this.#graph.store;
    return { feeSat: table.chunkFeesSat[head]!, size: table.chunkWeightsWu[head]! };
  }

  #touchedChunks(level: Level): FeeFrac[] {
    const { store } = this.#graph;
    const { feesSat, weightsWu } = store.table;
    const chunks: FeeFrac[] = [];
    for (const key of touchedKeys(this.#graph, level)) {
      for (const { feeSat, size } of computeChunks(store.members(key), feesSat, weightsWu))
        chunks.push({ feeSat, size });
    }
    return chunks.sort((a, b) => compareFeeFrac(b, a));
  }

  /** The existing ones among `refs` by the cluster that they are in at `level`. */
  #byCluster(refs: readonly TxRef[], level: Level): Map<ClusterKey, TxRef[]> {
    const { store } = this.#graph;
    const byCluster = new Map<ClusterKey, TxRef[]>();
    for (const ref of refs) {
      if (store.foundAt(ref, level) === null) continue;
      const key = store.keyOf(ref, level);
      const known = byCluster.get(key);
      if (known === undefined) byCluster.set(key, [ref]);
      else known.push(ref);
    }
    return byCluster;
  }

  /** The union of the sets that `pick` names, over the clusters of `refs`. */
  #relatives(refs: readonly TxRef[], level: GraphLevel, pick: (scratch: ClusterGraph) => BitRows): TxRef[] {
    const { store } = this.#graph;
    const found: TxRef[] = [];
    for (const [key, wanted] of this.#byCluster(refs, this.#fitting(this.#levelOf(level)))) {
      if (key < 0) {
        found.push(~key);
        continue;
      }
      store.graph.clear();
      store.load(key);
      const sets = pick(store.graph);
      const { refs: members } = store.cluster(key);
      const slots = wanted.map((ref) => members.indexOf(ref));
      members.forEach((ref, slot) => {
        if (slots.some((from) => sets.has(from, slot))) found.push(ref);
      });
    }
    return found;
  }
}
