// TxGraph against a twin that walks over plain maps, over thousands of random operations, with all invariants after each. The twin
// has no linearization: the orders that the graph gives must be valid, and all else must follow from them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compareRates,
  type NaiveChunk,
  type NaiveLevel,
  NaiveTxGraph,
  naiveChunks,
} from '../../../test/model/naive-tx-graph.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { type GraphLevel, TxGraph, type TxRef } from './tx-graph.ts';

interface Shape {
  readonly clusterCountMax: number;
  readonly clusterWeightMax: number;
  readonly txCountMax: number;
  /** One removal in so many is done; the others are left out so that clusters grow. */
  readonly removesOneIn: number;
}

interface Seen {
  oversized: number;
  trimmed: number;
  skipped: number;
  diagrams: number;
  largest: number;
}

/** The graph and its twin, and a source of operations for both. */
class Pair {
  readonly graph: TxGraph;
  readonly twin: NaiveTxGraph = new NaiveTxGraph();
  readonly shape: Shape;
  readonly rng: Rng;
  /** How often what is worth seeing was seen. */
  readonly seen: Seen = { oversized: 0, trimmed: 0, skipped: 0, diagrams: 0, largest: 0 };

  constructor(shape: Shape, seed: number) {
    this.graph = new TxGraph(shape);
    this.shape = shape;
    this.rng = createRng(seed);
  }

  isOversized(level: NaiveLevel): boolean {
    return this.twin.isOversized(level, this.shape.clusterCountMax, this.shape.clusterWeightMax);
  }

  pick(level: NaiveLevel): TxRef | undefined {
    const refs = [...level.txs];
    return refs.length === 0 ? undefined : refs[this.rng.below(refs.length)];
  }

  add(): void {
    if (this.twin.top.txs.size >= this.shape.txCountMax) return;
    // few different rates, so that equal ones abound; now and then more than any cluster may weigh
    const weightWu = this.rng.below(80) === 0 ? this.shape.clusterWeightMax + 1 : 1 + this.rng.below(5);
    const tx = { feeSat: this.rng.below(12) - 2, weightWu, tieBreak: this.rng.below(20) };
    const ref = this.graph.add(tx.feeSat, tx.weightWu, tx.tieBreak);
    assert.ok(!this.twin.main.txs.has(ref) && !this.twin.top.txs.has(ref), 'a handle that is in use');
    this.twin.add(ref, tx);
  }

  addDependency(): void {
    const parent = this.pick(this.twin.top);
    const child = this.pick(this.twin.top);
    if (parent === undefined || child === undefined || this.twin.top.ancestors(parent).has(child)) return;
    this.graph.addDependency(parent, child);
    this.twin.top.addDependency(parent, child);
  }

  /** Removes a transaction alone when nothing waits, or with all that descends from it. */
  remove(): void {
    if (this.rng.below(this.shape.removesOneIn) > 0) return;
    const ref = this.pick(this.twin.top);
    if (ref === undefined) return;
    const isAlone = this.rng.below(2) === 0 && !this.graph.isOversized('top');
    for (const gone of isAlone ? [ref] : this.twin.top.descendants(ref)) {
      this.graph.remove(gone);
      this.twin.top.remove(gone);
      if (this.rng.below(5) === 0) this.graph.remove(gone);
    }
  }

  setFee(): void {
    const ref = this.pick(this.twin.top);
    if (ref === undefined) return;
    const feeSat = this.rng.below(30) - 5;
    this.graph.setFee(ref, feeSat);
    this.twin.tx(ref).feeSat = feeSat;
  }

  stage(): void {
    if (!this.graph.isStaging) {
      this.graph.startStaging();
      this.twin.startStaging();
    } else if (this.rng.below(3) === 0) {
      this.graph.abortStaging();
      this.twin.abortStaging();
    } else {
      this.graph.commitStaging();
      this.twin.commitStaging();
    }
  }

  trim(): void {
    const { top } = this.twin;
    const wasOversized = this.isOversized(top);
    const large = top.clusters().filter((cluster) => {
      const weightWu = this.twin.weightOf(cluster);
      return cluster.size > this.shape.clusterCountMax || weightWu > this.shape.clusterWeightMax;
    });
    const trimmed = new Set(this.graph.trim());
    assert.equal(trimmed.size > 0, wasOversized);
    for (const ref of trimmed) {
      assert.ok(
        large.some((cluster) => cluster.has(ref)),
        'only clusters that are too large lose something',
      );
      for (const below of top.descendants(ref)) assert.ok(trimmed.has(below), 'a child without its parent');
    }
    for (const ref of trimmed) top.remove(ref);
    this.seen.trimmed += trimmed.size;
    assert.equal(this.isOversized(top), false);
  }

