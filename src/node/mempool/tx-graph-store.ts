// Which cluster every transaction is in at both levels of a TxGraph, and the chunks of the main level. Staging holds only what
// differs: a cluster is copied there ("pulled in") when something is about to change in it; transactions of all other clusters
// are found in the main level. The rules of when what happens are in tx-graph-settle.ts.

import { assert } from '../../kernel/util/assert.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import type { Cluster, TxRef } from './cluster.ts';
import { ClusterGraph } from './cluster-graph.ts';
import { computeChunks } from './linearize-chunks.ts';
import { ChunkIndex } from './tx-graph-chunk-index.ts';
import {
  ALONE,
  isPresent,
  type Level,
  MAIN,
  MISSING,
  REMOVED,
  STAGING,
  TX_ROW_BYTES,
  TxTable,
} from './tx-graph-table.ts';

/** Bytes of a cluster of two or more beside its members: the record, its two arrays, and its place in the list. */
const CLUSTER_BYTES = 160;

/** Bytes of a member in the two arrays of its cluster: three numbers. */
const CLUSTER_MEMBER_BYTES = 24;

/** What names a cluster at one level: its number, or ~ref for a transaction alone. */
export type ClusterKey = number;

/** Homes of transactions, clusters by number, and the index of chunks. */
export class GraphStore {
  readonly table: TxTable = new TxTable();
  readonly chunks: ChunkIndex = new ChunkIndex(this.table);
  /** Scratch for whoever works on a cluster. */
  readonly graph: ClusterGraph = new ClusterGraph();
  /** Transactions that have, or had, an entry of their own in staging; each once. */
  readonly touched: TxRef[] = [];
  /** Clusters of two or more by number; null is a free number. */
  readonly clusters: (Cluster | null)[] = [];
  readonly #freeNumbers: number[] = [];
  /** Clusters of two or more in the main level, and their members. */
  #mainClusters = 0;
  #mainMembers = 0;

  /** Bytes that the main level takes with `count` transactions. */
  mainBytes(count: number): number {
    return TX_ROW_BYTES * count + CLUSTER_BYTES * this.#mainClusters + CLUSTER_MEMBER_BYTES * this.#mainMembers;
  }

  /** The level that has the cluster of a transaction as `level` sees it; null when the transaction does not exist there. */
  foundAt(ref: TxRef, level: Level): Level | null {
    const { homes } = this.table;
    if (ref >= this.table.end) return null;
    if (level === STAGING && homes[STAGING][ref] !== MISSING) return isPresent(homes[STAGING][ref]!) ? STAGING : null;
    return isPresent(homes[MAIN][ref]!) ? MAIN : null;
  }

  /** The cluster of a transaction that exists at `level`. */
  keyOf(ref: TxRef, level: Level): ClusterKey {
    const found = this.foundAt(ref, level);
    assert(found !== null, 'the transaction exists');
    const home = this.table.homes[found][ref]!;
    return home >= 0 ? home : ~ref;
  }

  /** Members in linearization order. */
  members(key: ClusterKey): readonly TxRef[] {
    return key < 0 ? [~key] : this.cluster(key).refs;
  }

  weightOf(key: ClusterKey): number {
    return key < 0 ? this.table.weightsWu[~key]! : this.cluster(key).weightWu;
  }

  cluster(number: number): Cluster {
    const cluster = this.clusters[number];
    assert(cluster !== undefined && cluster !== null, 'the cluster exists');
    return cluster;
  }

  /** Loads a cluster into the scratch graph, behind what is there. */
  load(key: ClusterKey): void {
    if (key < 0) this.graph.add(~key, this.table);
    else this.graph.addCluster(this.cluster(key), this.table);
  }

  /** Gives a cluster of any size to a level, and returns its key. The main level must index it once it is linearized. */
  place(level: Level, cluster: Cluster): ClusterKey {
    if (cluster.refs.length === 1) return this.placeAlone(level, cluster.refs[0]!);
    const number = this.#freeNumbers.pop() ?? this.clusters.length;
    this.clusters[number] = cluster;
    for (let i = 0; i < cluster.refs.length; i++) this.#setHome(level, cluster.refs[i]!, number, i);
    if (level === MAIN) this.#countMain(cluster, 1);
    return number;
  }

