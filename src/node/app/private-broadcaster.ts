// Sends transactions of our own so that nobody sees where they come from (Core ThreadPrivateBroadcast, ReattemptPrivateBroadcast): it
// makes the connections that p2p/private-broadcast.ts asks for, and tries those transactions again that have not come back.

import { formatReject } from '../../kernel/consensus/reject.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import {
  type AddOutcome,
  CONNECTIONS_PER_TRANSACTION,
  type PrivateBroadcast,
  type PrivateTransaction,
} from '../p2p/private-broadcast.ts';
import { choosePrivateTarget, type PrivateTargetRules, privateNetworks } from '../p2p/private-target.ts';
import type { Clock, Logger, Timers } from '../ports.ts';
import { formatNetAddress } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { IntakeClosedError, type TransactionIntake } from './transaction-intake.ts';

/** Most private connections at a time (Core MAX_PRIVATE_BROADCAST_CONNECTIONS). */
const CONNECTIONS_MAX = 64;

/** Attempts under way at a time; ours, Core makes one after another. */
const ATTEMPTS_MAX = 4;

/** Pauses after an attempt that failed, when no address can be had, and when there is no way at all (Core). */
const FAILED_PAUSE_MS = 100;
const NO_ADDRESS_PAUSE_MS = 500;
const NO_NETWORK_PAUSE_MS = 5_000;

/** Transactions that have not come back are looked at every two to three minutes (Core ReattemptPrivateBroadcast). */
const REATTEMPT_MS: number = 2 * 60_000;
const REATTEMPT_SPREAD_MS = 60_000;

/** What a broadcaster is made with. */
export interface PrivateBroadcasterParts {
  readonly list: PrivateBroadcast;
  readonly intake: Pick<TransactionIntake, 'submit'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  /** By what places are chosen, as things stand. */
  readonly rules: () => PrivateTargetRules;
  /** Private connections that there are. */
  readonly connectionCount: () => number;
  readonly isNetworkActive: () => boolean;
  /** Makes a private connection; resolves to whether it has come about. */
  readonly dial: (entry: AddressEntry) => Promise<boolean>;
  /** A bug of ours: the node is to stop. */
  readonly onFatal: (error: unknown) => void;
}

/** See the top of the file. */
export class PrivateBroadcaster {
  readonly #parts: PrivateBroadcasterParts;
  readonly #work: Set<Promise<void>> = new Set();
  #attemptCount = 0;
  #cancelLook: Unsubscribe | null = null;
  #cancelReattempt: Unsubscribe = () => undefined;
  #isRunning = false;

  constructor(parts: PrivateBroadcasterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isRunning = true;
    this.#reattemptAfter(0);
  }

