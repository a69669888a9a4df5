// Transactions of our own that are to reach the network without anybody seeing where they come from (Core private_broadcast.h). Each
// goes over several connections of its own through Tor or I2P, one transaction a connection, and is forgotten when somebody else sends
// it to us. What was not confirmed by the peers that got it, or has not come back, is sent again.
//
// This is the list, and how many connections are still to be made. Who makes them is app/private-broadcaster.ts; what is said on them
// handlers/private-broadcast.ts. Times are pairs of both clocks: waiting is by the monotonic one, what people see by the other.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import type { NetAddress } from '../wire/net-address.ts';
import type { PeerFacts } from './peer.ts';
import type { PeerId } from './peer-id.ts';

/** Connections that a transaction is sent over at first (Core NUM_PRIVATE_BROADCAST_PER_TX). */
export const CONNECTIONS_PER_TRANSACTION = 3;

/** Most transactions on the list (Core MAX_TRANSACTIONS). */
const TRANSACTIONS_MAX = 10_000;

/** Sendings of a transaction that are remembered, the latest; ours, Core remembers all. */
const SENDINGS_MAX = 100;

/** A transaction that nobody has confirmed is sent again after so long (Core INITIAL_STALE_DURATION). */
const UNCONFIRMED_STALE_MS: number = 5 * 60_000;

/** One that was confirmed and has not come back, after so long (Core STALE_DURATION). */
const CONFIRMED_STALE_MS = 60_000;

/** A moment by both clocks. */
export interface SendTime {
  readonly nowMs: number;
  readonly nowSec: number;
}

/** That a transaction was chosen for a peer. */
export interface Sending {
  readonly address: NetAddress;
  readonly sentSec: number;
  /** When the peer said that it has it; null: it has not. */
  readonly receivedSec: number | null;
}

/** A transaction of the list, for people. */
export interface PrivateTransaction {
  readonly transaction: Transaction;
  readonly addedSec: number;
  readonly sendings: readonly Sending[];
}

/** What became of a transaction that is to be sent. */
export type AddOutcome = 'added' | 'already' | 'full';

interface Entry {
  readonly transaction: Transaction;
  readonly addedMs: number;
  readonly addedSec: number;
  readonly sendings: { address: NetAddress; sentSec: number; receivedSec: number | null }[];
  sentCount: number;
  lastSentMs: number;
  confirmedCount: number;
  lastConfirmedMs: number;
}

interface Errand {
  readonly entry: Entry;
  readonly sending: Entry['sendings'][number];
}

/** See the top of the file. */
export class PrivateBroadcast {
  /** By wtxid, the oldest first. */
  readonly #entries: Map<string, Entry> = new Map();
  /** What was chosen for whom, as long as the connection lasts. */
  readonly #errands: Map<PeerId, Errand> = new Map();
  #connectionsToOpen = 0;
  #isTorProven = false;

  /** Connections that are to be made; whoever made one says so. */
  get connectionsToOpen(): number {
    return this.#connectionsToOpen;
  }

  /** More connections are needed, or, below zero, fewer. */
  adjustConnections(count: number): void {
    this.#connectionsToOpen = Math.max(0, this.#connectionsToOpen + count);
  }

  /**
   * Whether somebody in Tor has ever answered us: then what was given as Tor's proxy is one, and what goes through it to other
   * networks leaves by an exit of Tor (Core m_outbound_tor_ok_at_least_once).
   */
  get isTorProven(): boolean {
    return this.#isTorProven;
  }

  /** A peer has introduced itself. */
  noteIntroduction({ kind, address }: Pick<PeerFacts, 'kind' | 'address'>): void {
    if (kind !== 'inbound' && address.network === 'onion') this.#isTorProven = true;
  }

