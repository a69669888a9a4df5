// Telling peers of transactions, by their hashes (Core InitiateTxBroadcastToAll, and the part of SendMessages that announces
// transactions). What is accepted is queued for every peer, and told when the peer's time has come: at random moments, so that
// nobody sees from them where a transaction came from (M13), of a burst the best first and so many that a flood of cheap
// transactions drowns nothing (D12).
//
// It must be told: `peerJoined` when a peer's version message was found good, `peerLeft` when it is gone, `noteKnown` when a peer
// shows that it has a transaction, `relay` when one was accepted, `tick` for every established peer some times a second.
//
// Not here: what is answered to those who fetch (tx-serving.ts), fetching for ourselves (tx-download.ts).

import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { exponentialDelayMs } from '../../kernel/util/exponential-delay.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { INVENTORY_ITEM_BYTES, InventoryList } from '../wire/packed-lists.ts';
import { MSG_TX, MSG_WTX } from '../wire/protocol.ts';
import type { BloomFilter } from './bloom-filter.ts';
import type { PeerId } from './peer-id.ts';
import { RollingBloomFilter } from './rolling-bloom.ts';
import { type PeerBacklog, RelayBacklog, rankOf } from './tx-relay-backlog.ts';
import { InboundClocks, type WayIn } from './tx-relay-clocks.ts';
import type { RelayEntry, RelayPool } from './tx-relay-pool.ts';

/** Mean time between two announcements to those who connected to us, and to those we connected to (Core …_BROADCAST_INTERVAL). */
const INBOUND_MEAN_MS = 5_000;
const OUTBOUND_MEAN_MS = 2_000;

/** Transactions that one announcement names when few wait: 14 a second (Core INVENTORY_BROADCAST_TARGET). */
const BROADCAST_TARGET: number = (14 * INBOUND_MEAN_MS) / 1_000;

/** So many more for every thousand that wait (Core SendMessages). */
const BROADCAST_PER_THOUSAND = 5;

/** Most transactions that one announcement names (Core INVENTORY_BROADCAST_MAX). */
export const BROADCAST_MAX = 1_000;

/** Most that one announcement looks at, to find those that the peer does not know and wants. Ours; Core looks at all. */
const EXAMINED_MAX: number = 10 * BROADCAST_MAX;

/** Work of a peer's bloom filter for one announcement, and the transaction that goes beyond it: some milliseconds. Ours. */
const FILTER_WORK_MAX = 100_000;

/** Entries and error rate of the filter of what a peer knows (Core m_tx_inventory_known_filter). */
const KNOWN_ENTRIES = 50_000;
const KNOWN_ERROR_RATE = 0.000_001;

/** Our own transactions that nobody fetched are announced again after so long, and up to half as long more (Core). */
const REATTEMPT_MIN_MS = 600_000;
const REATTEMPT_SPREAD_MS = 300_000;

/** A fee rate is for so many virtual bytes. */
const VBYTES_PER_RATE = 1_000;

/** What must be known of a peer; a Peer of peer.ts is one. Read whenever it is needed, so it may change. */
export interface RelayPeerFacts extends WayIn {
  readonly id: PeerId;
  /** It is told at once (permission `noban`). */
  readonly permissions: { readonly noban: boolean };
  /** It is told of transactions at all; it may ask to be. */
  readonly wantsTransactions: boolean;
  readonly mayWantTransactions: boolean;
  /** It is told of what this matches alone (BIP37). */
  readonly bloomFilter: Pick<BloomFilter, 'work' | 'matchAndUpdate'> | null;
  readonly announcesByWtxid: boolean;
  /** It wants no transactions below this fee rate (BIP133). */
  readonly feeFilterSat: number;
}

/** What RPC says of a peer. */
export interface RelayState {
  /** Sequence of the mempool at the last announcement (Core last_inv_sequence). */
  readonly lastSequence: number;
  /** Transactions that it is still to be told of (Core inv_to_send). */
  readonly waitingCount: number;
}

interface PeerState {
  readonly facts: RelayPeerFacts;
  readonly backlog: PeerBacklog;
  /** What it told us of, and what it was told of, by txid or by wtxid as it wants them. Made when needed: 540 kB. */
  known: RollingBloomFilter | null;
  /** Null: its first tick is still to come; nothing that came before is told. */
  nextSendMs: number | null;
  lastSequence: number;
  isMempoolAsked: boolean;
  /** What is left of the answer to `mempool`; null: none is under way. */
  answer: RelayEntry[] | null;
}

