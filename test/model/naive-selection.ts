// Coin selection by looking at every set: what branch and bound and CoinGrinder must find on small pools.

import type { OutputGroup } from '../../src/wallet/coin-selection/groups.ts';

/** A set with its measures. */
export interface NaiveSet {
  readonly amountSat: number;
  readonly weightWu: number;
  readonly wasteSat: number;
  /** What the least of its groups brings. */
  readonly leastSat: number;
}

/** Every set of the groups but the empty one. */
export function* allSets(groups: readonly OutputGroup[]): Generator<NaiveSet> {
  for (let bits = 1; bits < 2 ** groups.length; bits++) {
    const set = groups.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1);
    const sum = (of: (group: OutputGroup) => number): number => set.reduce((total, group) => total + of(group), 0);
    yield {
      amountSat: sum((group) => group.selectionSat),
      weightWu: sum((group) => group.weightWu),
      wasteSat: sum((group) => group.feeSat - group.longTermFeeSat),
      leastSat: Math.min(...set.map((group) => group.selectionSat)),
    };
  }
}

/** Least waste of a set without change that pays with none of its groups left out; null when there is none. */
export function leastWaste(
  groups: readonly OutputGroup[],
  targetSat: number,
  costOfChangeSat: number,
  weightMaxWu: number,
): number | null {
  let least: number | null = null;
  for (const { amountSat, weightWu, wasteSat, leastSat } of allSets(groups)) {
    if (amountSat - leastSat >= targetSat) continue;
    if (amountSat < targetSat || amountSat > targetSat + costOfChangeSat || weightWu > weightMaxWu) continue;
    const waste = wasteSat + amountSat - targetSat;
    if (least === null || waste < least) least = waste;
  }
  return least;
}

/** Least weight of a set that pays, and the least amount of those; null when there is none. */
export function lightest(
  groups: readonly OutputGroup[],
  neededSat: number,
  weightMaxWu: number,
): { readonly weightWu: number; readonly amountSat: number } | null {
  let best: NaiveSet | null = null;
  for (const set of allSets(groups)) {
    if (set.amountSat < neededSat || set.weightWu > weightMaxWu) continue;
    const isBetter =
      best === null ||
      set.weightWu < best.weightWu ||
      (set.weightWu === best.weightWu && set.amountSat < best.amountSat);
    if (isBetter) best = set;
  }
  return best === null ? null : { weightWu: best.weightWu, amountSat: best.amountSat };
}