  /** Gives a transaction without relatives to a level, and returns the key. The main level must index it. */
  placeAlone(level: Level, ref: TxRef): ClusterKey {
    this.#setHome(level, ref, ALONE, 0);
    return ~ref;
  }

  /** Writes a cluster anew, in another order of the same members. */
  replace(level: Level, number: number, cluster: Cluster): void {
    this.clusters[number] = cluster;
    for (let i = 0; i < cluster.refs.length; i++) this.#setHome(level, cluster.refs[i]!, number, i);
  }

  /** Takes a record away whose members have, or will be given, other homes at its level. */
  dissolve(level: Level, key: ClusterKey): void {
    if (key < 0) return;
    if (level === MAIN) this.#countMain(this.cluster(key), -1);
    this.clusters[key] = null;
    this.#freeNumbers.push(key);
  }

  /** Copies a cluster of the main level to staging. */
  pullIn(key: ClusterKey): ClusterKey {
    return key < 0 ? this.placeAlone(STAGING, ~key) : this.place(STAGING, this.cluster(key));
  }

  /** Gives a cluster of staging to the main level. The main one must not have its members any more. */
  moveToMain(key: ClusterKey): void {
    const { homes, places } = this.table;
    for (const ref of this.members(key)) {
      homes[MAIN][ref] = homes[STAGING][ref]!;
      places[MAIN][ref] = places[STAGING][ref]!;
    }
    if (key >= 0) this.#countMain(this.cluster(key), 1);
  }

  /** Takes a transaction out of a level; what it leaves behind in its cluster is the caller's to mend. */
  vacate(level: Level, ref: TxRef): void {
    const { homes } = this.table;
    if (level === STAGING && isPresent(homes[MAIN][ref]!)) this.#setHome(STAGING, ref, REMOVED, 0);
    else homes[level][ref] = MISSING;
  }

  /** Computes the chunks of a cluster of the main level and puts them into the index. */
  index(key: ClusterKey): void {
    const { feesSat, weightsWu, chunkHeads, chunkFeesSat, chunkWeightsWu, chunkPrefixesWu, chunkLastTies } = this.table;
    const refs = this.members(key);
    let start = 0;
    let prefixWu = 0;
    let before = { feeSat: 0, size: 0 };
    for (const chunk of computeChunks(refs, feesSat, weightsWu)) {
      const head = refs[start]!;
      const isLower = compareProducts(chunk.feeSat, before.size, before.feeSat, chunk.size) < 0;
      prefixWu = isLower ? chunk.size : prefixWu + chunk.size;
      chunkFeesSat[head] = chunk.feeSat;
      chunkWeightsWu[head] = chunk.size;
      chunkPrefixesWu[head] = prefixWu;
      chunkLastTies[head] = this.#lastTie(refs, start, chunk.end);
      for (; start < chunk.end; start++) chunkHeads[refs[start]!] = head;
      this.chunks.insert(head);
      before = chunk;
    }
  }

  /** Takes the chunks of a cluster out of the index. */
  unindex(key: ClusterKey): void {
    for (const ref of this.members(key)) {
      if (this.table.chunkHeads[ref] === ref) this.chunks.remove(ref);
    }
  }

  /** The members of the chunk that begins with `head`, in linearization order. */
  chunkMembers(head: TxRef): TxRef[] {
    const home = this.table.homes[MAIN][head]!;
    if (home < 0) return [head];
    const { refs } = this.cluster(home);
    const start = this.table.places[MAIN][head]!;
    let end = start + 1;
    while (end < refs.length && this.table.chunkHeads[refs[end]!] === head) end++;
    return refs.slice(start, end);
  }

  #setHome(level: Level, ref: TxRef, home: number, place: number): void {
    const homes = this.table.homes[level];
    if (level === STAGING && homes[ref] === MISSING) this.touched.push(ref);
    homes[ref] = home;
    this.table.places[level][ref] = place;
  }

  #countMain(cluster: Cluster, sign: number): void {
    this.#mainClusters += sign;
    this.#mainMembers += sign * cluster.refs.length;
  }

  #lastTie(refs: readonly TxRef[], start: number, end: number): TxRef {
    const { tieBreaks } = this.table;
    let last = refs[start]!;
    for (let i = start + 1; i < end; i++) {
      const ref = refs[i]!;
      if ((tieBreaks[ref]! - tieBreaks[last]! || ref - last) > 0) last = ref;
    }
    return last;
  }
}