  /** Whether there is anything to send. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Puts a transaction on the list, and has connections made for it. Nothing is thrown out for it. */
  add(transaction: Transaction, { nowMs, nowSec }: SendTime): AddOutcome {
    const key = formatHash(transaction.wtxid);
    if (this.#entries.has(key)) return 'already';
    if (this.#entries.size >= TRANSACTIONS_MAX) return 'full';
    this.#entries.set(key, {
      transaction,
      addedMs: nowMs,
      addedSec: nowSec,
      sendings: [],
      sentCount: 0,
      lastSentMs: Number.NEGATIVE_INFINITY,
      confirmedCount: 0,
      lastConfirmedMs: Number.NEGATIVE_INFINITY,
    });
    this.adjustConnections(CONNECTIONS_PER_TRANSACTION);
    return 'added';
  }

  /** Takes a transaction off the list, with the connections that it does not need any more. False when it was not there. */
  remove({ wtxid }: Transaction): boolean {
    const key = formatHash(wtxid);
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.adjustConnections(-Math.max(0, CONNECTIONS_PER_TRANSACTION - entry.confirmedCount));
    return true;
  }

  /** Takes everything off the list that has this txid or wtxid. */
  abort(hash: Uint8Array): readonly Transaction[] {
    const transactions = [...this.#entries.values()].map(({ transaction }) => transaction);
    const meant = transactions.filter(({ txid, wtxid }) => equalBytes(txid, hash) || equalBytes(wtxid, hash));
    for (const transaction of meant) this.remove(transaction);
    return meant;
  }

  /** The transaction that a peer is to get: the one that was sent and confirmed least, and longest ago. Null: there is none. */
  choose(id: PeerId, address: NetAddress, { nowMs, nowSec }: SendTime): Transaction | null {
    let best: Entry | null = null;
    for (const entry of this.#entries.values()) if (best === null || compareUrgency(entry, best) < 0) best = entry;
    if (best === null) return null;
    const sending = { address, sentSec: nowSec, receivedSec: null };
    best.sendings.push(sending);
    if (best.sendings.length > SENDINGS_MAX) best.sendings.shift();
    best.sentCount++;
    best.lastSentMs = nowMs;
    this.#errands.set(id, { entry: best, sending });
    return best.transaction;
  }

  /** What was chosen for a peer; null: nothing, or it is not on the list any more. */
  chosenFor(id: PeerId): Transaction | null {
    const errand = this.#errands.get(id);
    return errand !== undefined && this.#isListed(errand.entry) ? errand.entry.transaction : null;
  }

  /** The peer has what was chosen for it. */
  confirmed(id: PeerId, { nowMs, nowSec }: SendTime): void {
    const errand = this.#errands.get(id);
    if (errand === undefined) return;
    errand.sending.receivedSec = nowSec;
    errand.entry.confirmedCount++;
    errand.entry.lastConfirmedMs = nowMs;
  }

  /** The connection is over; if it was in vain, another one is needed. */
  peerLeft(id: PeerId): void {
    const errand = this.#errands.get(id);
    this.#errands.delete(id);
    const isConfirmed = errand !== undefined && this.#isListed(errand.entry) && errand.sending.receivedSec !== null;
    if (!isConfirmed && !this.isEmpty) this.adjustConnections(1);
  }

  /** Transactions that should have come back by now. */
  stale(nowMs: number): readonly Transaction[] {
    const isStale = (entry: Entry): boolean =>
      entry.confirmedCount === 0
        ? nowMs - entry.addedMs > UNCONFIRMED_STALE_MS
        : nowMs - entry.lastConfirmedMs > CONFIRMED_STALE_MS;
    return [...this.#entries.values()].filter(isStale).map(({ transaction }) => transaction);
  }

  /** The list, the oldest first. */
  list(): readonly PrivateTransaction[] {
    return [...this.#entries.values()];
  }

  #isListed(entry: Entry): boolean {
    return this.#entries.get(formatHash(entry.transaction.wtxid)) === entry;
  }
}

/** Negative when `a` is to be sent before `b`. */
function compareUrgency(a: Entry, b: Entry): number {
  return (
    a.sentCount - b.sentCount ||
    a.confirmedCount - b.confirmedCount ||
    compareTimes(a.lastSentMs, b.lastSentMs) ||
    compareTimes(a.lastConfirmedMs, b.lastConfirmedMs)
  );
}

/** Both may be infinite, whose difference is no number. */
function compareTimes(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
