// What TxGraph promises, in small examples whose answers are worked out by hand. Everything at random is in tx-graph-model.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareChunks } from '../../kernel/policy/diagram.ts';
import type { Txid } from '../../kernel/primitives/hashes.ts';
import { computeTieBreak, TxGraph, type TxRef } from './tx-graph.ts';

/** Core's limits: 64 transactions, 101,000 vB. */
const LIMITS = { clusterCountMax: 64, clusterWeightMax: 404_000 };

/** Transactions by their fees, of weight 100, tied in the order in which they come. */
function graphOf(feesSat: readonly number[]): { graph: TxGraph; refs: TxRef[] } {
  const graph = new TxGraph(LIMITS);
  return { graph, refs: feesSat.map((feeSat, i) => graph.add(feeSat, 100, i)) };
}

function chain(graph: TxGraph, refs: readonly TxRef[]): void {
  for (let i = 1; i < refs.length; i++) graph.addDependency(refs[i - 1]!, refs[i]!);
}

/** All transactions in the order of a block without limits. */
function mined(graph: TxGraph): TxRef[] {
  const refs: TxRef[] = [];
  const builder = graph.beginBlock();
  for (let chunk = builder.current(); chunk !== null; chunk = builder.current()) {
    refs.push(...chunk.refs);
    builder.include();
  }
  builder.close();
  return refs;
}

test('a child that pays for its parent is mined with it, before what pays less than both together', () => {
  const { graph, refs } = graphOf([1, 90, 40, 50]);
  const [parent, child, other, better] = refs as [TxRef, TxRef, TxRef, TxRef];
  graph.addDependency(parent, child);
  assert.deepEqual(mined(graph), [better, parent, child, other]);
  assert.deepEqual(graph.chunkFeerate(parent), { feeSat: 91, size: 200 });
  assert.deepEqual(graph.individualFeerate(parent), { feeSat: 1, size: 100 });
  assert.deepEqual(graph.worstChunk(), { refs: [other], feerate: { feeSat: 40, size: 100 } });
  assert.ok(graph.compareMiningOrder(parent, other) < 0);
  assert.deepEqual(graph.cluster(child), [parent, child]);
  assert.deepEqual(graph.ancestors(child), [parent, child]);
  assert.deepEqual(graph.descendants(child), [child]);
});

test('the worst chunk comes children first, so that it can be removed as it is', () => {
  const { graph, refs } = graphOf([1, 5, 100]);
  graph.addDependency(refs[0]!, refs[1]!);
  assert.deepEqual(graph.worstChunk(), { refs: [refs[1], refs[0]], feerate: { feeSat: 6, size: 200 } });
});

test('equals are mined in the order of their ties, and a heavier chunk after a lighter one', () => {
  const graph = new TxGraph(LIMITS);
  const heavy = graph.add(20, 200, 0);
  const late = graph.add(10, 100, 9);
  const early = graph.add(10, 100, 3);
  assert.deepEqual(mined(graph), [early, late, heavy]);
});

test('ties are broken by the first six bytes of a txid in internal order', () => {
  const txid = new Uint8Array(32) as Txid;
  txid.set([1, 2, 3, 4, 5, 6, 7]);
  // 1·2^40 + 2·2^32 + 3·2^24 + 4·2^16 + 5·2^8 + 6
  assert.equal(computeTieBreak(txid), 1_108_152_157_446);
});

test('a skipped chunk takes the rest of its cluster out of the block, and nothing else', () => {
  const { graph, refs } = graphOf([90, 30, 60, 20]);
  chain(graph, refs.slice(0, 2));
  const builder = graph.beginBlock();
  assert.deepEqual(builder.current()?.refs, [refs[0]]);
  builder.skip();
  assert.deepEqual(builder.current()?.refs, [refs[2]]);
  builder.include();
  assert.deepEqual(builder.current()?.refs, [refs[3]]);
  builder.include();
  assert.equal(builder.current(), null);
  builder.close();
});

test('the main level cannot change while a block is built, staging can', () => {
  const { graph, refs } = graphOf([10, 20]);
  const builder = graph.beginBlock();
  assert.throws(() => graph.add(1, 1, 1), /nobody walks along the main level/);
  assert.throws(() => graph.remove(refs[0]!), /nobody walks along the main level/);
  assert.throws(() => graph.setFee(refs[0]!, 5), /nobody walks along the main level/);
  graph.startStaging();
  graph.remove(refs[1]!);
  assert.deepEqual(builder.current()?.refs, [refs[1]]);
  assert.throws(() => graph.commitStaging(), /nobody walks along the main level/);
  builder.close();
  graph.commitStaging();
  assert.deepEqual(mined(graph), [refs[0]]);
});

