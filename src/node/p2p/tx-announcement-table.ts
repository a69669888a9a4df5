// Every announcement of a transaction by a peer, reachable in three ways, for tx-request.ts:
//
//   by transaction   hash → row of the transaction → list of its announcements, in no order
//   by peer          two lists: those that are the best choice for their transaction, and all others
//   by time          a heap of those that wait for a moment: to become askable, or for an answer
//
// The table keeps these and the counts in step with the states; when a state changes is decided in tx-request.ts.

import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { PeerId } from './peer-id.ts';
import type { GenTxid } from './tx-announcement.ts';
import { AnnouncementHeap } from './tx-announcement-heap.ts';
import { NO_ROW } from './tx-announcement-index.ts';
import { AnnouncedTxs, AnnouncementRows, type Announcer } from './tx-announcement-rows.ts';

/** Not to be asked for yet. */
export const DELAYED = 0;
/** To be asked for, but another peer is the better choice or has been asked. */
export const READY = 1;
/** To be asked for next: the best of those that are ready. */
export const BEST = 2;
/** The peer has been asked. */
export const REQUESTED = 3;
/** The peer has answered, or did not in time: it is not asked again. */
export const COMPLETED = 4;

/** What an announcement is waiting for. */
export type AnnouncementState = typeof DELAYED | typeof READY | typeof BEST | typeof REQUESTED | typeof COMPLETED;

/** Whether it waits for a moment. */
export function isWaiting(state: number): boolean {
  return state === DELAYED || state === REQUESTED;
}

/** Whether it is the one of its transaction that is asked for: there is one at most. */
export function isSelected(state: number): boolean {
  return state === BEST || state === REQUESTED;
}

/** What is known of an announcement from the start. */
export interface AnnouncementFacts {
  /** When it may be asked for. */
  readonly timeMs: number;
  readonly sequence: number;
  /** The higher, the better a choice. */
  readonly priority: number;
}

/** Announcements with their links. A row is an announcement; a tx is the row of a transaction. */
export class AnnouncementTable {
  readonly #rng: Rng;
  readonly #announcers: Map<PeerId, Announcer> = new Map();
  #rows: AnnouncementRows = new AnnouncementRows();
  #txs: AnnouncedTxs;
  #heap: AnnouncementHeap;
  #count = 0;

  /** `rng` salts the hash table. */
  constructor(rng: Rng) {
    this.#rng = rng;
    this.#txs = new AnnouncedTxs(rng);
    this.#heap = new AnnouncementHeap(this.#rows);
  }

  /** Announcements of all peers. */
  get count(): number {
    return this.#count;
  }

  get announcers(): ReadonlyMap<PeerId, Announcer> {
    return this.#announcers;
  }

  /** The columns, to be read. */
  get rows(): AnnouncementRows {
    return this.#rows;
  }

  /** The transactions, to be read. */
  get txs(): AnnouncedTxs {
    return this.#txs;
  }

  /** Those that wait, to be read. */
  get heap(): AnnouncementHeap {
    return this.#heap;
  }

