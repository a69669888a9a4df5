// The whole state of a TxGraph: the store with what is settled, and for each level the changes that wait. Changes are collected and
// applied together when somebody asks (Core is lazy in the same way): a block that takes out thousands of transactions orders
// every cluster anew once, and a replacement counts its cluster after what it replaces is gone.

import type { TxRef } from './cluster.ts';
import type { Group } from './tx-graph-groups.ts';
import { GraphStore } from './tx-graph-store.ts';
import { type Level, MAIN, STAGING } from './tx-graph-table.ts';

/** Limits of a cluster. */
export interface ClusterLimits {
  /** Most transactions, 1 to 64. */
  readonly clusterCountMax: number;
  /** Most weight of all its transactions together. */
  readonly clusterWeightMax: number;
}

/** What is known of one level beside its clusters. */
export interface LevelState {
  /** Transactions at this level; those that wait for removal are counted still. */
  count: number;
  /** Transactions that are to go. */
  removals: TxRef[];
  /** Dependencies to be applied, child by child with its parent. They stay while they would make a cluster too large. */
  parents: TxRef[];
  children: TxRef[];
  /** Clusters that must be linearized anew; in the main level their chunks are not in the index meanwhile. */
  readonly stale: Set<number>;
  /** True when removals or dependencies were added since the last time everything was settled. */
  isChanged: boolean;
  /** True when some cluster is, or would be, above the limits. */
  isOversized: boolean;
  /** What the waiting dependencies would join; empty unless oversized. */
  groups: readonly Group[];
}

/** Both levels of a graph. */
export class GraphState {
  readonly limits: ClusterLimits;
  readonly store: GraphStore = new GraphStore();
  main: LevelState = createLevel(0);
  /** The changes that are being considered, or null. */
  staging: LevelState | null = null;
  /** Transactions that are too heavy by themselves for any cluster, at whatever level. */
  readonly tooHeavy: Set<TxRef> = new Set();
  /** Block builders that walk along the index of chunks; the main level must not change meanwhile. */
  observers = 0;

  constructor(limits: ClusterLimits) {
    this.limits = limits;
  }

  /** The level that changes go to. */
  get top(): Level {
    return this.staging === null ? MAIN : STAGING;
  }

  /** The state of a level, which must exist. */
  level(level: Level): LevelState {
    return level === STAGING ? this.staging! : this.main;
  }

  exceedsLimits(count: number, weightWu: number): boolean {
    return count > this.limits.clusterCountMax || weightWu > this.limits.clusterWeightMax;
  }
}

export function createLevel(count: number): LevelState {
  return {
    count,
    removals: [],
    parents: [],
    children: [],
    stale: new Set(),
    isChanged: false,
    isOversized: false,
    groups: [],
  };
}