test('staging is a copy that is committed or forgotten', () => {
  const { graph, refs } = graphOf([10, 20, 30]);
  chain(graph, refs);
  graph.startStaging();
  graph.remove(refs[2]!);
  const added = graph.add(50, 100, 9);
  graph.addDependency(refs[1]!, added);
  assert.deepEqual(graph.cluster(added, 'top'), [refs[0], refs[1], added]);
  assert.deepEqual(graph.cluster(refs[0]!, 'main'), refs);
  assert.equal(graph.exists(added, 'main'), false);
  graph.abortStaging();
  assert.equal(graph.exists(added), false);
  assert.deepEqual(graph.cluster(refs[0]!), refs);
  graph.startStaging();
  graph.remove(refs[2]!);
  graph.commitStaging();
  assert.deepEqual(graph.cluster(refs[0]!), refs.slice(0, 2));
  assert.equal(graph.count, 2);
  graph.sanityCheck();
});

test('the diagrams of a replacement hold the clusters that it changes, and no others', () => {
  const { graph, refs } = graphOf([10, 80, 500]);
  chain(graph, refs.slice(0, 2));
  graph.startStaging();
  graph.remove(refs[1]!);
  graph.addDependency(refs[0]!, graph.add(100, 100, 7));
  graph.add(70, 100, 8);
  const { main, staging } = graph.stagedDiagrams();
  assert.deepEqual(main, [{ feeSat: 90, size: 200 }]);
  assert.deepEqual(staging, [
    { feeSat: 70, size: 100 },
    { feeSat: 110, size: 200 },
  ]);
  assert.equal(compareChunks(staging, main), 'better');
});

test('a changed fee reorders its cluster at both levels', () => {
  const { graph, refs } = graphOf([10, 20, 30]);
  graph.addDependency(refs[0]!, refs[1]!);
  graph.addDependency(refs[0]!, refs[2]!);
  assert.deepEqual(graph.cluster(refs[0]!), [refs[0], refs[2], refs[1]]);
  graph.startStaging();
  const added = graph.add(1, 100, 5);
  graph.addDependency(refs[0]!, added);
  graph.setFee(refs[1]!, 99);
  assert.deepEqual(graph.cluster(refs[0]!, 'main'), [refs[0], refs[1], refs[2]]);
  assert.deepEqual(graph.cluster(refs[0]!, 'top'), [refs[0], refs[1], refs[2], added]);
  graph.setFee(added, -50);
  assert.deepEqual(graph.individualFeerate(added), { feeSat: -50, size: 100 });
  graph.sanityCheck();
});

test('what is in the middle of a chain can go alone: its children keep to its parents', () => {
  const { graph, refs } = graphOf([10, 20, 30]);
  chain(graph, refs);
  assert.equal(graph.isOversized('main'), false);
  graph.remove(refs[1]!);
  assert.deepEqual(graph.ancestors(refs[2]!), [refs[0], refs[2]]);
});

test('a handle of a removed transaction answers that it is gone', () => {
  const { graph, refs } = graphOf([10, 20]);
  graph.remove(refs[0]!);
  graph.remove(refs[0]!);
  assert.equal(graph.exists(refs[0]!), false);
  assert.deepEqual(graph.cluster(refs[0]!), []);
  assert.deepEqual(graph.ancestors(refs[0]!), []);
  assert.deepEqual(graph.chunkFeerate(refs[0]!), { feeSat: 0, size: 0 });
  assert.deepEqual(graph.individualFeerate(refs[0]!), { feeSat: 0, size: 0 });
  assert.equal(graph.countDistinctClusters(refs), 1);
  assert.equal(graph.count, 1);
});

test('a circle of dependencies is a bug of the caller', () => {
  const { graph, refs } = graphOf([10, 20]);
  graph.addDependency(refs[0]!, refs[1]!);
  graph.addDependency(refs[1]!, refs[0]!);
  assert.throws(() => graph.count, /no transaction depends on itself/);
});

test('M02: a 65th transaction makes a cluster too large, and may replace the 64th', () => {
  const { graph, refs } = graphOf(new Array<number>(64).fill(10));
  chain(graph, refs);
  assert.equal(graph.isOversized('main'), false);
  graph.startStaging();
  const added = graph.add(50, 100, 99);
  graph.addDependency(refs[63]!, added);
  assert.equal(graph.isOversized('top'), true);
  assert.equal(graph.isOversized('main'), false);
  graph.abortStaging();
  graph.startStaging();
  graph.remove(refs[63]!);
  graph.addDependency(refs[62]!, graph.add(50, 100, 99));
  assert.equal(graph.isOversized('top'), false);
  graph.commitStaging();
  assert.equal(graph.cluster(refs[0]!).length, 64);
});

test('M02: a cluster may weigh 404,000 and not one more, and one transaction alone neither', () => {
  const graph = new TxGraph(LIMITS);
  const parent = graph.add(10, 202_000, 1);
  graph.startStaging();
  graph.addDependency(parent, graph.add(10, 202_001, 2));
  assert.equal(graph.isOversized('top'), true);
  graph.abortStaging();
  graph.startStaging();
  graph.addDependency(parent, graph.add(10, 202_000, 2));
  assert.equal(graph.isOversized('top'), false);
  graph.commitStaging();
  graph.startStaging();
  const heavy = graph.add(10, 404_001, 3);
  assert.equal(graph.isOversized('top'), true);
  graph.remove(heavy);
  assert.equal(graph.isOversized('top'), false);
  graph.abortStaging();
  graph.sanityCheck();
});

