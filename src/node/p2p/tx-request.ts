// Who is asked for which transaction, when, and in what order (Core TxRequestTracker). A machine without clock.
//
// An *announcement* is a peer and a hash, txid or wtxid. Of each is known: when the peer may be asked at the earliest, whether the
// peer is *preferred* (one that we chose, or trust), in which order it came. These rules hold:
//
// - A transaction is asked of one peer at a time. The next is asked when the one before answers without it or takes too long.
//   Two names of one transaction count as two: whoever announces by txid is given a delay, so that the other name wins.
// - A peer is asked once for what it announced. To name a transaction again changes nothing as long as we remember; else who
//   never answers could have itself asked again and again, and keep a transaction from us. An announcement is forgotten when the
//   peer goes, when nobody needs the transaction any more, and when all who announced it have failed.
// - A peer is asked when its time has come. Delays let better peers have their say first.
// - Among several whose time has come, preferred peers go first; among equals a keyed hash of transaction and peer decides, which
//   nobody can foresee or influence.
//
// So whoever races the network to hide a transaction gains nothing against an honest preferred peer, and otherwise one timeout for
// each of his connections. A peer that has much in flight is asked less eagerly (tx-download.ts), and how many announcements a
// peer may have is limited there too: memory here grows with their number. Work grows with the logarithm of that number, times
// how many peers announced the same transaction, who are as many as there are connections at most.
//
// Time may stand still or go back: then what waits waits longer. Core would also take back that a peer may be asked; here that
// stays, since a clock that only counts up never shows the difference.

import { SIPHASH_KEY_BYTES, SipHash } from '../../kernel/crypto/siphash.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { PeerId } from './peer-id.ts';
import type { GenTxid } from './tx-announcement.ts';
import { NO_ROW } from './tx-announcement-index.ts';
import { checkAnnouncements } from './tx-announcement-sanity.ts';
import { AnnouncementTable, BEST, COMPLETED, DELAYED, READY, REQUESTED } from './tx-announcement-table.ts';

const TWO_32 = 0x100000000;

/** Chance of the draw: 52 bits of a hash. A preferred peer has the bit above, so that every priority is an exact number. */
const DRAWN_HIGH_BITS = 20;
const PREFERRED: number = 2 ** (32 + DRAWN_HIGH_BITS);

/** A request that was not answered in time. */
export interface TimedOutRequest {
  readonly peer: PeerId;
  readonly id: GenTxid;
}

/** When and how a peer may be asked. */
export interface RequestTerms {
  readonly isPreferred: boolean;
  /** The moment from which on. */
  readonly atMs: number;
}

/** The announcements of all peers. */
export class TxRequestTracker {
  readonly #table: AnnouncementTable;
  readonly #sip: SipHash;
  readonly #drawn: Uint8Array = new Uint8Array(HASH_BYTES + 8);
  #sequence = 0;

  constructor(rng: Rng) {
    this.#table = new AnnouncementTable(rng);
    this.#sip = new SipHash(rng.bytes(SIPHASH_KEY_BYTES));
  }

  /** Announcements of all peers. */
  get size(): number {
    return this.#table.count;
  }

  /** Announcements of a peer. */
  count(peer: PeerId): number {
    return this.#table.announcers.get(peer)?.total ?? 0;
  }

  /** Requests to a peer that it has not answered. */
  inFlightCount(peer: PeerId): number {
    return this.#table.announcers.get(peer)?.requested ?? 0;
  }

  /** Announcements of a peer for which it was not asked. */
  candidateCount(peer: PeerId): number {
    const announcer = this.#table.announcers.get(peer);
    return announcer === undefined ? 0 : announcer.total - announcer.requested - announcer.completed;
  }

  /** Peers that have the transaction as far as we know: they were not asked for it, or have not answered. */
  candidatePeers(hash: Uint8Array): PeerId[] {
    const { rows, txs } = this.#table;
    const peers: PeerId[] = [];
    const tx = txs.find(hash);
    for (let row = tx === NO_ROW ? NO_ROW : txs.firstRow[tx]!; row !== NO_ROW; row = rows.nextOfTx[row]!) {
      if (rows.state[row] !== COMPLETED) peers.push(rows.owner[row]!.id);
    }
    return peers;
  }

