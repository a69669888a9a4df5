// Orphans: transactions whose parents are not known yet (Core TxOrphanage). Nobody can tell an orphan from a transaction that spends
// what does not exist, so strangers decide what is kept here, and the store is bounded in two ways: by weight, which stands for
// memory, and by a *latency score*, which stands for the time that going through the orphans takes: one for each announcement and
// one for every ten inputs (CVE-2012-3789, CVE-2024-52914; D08).
//
// Every peer that announced an orphan counts as its announcer and answers for all of it. The weight allowed to all together is a
// fixed share for each announcer; the score allowed is fixed, in equal parts. Only when the whole is too much something goes: of the
// peer that exceeds its part the most, the oldest announcement, those that may become valid last. So a peer within its part loses
// nothing through others, whatever they send, and what several peers announced stays as long as one of them has room.
//
// When a parent is accepted, each child is given to one of its announcers by lot, to be tried again at that peer's expense. A
// transaction may be here several times under one txid, with different witnesses: anybody can put a wrong one in front.

import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { TX_WEIGHT_MAX } from '../../kernel/policy/limits.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { ObjectsByKey } from './orphanage-index.ts';
import { type Announcement, compareShares, type Orphan, OrphanAnnouncer, type PeerLimits } from './orphanage-peer.ts';

/** Weight for each peer that announced orphans, in weight units (Core DEFAULT_RESERVED_ORPHAN_WEIGHT_PER_PEER). */
const RESERVED_WEIGHT_WU = 404_000;

/** Latency score of all orphans (Core DEFAULT_MAX_ORPHANAGE_LATENCY_SCORE). */
const LATENCY_SCORE_MAX = 3_000;

/** So many inputs count as much as an announcement (Core GetLatencyScore). */
const INPUTS_PER_SCORE = 10;

/** The bounds of an orphanage. */
export interface OrphanageLimits {
  /** Weight that every announcer adds to what all may have. */
  readonly reservedWeightWu: number;
  readonly latencyScoreMax: number;
}

/** Core's bounds. */
export const ORPHANAGE_LIMITS: OrphanageLimits = Object.freeze({
  reservedWeightWu: RESERVED_WEIGHT_WU,
  latencyScoreMax: LATENCY_SCORE_MAX,
});

/** Transactions that wait for their parents. Peers are numbers, which the network gives. */
export class Orphanage {
  readonly #limits: OrphanageLimits;
  readonly #rng: Rng;
  readonly #orphans: ObjectsByKey<Orphan>;
  /** Orphans by what they spend. */
  readonly #spenders: ObjectsByKey<Orphan[]>;
  readonly #peers: Map<number, OrphanAnnouncer> = new Map();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  #announcementCount = 0;
  #weightWu = 0;
  #inputScore = 0;
  #sequence = 0;

  /** `rng` salts the tables and draws the peers that pay for another try. */
  constructor(rng: Rng, limits: OrphanageLimits = ORPHANAGE_LIMITS) {
    this.#rng = rng;
    this.#limits = limits;
    this.#orphans = new ObjectsByKey(HASH_BYTES, rng);
    this.#spenders = new ObjectsByKey(OUTPOINT_BYTES, rng);
  }

  // --- what is there --------------------------------------------------------------------------------------------------

  /** Different transactions, by wtxid. */
  get size(): number {
    return this.#orphans.size;
  }

  /** Announcements of all peers. */
  get announcementCount(): number {
    return this.#announcementCount;
  }

  /** Weight of all, each counted once. */
  get weightWu(): number {
    return this.#weightWu;
  }

  /** Score of all announcements, inputs counted once. */
  get latencyScore(): number {
    return this.#announcementCount + this.#inputScore;
  }

  /** Most that all may weigh now. */
  get weightMaxWu(): number {
    return this.#limits.reservedWeightWu * Math.max(this.#peers.size, 1);
  }

  /** What a peer has announced. */
  usage(peer: number): { readonly count: number; readonly weightWu: number; readonly latencyScore: number } {
    const { count = 0, weightWu = 0, latencyScore = 0 } = this.#peers.get(peer) ?? {};
    return { count, weightWu, latencyScore };
  }

  /** All orphans. */
  orphans(): Iterable<Orphan> {
    return this.#orphans.values();
  }

  /** The orphan of a wtxid; null when there is none. */
  get(wtxid: Uint8Array): Transaction | null {
    return this.#orphans.get(wtxid)?.transaction ?? null;
  }

  /** Whether there is an orphan of this wtxid. */
  has(wtxid: Uint8Array): boolean {
    return this.#orphans.get(wtxid) !== undefined;
  }

  /** Whether the peer has announced the orphan. */
  hasFrom(wtxid: Uint8Array, peer: number): boolean {
    return this.#orphans.get(wtxid)?.announcements.some((one) => one.peer.id === peer) ?? false;
  }