  /** Makes no more connections; resolves when what is under way has come to an end. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelLook?.();
    this.#cancelReattempt();
    await Promise.all(this.#work);
  }

  /** Has a transaction sent. */
  send(transaction: Transaction): AddOutcome {
    const { list, log } = this.#parts;
    const outcome = list.add(transaction, this.#now());
    log.debug('privatebroadcast', () => describeOutcome(outcome, transaction));
    this.wake();
    return outcome;
  }

  /** Has transactions sent no more: those with this txid or wtxid. */
  abort(hash: Uint8Array): readonly Transaction[] {
    return this.#parts.list.abort(hash);
  }

  /** What is being sent. */
  list(): readonly PrivateTransaction[] {
    return this.#parts.list.list();
  }

  /** Something has changed: there may be connections to make. */
  wake(): void {
    if (this.#cancelLook === null) this.#look();
  }

  // --- connections

  #look(): void {
    const { list, log, rng, rules, connectionCount, isNetworkActive } = this.#parts;
    while (this.#isRunning && this.#attemptCount < Math.min(ATTEMPTS_MAX, list.connectionsToOpen)) {
      if (connectionCount() + this.#attemptCount >= CONNECTIONS_MAX) return;
      const now = rules();
      if (!isNetworkActive() || privateNetworks(now).length === 0) {
        if (isNetworkActive())
          log.warn('Unable to open -privatebroadcast connections: neither Tor nor I2P is reachable');
        this.#lookAfter(NO_NETWORK_PAUSE_MS);
        return;
      }
      const entry = choosePrivateTarget(now, rng, this.#now().nowSec);
      if (entry === null) {
        const what = 'Connections needed but addrman keeps returning bad addresses, will retry';
        log.debug('privatebroadcast', () => what);
        this.#lookAfter(NO_ADDRESS_PAUSE_MS);
        return;
      }
      this.#track(this.#attempt(entry));
    }
  }

  #lookAfter(delayMs: number): void {
    this.#cancelLook?.();
    if (!this.#isRunning) return;
    this.#cancelLook = this.#parts.timers.after(delayMs, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  async #attempt(entry: AddressEntry): Promise<void> {
    const { list, log, dial } = this.#parts;
    const where = formatNetAddress(entry.address);
    this.#attemptCount++;
    const isConnected = await dial(entry);
    // Both at once: in between there would be one too many to make.
    this.#attemptCount--;
    if (isConnected) list.adjustConnections(-1);
    const count = list.connectionsToOpen;
    log.debug('privatebroadcast', () => {
      if (isConnected) return `Socket connected to ${where}; remaining connections to open: ${count}`;
      if (count === 0) return `Failed to connect to ${where}, will not retry, no more connections needed`;
      const next = 'will retry to a different address; remaining connections to open';
      return `Failed to connect to ${where}, ${next}: ${count}`;
    });
    if (isConnected) this.wake();
    else this.#lookAfter(FAILED_PAUSE_MS);
  }

  // --- once more

  #reattemptAfter(delayMs: number): void {
    this.#cancelReattempt = this.#parts.timers.after(delayMs, () => {
      if (this.#isRunning) this.#track(this.#reattempt());
    });
  }

  /** What the mempool would not take, since it is known there or in the chain, is sent no more. */
  async #reattempt(): Promise<void> {
    const { list, intake, log, rng } = this.#parts;
    for (const transaction of list.stale(this.#now().nowMs)) {
      const verdict = await intake.submit(transaction, { isTest: true });
      const name = `txid=${formatHash(transaction.txid)} wtxid=${formatHash(transaction.wtxid)}`;
      if (verdict.outcome === 'rejected') {
        log.debug(
          'privatebroadcast',
          () => `Giving up broadcast attempts for ${name}: ${formatReject(verdict.reject)}`,
        );
        list.remove(transaction);
      } else {
        log.debug('privatebroadcast', () => `Reattempting broadcast of stale ${name}`);
        list.adjustConnections(1);
      }
    }
    if (this.#isRunning) this.#reattemptAfter(REATTEMPT_MS + rng.below(REATTEMPT_SPREAD_MS));
    this.wake();
  }

  #track(work: Promise<void>): void {
    const { onFatal } = this.#parts;
    const tracked = work
      .catch((error: unknown) => {
        if (!(error instanceof IntakeClosedError)) onFatal(error);
      })
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  #now(): { readonly nowMs: number; readonly nowSec: number } {
    const { clock } = this.#parts;
    return { nowMs: clock.monotonicMs(), nowSec: Math.floor(clock.wallMs() / 1000) };
  }
}

function describeOutcome(outcome: AddOutcome, { txid, wtxid }: Transaction): string {
  const name = `txid=${formatHash(txid)}, wtxid=${formatHash(wtxid)}`;
  switch (outcome) {
    case 'added':
      return `Requesting ${CONNECTIONS_PER_TRANSACTION} new connections due to ${name}`;
    case 'already':
      return `Ignoring unnecessary request to schedule an already scheduled transaction: ${name}`;
    case 'full':
      return `Rejecting private broadcast, queue full: ${name}`;
  }
}
