// Whether our outbound connections are any good. A machine without a clock or a socket: the shell tells what happened, asks from
// time to time, and does what comes back. Mirrors Core's UpdatePeerStateForReceivedHeaders, ConsiderEviction,
// EvictExtraOutboundPeers and CheckForStaleTipAndEvictPeers (net_processing.cpp).
//
// An attacker who holds all our outbound connections shows us his chain only. What stands against it:
//
// - A peer whose chain has less work than ours for 20 minutes is asked once more, and goes two minutes later. Four full-relay
//   peers that once had as much work as we are spared: when it is us who are wrong, we must not throw all of them out.
// - During initial download a peer whose whole chain has less than the minimum work goes at once (E10).
// - When no block came for three intervals, one more connection is made than usual, and then the one that announced a block
//   longest ago goes. Its seat is always in danger, so holding our connections costs blocks.
// - Now and then one more block-relay connection is made; it stays only if it brings news.
//
// All times are monotonic: no jump of the wall clock disconnects anybody (T02).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { assert } from '../../kernel/util/assert.ts';
import { routableNetwork } from '../wire/net-address.ts';
import type { ChainView } from './chain-view.ts';
import { isOutboundOrBlockRelay } from './connection-kind.ts';
import type { Offence } from './misbehavior.ts';
import type { Peer } from './peer.ts';
import type { PeerId } from './peer-id.ts';

/** Full-relay peers that are spared for having had as much work as we (Core MAX_OUTBOUND_PEERS_TO_PROTECT_FROM_DISCONNECT). */
const PROTECTED_COUNT_MAX = 4;
/** Time in which a peer must catch up with our tip (Core CHAIN_SYNC_TIMEOUT). */
const CHAIN_SYNC_TIMEOUT_MS = 20 * 60_000;
/** Time for the answer to the last question (Core HEADERS_RESPONSE_TIME). */
const HEADERS_RESPONSE_MS = 2 * 60_000;
/** Time between looks at the tip (Core STALE_CHECK_INTERVAL). */
const STALE_CHECK_INTERVAL_MS = 10 * 60_000;
/** The tip is stale after so many intervals between blocks (Core TipMayBeStale). */
const STALE_AFTER_BLOCKS = 3;
/** A connection must have lasted so long before it can be judged (Core MINIMUM_CONNECT_TIME). */
const CONNECT_TIME_MIN_MS = 30_000;
/** How often the shell calls {@link OutboundHealth.check} (Core EXTRA_PEER_CHECK_INTERVAL). */
export const OUTBOUND_CHECK_INTERVAL_MS = 45_000;

/** What is asked of the chain. */
export interface HealthChain {
  /** The tip of the active chain. */
  readonly tip: BlockEntry;
  readonly isInitialDownload: boolean;
  /** Negative, zero or positive as `a` has less, equal or more work than `b`. */
  compareWork(a: BlockEntry, b: BlockEntry): number;
  /** As much work as the real chain is known to have. */
  hasMinimumWork(entry: BlockEntry): boolean;
}

/** The chain of a node as it is now. */
export function asHealthChain(chain: ChainView): HealthChain {
  return {
    tip: chain.active.tip,
    isInitialDownload: chain.isInitialDownload,
    compareWork: (a, b) => chain.index.compareWork(a, b),
    hasMinimumWork: (entry) => chain.index.chainWork(entry) >= chain.minimumChainWork,
  };
}

/** As much of a peer as is judged. */
export type HealthPeer = Pick<
  Peer,
  'id' | 'kind' | 'address' | 'stage' | 'isDisconnecting' | 'connectedAtMs' | 'lastBlockSec'
>;

/** Headers that a peer sent and that were accepted. */
export interface AcceptedHeaders {
  /** The best block that the peer is known to have, after these headers. */
  readonly bestKnown: BlockEntry;
  /** The last of these headers. */
  readonly last: BlockEntry;
  /** We had not known the last one. */
  readonly isNew: boolean;
  /** The message was full: there may be more to come. */
  readonly mayHaveMore: boolean;
}

