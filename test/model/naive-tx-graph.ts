// The graph of the mempool, spelled out: a Map of transactions and a Set of dependencies per level, everything found by walking.
// It knows no linearization; what follows from one (chunks, their order) it computes from the order that it is given, with bigints.

/** A transaction by itself. */
export interface NaiveTx {
  feeSat: number;
  readonly weightWu: number;
  readonly tieBreak: number;
}

/** Fee and size of a chunk, with its members. */
export interface NaiveChunk {
  readonly refs: readonly number[];
  readonly feeSat: number;
  readonly size: number;
  /** Size of the chunks of this feerate in its cluster, up to this one. */
  readonly prefix: number;
}

/** Sign of the difference of two feerates. */
export function compareRates(a: { feeSat: number; size: number }, b: { feeSat: number; size: number }): number {
  const difference = BigInt(a.feeSat) * BigInt(b.size) - BigInt(b.feeSat) * BigInt(a.size);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** Chunks by their definition: again and again the prefix of the highest feerate, the shortest of equal ones. */
export function naiveChunks(order: readonly number[], txOf: (ref: number) => NaiveTx): NaiveChunk[] {
  const chunks: NaiveChunk[] = [];
  for (let start = 0; start < order.length; ) {
    let best: { feeSat: number; size: number; end: number } | null = null;
    let feeSat = 0;
    let size = 0;
    for (let end = start + 1; end <= order.length; end++) {
      feeSat += txOf(order[end - 1]!).feeSat;
      size += txOf(order[end - 1]!).weightWu;
      if (best === null || compareRates({ feeSat, size }, best) > 0) best = { feeSat, size, end };
    }
    const before = chunks.at(-1);
    const isEqual = before !== undefined && compareRates(before, best!) === 0;
    chunks.push({
      refs: order.slice(start, best!.end),
      feeSat: best!.feeSat,
      size: best!.size,
      prefix: (isEqual ? before.prefix : 0) + best!.size,
    });
    start = best!.end;
  }
  return chunks;
}

/** One level: which transactions exist, and which depends on which. */
export class NaiveLevel {
  readonly txs: Set<number>;
  /** Children by parent. */
  readonly #children: Map<number, Set<number>>;

  constructor(from?: NaiveLevel) {
    this.txs = new Set(from?.txs);
    this.#children = new Map();
    for (const [parent, children] of from === undefined ? [] : from.#children) {
      this.#children.set(parent, new Set(children));
    }
  }

  add(ref: number): void {
    this.txs.add(ref);
    this.#children.set(ref, new Set());
  }

  addDependency(parent: number, child: number): void {
    if (parent !== child && this.txs.has(parent) && this.txs.has(child)) this.#children.get(parent)!.add(child);
  }

  /** Takes one transaction out; its parents become parents of its children. */
  remove(ref: number): void {
    if (!this.txs.delete(ref)) return;
    const orphans = this.#children.get(ref)!;
    this.#children.delete(ref);
    for (const children of this.#children.values()) {
      if (!children.delete(ref)) continue;
      for (const orphan of orphans) children.add(orphan);
    }
  }

  descendants(ref: number): Set<number> {
    return this.#walk(ref, (at) => [...this.#children.get(at)!]);
  }

  ancestors(ref: number): Set<number> {
    return this.#walk(ref, (at) => this.#parentsOf(at));
  }

  cluster(ref: number): Set<number> {
    return this.#walk(ref, (at) => [...this.#children.get(at)!, ...this.#parentsOf(at)]);
  }

  /** All clusters. */
  clusters(): Set<number>[] {
    const seen = new Set<number>();
    const clusters: Set<number>[] = [];
    for (const ref of this.txs) {
      if (seen.has(ref)) continue;
      const cluster = this.cluster(ref);
      for (const member of cluster) seen.add(member);
      clusters.push(cluster);
    }
    return clusters;
  }

  /** Everything that tells this cluster apart from another with the same members. */
  describe(cluster: ReadonlySet<number>): string {
    const sorted = [...cluster].sort((a, b) => a - b);
    return sorted.map((ref) => `${ref}<${[...this.ancestors(ref)].sort((a, b) => a - b).join(',')}`).join(' ');
  }

  #parentsOf(ref: number): number[] {
    return [...this.#children].filter(([, children]) => children.has(ref)).map(([parent]) => parent);
  }

  #walk(from: number, next: (ref: number) => number[]): Set<number> {
    const found = new Set<number>();
    if (!this.txs.has(from)) return found;
    const waiting = [from];
    for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
      if (found.has(ref)) continue;
      found.add(ref);
      waiting.push(...next(ref));
    }
    return found;
  }
}

/** Both levels, with the calls of TxGraph that change something. Handles are those that the graph gave out. */
export class NaiveTxGraph {
  readonly txs: Map<number, NaiveTx> = new Map();
  main: NaiveLevel = new NaiveLevel();
  staging: NaiveLevel | null = null;

  get top(): NaiveLevel {
    return this.staging ?? this.main;
  }

  add(ref: number, tx: NaiveTx): void {
    this.txs.set(ref, { ...tx });
    this.top.add(ref);
  }

  startStaging(): void {
    this.staging = new NaiveLevel(this.main);
  }

  commitStaging(): void {
    this.main = this.staging!;
    this.staging = null;
  }

  abortStaging(): void {
    this.staging = null;
  }

  tx(ref: number): NaiveTx {
    return this.txs.get(ref)!;
  }

  isOversized(level: NaiveLevel, countMax: number, weightMax: number): boolean {
    return level.clusters().some((cluster) => cluster.size > countMax || this.weightOf(cluster) > weightMax);
  }

  weightOf(refs: Iterable<number>): number {
    let weightWu = 0;
    for (const ref of refs) weightWu += this.tx(ref).weightWu;
    return weightWu;
  }

  /** Chunks of all clusters in mining order, by the orders that `orderOf` gives. */
  miningOrder(orderOf: (ref: number) => readonly number[]): NaiveChunk[] {
    const chunks: NaiveChunk[] = [];
    for (const cluster of this.main.clusters()) {
      const [first] = cluster;
      chunks.push(...naiveChunks(orderOf(first!), (ref) => this.tx(ref)));
    }
    return chunks.sort((a, b) => compareRates(b, a) || a.prefix - b.prefix || this.#compareTies(a, b));
  }

  #compareTies(a: NaiveChunk, b: NaiveChunk): number {
    const lastOf = ({ refs }: NaiveChunk): number =>
      [...refs].sort((x, y) => this.tx(x).tieBreak - this.tx(y).tieBreak || x - y).at(-1)!;
    return this.tx(lastOf(a)).tieBreak - this.tx(lastOf(b)).tieBreak || lastOf(a) - lastOf(b);
  }
}