  /** A peer has named a transaction. Nothing changes when it did before, by whichever of its names. */
  announced(peer: PeerId, id: GenTxid, { isPreferred, atMs }: RequestTerms): void {
    const table = this.#table;
    if (table.findRow(table.txs.find(id.hash), peer) !== NO_ROW) return;
    const priority = this.computePriority(peer, id.hash, isPreferred);
    table.add(peer, id, { timeMs: atMs, sequence: this.#sequence++, priority });
  }

  /** How good a choice a peer is for a transaction; the higher, the better. */
  computePriority(peer: PeerId, hash: Uint8Array, isPreferred: boolean): number {
    this.#drawn.set(hash);
    writeU32(this.#drawn, HASH_BYTES, peer % TWO_32);
    writeU32(this.#drawn, HASH_BYTES + 4, Math.floor(peer / TWO_32));
    const { low, high } = this.#sip.hash(this.#drawn);
    return (high >>> (32 - DRAWN_HIGH_BITS)) * TWO_32 + low + (isPreferred ? PREFERRED : 0);
  }

  /** A peer has gone. */
  peerLeft(peer: PeerId): void {
    const announcer = this.#table.announcers.get(peer);
    if (announcer === undefined) return;
    while (announcer.firstBest !== NO_ROW) this.#forgetRow(announcer.firstBest);
    while (announcer.firstOther !== NO_ROW) this.#forgetRow(announcer.firstOther);
  }

  #forgetRow(row: number): void {
    if (this.#complete(row)) this.#table.removeRow(row);
  }

  /** Nobody needs the transaction any more, under this name. */
  forget(hash: Uint8Array): void {
    const tx = this.#table.txs.find(hash);
    if (tx !== NO_ROW) this.#table.removeTx(tx);
  }

  /**
   * What the peer is to be asked for now, in the order of its announcements, so that parents are asked for before children. What of
   * it is asked is told by {@link requested}. Requests to anybody whose time is over end; they are put into `timedOut`.
   */
  requestable(peer: PeerId, nowMs: number, timedOut: TimedOutRequest[]): GenTxid[] {
    const table = this.#table;
    this.#advance(nowMs, timedOut);
    const found: number[] = [];
    let row = table.announcers.get(peer)?.firstBest ?? NO_ROW;
    for (; row !== NO_ROW; row = table.rows.nextOfPeer[row]!) found.push(row);
    const { sequence } = table.rows;
    found.sort((a, b) => sequence[a]! - sequence[b]!);
    return found.map((one) => table.genTxid(one));
  }

  /**
   * The peer was asked, and is to answer until `untilMs`. Nothing changes when it did not announce the transaction or was asked
   * before. Another request for the same counts as failed.
   */
  requested(peer: PeerId, hash: Uint8Array, untilMs: number): void {
    const table = this.#table;
    const tx = table.txs.find(hash);
    const row = table.findRow(tx, peer);
    if (row === NO_ROW || table.rows.state[row] === REQUESTED || table.rows.state[row] === COMPLETED) return;
    const selected = table.txs.selected[tx]!;
    if (selected !== NO_ROW && selected !== row) {
      table.change(selected, table.rows.state[selected] === BEST ? READY : COMPLETED);
    }
    table.change(row, REQUESTED, untilMs);
  }

  /** The peer has answered, with the transaction or without. */
  answered(peer: PeerId, hash: Uint8Array): void {
    const row = this.#table.findRow(this.#table.txs.find(hash), peer);
    if (row !== NO_ROW) this.#complete(row);
  }

  /** Checks that all parts agree, and that the rules hold. */
  sanityCheck(): void {
    checkAnnouncements(this.#table);
    assert(this.#sequence < Number.MAX_SAFE_INTEGER, 'announcements are counted exactly');
  }

  // --- states ---------------------------------------------------------------------------------------------------------

  #advance(nowMs: number, timedOut: TimedOutRequest[]): void {
    for (;;) {
      const { heap, rows } = this.#table; // a table that has become empty begins anew
      const row = heap.first;
      if (row === undefined || rows.timeMs[row]! > nowMs) return;
      if (rows.state[row] === DELAYED) {
        this.#becomeReady(row);
      } else {
        timedOut.push({ peer: rows.owner[row]!.id, id: this.#table.genTxid(row) });
        this.#complete(row);
      }
    }
  }

  #becomeReady(row: number): void {
    const table = this.#table;
    const { rows, txs } = table;
    const selected = txs.selected[rows.tx[row]!]!;
    if (selected === NO_ROW) {
      table.change(row, BEST);
    } else if (rows.state[selected] === BEST && rows.priority[row]! > rows.priority[selected]!) {
      table.change(selected, READY);
      table.change(row, BEST);
    } else {
      table.change(row, READY);
    }
  }

  /** The peer is not asked any more. False: all who announced the transaction have failed, and it was forgotten. */
  #complete(row: number): boolean {
    const table = this.#table;
    const { rows, txs } = table;
    if (rows.state[row] === COMPLETED) return true;
    const tx = rows.tx[row]!;
    if (txs.openCount[tx] === 1) {
      table.removeTx(tx);
      return false;
    }
    table.change(row, COMPLETED);
    if (txs.selected[tx] === NO_ROW) this.#select(tx);
    return true;
  }

  /** Makes the best of those that are ready the next to be asked for. */
  #select(tx: number): void {
    const { rows, txs } = this.#table;
    let best = NO_ROW;
    for (let row = txs.firstRow[tx]!; row !== NO_ROW; row = rows.nextOfTx[row]!) {
      if (rows.state[row] !== READY) continue;
      if (best === NO_ROW || rows.priority[row]! > rows.priority[best]!) best = row;
    }
    if (best !== NO_ROW) this.#table.change(best, BEST);
  }
}