/** What to do about the chain of one peer. */
export type ChainSyncVerdict =
  /** Ask for headers above the parent of `from`; skip it when a question is under way. */
  | { readonly type: 'ask-headers'; readonly from: BlockEntry }
  | { readonly type: 'disconnect'; readonly offence: Extract<Offence, 'old-chain'> };

/** What {@link OutboundHealth.check} wants done. */
export type HealthOutcome =
  /** `text` is Core's line for the debug log. */
  | { readonly type: 'disconnect'; readonly peer: PeerId; readonly text: string }
  /** For ConnectionPlan: one full-relay connection beyond the usual number is wanted, or no longer. */
  | { readonly type: 'try-another-outbound'; readonly isWanted: boolean }
  /** For ConnectionPlan, once: from now on extra block-relay connections are made. */
  | { readonly type: 'start-extra-block-relay' }
  | { readonly type: 'log'; readonly level: 'debug' | 'info'; readonly text: string };

/** Facts for {@link OutboundHealth.check}. */
export interface HealthFacts {
  readonly peers: Iterable<HealthPeer>;
  blocksInFlight(peer: PeerId): number;
  /** We may connect to whom we like: the network is on, no -connect, nothing is being imported. */
  readonly canDial: boolean;
  /** The tip is recent: initial download is over (Core CanDirectFetch). */
  readonly isTipRecent: boolean;
}

/** Numbers that come from the options and the network's parameters. */
export interface OutboundHealthOptions {
  readonly fullRelayMax: number;
  readonly blockRelayMax: number;
  readonly blockSpacingSec: number;
}

interface Health {
  /** When its time is up; null: its chain is as good as ours. */
  deadlineMs: number | null;
  /** Our tip when the time began: what it has to reach. */
  benchmark: BlockEntry;
  wasAsked: boolean;
  isProtected: boolean;
  /** When it last announced a block with more work than our tip; null: never. */
  lastAnnouncementMs: number | null;
}

/** Judges outbound connections. */
export class OutboundHealth {
  readonly #options: OutboundHealthOptions;
  readonly #healths: Map<PeerId, Health> = new Map();
  #lastTipMs: number | null = null;
  #staleCheckMs = Number.NEGATIVE_INFINITY;
  #isTryingAnother = false;
  #hasStartedExtraBlockRelay = false;

  constructor(options: OutboundHealthOptions) {
    this.#options = options;
  }

