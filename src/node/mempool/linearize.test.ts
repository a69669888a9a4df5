// Linearizations against the optimum, which small clusters allow to be found by trying every subset, and the guarantees that hold for
// all: valid orders, connected chunks, never worse than before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareChunks } from '../../kernel/policy/diagram.ts';
import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { ClusterGraph } from './cluster-graph.ts';
import { linearize } from './linearize.ts';
import { linearizeByAncestors } from './linearize-ancestors.ts';
import { type Chunk, computeChunks } from './linearize-chunks.ts';
import { mergeLinearizations } from './linearize-merge.ts';
import { orderEquals } from './linearize-order.ts';
import { postLinearize } from './linearize-post.ts';

/** A dependency: the second spends the first. */
type Edge = readonly [number, number];

interface Tx {
  readonly feeSat: number;
  readonly weightWu: number;
}

function graphOf(txs: readonly Tx[], edges: readonly Edge[]): ClusterGraph {
  const graph = new ClusterGraph();
  const facts = {
    feesSat: Float64Array.from(txs, ({ feeSat }) => feeSat),
    weightsWu: Int32Array.from(txs, ({ weightWu }) => weightWu),
    tieBreaks: Float64Array.from(txs, (_, i) => (7 * i) % 5),
  };
  txs.forEach((_, ref) => {
    graph.add(ref, facts);
  });
  for (const [parent, child] of edges) graph.addDependency(parent, child);
  return graph;
}

function randomTxs(rng: Rng, count: number): Tx[] {
  return Array.from({ length: count }, () => ({ feeSat: rng.below(20) - 2, weightWu: 1 + rng.below(6) }));
}

function chunksOf(graph: ClusterGraph, order: readonly number[]): Chunk[] {
  return computeChunks(order, graph.feesSat, graph.weightsWu);
}

/** Chunks of an optimal order: again and again the closed set of the highest feerate, by trying all sets of bits. */
function optimalChunks(graph: ClusterGraph): FeeFrac[] {
  const all = (1 << graph.count) - 1;
  const sums = Array.from({ length: all + 1 }, (_, set) => sumOf(graph, set));
  const chunks: FeeFrac[] = [];
  for (let done = 0; done !== all; ) {
    let best = 0;
    let bestGain = { feeSat: 0, size: 0 };
    for (let set = done + 1; set <= all; set++) {
      if ((set & done) !== done || sums[set] === null || sums[done] === null) continue;
      const gain = { feeSat: sums[set]!.feeSat - sums[done]!.feeSat, size: sums[set]!.size - sums[done]!.size };
      if (best === 0 || gain.feeSat * bestGain.size > bestGain.feeSat * gain.size) {
        best = set;
        bestGain = gain;
      }
    }
    chunks.push(bestGain);
    done = best;
  }
  return chunks;
}

/** Fee and size of a set, or null when it lacks an ancestor of a member. */
function sumOf(graph: ClusterGraph, set: number): FeeFrac | null {
  let feeSat = 0;
  let size = 0;
  for (let slot = 0; slot < graph.count; slot++) {
    if ((set & (1 << slot)) === 0) continue;
    for (let above = 0; above < graph.count; above++) {
      if (graph.ancestors.has(slot, above) && (set & (1 << above)) === 0) return null;
    }
    feeSat += graph.feesSat[slot]!;
    size += graph.weightsWu[slot]!;
  }
  return { feeSat, size };
}

function assertValid(graph: ClusterGraph, order: readonly number[]): void {
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: graph.count }, (_, slot) => slot),
  );
  order.forEach((slot, place) => {
    for (let above = 0; above < graph.count; above++) {
      if (graph.ancestors.has(slot, above)) assert.ok(order.indexOf(above) <= place, `${above} comes before ${slot}`);
    }
  });
}

function assertConnected(graph: ClusterGraph, order: readonly number[]): void {
  let start = 0;
  for (const { end } of chunksOf(graph, order)) {
    const members = new Set(order.slice(start, end));
    const [first] = members;
    const reached = new Set([first!]);
    for (const slot of reached) {
      for (const other of members) {
        if (graph.ancestors.has(slot, other) || graph.ancestors.has(other, slot)) reached.add(other);
      }
    }
    assert.equal(reached.size, members.size, 'a chunk is connected');
    start = end;
  }
}

/** `a` is nowhere below `b`. */
function assertNotWorse(a: readonly FeeFrac[], b: readonly FeeFrac[], message: string): void {
  const order = compareChunks(a, b);
  assert.ok(order === 'better' || order === 'equal', `${message}: ${order}`);
}

/** All edges from a lower to a higher slot that the bits of `mask` name. */
function edgesOf(mask: number, count: number): Edge[] {
  const edges: Edge[] = [];
  let bit = 0;
  for (let child = 1; child < count; child++) {
    for (let parent = 0; parent < child; parent++) if ((mask & (1 << bit++)) !== 0) edges.push([parent, child]);
  }
  return edges;
}

