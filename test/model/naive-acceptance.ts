// A slow twin of acceptance: lists instead of tables, every order of a cluster tried by brute force, each rule written down once more.
// It judges what the mempool and the coins decide (conflicts, missing coins, fees, cluster limits, replacement); forms, locks and
// scripts are taken to be good.

import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';

/** A transaction as the twin sees it. */
export interface NaiveTransaction {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly outputsSat: readonly number[];
  readonly weight: number;
  readonly feeSat: number;
}

/** Limits of the twin. */
export interface NaiveLimits {
  readonly clusterCountMax: number;
  readonly relaySatPerKvb: number;
  readonly incrementalSatPerKvb: number;
}

interface NaiveChunk {
  readonly feeSat: number;
  readonly size: number;
}

function feeFor(satPerKvb: number, weight: number): number {
  return Math.ceil((satPerKvb * Math.ceil(weight / 4)) / 1_000);
}

/** The mempool as a list. */
export class NaiveAcceptance {
  readonly limits: NaiveLimits;
  pool: NaiveTransaction[] = [];
  /** Values of the coins of the chain by outpoint. */
  readonly coins: Map<string, number> = new Map();

  constructor(limits: NaiveLimits) {
    this.limits = limits;
  }

  /** Txids, sorted. */
  ids(): string[] {
    return this.pool.map(({ id }) => id).sort();
  }

  /** Core's reason, or `accepted`; then the transaction is in the list. */
  accept(transaction: Transaction): string {
    const id = formatHash(transaction.txid);
    if (this.pool.some((other) => other.id === id)) return 'txn-already-in-mempool';
    const inputs = Array.from({ length: transaction.inputCount }, (_, i) => nameOf(transaction.prevout(i)));
    const values = inputs.map((input) => this.#valueOf(input));
    if (values.includes(undefined)) return 'bad-txns-inputs-missingorspent';
    const outputsSat = Array.from({ length: transaction.outputCount }, (_, j) => transaction.valueSat(j));
    const feeSat = sum(values as number[]) - sum(outputsSat);
    if (feeSat < 0) return 'bad-txns-in-belowout';
    const tx: NaiveTransaction = { id, inputs, outputsSat, weight: transaction.weightWu, feeSat };
    if (feeSat < feeFor(this.limits.relaySatPerKvb, tx.weight)) return 'min relay fee not met';
    const refusal = this.#place(tx);
    return refusal ?? 'accepted';
  }

  #valueOf(input: string): number | undefined {
    const [id, index] = input.split(':');
    const parent = this.pool.find((other) => other.id === id);
    return parent === undefined ? this.coins.get(input) : parent.outputsSat[Number(index)];
  }

  #place(tx: NaiveTransaction): string | null {
    const conflicts = this.pool.filter((other) => other.inputs.some((input) => tx.inputs.includes(input)));
    const replaced = closure(conflicts, (other) => childrenOf(other, this.pool));
    const after = [...this.pool.filter((other) => !replaced.includes(other)), tx];
    const refusal = conflicts.length === 0 ? null : this.#judgeReplacement(tx, conflicts, replaced, after);
    if (refusal !== null) return refusal;
    if (clusterOf(tx, after).length > this.limits.clusterCountMax) return 'too-large-cluster';
    const ancestors = closure(parentsOf(tx, this.pool), (other) => parentsOf(other, this.pool));
    if (ancestors.some((ancestor) => conflicts.includes(ancestor))) return 'bad-txns-spends-conflicting-tx';
    this.pool = after;
    return null;
  }

  #judgeReplacement(
    tx: NaiveTransaction,
    conflicts: readonly NaiveTransaction[],
    replaced: readonly NaiveTransaction[],
    after: readonly NaiveTransaction[],
  ): string | null {
    const clusters = new Set(conflicts.map((other) => smallestId(clusterOf(other, this.pool))));
    if (clusters.size > 100) return 'too many potential replacements';
    const additionalSat = tx.feeSat - sum(replaced.map(({ feeSat }) => feeSat));
    if (additionalSat < feeFor(this.limits.incrementalSatPerKvb, tx.weight)) return 'insufficient fee';
    if (clusterOf(tx, after).length > this.limits.clusterCountMax) return 'too-large-cluster';
    const touched = closure([...replaced, ...parentsOf(tx, this.pool)], (other) => clusterOf(other, this.pool));
    const touchedAfter = [...touched.filter((other) => !replaced.includes(other)), tx];
    return isBetter(chunksOf(touchedAfter), chunksOf(touched)) ? null : 'replacement-failed';
  }

  /** A block with these transactions: they leave, and so does what spends their coins in another way. */
  connect(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      const id = formatHash(transaction.txid);
      const inputs = Array.from({ length: transaction.inputCount }, (_, i) => nameOf(transaction.prevout(i)));
      const rivals = this.pool.filter(
        (other) => other.id !== id && other.inputs.some((input) => inputs.includes(input)),
      );
      const gone = closure(rivals, (other) => childrenOf(other, this.pool));
      this.pool = this.pool.filter((other) => other.id !== id && !gone.includes(other));
      for (const input of inputs) this.coins.delete(input);
      for (let j = 0; j < transaction.outputCount; j++) this.coins.set(`${id}:${j}`, transaction.valueSat(j));
    }
  }
}