  /** Orphans of a peer that spend from a transaction: those to be tried again first, then the latest first. */
  childrenFrom(peer: number, parent: Transaction): Transaction[] {
    const announcer = this.#peers.get(peer);
    if (announcer === undefined) return [];
    const children: Transaction[] = [];
    for (const list of [announcer.ready, announcer.waiting]) {
      for (let i = list.length - 1; i >= 0; i--) {
        const { transaction } = list[i]!.orphan;
        if (spendsFrom(transaction, parent.txid)) children.push(transaction);
      }
    }
    return children;
  }

  // --- what comes and goes --------------------------------------------------------------------------------------------

  /**
   * A peer has sent a transaction whose parents are missing. True when it is new and stays for now; whoever is too heavy to be
   * relayed is not taken.
   */
  add(transaction: Transaction, peer: number): boolean {
    if (transaction.weightWu > TX_WEIGHT_MAX) return false;
    const known = this.#orphans.get(transaction.wtxid);
    if (known !== undefined) {
      this.#announce(known, peer);
      return false;
    }
    this.#announce(this.#store(transaction.detach()), peer);
    return this.has(transaction.wtxid);
  }

  /** A further peer has an orphan. False when there is no such orphan, or the peer announced it before. */
  addAnnouncer(wtxid: Uint8Array, peer: number): boolean {
    const orphan = this.#orphans.get(wtxid);
    return orphan !== undefined && this.#announce(orphan, peer);
  }

