// What it costs to pay for the past: fees that a child has to add so that its unconfirmed ancestors are mined at a fee rate (Core
// node/mini_miner.cpp). A miner is imitated over the clusters in question: it takes what pays the rate with its ancestors, best first,
// and whatever is left has to be paid for.

import { compareFeeFrac, type FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import type { MempoolEntry } from './entry.ts';
import type { Mempool } from './mempool.ts';
import { compareTxids } from './mempool-family.ts';

/** Most transactions that are looked at; beyond them no answer is given (Core GatherClusters). */
const TRANSACTIONS_MAX = 500;

/** What has to be added. */
export interface BumpFees {
  /** For each outpoint by itself, in satoshis; 0 for what is confirmed or unknown. */
  readonly each: readonly number[];
  /** For all of them in one child, which pays for shared ancestors once; null: too many transactions are concerned. */
  readonly combinedSat: number | null;
}

/** A transaction that is not mined yet. */
interface Waiting {
  readonly entry: MempoolEntry;
  /** Itself, and what of its ancestors is not mined yet. */
  readonly family: Set<Waiting>;
  /** What has it in its family, itself included. */
  readonly dependants: Waiting[];
  feeSat: number;
  vsize: number;
}

/** Computes them for outpoints of 36 bytes each. What spends one of them already is taken as replaced by the child. */
export function computeBumpFees(
  mempool: Mempool,
  outpoints: readonly Uint8Array[],
  feerateSatPerKvb: number,
): BumpFees {
  const entries = outpoints.map((outpoint) => mempool.get(outpoint));
  const none: BumpFees = { each: outpoints.map(() => 0), combinedSat: 0 };
  if (entries.every((entry) => entry === null)) return none;
  const replaced = findReplaced(mempool, outpoints, entries);
  const waiting = gather(mempool, entries, replaced);
  if (waiting === null) return { ...none, combinedSat: null };
  mine(waiting, feerateSatPerKvb);
  const left = entries.map((entry) => (entry === null ? undefined : waiting.get(entry)));
  return {
    each: left.map((one) => (one === undefined ? 0 : computeBumpFee(one, feerateSatPerKvb))),
    combinedSat: computeCombined(left, feerateSatPerKvb),
  };
}

function findReplaced(
  mempool: Mempool,
  outpoints: readonly Uint8Array[],
  entries: readonly (MempoolEntry | null)[],
): ReadonlySet<MempoolEntry> {
  const replaced: Set<MempoolEntry> = new Set();
  for (const [i, outpoint] of outpoints.entries()) {
    const spender = entries[i] === null ? null : mempool.spender(outpoint);
    if (spender === null) continue;
    for (const descendant of mempool.descendants(spender)) replaced.add(descendant);
  }
  return replaced;
}

/** The clusters of some entries without what is replaced; null when they are too large. */
function gather(
  mempool: Mempool,
  entries: readonly (MempoolEntry | null)[],
  replaced: ReadonlySet<MempoolEntry>,
): Map<MempoolEntry, Waiting> | null {
  const waiting: Map<MempoolEntry, Waiting> = new Map();
  const seen: Set<MempoolEntry> = new Set();
  for (const entry of entries) {
    if (entry === null || seen.has(entry)) continue;
    for (const member of mempool.cluster(entry)) {
      seen.add(member);
      if (replaced.has(member)) continue;
      waiting.set(member, { entry: member, family: new Set(), dependants: [], feeSat: 0, vsize: 0 });
    }
    if (seen.size > TRANSACTIONS_MAX) return null;
  }
  for (const one of waiting.values()) {
    for (const ancestor of mempool.ancestors(one.entry)) {
      // What descends from something replaced is replaced, too.
      const other = waiting.get(ancestor)!;
      one.family.add(other);
      one.feeSat += ancestor.modifiedFeeSat;
      one.vsize += ancestor.vsize;
      other.dependants.push(one);
    }
  }
  return waiting;
}

/** Takes everything out that is mined at the rate. */
function mine(waiting: Map<MempoolEntry, Waiting>, feerateSatPerKvb: number): void {
  while (waiting.size > 0) {
    let best: Waiting | null = null;
    for (const one of waiting.values()) {
      if (best === null || compareScores(one, best) < 0) best = one;
    }
    if (best === null || best.feeSat < computeFeeSat(feerateSatPerKvb, best.vsize)) return;
    for (const member of [...best.family]) take(waiting, member);
  }
}

function take(waiting: Map<MempoolEntry, Waiting>, mined: Waiting): void {
  for (const dependant of mined.dependants) {
    dependant.family.delete(mined);
    dependant.feeSat -= mined.entry.modifiedFeeSat;
    dependant.vsize -= mined.entry.vsize;
  }
  waiting.delete(mined.entry);
}

/** A child can pay for its parents and not the other way round: the lower of the own and the family's rate counts. */
function score({ entry, feeSat, vsize }: Waiting): FeeFrac {
  const own: FeeFrac = { feeSat: entry.modifiedFeeSat, size: entry.vsize };
  const all: FeeFrac = { feeSat, size: vsize };
  return compareFeeFrac(all, own) < 0 ? all : own;
}

/** Below zero when `a` is mined first. */
function compareScores(a: Waiting, b: Waiting): number {
  const byRate = compareFeeFrac(score(b), score(a));
  return byRate !== 0 ? byRate : compareTxids(a.entry, b.entry);
}

/** Both the transaction and its family have to reach the rate. */
function computeBumpFee({ entry, feeSat, vsize }: Waiting, feerateSatPerKvb: number): number {
  const forFamily = computeFeeSat(feerateSatPerKvb, vsize) - feeSat;
  const forItself = computeFeeSat(feerateSatPerKvb, entry.vsize) - entry.modifiedFeeSat;
  return Math.max(forFamily, forItself);
}

function computeCombined(left: readonly (Waiting | undefined)[], feerateSatPerKvb: number): number {
  const all: Set<Waiting> = new Set();
  for (const one of left) {
    if (one === undefined) continue;
    for (const member of one.family) all.add(member);
  }
  let feeSat = 0;
  let vsize = 0;
  for (const { entry } of all) {
    feeSat += entry.modifiedFeeSat;
    vsize += entry.vsize;
  }
  return computeFeeSat(feerateSatPerKvb, vsize) - feeSat;
}