test('M02: clusters of up to five transactions, of every shape, are ordered optimally', () => {
  const rng = createRng(1);
  let clusters = 0;
  for (let count = 2; count <= 5; count++) {
    for (let mask = 0; mask < 1 << ((count * (count - 1)) / 2); mask++) {
      for (let round = 0; round < 4; round++) {
        const graph = graphOf(randomTxs(rng, count), edgesOf(mask, count));
        if (graph.components().length > 1) continue;
        const order = linearize(graph);
        assertValid(graph, order);
        assertConnected(graph, order);
        assert.equal(compareChunks(chunksOf(graph, order), optimalChunks(graph)), 'equal', `${mask} of ${count}`);
        clusters++;
      }
    }
  }
  assert.ok(clusters > 3_000);
});

/** A random valid order: any transaction whose ancestors are there may come next. */
function randomOrder(graph: ClusterGraph, rng: Rng): number[] {
  const order: number[] = [];
  while (order.length < graph.count) {
    const slot = rng.below(graph.count);
    if (order.includes(slot)) continue;
    const isReady = Array.from({ length: graph.count }, (_, above) => above).every(
      (above) => above === slot || !graph.ancestors.has(slot, above) || order.includes(above),
    );
    if (isReady) order.push(slot);
  }
  return order;
}

function randomGraph(rng: Rng, count: number, oneIn: number): ClusterGraph {
  const edges: Edge[] = [];
  for (let child = 1; child < count; child++) {
    for (let parent = 0; parent < child; parent++) if (rng.below(oneIn) === 0) edges.push([parent, child]);
  }
  return graphOf(randomTxs(rng, count), edges);
}

test('a new order is never worse than the previous one, and never better than the optimum', () => {
  const rng = createRng(7);
  for (let round = 0; round < 300; round++) {
    const count = 4 + rng.below(7);
    const edges: Edge[] = [];
    for (let child = 1; child < count; child++) edges.push([rng.below(child), child], [rng.below(child), child]);
    const before = graphOf(randomTxs(rng, count), edges);
    const order = randomOrder(before, rng);
    const placeOf = order.map((_, slot) => order.indexOf(slot));
    const graph = graphOf(
      order.map((slot) => ({ feeSat: before.feesSat[slot]!, weightWu: before.weightsWu[slot]! })),
      edges.map(([parent, child]) => [placeOf[parent]!, placeOf[child]!]),
    );
    const chunks = chunksOf(graph, linearize(graph));
    assertNotWorse(chunks, chunksOf(before, order), 'than before');
    assertNotWorse(optimalChunks(graph), chunks, 'the optimum');
  }
});

test('two orders merge into one that is worse than neither', () => {
  const rng = createRng(2);
  let better = 0;
  for (let round = 0; round < 400; round++) {
    const graph = randomGraph(rng, 2 + rng.below(11), 2 + rng.below(5));
    const a = randomOrder(graph, rng);
    const b = randomOrder(graph, rng);
    const merged = mergeLinearizations(graph, a, b);
    assertValid(graph, merged);
    assertNotWorse(chunksOf(graph, merged), chunksOf(graph, a), 'than the first');
    assertNotWorse(chunksOf(graph, merged), chunksOf(graph, b), 'than the second');
    if (compareChunks(chunksOf(graph, a), chunksOf(graph, b)) === 'incomparable') better++;
  }
  assert.ok(better > 50, 'orders that cross each other were among them');
});

test('two passes make any order better or leave it, connect its chunks, and are optimal for trees', () => {
  const rng = createRng(3);
  for (let round = 0; round < 400; round++) {
    const isTreeRound = round % 2 === 0;
    const count = 2 + rng.below(9);
    const edges: Edge[] = Array.from({ length: count - 1 }, (_, i): Edge => {
      return round % 4 === 0 ? [rng.below(i + 1), i + 1] : [i, i + 1 + rng.below(count - 1 - i)];
    });
    const graph = isTreeRound ? graphOf(randomTxs(rng, count), edges) : randomGraph(rng, count, 3);
    const before = randomOrder(graph, rng);
    const order = postLinearize(graph, before);
    assertValid(graph, order);
    assertConnected(graph, order);
    assertNotWorse(chunksOf(graph, order), chunksOf(graph, before), 'than before');
    if (isTreeRound) assert.equal(compareChunks(chunksOf(graph, order), optimalChunks(graph)), 'equal');
  }
});

