// Which transactions are fetched, and what is done with those that come (Core TxDownloadManager). A machine without clock, which
// checks no transaction itself: it says which to check, and is told what came of it.
//
//   announcement ─ known already? ─ no ─▶ TxRequestTracker ─▶ getdata ─▶ transaction ─▶ to be checked
//                                                                        │
//         accepted: forgotten; its children among the orphans are to be tried again
//         refused:  remembered by wtxid, so that nobody is asked for it again until the next block
//         refused for its fee: remembered apart; tried with a child from the same peer that is waiting among the orphans
//         parents missing: kept as an orphan, unless a parent was refused; its parents are asked for, by txid, from everybody who
//                          announced it
//
// Checks take time here, unlike in Core: between a transaction's arrival and the verdict other events may come. What is being
// checked is not asked for and not checked twice; announcements of it are kept, since they matter if it turns out an orphan.
//
// Bounds: announcements of a peer (tx-download-peers.ts), the orphanage's own, one check for each peer.

import type { TxRejectKind } from '../../kernel/consensus/reject.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Txid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { compareBytes, equalBytes } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { Orphanage } from '../mempool/orphanage.ts';
import type { PeerId } from './peer-id.ts';
import { RejectFilters } from './reject-filters.ts';
import { byTxid, type GenTxid } from './tx-announcement.ts';
import { computePackageHash, type TxPackage } from './tx-download-package.ts';
import { type DownloadFacts, DownloadPeers } from './tx-download-peers.ts';
import { type TimedOutRequest, TxRequestTracker } from './tx-request.ts';

/** How long a peer has to answer (Core GETDATA_TX_INTERVAL). */
export const REQUEST_TIMEOUT_MS = 60_000;

/** The mempool, as far as it matters here. */
export interface KnownTransactions {
  /** Whether the transaction is in the mempool. */
  hasTransaction(id: GenTxid): boolean;
}

/** In place of the mempool of a node that has none. */
export const NO_TRANSACTIONS: KnownTransactions = Object.freeze({ hasTransaction: () => false });

/** What to ask a peer for. */
export interface TxRequests {
  readonly requests: readonly GenTxid[];
  /** Requests to anybody that have just failed, for the log. */
  readonly timedOut: readonly TimedOutRequest[];
}

/** What to do with a transaction that came. */
export type ArrivalAction =
  /** It is new. */
  | { readonly type: 'check' }
  /** It was refused for its fee before, but here is a child that it was not tried with. */
  | { readonly type: 'check-package'; readonly package: TxPackage }
  /** We have it, had it, or do not want it. */
  | { readonly type: 'ignore' };

const CHECK: ArrivalAction = Object.freeze({ type: 'check' });
const IGNORE: ArrivalAction = Object.freeze({ type: 'ignore' });

/** What follows from a refusal (Core RejectedTxTodo). */
export interface RejectionTodo {
  /** It is news that a block may hold: to be kept for compact blocks. */
  readonly isWorthKeeping: boolean;
  /** What the sender of an orphan has, too: the parents that we asked for. */
  readonly missingParents: readonly Txid[];
  /** It is no orphan although parents are missing: one of them was refused. */
  readonly hasRejectedParents: boolean;
  /** To be checked together next. */
  readonly package: TxPackage | null;
}

const NO_PARENTS: readonly Txid[] = Object.freeze([]);

/** What is being checked for a peer. */
interface Check {
  readonly transactions: readonly Transaction[];
  /** It has just come, and was not an orphan before. */
  readonly isFirst: boolean;
}

/** Fetches transactions from all peers. */
export class TxDownload {
  readonly orphanage: Orphanage;
  readonly #requests: TxRequestTracker;
  readonly #peers: DownloadPeers;
  readonly #filters: RejectFilters;
  readonly #mempool: KnownTransactions;
  readonly #checks: Map<PeerId, Check> = new Map();

  constructor(mempool: KnownTransactions, rng: Rng) {
    this.#mempool = mempool;
    this.#requests = new TxRequestTracker(rng.fork('requests'));
    this.#peers = new DownloadPeers(this.#requests);
    this.#filters = new RejectFilters(rng.fork('filters'));
    this.orphanage = new Orphanage(rng.fork('orphanage'));
  }

