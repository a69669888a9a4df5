// Telling peers which transactions are of no use to us (BIP133; Core MaybeSendFeefilter): those that pay less than our mempool asks
// for, and all of them as long as the chain is far behind. A peer is told at random moments, ten minutes apart on average, sooner
// when the minimum has changed much, and at once when the chain has caught up.

import { MAX_MONEY } from '../../kernel/primitives/amount.ts';
import { exponentialDelayMs } from '../../kernel/util/exponential-delay.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { FeeFilterRounder } from './fee-filter-rounder.ts';
import type { PeerId } from './peer-id.ts';
import type { RelayPool } from './tx-relay-pool.ts';

/** Mean time between two looks at whether a peer is to be told (Core AVG_FEEFILTER_BROADCAST_INTERVAL). */
const BROADCAST_MEAN_MS = 600_000;

/** Longest wait after a change that matters (Core MAX_FEEFILTER_CHANGE_DELAY). */
const CHANGE_DELAY_MAX_MS = 300_000;

/** When a peer is looked at, and how far the chain is. */
export interface FeeFilterMoment {
  readonly nowMs: number;
  readonly nowSec: number;
  readonly isInitialDownload: boolean;
}

interface PeerState {
  sentSat: number;
  nextSendMs: number;
}

/** The filters that peers were told. */
export class FeeFilter {
  readonly #pool: RelayPool;
  readonly #rng: Rng;
  readonly #rounder: FeeFilterRounder;
  readonly #peers: Map<PeerId, PeerState> = new Map();

  constructor(pool: RelayPool, rng: Rng) {
    this.#pool = pool;
    this.#rng = rng;
    this.#rounder = new FeeFilterRounder(rng);
  }

  peerLeft(id: PeerId): void {
    this.#peers.delete(id);
  }

  /** The rate that a peer is to be told now; null: none. For peers that may send us transactions. */
  tick(id: PeerId, { nowMs, nowSec, isInitialDownload }: FeeFilterMoment): number | null {
    const peer = this.#peerOf(id);
    const currentSat = isInitialDownload ? MAX_MONEY : this.#pool.minimumFeerate(nowSec);
    const hasCaughtUp = !isInitialDownload && peer.sentSat === this.#rounder.highestSat;
    if (hasCaughtUp || nowMs > peer.nextSendMs) {
      const filterSat = Math.max(this.#rounder.round(currentSat), this.#pool.options.minRelayFeerate);
      peer.nextSendMs = nowMs + exponentialDelayMs(BROADCAST_MEAN_MS, this.#rng);
      if (filterSat === peer.sentSat) return null;
      peer.sentSat = filterSat;
      return filterSat;
    }
    if (nowMs + CHANGE_DELAY_MAX_MS < peer.nextSendMs && hasChangedMuch(currentSat, peer.sentSat)) {
      peer.nextSendMs = nowMs + this.#rng.below(CHANGE_DELAY_MAX_MS);
    }
    return null;
  }

  #peerOf(id: PeerId): PeerState {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = { sentSat: 0, nextSendMs: Number.NEGATIVE_INFINITY };
      this.#peers.set(id, peer);
    }
    return peer;
  }
}

/** Below three quarters of what was told, or above four thirds. */
function hasChangedMuch(currentSat: number, sentSat: number): boolean {
  return currentSat < Math.floor((3 * sentSat) / 4) || currentSat > Math.floor((4 * sentSat) / 3);
}