  /** Walks along a block with random skips; changes go to staging meanwhile. */
  build(): void {
    if (this.isOversized(this.twin.main)) return;
    const expected = this.twin.miningOrder((ref) => this.graph.cluster(ref));
    const builder = this.graph.beginBlock();
    const skipped = new Set<TxRef>();
    for (const chunk of expected) {
      if (chunk.refs.some((ref) => skipped.has(ref))) continue;
      this.sameChunk(builder.current(), chunk);
      if (this.rng.below(3) > 0) builder.include();
      else {
        for (const ref of this.twin.main.cluster(chunk.refs[0]!)) skipped.add(ref);
        builder.skip();
        this.seen.skipped++;
      }
    }
    assert.equal(builder.current(), null);
    builder.close();
  }

  sameChunk(found: { refs: readonly TxRef[]; feerate: object } | null, chunk: NaiveChunk): void {
    assert.deepEqual(found?.refs, chunk.refs);
    assert.deepEqual(found?.feerate, { feeSat: chunk.feeSat, size: chunk.size });
  }

  /** Compares everything that can be asked. */
  check(): void {
    this.graph.sanityCheck();
    assert.equal(this.graph.isOversized('main'), this.isOversized(this.twin.main));
    assert.equal(this.graph.isOversized('top'), this.isOversized(this.twin.top));
    assert.equal(this.graph.count, this.twin.main.txs.size);
    this.checkLevel('main', this.twin.main);
    this.checkLevel('top', this.twin.top);
    if (!this.isOversized(this.twin.main)) this.checkMining();
    if (this.twin.staging !== null && !this.isOversized(this.twin.main) && !this.isOversized(this.twin.top)) {
      this.checkDiagrams();
    }
  }

  checkLevel(name: GraphLevel, level: NaiveLevel): void {
    for (const ref of this.twin.txs.keys()) assert.equal(this.graph.exists(ref, name), level.txs.has(ref));
    if (this.isOversized(level)) {
      this.seen.oversized++;
      assert.throws(() => this.graph.countDistinctClusters([], name), /a level within its limits/);
      return;
    }
    const asked = [this.pick(level), this.pick(level), this.pick(level)].filter((ref) => ref !== undefined);
    const union = (setOf: (ref: TxRef) => Set<TxRef>): Set<TxRef> => new Set(asked.flatMap((ref) => [...setOf(ref)]));
    assert.deepEqual(sorted(this.graph.ancestorsOfAll(asked, name)), sorted(union((ref) => level.ancestors(ref))));
    assert.deepEqual(sorted(this.graph.descendantsOfAll(asked, name)), sorted(union((ref) => level.descendants(ref))));
    const clusters = new Set(asked.map((ref) => Math.min(...level.cluster(ref))));
    assert.equal(this.graph.countDistinctClusters(asked, name), clusters.size);
    for (const ref of asked) {
      const order = this.graph.cluster(ref, name);
      assert.deepEqual(sorted(order), sorted(level.cluster(ref)));
      this.seen.largest = Math.max(this.seen.largest, order.length);
      order.forEach((member, place) => {
        for (const above of level.ancestors(member))
          assert.ok(order.indexOf(above) <= place, 'a child before its parent');
      });
      const { feeSat, weightWu } = this.twin.tx(ref);
      assert.deepEqual(this.graph.individualFeerate(ref), { feeSat, size: weightWu });
    }
  }

  checkMining(): void {
    const chunks = this.twin.miningOrder((ref) => this.graph.cluster(ref));
    const builder = this.graph.beginBlock();
    for (const chunk of chunks) {
      this.sameChunk(builder.current(), chunk);
      builder.include();
    }
    assert.equal(builder.current(), null);
    builder.close();
    const worst = chunks.at(-1);
    if (worst === undefined) assert.equal(this.graph.worstChunk(), null);
    else this.sameChunk(this.graph.worstChunk(), { ...worst, refs: [...worst.refs].reverse() });
    const order = chunks.flatMap((chunk) => chunk.refs);
    for (let i = 0; i < 5 && order.length > 0; i++) {
      const a = this.rng.below(order.length);
      const b = this.rng.below(order.length);
      assert.equal(Math.sign(this.graph.compareMiningOrder(order[a]!, order[b]!)), Math.sign(a - b));
      const chunk = chunks.find(({ refs }) => refs.includes(order[a]!))!;
      assert.deepEqual(this.graph.chunkFeerate(order[a]!), { feeSat: chunk.feeSat, size: chunk.size });
    }
  }