/** See the top of the file. */
export class TxRelay {
  readonly #pool: RelayPool;
  readonly #rng: Rng;
  readonly #backlog: RelayBacklog = new RelayBacklog();
  readonly #inboundClocks: InboundClocks;
  readonly #peers: Map<PeerId, PeerState> = new Map();

  constructor(pool: RelayPool, rng: Rng) {
    this.#pool = pool;
    this.#rng = rng;
    this.#inboundClocks = new InboundClocks(INBOUND_MEAN_MS, rng);
    pool.signals.removed.subscribe(({ entry }) => this.#backlog.drop(entry));
  }

  /** A peer has introduced itself. One that will never want transactions is not remembered. */
  peerJoined(facts: RelayPeerFacts): void {
    if (!facts.mayWantTransactions) return;
    const backlog = this.#backlog.addPeer();
    // 1 is the sequence of an empty mempool
    const fresh = { known: null, nextSendMs: null, lastSequence: 1, isMempoolAsked: false, answer: null };
    this.#peers.set(facts.id, { facts, backlog, ...fresh });
  }

  peerLeft(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#backlog.removePeer(peer.backlog);
    this.#peers.delete(id);
  }

  /** What RPC says of a peer; null when it is told of no transactions. */
  state(id: PeerId): RelayState | null {
    const peer = this.#peers.get(id);
    if (peer === undefined) return null;
    return { lastSequence: peer.lastSequence, waitingCount: peer.backlog.count };
  }

  /** The peer has a transaction: it sent it, or announced it. By wtxid if it announces by wtxid, otherwise by txid. */
  noteKnown(id: PeerId, hash: Uint8Array): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#knownOf(peer).insert(hash);
  }

  /** A transaction of the mempool is to be told to everybody who may not know it. */
  relay(wtxid: Uint8Array): void {
    const entry = this.#pool.getByWtxid(wtxid);
    if (entry !== null) this.#queue(entry);
  }

  /** Announces those of our own transactions again that nobody has fetched. To be called after each {@link drawReattemptDelayMs}. */
  reattemptBroadcast(): void {
    for (const txid of this.#pool.unbroadcast()) {
      const entry = this.#pool.get(txid);
      if (entry !== null) this.#queue(entry);
    }
  }

  /** How long to wait before the next {@link reattemptBroadcast}. */
  drawReattemptDelayMs(): number {
    return REATTEMPT_MIN_MS + this.#rng.below(REATTEMPT_SPREAD_MS);
  }