function nameOf({ txid, index }: { readonly txid: Transaction['txid']; readonly index: number }): string {
  return `${formatHash(txid)}:${index}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function parentsOf(tx: NaiveTransaction, pool: readonly NaiveTransaction[]): NaiveTransaction[] {
  return pool.filter((other) => tx.inputs.some((input) => input.startsWith(`${other.id}:`)));
}

function childrenOf(tx: NaiveTransaction, pool: readonly NaiveTransaction[]): NaiveTransaction[] {
  return pool.filter((other) => other.inputs.some((input) => input.startsWith(`${tx.id}:`)));
}

/** Everything that can be reached, the beginning included. */
function closure<T>(from: readonly T[], next: (item: T) => readonly T[]): T[] {
  const reached = [...new Set(from)];
  for (let i = 0; i < reached.length; i++) {
    for (const item of next(reached[i]!)) if (!reached.includes(item)) reached.push(item);
  }
  return reached;
}

function clusterOf(tx: NaiveTransaction, pool: readonly NaiveTransaction[]): NaiveTransaction[] {
  return closure([tx], (other) => [...parentsOf(other, pool), ...childrenOf(other, pool)]);
}

function smallestId(cluster: readonly NaiveTransaction[]): string {
  return cluster.map(({ id }) => id).sort()[0]!;
}

/** The chunks of transactions, best first: again and again the best set that is closed under parents, the smaller of equals. */
function chunksOf(transactions: readonly NaiveTransaction[]): NaiveChunk[] {
  const chunks: NaiveChunk[] = [];
  const ids = new Set<string>();
  const clusters: NaiveTransaction[][] = [];
  for (const tx of transactions) {
    if (ids.has(tx.id)) continue;
    const cluster = clusterOf(tx, transactions);
    for (const { id } of cluster) ids.add(id);
    clusters.push(cluster);
  }
  for (const cluster of clusters) chunks.push(...chunksOfCluster(cluster));
  return chunks.sort((a, b) => b.feeSat * a.size - a.feeSat * b.size);
}

function chunksOfCluster(cluster: readonly NaiveTransaction[]): NaiveChunk[] {
  const chunks: NaiveChunk[] = [];
  let left = [...cluster];
  while (left.length > 0) {
    let best: NaiveTransaction[] = [];
    let bestChunk: NaiveChunk = { feeSat: -1, size: 1 };
    for (let mask = 1; mask < 2 ** left.length; mask++) {
      const chosen = left.filter((_, i) => (mask & (1 << i)) !== 0);
      if (!chosen.every((tx) => parentsOf(tx, left).every((parent) => chosen.includes(parent)))) continue;
      const chunk = { feeSat: sum(chosen.map((tx) => tx.feeSat)), size: sum(chosen.map((tx) => tx.weight)) };
      const order = chunk.feeSat * bestChunk.size - bestChunk.feeSat * chunk.size;
      if (order > 0 || (order === 0 && chunk.size < bestChunk.size)) [best, bestChunk] = [chosen, chunk];
    }
    chunks.push(bestChunk);
    left = left.filter((tx) => !best.includes(tx));
  }
  return chunks;
}

/** Fees that a diagram has earned after a size. */
function earnedAt(chunks: readonly NaiveChunk[], size: number): number {
  let earnedSat = 0;
  let left = size;
  for (const chunk of chunks) {
    if (left <= 0) break;
    const taken = Math.min(left, chunk.size);
    earnedSat += (chunk.feeSat * taken) / chunk.size;
    left -= taken;
  }
  return earnedSat;
}

function isBetter(after: readonly NaiveChunk[], before: readonly NaiveChunk[]): boolean {
  const corners = [after, before].flatMap((chunks) =>
    chunks.map((_, i) => sum(chunks.slice(0, i + 1).map(({ size }) => size))),
  );
  const gains = corners.map((size) => earnedAt(after, size) - earnedAt(before, size));
  return gains.every((gain) => gain > -1e-6) && gains.some((gain) => gain > 1e-6);
}
