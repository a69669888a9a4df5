// Two linearizations of a cluster made into one that is at least as good as either at every size (Core MergeLinearizations; the
// proof is in "Merging incomparable linearizations", delvingbitcoin.org/t/209). It keeps an order from ever getting worse
// when it is made anew.

import { BitRows } from '../../kernel/util/bitset.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import type { ClusterGraph } from './cluster-graph.ts';
import { type Chunk, computeChunks } from './linearize-chunks.ts';

/** Rows of the scratch sets. */
const DONE = 0;
const BEST = 1;
const PART = 2;
const PICK = 3;

/** An order that is nowhere worse than `a` or `b`: both valid orders of all slots of the cluster, whose slots are one, too. */
export function mergeLinearizations(cluster: ClusterGraph, a: readonly number[], b: readonly number[]): number[] {
  const sets = new BitRows(4);
  const order: number[] = [];
  let restA = a;
  let restB = b;
  while (restA.length > 0) {
    const chunksA = computeChunks(restA, cluster.feesSat, cluster.weightsWu);
    const chunksB = computeChunks(restB, cluster.feesSat, cluster.weightsWu);
    cluster.steps += 4 * restA.length;
    const firstA = chunksA[0]!;
    const firstB = chunksB[0]!;
    if (compareProducts(firstA.feeSat, firstB.size, firstB.feeSat, firstA.size) >= 0) {
      pickBest(cluster, sets, restA, firstA, restB, chunksB);
    } else {
      pickBest(cluster, sets, restB, firstB, restA, chunksA);
    }
    for (let slot = sets.next(PICK, -1); slot >= 0; slot = sets.next(PICK, slot)) order.push(slot);
    sets.unite(DONE, sets, PICK);
    restA = restA.filter((slot) => !sets.has(DONE, slot));
    restB = restB.filter((slot) => !sets.has(DONE, slot));
  }
  return order;
}

/**
 * Sets PICK to the set of the highest feerate among the first chunk of one order and what it shares with each run of chunks from
 * the beginning of the other.
 */
function pickBest(
  cluster: ClusterGraph,
  sets: BitRows,
  rest: readonly number[],
  first: Chunk,
  otherRest: readonly number[],
  otherChunks: readonly Chunk[],
): void {
  sets.clear(BEST);
  for (let i = 0; i < first.end; i++) sets.add(BEST, rest[i]!);
  sets.copy(PICK, sets, BEST);
  sets.clear(PART);
  let pickFeeSat = first.feeSat;
  let pickSize = first.size;
  let feeSat = 0;
  let size = 0;
  let at = 0;
  for (const chunk of otherChunks) {
    cluster.steps += 1 + chunk.end - at;
    for (; at < chunk.end; at++) {
      const slot = otherRest[at]!;
      if (!sets.has(BEST, slot)) continue;
      sets.add(PART, slot);
      feeSat += cluster.feesSat[slot]!;
      size += cluster.weightsWu[slot]!;
    }
    if (sets.isEqual(PART, sets, BEST)) return;
    if (compareProducts(feeSat, pickSize, pickFeeSat, size) > 0) {
      sets.copy(PICK, sets, PART);
      pickFeeSat = feeSat;
      pickSize = size;
    }
  }
}