  // --- peers ----------------------------------------------------------------------------------------------------------

  /** A peer is in use: it may announce from now on. */
  peerJoined(id: PeerId, facts: DownloadFacts): void {
    this.#peers.peerJoined(id, facts);
  }

  /** A peer has gone. A verdict on what it sent last may still come. */
  peerLeft(id: PeerId): void {
    this.orphanage.peerLeft(id);
    this.#requests.peerLeft(id);
    this.#peers.peerLeft(id);
  }

  /** Announcements of a peer that are remembered, and requests that it has not answered. */
  load(id: PeerId): { readonly announced: number; readonly inFlight: number } {
    return { announced: this.#requests.count(id), inFlight: this.#requests.inFlightCount(id) };
  }

  /** Whether a transaction is in the mempool. */
  isInMempool(id: GenTxid): boolean {
    return this.#mempool.hasTransaction(id);
  }

  // --- what peers say -------------------------------------------------------------------------------------------------

  /** A peer has announced a transaction. True when it is known already. */
  announced(peer: PeerId, id: GenTxid, nowMs: number): boolean {
    const orphan = id.isWtxid ? this.orphanage.get(id.hash) : null;
    if (orphan !== null) {
      this.#addResolver(orphan, peer, nowMs);
      return true;
    }
    if (this.#isKnown(id) || this.#filters.isRejectedAlone(id.hash)) return true;
    if (this.#peers.hasRoom(peer, 1)) {
      this.#requests.announced(peer, id, this.#peers.terms(peer, !id.isWtxid, nowMs));
    }
    return false;
  }

  /** Whether another announcement of the peer would be noted. */
  hasRoom(peer: PeerId): boolean {
    return this.#peers.hasRoom(peer, 1);
  }

  /** A peer has not got what it was asked for. */
  notFound(peer: PeerId, hash: Uint8Array): void {
    this.#requests.answered(peer, hash);
  }

  /** A transaction has come, asked for or not. */
  received(peer: PeerId, transaction: Transaction): ArrivalAction {
    const { txid, wtxid } = transaction;
    this.#requests.answered(peer, txid);
    if (transaction.hasWitness) this.#requests.answered(peer, wtxid);
    // By wtxid alone: a wrong witness under the same txid says nothing about this one.
    if (this.#isKnown({ hash: wtxid, isWtxid: true }) || this.#isInCheck(wtxid)) return IGNORE;
    if (!this.#filters.isRejectedAlone(wtxid)) return CHECK;
    const found = this.#findPackage(transaction, peer);
    return found === null ? IGNORE : { type: 'check-package', package: found };
  }

  /** What a peer is to be asked for now; it counts as asked. */
  requestsToSend(peer: PeerId, nowMs: number): TxRequests {
    const timedOut: TimedOutRequest[] = [];
    const requests: GenTxid[] = [];
    for (const id of this.#requests.requestable(peer, nowMs, timedOut)) {
      if (this.#isInCheck(id.hash)) continue;
      if (this.#isKnown(id)) {
        this.#requests.forget(id.hash);
      } else {
        requests.push(id);
        this.#requests.requested(peer, id.hash, nowMs + REQUEST_TIMEOUT_MS);
      }
    }
    return { requests, timedOut };
  }

  /**
   * Whether there is nothing to fetch (Core AlreadyHaveTx). Those that were refused for their fee alone are no part of it: as a
   * parent they may be of use.
   *
   * An orphan is found by its wtxid only, since another may have the same txid and the right witness. A txid is tried as a wtxid,
   * too, which it is for transactions without a witness.
   */
  #isKnown(id: GenTxid): boolean {
    const { hash } = id;
    if (this.orphanage.has(hash) || this.#filters.isConfirmed(hash) || this.#filters.isRejected(hash)) return true;
    return this.#mempool.hasTransaction(id);
  }

  // --- checks ---------------------------------------------------------------------------------------------------------

  /** Transactions of a peer are handed to whoever checks them: one at a time, or a package. */
  checkStarted(peer: PeerId, transactions: readonly Transaction[], isFirst: boolean): void {
    assert(!this.#checks.has(peer), 'transactions: one check for each peer');
    this.#checks.set(peer, { transactions, isFirst });
  }

  /** The verdict has come. Returns whether the transaction had just come, and was not an orphan before. */
  checkEnded(peer: PeerId): boolean {
    const check = this.#checks.get(peer);
    assert(check !== undefined, 'transactions: a verdict on what was handed over');
    this.#checks.delete(peer);
    return check.isFirst;
  }

  /** Whether a verdict on something of the peer is awaited. */
  isChecking(peer: PeerId): boolean {
    return this.#checks.has(peer);
  }

  #isInCheck(wtxid: Uint8Array): boolean {
    for (const { transactions } of this.#checks.values()) {
      if (transactions.some((transaction) => equalBytes(transaction.wtxid, wtxid))) return true;
    }
    return false;
  }

  /** A transaction is in the mempool now. */
  mempoolAccepted(transaction: Transaction): void {
    this.#forgetRequests(transaction);
    this.orphanage.parentAccepted(transaction);
    this.orphanage.erase(transaction.wtxid);
  }

  /** A transaction was refused. `isFirst`: it had just come; it was neither an orphan before nor part of a package. */
  mempoolRejected(
    transaction: Transaction,
    kind: TxRejectKind,
    from: { readonly peer: PeerId; readonly isFirst: boolean },
    nowMs: number,
  ): RejectionTodo {
    if (kind === 'missing-inputs') return this.#parentsMissing(transaction, from, nowMs);
    let found: TxPackage | null = null;
    // Without its witness a transaction says nothing about itself: it may come again with it.
    if (kind !== 'witness-stripped') {
      this.#remember(transaction, kind);
      if (kind === 'reconsiderable' && from.isFirst) found = this.#findPackage(transaction, from.peer);
    }
    this.orphanage.erase(transaction.wtxid);
    const isWorthKeeping = from.isFirst && kind !== 'witness-stripped';
    return { isWorthKeeping, missingParents: NO_PARENTS, hasRejectedParents: false, package: found };
  }

  /** A package was refused: it is not tried again. What became of its transactions is told apart. */
  packageRejected(transactions: readonly Transaction[]): void {
    this.#filters.rejectAlone(computePackageHash(transactions));
  }

  #remember(transaction: Transaction, kind: TxRejectKind): void {
    const { txid, wtxid } = transaction;
    if (kind === 'reconsiderable') this.#filters.rejectAlone(wtxid);
    else this.#filters.reject(wtxid);
    this.#requests.forget(wtxid);
    // What it spends is standard or not whatever the witness: parents are asked for by txid, so that is remembered, too.
    if (kind !== 'inputs-not-standard' || !transaction.hasWitness) return;
    this.#filters.reject(txid);
    this.#requests.forget(txid);
  }

  #forgetRequests({ txid, wtxid }: Transaction): void {
    this.#requests.forget(txid);
    this.#requests.forget(wtxid);
  }

  /** A child from the same peer, with which a transaction was not tried: fake children from others must not hide it. */
  #findPackage(parent: Transaction, peer: PeerId): TxPackage | null {
    for (const child of this.orphanage.childrenFrom(peer, parent)) {
      const isTried = this.#filters.isRejectedAlone(computePackageHash([parent, child]));
      if (!isTried && !this.#filters.isRejected(child.txid)) return [parent, child];
    }
    return null;
  }

  // --- orphans --------------------------------------------------------------------------------------------------------

  /** Whether a peer has an orphan to be tried again, and nothing else being checked. */
  hasOrphanToReconsider(peer: PeerId): boolean {
    return !this.#checks.has(peer) && this.orphanage.hasReady(peer);
  }

  /** The next orphan of a peer to be checked again; null when there is none. */
  nextOrphanToReconsider(peer: PeerId): Transaction | null {
    return this.orphanage.takeReady(peer);
  }

  #parentsMissing(
    transaction: Transaction,
    { peer, isFirst }: { readonly peer: PeerId; readonly isFirst: boolean },
    nowMs: number,
  ): RejectionTodo {
    const { txid, wtxid } = transaction;
    const nothing = { missingParents: NO_PARENTS, hasRejectedParents: false, package: null };
    if (!isFirst || this.#filters.isRejected(wtxid)) return { ...nothing, isWorthKeeping: isFirst };
    const parents = uniqueParents(transaction);
    if (this.#hasRejectedParents(parents)) {
      // No witness makes up for a parent that we do not take: the txid is remembered, too.
      this.#filters.reject(txid);
      this.#filters.reject(wtxid);
      this.#forgetRequests(transaction);
      return { ...nothing, isWorthKeeping: true, hasRejectedParents: true };
    }
    const missingParents = this.#missingOf(parents);
    const isNew = !this.orphanage.has(wtxid);
    const candidates = new Set([peer, ...this.#requests.candidatePeers(txid), ...this.#requests.candidatePeers(wtxid)]);
    for (const candidate of candidates) {
      if (this.#askForParents(missingParents, wtxid, candidate, nowMs)) this.orphanage.add(transaction, candidate);
    }
    this.#forgetRequests(transaction);
    return { ...nothing, isWorthKeeping: isNew, missingParents };
  }

  /** A refused parent; or more than one that was refused for its fee, which no child can pay for at once. */
  #hasRejectedParents(parents: readonly Txid[]): boolean {
    let underpaid = 0;
    for (const parent of parents) {
      if (this.#filters.isRejected(parent)) return true;
      if (this.#filters.isRejectedAlone(parent) && !this.#mempool.hasTransaction(byTxid(parent))) underpaid++;
      if (underpaid > 1) return true;
    }
    return false;
  }

  #missingOf(parents: readonly Txid[]): Txid[] {
    return parents.filter((parent) => !this.#isKnown(byTxid(parent)));
  }

  /** A peer has announced what is an orphan here: it has the parents, too. */
  #addResolver(orphan: Transaction, peer: PeerId, nowMs: number): void {
    const missing = this.#missingOf(uniqueParents(orphan));
    // When nothing is missing any more, the orphan is to be tried again soon.
    if (missing.length === 0) return;
    if (this.#askForParents(missing, orphan.wtxid, peer, nowMs)) this.orphanage.addAnnouncer(orphan.wtxid, peer);
  }

  /** Treats the peer as if it had announced the parents of an orphan. False when it did before, or announces too much. */
  #askForParents(parents: readonly Txid[], orphanWtxid: Uint8Array, peer: PeerId, nowMs: number): boolean {
    if (!this.#peers.hasRoom(peer, parents.length) || this.orphanage.hasFrom(orphanWtxid, peer)) return false;
    const terms = this.#peers.terms(peer, true, nowMs);
    for (const parent of parents) this.#requests.announced(peer, byTxid(parent), terms);
    return true;
  }

  // --- the chain ------------------------------------------------------------------------------------------------------

  /** There is another tip. */
  tipChanged(): void {
    this.#filters.forgetRejects();
  }

  /** A block is part of the active chain. Returns how many orphans went with it. */
  blockConnected(block: Block): number {
    const erased = this.orphanage.blockConnected(block);
    for (let i = 0; i < block.txCount; i++) {
      const transaction = block.transaction(i);
      this.#filters.confirm(transaction.txid);
      if (transaction.hasWitness) this.#filters.confirm(transaction.wtxid);
      this.#forgetRequests(transaction);
    }
    return erased;
  }

  /** A block is no longer part of the active chain: what it held may come again. */
  blockDisconnected(): void {
    this.#filters.forgetConfirmed();
  }

  /** Checks the parts. Slow, for tests. */
  sanityCheck(): void {
    this.#requests.sanityCheck();
    this.orphanage.sanityCheck();
  }
}

/** Transactions that one spends from, each once, in the order of their txids. */
function uniqueParents(transaction: Transaction): Txid[] {
  const parents: Txid[] = [];
  for (let i = 0; i < transaction.inputCount; i++) parents.push(transaction.prevout(i).txid);
  parents.sort(compareBytes);
  return parents.filter((parent, i) => i === 0 || !equalBytes(parent, parents[i - 1]!));
}
