// An orphan, who announced it, and how much of its part of the orphanage a peer uses by that. The announcements of a peer are in
// two lists, each in the order in which they came: those whose orphan waits for a parent, and those that are to be tried again.

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { compareProducts } from '../../kernel/util/num.ts';

/** A transaction that waits. */
export interface Orphan {
  readonly transaction: Transaction;
  readonly weightWu: number;
  /** Latency score of its inputs. */
  readonly inputScore: number;
  /** By every peer once, in the order in which they came. */
  readonly announcements: Announcement[];
  /** That of the peer at whose expense it is tried again; null: it waits for a parent. */
  ready: Announcement | null;
}

/** A peer that has an orphan. */
export interface Announcement {
  readonly orphan: Orphan;
  readonly peer: OrphanAnnouncer;
  /** Announcements in the order in which they came. */
  readonly sequence: number;
}

/** An amount over its limit. */
export interface Share {
  readonly amount: number;
  readonly limit: number;
}

/** The parts that every peer has. */
export interface PeerLimits {
  readonly latencyScore: number;
  readonly weightWu: number;
}

/**
 * Order of shares: negative when `a` is the smaller; of equal ones that with the lower limit is the larger (Core ByRatioNegSize).
 */
export function compareShares(a: Share, b: Share): number {
  const order = compareProducts(a.amount, b.limit, b.amount, a.limit);
  return order === 0 ? b.limit - a.limit : order;
}

/** Position of the first announcement that did not come before `sequence`. */
function findPlace(list: readonly Announcement[], sequence: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.sequence < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A peer that announced orphans. */
export class OrphanAnnouncer {
  readonly id: number;
  /** Orphans that wait for a parent. */
  readonly waiting: Announcement[] = [];
  /** Orphans that are to be tried again. */
  readonly ready: Announcement[] = [];
  weightWu = 0;
  latencyScore = 0;

  constructor(id: number) {
    this.id = id;
  }

  get count(): number {
    return this.waiting.length + this.ready.length;
  }

  /** Takes an announcement up. */
  add(announcement: Announcement): void {
    this.#listOf(announcement).push(announcement);
    this.weightWu += announcement.orphan.weightWu;
    this.latencyScore += 1 + announcement.orphan.inputScore;
  }

  /** Forgets an announcement. */
  remove(announcement: Announcement): void {
    const list = this.#listOf(announcement);
    list.splice(findPlace(list, announcement.sequence), 1);
    this.weightWu -= announcement.orphan.weightWu;
    this.latencyScore -= 1 + announcement.orphan.inputScore;
  }

  /** Moves an announcement to the other list. */
  setReady(announcement: Announcement, isReady: boolean): void {
    const from = this.#listOf(announcement);
    from.splice(findPlace(from, announcement.sequence), 1);
    announcement.orphan.ready = isReady ? announcement : null;
    const to = this.#listOf(announcement);
    to.splice(findPlace(to, announcement.sequence), 0, announcement);
  }

  /** What goes first when the peer must lose something. */
  get oldest(): Announcement | undefined {
    return this.waiting[0] ?? this.ready[0];
  }

  /** How much of its part the peer uses, of whichever it uses more (Core GetDosScore). */
  share(limits: PeerLimits): Share {
    const latency = { amount: this.latencyScore, limit: limits.latencyScore };
    const weight = { amount: this.weightWu, limit: limits.weightWu };
    return compareShares(latency, weight) >= 0 ? latency : weight;
  }

  #listOf(announcement: Announcement): Announcement[] {
    return announcement.orphan.ready === announcement ? this.ready : this.waiting;
  }
}