  /** A connection of any kind began. */
  addPeer(peer: PeerId): void {
    assert(!this.#healths.has(peer), 'a number names one connection');
    this.#healths.set(peer, {
      deadlineMs: null,
      benchmark: NO_ENTRY,
      wasAsked: false,
      isProtected: false,
      lastAnnouncementMs: null,
    });
  }

  /** A connection ended; a protected place becomes free with it. */
  removePeer(peer: PeerId): void {
    this.#healths.delete(peer);
  }

  /** True for the few that are spared when they fall behind. */
  isProtected(peer: PeerId): boolean {
    return this.#healths.get(peer)?.isProtected ?? false;
  }

  /** The active chain has a new tip. */
  tipChanged(nowMs: number): void {
    this.#lastTipMs = nowMs;
  }

  /** A peer announced a block by `cmpctblock`: news if we had not known it and it has more work than our tip. */
  blockAnnounced(peer: PeerId, block: BlockEntry, isNew: boolean, chain: HealthChain, nowMs: number): void {
    const health = this.#healths.get(peer);
    if (health === undefined || !isNew || chain.compareWork(block, chain.tip) <= 0) return;
    health.lastAnnouncementMs = nowMs;
  }

  /** Headers of a peer were accepted: how its chain stands now. The offence, if any, is for misbehavior.ts (E10). */
  headersAccepted(peer: HealthPeer, headers: AcceptedHeaders, chain: HealthChain, nowMs: number): Offence | null {
    const health = this.#healths.get(peer.id);
    if (health === undefined) return null;
    const { bestKnown } = headers;
    this.blockAnnounced(peer.id, headers.last, headers.isNew, chain, nowMs);
    // whoever has no more to give during initial download shows its tip; blocks of such a chain would never be fetched
    const isWhole = chain.isInitialDownload && !headers.mayHaveMore && bestKnown !== NO_ENTRY;
    if (isWhole && !chain.hasMinimumWork(bestKnown) && isOutboundOrBlockRelay(peer.kind)) return 'insufficient-work';
    const isCandidate = peer.kind === 'outbound-full-relay' && !peer.isDisconnecting && bestKnown !== NO_ENTRY;
    if (isCandidate && !health.isProtected && chain.compareWork(bestKnown, chain.tip) >= 0) this.#protect(health);
    return null;
  }

  #protect(health: Health): void {
    let count = 0;
    for (const { isProtected } of this.#healths.values()) if (isProtected) count++;
    if (count < PROTECTED_COUNT_MAX) health.isProtected = true;
  }

  /**
   * To be asked about every peer from which headers were requested, often. `bestKnown` is the best block that it is known to have,
   * or NO_ENTRY (Core ConsiderEviction).
   */
  considerPeer(
    peer: Pick<HealthPeer, 'id' | 'kind'>,
    bestKnown: BlockEntry,
    chain: HealthChain,
    nowMs: number,
  ): ChainSyncVerdict | null {
    const health = this.#healths.get(peer.id);
    if (health === undefined || health.isProtected || !isOutboundOrBlockRelay(peer.kind)) return null;
    const reaches = (block: BlockEntry) => bestKnown !== NO_ENTRY && chain.compareWork(bestKnown, block) >= 0;
    if (reaches(chain.tip)) {
      health.deadlineMs = null;
      health.benchmark = NO_ENTRY;
      health.wasAsked = false;
      return null;
    }
    if (health.deadlineMs === null || reaches(health.benchmark)) {
      // behind for the first time, or caught up with where we were while we went on
      health.deadlineMs = nowMs + CHAIN_SYNC_TIMEOUT_MS;
      health.benchmark = chain.tip;
      health.wasAsked = false;
      return null;
    }
    if (nowMs <= health.deadlineMs) return null;
    if (health.wasAsked) return { type: 'disconnect', offence: 'old-chain' };
    health.wasAsked = true;
    health.deadlineMs = nowMs + HEADERS_RESPONSE_MS;
    return { type: 'ask-headers', from: health.benchmark };
  }

  /** To be asked every {@link OUTBOUND_CHECK_INTERVAL_MS} (Core CheckForStaleTipAndEvictPeers). */
  check(facts: HealthFacts, nowMs: number, nowSec: number): HealthOutcome[] {
    const peers = [...facts.peers];
    const outcomes: HealthOutcome[] = [];
    this.#evictExtraBlockRelay(peers, facts, nowMs, outcomes);
    this.#evictExtraFullRelay(peers, facts, nowMs, nowSec, outcomes);
    this.#lookAtTip(peers, facts, nowMs, outcomes);
    if (!this.#hasStartedExtraBlockRelay && facts.isTipRecent) {
      this.#hasStartedExtraBlockRelay = true;
      outcomes.push(
        { type: 'log', level: 'debug', text: 'enabling extra block-relay-only peers' },
        { type: 'start-extra-block-relay' },
      );
    }
    return outcomes;
  }

  #setTryingAnother(isWanted: boolean, outcomes: HealthOutcome[]): void {
    this.#isTryingAnother = isWanted;
    outcomes.push(
      { type: 'log', level: 'debug', text: `setting try another outbound peer=${isWanted}` },
      { type: 'try-another-outbound', isWanted },
    );
  }

  #lookAtTip(peers: readonly HealthPeer[], facts: HealthFacts, nowMs: number, outcomes: HealthOutcome[]): void {
    if (nowMs <= this.#staleCheckMs) return;
    this.#staleCheckMs = nowMs + STALE_CHECK_INTERVAL_MS;
    this.#lastTipMs ??= nowMs;
    const ageMs = nowMs - this.#lastTipMs;
    const isQuiet = ageMs > STALE_AFTER_BLOCKS * this.#options.blockSpacingSec * 1000;
    if (facts.canDial && isQuiet && peers.every((peer) => facts.blocksInFlight(peer.id) === 0)) {
      const age = `last tip update: ${Math.floor(ageMs / 1000)} seconds ago`;
      const text = `Potential stale tip detected, will try using extra outbound peer (${age})`;
      outcomes.push({ type: 'log', level: 'info', text });
      this.#setTryingAnother(true, outcomes);
    } else if (this.#isTryingAnother) this.#setTryingAnother(false, outcomes);
  }

  #excess(peers: readonly HealthPeer[], kind: Peer['kind'], max: number): number {
    const inUse = peers.filter((peer) => peer.kind === kind && peer.stage === 'established' && !peer.isDisconnecting);
    return inUse.length - max;
  }

  /** Of the two youngest block-relay connections the one goes that gave us a block longer ago; of equals the youngest. */
  #evictExtraBlockRelay(
    peers: readonly HealthPeer[],
    facts: HealthFacts,
    nowMs: number,
    outcomes: HealthOutcome[],
  ): void {
    if (this.#excess(peers, 'block-relay-only', this.#options.blockRelayMax) <= 0) return;
    const [youngest, next] = peers
      .filter((peer) => peer.kind === 'block-relay-only' && !peer.isDisconnecting)
      .sort((a, b) => b.id - a.id);
    const chosen = next !== undefined && youngest!.lastBlockSec > next.lastBlockSec ? next : youngest!;
    const inFlight = facts.blocksInFlight(chosen.id);
    if (nowMs - chosen.connectedAtMs >= CONNECT_TIME_MIN_MS && inFlight === 0) {
      const when = `last block received at time ${chosen.lastBlockSec}`;
      const text = `disconnecting extra block-relay-only peer=${chosen.id} (${when})`;
      outcomes.push({ type: 'disconnect', peer: chosen.id, text });
    } else outcomes.push(keeping('block-relay-only', chosen, inFlight, nowMs));
  }

  /** The full-relay connection goes that announced a block longest ago, unless it is protected or our only way into a network. */
  #evictExtraFullRelay(
    peers: readonly HealthPeer[],
    facts: HealthFacts,
    nowMs: number,
    nowSec: number,
    outcomes: HealthOutcome[],
  ): void {
    if (this.#excess(peers, 'outbound-full-relay', this.#options.fullRelayMax) <= 0) return;
    const connections = new Map<string, number>();
    for (const { kind, address } of peers) {
      if (kind !== 'outbound-full-relay' && kind !== 'manual') continue;
      const network = routableNetwork(address);
      connections.set(network, (connections.get(network) ?? 0) + 1);
    }
    const announcedMs = (peer: HealthPeer) => this.#healths.get(peer.id)?.lastAnnouncementMs ?? null;
    const oldestFirst = (a: HealthPeer, b: HealthPeer) => {
      const [left, right] = [announcedMs(a), announcedMs(b)];
      if (left === right) return b.id - a.id;
      return left === null || (right !== null && left < right) ? -1 : 1;
    };
    const [worst] = peers
      .filter((peer) => peer.kind === 'outbound-full-relay' && !peer.isDisconnecting && !this.isProtected(peer.id))
      .filter((peer) => connections.get(routableNetwork(peer.address))! > 1)
      .sort(oldestFirst);
    if (worst === undefined) return;
    const inFlight = facts.blocksInFlight(worst.id);
    if (nowMs - worst.connectedAtMs <= CONNECT_TIME_MIN_MS || inFlight > 0) {
      outcomes.push(keeping('outbound', worst, inFlight, nowMs));
      return;
    }
    const atMs = announcedMs(worst);
    const atSec = atMs === null ? 0 : nowSec - Math.floor((nowMs - atMs) / 1000);
    const text = `disconnecting extra outbound peer=${worst.id} (last block announcement received at time ${atSec})`;
    outcomes.push({ type: 'disconnect', peer: worst.id, text });
    // the extra connection has done its work, until the tip is stale again
    this.#setTryingAnother(false, outcomes);
  }
}

function keeping(what: string, peer: HealthPeer, inFlight: number, nowMs: number): HealthOutcome {
  const age = Math.floor((nowMs - peer.connectedAtMs) / 1000);
  const facts = `connected for ${age} seconds, blocks_in_flight: ${inFlight}`;
  return { type: 'log', level: 'debug', text: `keeping ${what} peer=${peer.id} chosen for eviction (${facts})` };
}
