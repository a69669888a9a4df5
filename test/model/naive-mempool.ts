// The slow twin of the mempool: a map of transactions by the text of their txids, and everything else found by looking at all of
// them. It has no graph, no tables and no limits; what depends on those it is told, and checks that it makes sense.

import { formatOutpoint } from '../../src/kernel/primitives/outpoint.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { AdditionFacts, MempoolEntry } from '../../src/node/mempool/entry.ts';
import type { RemovalReason } from '../../src/node/mempool/mempool-events.ts';

/** An entry spelled out. */
export interface NaiveEntry {
  readonly id: string;
  readonly wtxid: string;
  readonly feeSat: number;
  readonly vsize: number;
  readonly timeSec: number;
  /** Text of the outpoints that it spends. */
  readonly spends: readonly string[];
  /** Txids of those, whether they are here or not. */
  readonly from: readonly string[];
}

/** A removal: its number, which and why. */
export interface NaiveRemoval {
  readonly sequence: number;
  readonly id: string;
  readonly reason: RemovalReason;
}

/** Text of a txid, in internal order. */
export function idOf(transaction: Transaction): string {
  return toHex(transaction.txid);
}

/** The twin. */
export class NaiveMempool {
  readonly entries: Map<string, NaiveEntry> = new Map();
  readonly deltas: Map<string, number> = new Map();
  readonly unbroadcast: Set<string> = new Set();
  readonly removals: NaiveRemoval[] = [];
  sequence = 1;
  updates = 0;
  minimum = 0;
  isFalling = false;
  fellSec = 0;

  add(facts: AdditionFacts): void {
    const { transaction } = facts;
    const prevouts = Array.from({ length: transaction.inputCount }, (_, i) => transaction.prevout(i));
    const id = idOf(transaction);
    this.entries.set(id, {
      id,
      wtxid: toHex(transaction.wtxid),
      feeSat: facts.feeSat,
      vsize: Math.ceil(Math.max(transaction.weightWu, 20 * facts.sigopsCost) / 4),
      timeSec: facts.timeSec,
      spends: prevouts.map(formatOutpoint),
      from: prevouts.map(({ txid }) => toHex(txid)),
    });
    this.updates++;
  }

  /** Takes one out, in the order in which the pool said it did. */
  remove(id: string, reason: RemovalReason): void {
    if (!this.entries.delete(id)) throw new Error(`${id} is not here`);
    this.unbroadcast.delete(id);
    this.removals.push({ sequence: this.sequence++, id, reason });
    this.updates++;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  children(id: string): Set<string> {
    return new Set([...this.entries.values()].filter((entry) => entry.from.includes(id)).map((entry) => entry.id));
  }

  parents(id: string): Set<string> {
    return new Set((this.entries.get(id)?.from ?? []).filter((from) => this.entries.has(from)));
  }

  /** Ids with all that descend from them. */
  descendants(ids: Iterable<string>): Set<string> {
    const found = new Set<string>(ids);
    for (const id of found) for (const child of this.children(id)) found.add(child);
    return found;
  }

  /** Ids with all that they descend from. */
  ancestors(ids: Iterable<string>): Set<string> {
    const found = new Set<string>(ids);
    for (const id of found) for (const parent of this.parents(id)) found.add(parent);
    return found;
  }

  cluster(id: string): Set<string> {
    const found = new Set<string>([id]);
    for (const member of found) {
      for (const other of [...this.children(member), ...this.parents(member)]) found.add(other);
    }
    return found;
  }

  /** Whoever spends what a transaction spends. */
  conflicts(transaction: Transaction): Set<string> {
    const spends = Array.from({ length: transaction.inputCount }, (_, i) => formatOutpoint(transaction.prevout(i)));
    const found = [...this.entries.values()].filter((entry) => entry.spends.some((spent) => spends.includes(spent)));
    return new Set(found.map((entry) => entry.id));
  }

  modifiedFee(id: string): number {
    return this.entries.get(id)!.feeSat + (this.deltas.get(id) ?? 0);
  }

  prioritise(id: string, deltaSat: number): void {
    const sumSat = (this.deltas.get(id) ?? 0) + deltaSat;
    if (sumSat === 0) this.deltas.delete(id);
    else this.deltas.set(id, sumSat);
    if (this.has(id)) this.updates++;
  }

  /** What a block with these transactions does: the ids that leave because it has them, and those that contradict it. */
  block(transactions: readonly Transaction[]): { entries: string[]; conflicts: Set<string> } {
    const entries: string[] = [];
    const conflicts = new Set<string>();
    for (const transaction of transactions) {
      const id = idOf(transaction);
      if (this.has(id)) {
        entries.push(id);
        this.remove(id, 'block');
      }
      for (const spender of this.conflicts(transaction)) {
        this.deltas.delete(spender);
        for (const gone of this.descendants([spender])) {
          if (!this.has(gone)) continue;
          this.remove(gone, 'conflict');
          conflicts.add(gone);
        }
      }
      this.deltas.delete(id);
    }
    return { entries, conflicts };
  }

  /** The minimum of a pool of Core's incremental feerate that is as full as that. */
  minimumFeerate(nowSec: number, share: number): number {
    if (this.minimum === 0 || !this.isFalling) return Math.round(this.minimum);
    if (nowSec - this.fellSec > 10) {
      const hours = share < 0.25 ? 3 : share < 0.5 ? 6 : 12;
      this.minimum *= 0.5 ** ((nowSec - this.fellSec) / (hours * 3_600));
      this.fellSec = nowSec;
      if (this.minimum < 50) {
        this.minimum = 0;
        return 0;
      }
    }
    return Math.max(100, Math.round(this.minimum));
  }
}

/** What an entry of the pool is, in the words of the twin. */
export function spellOut({ transaction, feeSat, vsize, timeSec }: MempoolEntry): NaiveEntry {
  const prevouts = Array.from({ length: transaction.inputCount }, (_, i) => transaction.prevout(i));
  return {
    id: idOf(transaction),
    wtxid: toHex(transaction.wtxid),
    feeSat,
    vsize,
    timeSec,
    spends: prevouts.map(formatOutpoint),
    from: prevouts.map(({ txid }) => toHex(txid)),
  };
}
