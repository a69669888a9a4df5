// The rules of src/node/mempool/orphanage.ts over a plain list of announcements, for its test: every sum is made anew from the list,
// and nothing is indexed. Whom the lot gave an orphan to is told from outside.

import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';

interface Entry {
  readonly transaction: Transaction;
  readonly wtxid: string;
  readonly peer: number;
  isReady: boolean;
}

function spends(transaction: Transaction): string[] {
  return Array.from({ length: transaction.inputCount }, (_, i) => {
    const { txid, index } = transaction.prevout(i);
    return `${toHex(txid)}:${index}`;
  });
}

function inputScore(transaction: Transaction): number {
  return Math.floor(transaction.inputCount / 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Holds the same as an Orphanage. */
export class NaiveOrphanage {
  /** In the order in which they came. */
  #entries: Entry[] = [];
  readonly #reservedWeightWu: number;
  readonly #latencyScoreMax: number;

  constructor(limits: { readonly reservedWeightWu: number; readonly latencyScoreMax: number }) {
    this.#reservedWeightWu = limits.reservedWeightWu;
    this.#latencyScoreMax = limits.latencyScoreMax;
  }

  /** `peer wtxid`, ready ones with a star, sorted. */
  get contents(): string[] {
    return this.#entries.map(({ peer, wtxid, isReady }) => `${peer} ${wtxid}${isReady ? '*' : ''}`).sort();
  }

  get weightWu(): number {
    return sum(this.#unique().map(({ weightWu }) => weightWu));
  }

  get latencyScore(): number {
    return this.#entries.length + sum(this.#unique().map(inputScore));
  }

  add(transaction: Transaction, peer: number): void {
    if (transaction.weightWu > 400_000) return;
    const wtxid = toHex(transaction.wtxid);
    if (this.#entries.some((entry) => entry.wtxid === wtxid && entry.peer === peer)) return;
    this.#entries.push({ transaction, wtxid, peer, isReady: false });
    this.#limit();
  }

  addAnnouncer(transaction: Transaction, peer: number): void {
    if (this.#entries.some(({ wtxid }) => wtxid === toHex(transaction.wtxid))) this.add(transaction, peer);
  }

  erase(transaction: Transaction): void {
    this.#keep(({ wtxid }) => wtxid !== toHex(transaction.wtxid));
  }

  peerLeft(peer: number): void {
    this.#keep((entry) => entry.peer !== peer);
  }

  blockConnected(transactions: readonly Transaction[]): void {
    const spent = new Set(transactions.flatMap(spends));
    this.#keep(({ transaction }) => !spends(transaction).some((outpoint) => spent.has(outpoint)));
  }

  /** Wtxids of orphans that are to be given to somebody. */
  awaitingLot(parent: Transaction): string[] {
    const outputs = Array.from({ length: parent.outputCount }, (_, i) => `${toHex(parent.txid)}:${i}`);
    const children = this.#entries.filter(({ transaction }) =>
      spends(transaction).some((one) => outputs.includes(one)),
    );
    const ready = new Set(this.#entries.flatMap(({ wtxid, isReady }) => (isReady ? [wtxid] : [])));
    return [...new Set(children.map(({ wtxid }) => wtxid))].filter((wtxid) => !ready.has(wtxid));
  }

  /** The lot fell on a peer. */
  setReady(wtxid: string, peer: number): void {
    const found = this.#entries.find((entry) => entry.wtxid === wtxid && entry.peer === peer);
    if (found === undefined) throw new Error('the lot falls on an announcer');
    found.isReady = true;
  }

  takeReady(peer: number): string | null {
    const found = this.#entries.find((entry) => entry.peer === peer && entry.isReady);
    if (found !== undefined) found.isReady = false;
    return found?.wtxid ?? null;
  }

  childrenFrom(peer: number, parent: Transaction): string[] {
    const txid = toHex(parent.txid);
    const children = this.#entries.filter(
      (entry) => entry.peer === peer && spends(entry.transaction).some((outpoint) => outpoint.startsWith(txid)),
    );
    const latestFirst = children.reverse();
    return [...latestFirst.filter(({ isReady }) => isReady), ...latestFirst.filter(({ isReady }) => !isReady)].map(
      ({ wtxid }) => wtxid,
    );
  }

  #unique(): Transaction[] {
    return [...new Map(this.#entries.map(({ wtxid, transaction }) => [wtxid, transaction])).values()];
  }

  #keep(isKept: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter(isKept);
    this.#limit();
  }

  #limit(): void {
    const peers = [...new Set(this.#entries.map(({ peer }) => peer))];
    const latencyPart = Math.floor(this.#latencyScoreMax / Math.max(peers.length, 1));
    for (;;) {
      const left = new Set(this.#entries.map(({ peer }) => peer)).size;
      const isHeavy = this.weightWu > this.#reservedWeightWu * Math.max(left, 1);
      if (!isHeavy && this.latencyScore <= this.#latencyScoreMax) return;
      // of equal shares that of the score counts more, then that of the later peer
      const shares = peers.map((peer) => {
        const own = this.#entries.filter((entry) => entry.peer === peer);
        const latency = sum(own.map(({ transaction }) => 1 + inputScore(transaction))) / latencyPart;
        const weight = sum(own.map(({ transaction }) => transaction.weightWu)) / this.#reservedWeightWu;
        return { peer, share: Math.max(latency, weight), isLatency: latency >= weight ? 1 : 0 };
      });
      shares.sort((a, b) => b.share - a.share || b.isLatency - a.isLatency || b.peer - a.peer);
      const own = this.#entries.filter(({ peer }) => peer === shares[0]!.peer);
      const oldest = own.find(({ isReady }) => !isReady) ?? own[0];
      this.#entries.splice(this.#entries.indexOf(oldest!), 1);
    }
  }
}
