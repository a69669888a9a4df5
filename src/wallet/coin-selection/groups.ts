// Groups of coins that are spent together or not at all (Core OutputGroup, GroupOutputs): each coin by itself, or all coins of one
// script, a hundred at most. Filters say which groups may be spent; there are pools for each filter, by type of coin and over all.

import { toHex } from '../../kernel/util/bytes.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { type Candidate, COIN_TYPES, type CoinType, effectiveValueOf, inputWeightOf } from './candidate.ts';

/** Coins of one step. */
const COINS_PER_STEP = 1_000;

/** Most coins of a group (Core OUTPUT_GROUP_MAX_ENTRIES). */
export const GROUP_COIN_COUNT_MAX = 100;

/** Coins that are spent together. */
export interface OutputGroup {
  readonly coins: readonly Candidate[];
  /** All of them are from this wallet itself. */
  readonly isFromMe: boolean;
  /** Least confirmations among them. */
  readonly depth: number;
  /** Unconfirmed ancestors of all, summed. */
  readonly ancestorCount: number;
  /** Greatest cluster of one. */
  readonly clusterCount: number;
  readonly valueSat: number;
  readonly effectiveValueSat: number;
  readonly feeSat: number;
  readonly longTermFeeSat: number;
  readonly weightWu: number;
  /** Recipients pay the fee: coins count with their whole value. */
  readonly subtractsFee: boolean;
  /** What the group counts in a selection. */
  readonly selectionSat: number;
}

/** A group of these coins. */
export function createGroup(coins: readonly Candidate[], subtractsFee: boolean): OutputGroup {
  const sum = (of: (coin: Candidate) => number): number => coins.reduce((total, coin) => total + of(coin), 0);
  const valueSat = sum((coin) => coin.valueSat);
  const effectiveValueSat = sum(effectiveValueOf);
  return {
    coins,
    isFromMe: coins.every((coin) => coin.isFromMe),
    depth: coins.reduce((least, coin) => Math.min(least, coin.depth), Number.POSITIVE_INFINITY),
    ancestorCount: sum((coin) => coin.ancestorCount),
    clusterCount: coins.reduce((most, coin) => Math.max(most, coin.clusterCount), 0),
    valueSat,
    effectiveValueSat,
    feeSat: sum((coin) => coin.feeSat),
    longTermFeeSat: sum((coin) => coin.longTermFeeSat),
    weightWu: sum(inputWeightOf),
    subtractsFee,
    selectionSat: subtractsFee ? valueSat : effectiveValueSat,
  };
}

/** Which groups may be spent (Core CoinEligibilityFilter). */
export interface EligibilityFilter {
  /** Least confirmations of coins from this wallet itself, and of others. */
  readonly depthMinMine: number;
  readonly depthMinTheirs: number;
  readonly ancestorCountMax: number;
  readonly clusterCountMax: number;
  /** A group that is not full may be spent although there are full ones of its script. */
  readonly includesPartialGroups: boolean;
  /** Types of coins may be mixed when no single one suffices. */
  readonly allowsMixedTypes: boolean;
}

/** True when the filter lets the group be spent. */
export function isEligible(group: OutputGroup, filter: EligibilityFilter): boolean {
  return (
    group.depth >= (group.isFromMe ? filter.depthMinMine : filter.depthMinTheirs) &&
    group.ancestorCount <= filter.ancestorCountMax &&
    group.clusterCount <= filter.clusterCountMax
  );
}

/** Groups to choose from. */
export interface GroupPool {
  /** Groups that bring something. */
  readonly positive: OutputGroup[];
  /** All groups. */
  readonly mixed: OutputGroup[];
}

/** The groups that a filter lets through. */
export interface FilteredPools {
  readonly filter: EligibilityFilter;
  readonly byType: ReadonlyMap<CoinType, GroupPool>;
  readonly all: GroupPool;
}

/** Groups by filter, and those that no filter lets through. */
export interface GroupedCandidates {
  readonly pools: readonly FilteredPools[];
  readonly discarded: readonly OutputGroup[];
}