  /** `mempool`, from a peer that may ask: with its next announcement it is told of everything that we have. */
  requestMempool(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) peer.isMempoolAsked = true;
  }

  /** What a peer is to be told of now; null: nothing. */
  tick(id: PeerId, nowMs: number): InventoryList | null {
    const peer = this.#peers.get(id);
    if (peer === undefined) return null;
    const isDue = this.#takeDue(peer, nowMs);
    if (isDue && peer.isMempoolAsked) {
      peer.isMempoolAsked = false;
      peer.answer = [...this.#pool.entries()];
    }
    const chosen = peer.answer === null ? [] : this.#takeAnswer(peer, peer.answer);
    if (isDue) {
      chosen.push(...this.#takeBacklog(peer));
      peer.lastSequence = this.#pool.sequence;
    }
    return chosen.length === 0 ? null : this.#announce(peer, chosen);
  }

  // --- when

  /** Whether the time of a peer has come; if so its next one is set. */
  #takeDue(peer: PeerState, nowMs: number): boolean {
    const { facts } = peer;
    if (peer.nextSendMs !== null && peer.nextSendMs >= nowMs) return facts.permissions.noban;
    peer.nextSendMs =
      facts.kind === 'inbound'
        ? this.#inboundClocks.next(facts, nowMs)
        : nowMs + exponentialDelayMs(OUTBOUND_MEAN_MS, this.#rng);
    return true;
  }

  // --- what

  /** Queues a transaction for everybody who may not know it. */
  #queue(entry: RelayEntry): void {
    const rank = rankOf(this.#pool.graph.chunkFeerate(entry.ref));
    this.#raiseAncestors(entry, rank);
    for (const peer of this.#peers.values()) {
      if (!peer.facts.wantsTransactions || peer.nextSendMs === null || this.#isKnown(peer, entry)) continue;
      this.#backlog.add(peer.backlog, entry, rank);
    }
  }

  /** Ancestors that wait come before a descendant that pays for them: they are mined in its chunk, or in an earlier one. */
  #raiseAncestors(entry: RelayEntry, rank: number): void {
    if (this.#backlog.size === 0) return;
    const ancestors = this.#pool.ancestors(entry).filter((ancestor) => ancestor !== entry);
    for (const ancestor of this.#inMiningOrder(ancestors)) this.#backlog.raise(ancestor, rank);
  }

  #inMiningOrder(entries: readonly RelayEntry[]): RelayEntry[] {
    return [...entries].sort((a, b) => this.#pool.graph.compareMiningOrder(a.ref, b.ref));
  }

  /** The best of what waits for a peer, in mining order. */
  #takeBacklog(peer: PeerState): RelayEntry[] {
    const { backlog, facts } = peer;
    const growth = BROADCAST_PER_THOUSAND * Math.floor(backlog.count / 1_000);
    const limit = Math.min(BROADCAST_TARGET + growth, BROADCAST_MAX);
    const chosen: RelayEntry[] = [];
    const workMax = filterWork(facts) + FILTER_WORK_MAX;
    let examined = 0;
    this.#backlog.visit(backlog, (entry) => {
      this.#backlog.delete(backlog, entry);
      examined++;
      if (!this.#isKnown(peer, entry) && isWanted(facts, entry)) chosen.push(entry);
      return chosen.length < limit && examined < EXAMINED_MAX && filterWork(facts) < workMax;
    });
    return this.#inMiningOrder(chosen);
  }

  /** The next part of the answer to `mempool`: also what the peer knows, and as much at a time as is announced at most. */
  #takeAnswer(peer: PeerState, answer: RelayEntry[]): RelayEntry[] {
    const chosen: RelayEntry[] = [];
    const workMax = filterWork(peer.facts) + FILTER_WORK_MAX;
    for (let examined = 0; examined < BROADCAST_MAX && answer.length > 0; examined++) {
      if (filterWork(peer.facts) >= workMax) break;
      const entry = answer.pop()!;
      if (!this.#pool.contains(entry)) continue;
      this.#backlog.delete(peer.backlog, entry);
      if (isWanted(peer.facts, entry)) chosen.push(entry);
    }
    if (answer.length === 0) peer.answer = null;
    return this.#inMiningOrder(chosen);
  }

  #announce(peer: PeerState, entries: readonly RelayEntry[]): InventoryList {
    const type = peer.facts.announcesByWtxid ? MSG_WTX : MSG_TX;
    const known = this.#knownOf(peer);
    const bytes = new Uint8Array(INVENTORY_ITEM_BYTES * entries.length);
    let at = 0;
    for (const entry of entries) {
      const hash = hashFor(peer.facts, entry);
      known.insert(hash);
      writeU32(bytes, at, type);
      bytes.set(hash, at + INVENTORY_ITEM_BYTES - HASH_BYTES);
      at += INVENTORY_ITEM_BYTES;
    }
    return new InventoryList(bytes);
  }

  #knownOf(peer: PeerState): RollingBloomFilter {
    peer.known ??= new RollingBloomFilter(KNOWN_ENTRIES, KNOWN_ERROR_RATE, this.#rng);
    return peer.known;
  }

  #isKnown({ facts, known }: PeerState, entry: RelayEntry): boolean {
    return known?.contains(hashFor(facts, entry)) ?? false;
  }
}

/** The hash by which a peer wants to be told of a transaction. */
function hashFor({ announcesByWtxid }: RelayPeerFacts, { transaction }: RelayEntry): Uint8Array {
  return announcesByWtxid ? transaction.wtxid : transaction.txid;
}

/**
 * Whether a transaction pays what the peer asks for, where a fee equal to the rounded-up one does (Core CFeeRate::GetFee), and is
 * one that its filter matches.
 */
function isWanted({ feeFilterSat, bloomFilter }: RelayPeerFacts, { feeSat, vsize, transaction }: RelayEntry): boolean {
  if (compareProducts(feeSat, VBYTES_PER_RATE, feeFilterSat, vsize) < 0) return false;
  return bloomFilter === null || bloomFilter.matchAndUpdate(transaction);
}

/** What matching has cost so far. */
function filterWork({ bloomFilter }: RelayPeerFacts): number {
  return bloomFilter?.work ?? 0;
}