  #store(transaction: Transaction): Orphan {
    const inputScore = Math.floor(transaction.inputCount / INPUTS_PER_SCORE);
    const orphan = { transaction, weightWu: transaction.weightWu, inputScore, announcements: [], ready: null };
    this.#orphans.add(transaction.wtxid, 0, orphan);
    for (let i = 0; i < transaction.inputCount; i++) {
      const at = transaction.prevoutStart(i);
      const spenders = this.#spenders.get(transaction.bytes, at);
      if (spenders === undefined) this.#spenders.add(transaction.bytes, at, [orphan]);
      else if (spenders.at(-1) !== orphan) spenders.push(orphan);
    }
    this.#weightWu += orphan.weightWu;
    this.#inputScore += orphan.inputScore;
    return orphan;
  }

  #announce(orphan: Orphan, id: number): boolean {
    if (orphan.announcements.some((one) => one.peer.id === id)) return false;
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = new OrphanAnnouncer(id);
      this.#peers.set(id, peer);
    }
    const announcement = { orphan, peer, sequence: this.#sequence++ };
    orphan.announcements.push(announcement);
    peer.add(announcement);
    this.#announcementCount++;
    this.#limit();
    return true;
  }

  /** Forgets an orphan with all its announcements. False when there is none. */
  erase(wtxid: Uint8Array): boolean {
    const orphan = this.#orphans.get(wtxid);
    if (orphan === undefined) return false;
    this.#forget(orphan);
    this.#limit(); // with an announcer less, less is allowed
    return true;
  }

  /** A peer has gone. Returns how many of its announcements went with it; what others announced, too, stays. */
  peerLeft(id: number): number {
    const peer = this.#peers.get(id);
    if (peer === undefined) return 0;
    const all = [...peer.waiting, ...peer.ready];
    for (const announcement of all) this.#retract(announcement);
    this.#limit();
    return all.length;
  }

  /** A block has been connected: what it spent cannot be spent again. Returns how many orphans went. */
  blockConnected(block: Block): number {
    if (this.size === 0) return 0;
    const gone = new Set<Orphan>();
    for (let i = 0; i < block.txCount; i++) {
      const transaction = block.transaction(i);
      for (let j = 0; j < transaction.inputCount; j++) {
        for (const orphan of this.#spenders.get(transaction.bytes, transaction.prevoutStart(j)) ?? []) gone.add(orphan);
      }
    }
    for (const orphan of gone) this.#forget(orphan);
    this.#limit();
    return gone.size;
  }

  #forget(orphan: Orphan): void {
    for (const announcement of [...orphan.announcements]) this.#retract(announcement);
  }

  /** Takes back an announcement, and with the last one the orphan. */
  #retract(announcement: Announcement): void {
    const { orphan, peer } = announcement;
    peer.remove(announcement);
    if (peer.count === 0) this.#peers.delete(peer.id);
    if (orphan.ready === announcement) orphan.ready = null;
    orphan.announcements.splice(orphan.announcements.indexOf(announcement), 1);
    this.#announcementCount--;
    if (orphan.announcements.length === 0) this.#drop(orphan);
  }

  #drop(orphan: Orphan): void {
    const { transaction } = orphan;
    this.#orphans.delete(transaction.wtxid, 0);
    for (let i = 0; i < transaction.inputCount; i++) {
      const at = transaction.prevoutStart(i);
      const spenders = this.#spenders.get(transaction.bytes, at);
      const place = spenders === undefined ? -1 : spenders.indexOf(orphan);
      if (spenders === undefined || place < 0) continue;
      spenders.splice(place, 1);
      if (spenders.length === 0) this.#spenders.delete(transaction.bytes, at);
    }
    this.#weightWu -= orphan.weightWu;
    this.#inputScore -= orphan.inputScore;
  }

  // --- another try ----------------------------------------------------------------------------------------------------

  /** A transaction was accepted: orphans that spend from it are to be tried again, each at the expense of one of its announcers. */
  parentAccepted(parent: Transaction): void {
    if (this.size === 0) return;
    this.#outpoint.set(parent.txid);
    for (let j = 0; j < parent.outputCount; j++) {
      writeU32(this.#outpoint, HASH_BYTES, j);
      for (const orphan of this.#spenders.get(this.#outpoint) ?? []) {
        if (orphan.ready !== null) continue;
        const chosen = orphan.announcements[this.#rng.below(orphan.announcements.length)]!;
        chosen.peer.setReady(chosen, true);
      }
    }
  }

  /** Whether a peer has an orphan to be tried again. */
  hasReady(peer: number): boolean {
    return (this.#peers.get(peer)?.ready.length ?? 0) > 0;
  }

  /** The next orphan of a peer to be tried again, which waits for a parent again from now on; null when there is none. */
  takeReady(peer: number): Transaction | null {
    const next = this.#peers.get(peer)?.ready[0];
    if (next === undefined) return null;
    next.peer.setReady(next, false);
    return next.orphan.transaction;
  }

  // --- limits ---------------------------------------------------------------------------------------------------------

  get #isOverLimit(): boolean {
    return this.latencyScore > this.#limits.latencyScoreMax || this.#weightWu > this.weightMaxWu;
  }

  /** Takes from whoever exceeds its part the most until the whole is within the limits (Core LimitOrphans). */
  #limit(): void {
    if (!this.#isOverLimit) return;
    // The parts stay as they are meanwhile, although they would grow when a peer loses everything.
    const parts: PeerLimits = {
      latencyScore: Math.max(Math.floor(this.#limits.latencyScoreMax / Math.max(this.#peers.size, 1)), 1),
      weightWu: this.#limits.reservedWeightWu,
    };
    while (this.#isOverLimit) this.#retract(this.#findWorst(parts).oldest!);
  }

  /** The peer that exceeds its part the most; of several the one that came last. */
  #findWorst(parts: PeerLimits): OrphanAnnouncer {
    let worst: OrphanAnnouncer | null = null;
    for (const peer of this.#peers.values()) {
      const order = worst === null ? 1 : compareShares(peer.share(parts), worst.share(parts));
      if (worst === null || order > 0 || (order === 0 && peer.id > worst.id)) worst = peer;
    }
    assert(worst !== null, 'orphanage: somebody has what is too much');
    return worst;
  }

  /** Checks that all parts agree and that the limits hold. Slow, for tests. */
  sanityCheck(): void {
    const outpoints = new Set<string>();
    let [announcements, weightWu, inputScore] = [0, 0, 0];
    for (const orphan of this.#orphans.values()) {
      const { transaction } = orphan;
      assert(orphan.announcements.length > 0, 'orphanage: an orphan has an announcer');
      assert(orphan.ready === null || orphan.announcements.includes(orphan.ready), 'orphanage: its own announcement');
      for (let i = 0; i < transaction.inputCount; i++) {
        const at = transaction.prevoutStart(i);
        outpoints.add(transaction.bytes.subarray(at, at + OUTPOINT_BYTES).join());
        assert(
          this.#spenders.get(transaction.bytes, at)?.includes(orphan) === true,
          'orphanage: found by what it spends',
        );
      }
      announcements += orphan.announcements.length;
      weightWu += orphan.weightWu;
      inputScore += orphan.inputScore;
    }
    assert(outpoints.size === this.#spenders.size, 'orphanage: nothing else is found');
    assert(announcements === this.#announcementCount, 'orphanage: the number of announcements');
    assert(weightWu === this.#weightWu && inputScore === this.#inputScore, 'orphanage: the sums');
    assert(!this.#isOverLimit, 'orphanage: the limits');
    let ofPeers = 0;
    for (const peer of this.#peers.values()) {
      checkPeer(peer);
      ofPeers += peer.count;
    }
    assert(ofPeers === announcements, 'orphanage: announcements have a peer');
  }
}

/** Whether a transaction spends an output of another, there or not. */
function spendsFrom(child: Transaction, parentTxid: Uint8Array): boolean {
  for (let i = 0; i < child.inputCount; i++) {
    if (equalRange(child.bytes, child.prevoutStart(i), parentTxid, 0, HASH_BYTES)) return true;
  }
  return false;
}

function checkPeer(peer: OrphanAnnouncer): void {
  let [weightWu, latencyScore] = [0, 0];
  for (const list of [peer.waiting, peer.ready]) {
    list.forEach((announcement, i) => {
      const { orphan } = announcement;
      assert(
        announcement.peer === peer && orphan.announcements.includes(announcement),
        'orphanage: listed on both sides',
      );
      assert((orphan.ready === announcement) === (list === peer.ready), 'orphanage: in the list of its state');
      assert(i === 0 || list[i - 1]!.sequence < announcement.sequence, 'orphanage: in the order in which they came');
      weightWu += orphan.weightWu;
      latencyScore += 1 + orphan.inputScore;
    });
  }
  assert(peer.count > 0, 'orphanage: a peer with announcements');
  assert(weightWu === peer.weightWu && latencyScore === peer.latencyScore, 'orphanage: the sums of a peer');
}
