// Peers that transactions are fetched from, and how eagerly each is asked. Better peers have their say first: whoever connected to
// us is asked two seconds later, and so is who names a transaction by its txid while others use wtxids, and who has much in flight.

import type { PeerId } from './peer-id.ts';
import type { RequestTerms, TxRequestTracker } from './tx-request.ts';

/** Requests in flight from which on a peer is asked less eagerly; it is no limit (Core MAX_PEER_TX_REQUEST_IN_FLIGHT). */
export const IN_FLIGHT_EAGER_MAX = 100;

/** Announcements of one peer (Core MAX_PEER_TX_ANNOUNCEMENTS). */
export const ANNOUNCEMENTS_PER_PEER_MAX = 5_000;

/** Delay for peers that are not preferred (Core NONPREF_PEER_TX_DELAY). */
export const NOT_PREFERRED_DELAY_MS = 2_000;

/** Delay for announcements by txid, while any peer announces by wtxid (Core TXID_RELAY_DELAY). */
export const TXID_DELAY_MS = 2_000;

/** Delay for peers with much in flight (Core OVERLOADED_PEER_TX_DELAY). */
export const OVERLOADED_DELAY_MS = 2_000;

/** What must be known of a peer. */
export interface DownloadFacts {
  /** We chose it, or trust it (Core fPreferredDownload). */
  readonly isPreferred: boolean;
  /** It has the permission `relay`: no limits. */
  readonly hasRelayPermission: boolean;
  readonly announcesByWtxid: boolean;
}

/** Peers and their terms. */
export class DownloadPeers {
  readonly #requests: TxRequestTracker;
  readonly #peers: Map<PeerId, DownloadFacts> = new Map();
  #wtxidPeerCount = 0;

  constructor(requests: TxRequestTracker) {
    this.#requests = requests;
  }

  peerJoined(id: PeerId, facts: DownloadFacts): void {
    this.peerLeft(id);
    this.#peers.set(id, facts);
    if (facts.announcesByWtxid) this.#wtxidPeerCount++;
  }

  peerLeft(id: PeerId): void {
    if (this.#peers.get(id)?.announcesByWtxid) this.#wtxidPeerCount--;
    this.#peers.delete(id);
  }

  /** Whether the peer may announce so many more transactions. False for strangers. */
  hasRoom(id: PeerId, count: number): boolean {
    const facts = this.#peers.get(id);
    if (facts === undefined) return false;
    return facts.hasRelayPermission || this.#requests.count(id) + count <= ANNOUNCEMENTS_PER_PEER_MAX;
  }

  /** How a peer is asked for what it announces now. */
  terms(id: PeerId, isByTxid: boolean, nowMs: number): RequestTerms {
    const { isPreferred = false, hasRelayPermission = false } = this.#peers.get(id) ?? {};
    let delayMs = isPreferred ? 0 : NOT_PREFERRED_DELAY_MS;
    if (isByTxid && this.#wtxidPeerCount > 0) delayMs += TXID_DELAY_MS;
    if (!hasRelayPermission && this.#requests.inFlightCount(id) >= IN_FLIGHT_EAGER_MAX) delayMs += OVERLOADED_DELAY_MS;
    return { isPreferred, atMs: nowMs + delayMs };
  }
}