test('replacing the last transaction by one that pays more for the same size never makes an order worse', () => {
  const rng = createRng(4);
  for (let round = 0; round < 200; round++) {
    const count = 3 + rng.below(8);
    const graph = randomGraph(rng, count, 3);
    const before = postLinearize(graph, randomOrder(graph, rng));
    const leaf = [...before].reverse().find((slot) => graph.descendants.count(slot) === 1)!;
    const chunks = chunksOf(graph, before);
    graph.feesSat[leaf]! += rng.below(10);
    const moved = [...before.filter((slot) => slot !== leaf), leaf];
    assertNotWorse(chunksOf(graph, postLinearize(graph, moved)), chunks, 'than before');
  }
});

test('the order among equals does not depend on where they stood', () => {
  const rng = createRng(5);
  for (let round = 0; round < 200; round++) {
    const count = 2 + rng.below(6);
    const graph = randomGraph(rng, count, 3);
    graph.feesSat.fill(10);
    graph.weightsWu.fill(4);
    const first = orderEquals(graph, randomOrder(graph, rng));
    assertValid(graph, first);
    for (let again = 0; again < 5; again++) assert.deepEqual(orderEquals(graph, randomOrder(graph, rng)), first);
  }
});

test('a parent that pays little goes with the child that pays for it, before what pays less than both', () => {
  // 0 pays 1 for 10; its children 1 and 2 pay 60 for 10 and 2 for 10; 3 stands alone with 30 for 10
  const txs = [
    { feeSat: 1, weightWu: 10 },
    { feeSat: 60, weightWu: 10 },
    { feeSat: 2, weightWu: 10 },
    { feeSat: 30, weightWu: 10 },
  ];
  const graph = graphOf(txs, [
    [0, 1],
    [0, 2],
  ]);
  assert.deepEqual(linearizeByAncestors(graph), [0, 1, 3, 2]);
  assert.deepEqual(linearize(graph), [0, 1, 3, 2]);
  assert.deepEqual(chunksOf(graph, [0, 1, 3, 2]), [
    { feeSat: 61, size: 20, end: 2 },
    { feeSat: 30, size: 10, end: 3 },
    { feeSat: 2, size: 10, end: 4 },
  ]);
});

test('children that pay for a parent together are seen, which ancestor sets alone do not', () => {
  // two children of 9 for 1 each carry a parent of 1 for 5 together: 19/7 is more than the 2/1 of transaction 3, which 10/6 is not
  const txs = [
    { feeSat: 1, weightWu: 5 },
    { feeSat: 9, weightWu: 1 },
    { feeSat: 9, weightWu: 1 },
    { feeSat: 2, weightWu: 1 },
  ];
  const graph = graphOf(txs, [
    [0, 1],
    [0, 2],
  ]);
  assert.deepEqual(linearizeByAncestors(graph), [3, 0, 1, 2]);
  assert.deepEqual(linearize(graph), [0, 1, 2, 3]);
});

/** Clusters of 64 that are hard on something. */
const LARGE: Readonly<Record<string, (rng: Rng) => Edge[]>> = {
  star: () => Array.from({ length: 63 }, (_, i): Edge => [0, i + 1]),
  'star upside down': () => Array.from({ length: 63 }, (_, i): Edge => [i, 63]),
  chain: () => Array.from({ length: 63 }, (_, i): Edge => [i, i + 1]),
  'two rows': (rng) => {
    const edges: Edge[] = Array.from({ length: 32 }, (_, i): Edge => [i, 32 + ((i + 1) % 32)]);
    for (let i = 0; i < 300; i++) edges.push([rng.below(32), 32 + rng.below(32)]);
    return edges;
  },
  dense: (rng) =>
    Array.from({ length: 700 }, () => [rng.below(64), rng.below(64)].sort((a, b) => a - b)).filter(isEdge),
  loose: (rng) => Array.from({ length: 70 }, () => [rng.below(64), rng.below(64)].sort((a, b) => a - b)).filter(isEdge),
};

/** Five times the square of 64: the most that any of these may take. */
const LARGE_STEPS_MAX = 20_480;

function isEdge(pair: number[]): pair is [number, number] {
  return pair[0] !== pair[1];
}

test('M02: the work for a cluster of 64 is bounded, whatever its shape and fees', () => {
  const rng = createRng(6);
  for (const [name, edgesFor] of Object.entries(LARGE)) {
    for (let round = 0; round < 12; round++) {
      const rising = Array.from({ length: 64 }, (_, i) => ({
        feeSat: (round % 2 === 0 ? i : 64 - i) * i,
        weightWu: 10,
      }));
      const graph = graphOf(round < 4 ? rising : randomTxs(rng, 64), edgesFor(rng));
      graph.steps = 0;
      const order = linearize(graph);
      assertValid(graph, order);
      assertConnected(graph, order);
      assert.ok(graph.steps <= LARGE_STEPS_MAX, `${name}: ${graph.steps} steps`);
    }
  }
});