  /** The announcement of a transaction by a peer, or NO_ROW. Looks at those of others, who are as many as connections. */
  findRow(tx: number, peer: PeerId): number {
    let row = tx === NO_ROW ? NO_ROW : this.#txs.firstRow[tx]!;
    while (row !== NO_ROW && this.#rows.owner[row]!.id !== peer) row = this.#rows.nextOfTx[row]!;
    return row;
  }

  /** How the transaction of an announcement was named, with a hash of its own. */
  genTxid(row: number): GenTxid {
    return { hash: this.#txs.hash(this.#rows.tx[row]!), isWtxid: this.#rows.isWtxid[row] === 1 };
  }

  /** Adds an announcement in state DELAYED, which the peer must not have made before. */
  add(peer: PeerId, { hash, isWtxid }: GenTxid, facts: AnnouncementFacts): void {
    const rows = this.#rows;
    const row = rows.allocate();
    const tx = this.#txs.claim(hash);
    const owner = this.#claimAnnouncer(peer);
    rows.state[row] = DELAYED;
    rows.isWtxid[row] = isWtxid ? 1 : 0;
    rows.tx[row] = tx;
    rows.timeMs[row] = facts.timeMs;
    rows.sequence[row] = facts.sequence;
    rows.priority[row] = facts.priority;
    rows.owner[row] = owner;
    rows.nextOfTx[row] = this.#txs.firstRow[tx]!;
    this.#txs.firstRow[tx] = row;
    this.#txs.openCount[tx]!++;
    owner.total++;
    this.#count++;
    this.#link(row);
  }

  #claimAnnouncer(id: PeerId): Announcer {
    const known = this.#announcers.get(id);
    if (known !== undefined) return known;
    const announcer = { id, total: 0, requested: 0, completed: 0, firstBest: NO_ROW, firstOther: NO_ROW };
    this.#announcers.set(id, announcer);
    return announcer;
  }

  /** Moves an announcement that is not COMPLETED to another state. `timeMs`: what a request waits for. */
  change(row: number, state: AnnouncementState, timeMs?: number): void {
    const rows = this.#rows;
    assert(rows.state[row] !== COMPLETED && rows.state[row] !== state, 'announcement: a change');
    assert(!isSelected(state) || this.#isFree(row), 'announcement: one choice for each transaction');
    this.#unlink(row);
    rows.state[row] = state;
    if (timeMs !== undefined) rows.timeMs[row] = timeMs;
    if (state === COMPLETED) this.#txs.openCount[rows.tx[row]!]!--;
    this.#link(row);
  }

  /** Whether no other announcement of the same transaction is selected. */
  #isFree(row: number): boolean {
    const selected = this.#txs.selected[this.#rows.tx[row]!]!;
    return selected === NO_ROW || selected === row;
  }

  /** Forgets a transaction with all its announcements. */
  removeTx(tx: number): void {
    let row = this.#txs.firstRow[tx]!;
    while (row !== NO_ROW) {
      const next = this.#rows.nextOfTx[row]!;
      this.#free(row);
      row = next;
    }
    this.#txs.free(tx);
    if (this.#count === 0) this.#beginAnew();
  }

  /** Forgets a COMPLETED announcement. Its transaction has others, or it would have been forgotten before. */
  removeRow(row: number): void {
    const { nextOfTx, tx } = this.#rows;
    const { firstRow } = this.#txs;
    const at = tx[row]!;
    if (firstRow[at] === row) {
      firstRow[at] = nextOfTx[row]!;
    } else {
      let before = firstRow[at]!;
      while (nextOfTx[before] !== row) before = nextOfTx[before]!;
      nextOfTx[before] = nextOfTx[row]!;
    }
    this.#free(row);
  }

  #free(row: number): void {
    const owner = this.#rows.owner[row]!;
    this.#unlink(row);
    owner.total--;
    if (owner.total === 0) this.#announcers.delete(owner.id);
    this.#rows.free(row);
    this.#count--;
  }

  /** Everything has gone: so does the memory that a flood has taken. */
  #beginAnew(): void {
    this.#rows = new AnnouncementRows();
    this.#txs = new AnnouncedTxs(this.#rng);
    this.#heap = new AnnouncementHeap(this.#rows);
  }

  // --- what follows from the state of a row ---------------------------------------------------------------------------

  #link(row: number): void {
    const { state, owner, tx, previousOfPeer, nextOfPeer } = this.#rows;
    const at = state[row]!;
    const announcer = owner[row]!;
    const next = at === BEST ? announcer.firstBest : announcer.firstOther;
    previousOfPeer[row] = NO_ROW;
    nextOfPeer[row] = next;
    if (next !== NO_ROW) previousOfPeer[next] = row;
    if (at === BEST) announcer.firstBest = row;
    else announcer.firstOther = row;
    if (at === REQUESTED) announcer.requested++;
    if (at === COMPLETED) announcer.completed++;
    if (isSelected(at)) this.#txs.selected[tx[row]!] = row;
    if (isWaiting(at)) this.#heap.push(row);
  }

  #unlink(row: number): void {
    const { state, owner, tx, previousOfPeer, nextOfPeer } = this.#rows;
    const at = state[row]!;
    const announcer = owner[row]!;
    const previous = previousOfPeer[row]!;
    const next = nextOfPeer[row]!;
    if (next !== NO_ROW) previousOfPeer[next] = previous;
    if (previous !== NO_ROW) nextOfPeer[previous] = next;
    else if (at === BEST) announcer.firstBest = next;
    else announcer.firstOther = next;
    if (at === REQUESTED) announcer.requested--;
    if (at === COMPLETED) announcer.completed--;
    if (isSelected(at)) this.#txs.selected[tx[row]!] = NO_ROW;
    if (isWaiting(at)) this.#heap.remove(row);
  }
}