  /** Of clusters that are the same at both levels, none or both may be in the diagrams: they are left out here. */
  checkDiagrams(): void {
    const { main, staging } = this.twin;
    const orders = (level: NaiveLevel, name: GraphLevel, other: NaiveLevel): string[][] => {
      const otherClusters = new Set(other.clusters().map((cluster) => other.describe(cluster)));
      return level
        .clusters()
        .filter((cluster) => !otherClusters.has(level.describe(cluster)))
        .map((cluster) =>
          naiveChunks(this.graph.cluster([...cluster][0]!, name), (ref) => this.twin.tx(ref)).map(rateText),
        );
    };
    const found = this.graph.stagedDiagrams();
    const isFalling = found.main.every((chunk, i) => i === 0 || compareRates(found.main[i - 1]!, chunk) >= 0);
    assert.ok(isFalling && found.staging.every((c, i) => i === 0 || compareRates(found.staging[i - 1]!, c) >= 0));
    const extraMain = without(found.main.map(rateText), orders(main, 'main', staging!).flat());
    const extraStaging = without(found.staging.map(rateText), orders(staging!, 'top', main).flat());
    // what was pulled in without a change in the end appears on both sides, if in another order of its own
    assert.equal(sumText(extraMain), sumText(extraStaging));
    if (found.main.length > 0 && found.staging.length > 0) this.seen.diagrams++;
  }
}

function sorted(refs: Iterable<TxRef>): TxRef[] {
  return [...refs].sort((a, b) => a - b);
}

function rateText({ feeSat, size }: { feeSat: number; size: number }): string {
  return `${feeSat}/${size}`;
}

/** `all` without `part`, which it must contain. */
function without(all: readonly string[], part: readonly string[]): string[] {
  const rest = [...all];
  for (const item of part) {
    const at = rest.indexOf(item);
    assert.ok(at >= 0, `${item} is missing from the diagram`);
    rest.splice(at, 1);
  }
  return rest;
}

function sumText(rates: readonly string[]): string {
  const sums = rates.map((rate) => rate.split('/').map(Number)).reduce(([f, s], [a, b]) => [f! + a!, s! + b!], [0, 0]);
  return sums.join('/');
}

const OPERATIONS: readonly { readonly name: string; readonly share: number; run(pair: Pair): void }[] = [
  { name: 'add', share: 8, run: (pair) => pair.add() },
  { name: 'depend', share: 9, run: (pair) => pair.addDependency() },
  { name: 'remove', share: 4, run: (pair) => pair.remove() },
  { name: 'fee', share: 2, run: (pair) => pair.setFee() },
  { name: 'stage', share: 3, run: (pair) => pair.stage() },
  { name: 'trim', share: 1, run: (pair) => pair.trim() },
  { name: 'build', share: 1, run: (pair) => pair.build() },
];

function runOperations(shape: Shape, seed: number, steps: number, isLazy: boolean): Seen {
  const pair = new Pair(shape, seed);
  const shares = OPERATIONS.flatMap((operation) => new Array<typeof operation>(operation.share).fill(operation));
  for (let step = 0; step < steps; step++) {
    const operation = shares[pair.rng.below(shares.length)]!;
    try {
      operation.run(pair);
      // when checks are rare, changes pile up and are applied together
      if (!isLazy || pair.rng.below(6) === 0) pair.check();
    } catch (error) {
      throw new Error(`seed ${seed}, step ${step}, ${operation.name}`, { cause: error });
    }
  }
  return pair.seen;
}

/** What was seen in several runs together. */
function runSeeds(shape: Shape, seeds: readonly number[], steps: number, isLazy: boolean): Seen {
  const runs = seeds.map((seed) => runOperations(shape, seed, steps, isLazy));
  const sum = (pick: (seen: Seen) => number): number => runs.reduce((total, seen) => total + pick(seen), 0);
  return {
    oversized: sum((seen) => seen.oversized),
    trimmed: sum((seen) => seen.trimmed),
    skipped: sum((seen) => seen.skipped),
    diagrams: sum((seen) => seen.diagrams),
    largest: Math.max(...runs.map((seen) => seen.largest)),
  };
}

test('M02: after every one of thousands of random operations the graph agrees with a naive twin', () => {
  const shape = { clusterCountMax: 8, clusterWeightMax: 25, txCountMax: 24, removesOneIn: 1 };
  const seen = runSeeds(shape, [0, 1, 2, 3, 4, 5, 6, 7], 400, false);
  assert.ok(seen.oversized > 200 && seen.trimmed > 30 && seen.skipped > 50 && seen.diagrams > 200);
  assert.equal(seen.largest, 8);
});

test('M02: changes that pile up before anybody asks end in the same graph', () => {
  const shape = { clusterCountMax: 6, clusterWeightMax: 40, txCountMax: 30, removesOneIn: 1 };
  const seen = runSeeds(shape, [100, 101, 102, 103, 104, 105, 106, 107], 800, true);
  assert.ok(seen.oversized > 100 && seen.trimmed > 50 && seen.skipped > 100 && seen.diagrams > 50);
  assert.equal(seen.largest, 6);
});

test('M02: clusters of up to 64 transactions agree with the twin', () => {
  const shape = { clusterCountMax: 64, clusterWeightMax: 400, txCountMax: 80, removesOneIn: 4 };
  const seen = runSeeds(shape, [200, 201], 600, true);
  assert.ok(seen.diagrams > 5);
  assert.ok(seen.largest > 40, `${seen.largest}`);
});