test('M02: one child may not join two clusters of 32, which one with a smaller one may', () => {
  const { graph, refs } = graphOf(new Array<number>(63).fill(10));
  chain(graph, refs.slice(0, 32));
  chain(graph, refs.slice(32));
  const joined = (parents: readonly TxRef[]): boolean => {
    graph.startStaging();
    const child = graph.add(1, 100, 99);
    for (const parent of parents) graph.addDependency(parent, child);
    const isOversized = graph.isOversized('top');
    graph.abortStaging();
    return !isOversized;
  };
  assert.equal(joined([refs[31]!, refs[62]!]), true);
  const extra = graph.add(10, 100, 0);
  graph.addDependency(refs[62]!, extra);
  assert.equal(joined([refs[31]!, refs[62]!]), false);
});

test('M02: a chain of 64 is replaced at its root, and a star of 64 falls apart with its centre', () => {
  const { graph, refs } = graphOf(new Array<number>(64).fill(10));
  chain(graph, refs);
  graph.startStaging();
  for (const ref of graph.descendants(refs[0]!)) graph.remove(ref);
  const replacement = graph.add(10_000, 100, 0);
  const { main, staging } = graph.stagedDiagrams();
  assert.deepEqual(staging, [{ feeSat: 10_000, size: 100 }]);
  assert.equal(main.length, 64);
  assert.equal(compareChunks(staging, main), 'better');
  graph.commitStaging();
  assert.deepEqual(mined(graph), [replacement]);
  const leaves = Array.from({ length: 63 }, (_, i) => graph.add(i, 100, i));
  for (const leaf of leaves) graph.addDependency(replacement, leaf);
  assert.equal(graph.countDistinctClusters(leaves), 1);
  graph.remove(replacement);
  assert.equal(graph.countDistinctClusters(leaves), 63);
  assert.deepEqual(mined(graph), leaves.reverse());
  graph.sanityCheck();
});

test('trimming keeps the best that fits, and takes descendants with what goes', () => {
  const graph = new TxGraph({ clusterCountMax: 3, clusterWeightMax: 404_000 });
  const parent = graph.add(10, 100, 0);
  const children = [50, 40, 30, 20].map((feeSat, i) => graph.add(feeSat, 100, i));
  const grandchild = graph.add(99, 100, 9);
  graph.addDependency(children[2]!, grandchild);
  for (const child of children) graph.addDependency(parent, child);
  assert.equal(graph.isOversized('main'), true);
  assert.throws(() => graph.beginBlock(), /a level within its limits/);
  // nothing joins them yet, so each goes by its own feerate: the two best children come in with their parent
  assert.deepEqual(
    graph.trim().sort((a, b) => a - b),
    [children[2], children[3], grandchild],
  );
  assert.equal(graph.isOversized('main'), false);
  assert.deepEqual(graph.cluster(parent), [parent, children[0], children[1]]);
  assert.deepEqual(graph.trim(), []);
});

test('of thousands of clusters that one parent joins, trimming keeps as many of the best as fit', () => {
  const graph = new TxGraph(LIMITS);
  const parent = graph.add(1, 100, 0);
  // pairs whose chunk pays 2i + 1 for 200; in the last 50 the second pays nothing, and the first is a chunk by itself
  const pairs = Array.from({ length: 3_000 }, (_, i) => {
    const first = graph.add(i, 100, i);
    const second = graph.add(i < 2_950 ? i + 1 : 0, 100, i);
    graph.addDependency(first, second);
    return [first, second] as const;
  });
  assert.equal(graph.count, 6_001);
  for (const [first] of pairs) graph.addDependency(parent, first);
  assert.equal(graph.isOversized('main'), true);
  const trimmed = graph.trim();
  assert.equal(trimmed.length, 6_001 - 64);
  // the parent; the 50 first ones that pay best, alone; then six pairs and the first of a seventh
  const kept = [
    parent,
    ...pairs.slice(2_950).map(([first]) => first),
    ...pairs.slice(2_944, 2_950).flat(),
    pairs[2_943]![0],
  ];
  assert.deepEqual(new Set(graph.cluster(parent)), new Set(kept));
  graph.sanityCheck();
});

test('memory is counted by transaction, and comes back', () => {
  const { graph, refs } = graphOf([1, 2, 3]);
  const alone = graph.usedBytes / 3;
  assert.ok(alone >= 54 && alone <= 100, `${alone} bytes`);
  chain(graph, refs);
  assert.ok(graph.usedBytes > 3 * alone);
  for (const ref of refs) graph.remove(ref);
  assert.equal(graph.usedBytes, 0);
});