/** How candidates are grouped. */
export interface GroupingOptions {
  readonly avoidsPartialSpends: boolean;
  readonly subtractsFee: boolean;
}

/** A group with its place among those of the same script and type. */
interface PlacedGroup {
  readonly group: OutputGroup;
  readonly type: CoinType;
  /** It is the last of several, the others are full. */
  readonly isPartial: boolean;
}

/** Groups candidates and sorts the groups by filter; a filter that lets none through has no pools. */
export function* groupCandidates(
  candidates: readonly Candidate[],
  filters: readonly EligibilityFilter[],
  options: GroupingOptions,
): Steps<GroupedCandidates> {
  const sorters = filters.map((filter) => new PoolSorter(filter));
  const discarded: OutputGroup[] = [];
  const place = (placed: PlacedGroup, joins: readonly (keyof GroupPool)[]): boolean => {
    const takers = sorters.filter((sorter) => sorter.takes(placed));
    for (const sorter of takers) sorter.add(placed, joins);
    return takers.length > 0;
  };
  const ordered = COIN_TYPES.flatMap((type) => candidates.filter((coin) => coin.type === type));
  if (options.avoidsPartialSpends) {
    for (const placed of yield* groupByScript(ordered, options.subtractsFee)) {
      if (!place(placed, ['mixed'])) discarded.push(placed.group);
    }
    // Coins that cost more than they bring are left out of these groups, one by one.
    const positive = ordered.filter((coin) => effectiveValueOf(coin) > 0);
    yield;
    for (const placed of yield* groupByScript(positive, options.subtractsFee)) place(placed, ['positive']);
  } else {
    for (const [i, coin] of ordered.entries()) {
      if (i % COINS_PER_STEP === 0) yield;
      const group = createGroup([coin], options.subtractsFee);
      if (!place({ group, type: coin.type, isPartial: false }, ['positive', 'mixed'])) discarded.push(group);
    }
  }
  return { pools: sorters.filter((sorter) => sorter.isUsed), discarded };
}

/** All coins of a script in as many groups as it takes; the last one is the partial one. */
function* groupByScript(coins: readonly Candidate[], subtractsFee: boolean): Steps<readonly PlacedGroup[]> {
  const byScript: Map<string, Candidate[]> = new Map();
  for (const [i, coin] of coins.entries()) {
    if (i % COINS_PER_STEP === 0) yield;
    const name = `${coin.type} ${toHex(coin.scriptPubKey)}`;
    const same = byScript.get(name);
    if (same === undefined) byScript.set(name, [coin]);
    else same.push(coin);
  }
  yield;
  const placed: PlacedGroup[] = [];
  for (const same of byScript.values()) {
    for (let start = 0; start < same.length; start += GROUP_COIN_COUNT_MAX) {
      const group = createGroup(same.slice(start, start + GROUP_COIN_COUNT_MAX), subtractsFee);
      const isPartial = start > 0 && start + GROUP_COIN_COUNT_MAX >= same.length;
      placed.push({ group, type: same[0]!.type, isPartial });
    }
  }
  return placed;
}

/** The pools of one filter while they are filled. */
class PoolSorter implements FilteredPools {
  readonly filter: EligibilityFilter;
  readonly byType: Map<CoinType, GroupPool> = new Map();
  readonly all: GroupPool = { positive: [], mixed: [] };
  isUsed = false;

  constructor(filter: EligibilityFilter) {
    this.filter = filter;
  }

  takes({ group, isPartial }: PlacedGroup): boolean {
    return isEligible(group, this.filter) && (!isPartial || this.filter.includesPartialGroups);
  }

  add({ group, type }: PlacedGroup, joins: readonly (keyof GroupPool)[]): void {
    this.isUsed = true;
    let pool = this.byType.get(type);
    if (pool === undefined) {
      pool = { positive: [], mixed: [] };
      this.byType.set(type, pool);
    }
    for (const name of joins) {
      if (name === 'positive' && group.selectionSat <= 0) continue;
      pool[name].push(group);
      this.all[name].push(group);
    }
  }
}
