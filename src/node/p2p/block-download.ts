// Which blocks are fetched from whom (Core FindNextBlocksToDownload, BlockRequested, RemoveBlockRequest, and the parts of
// SendMessages about stalls and timeouts). All blocks are fetched from many peers at once, 16 from each, in a window that begins
// at the last block we have in common with the peer and is 1,024 blocks long. The window moves when its first blocks arrive:
// a peer that holds it up while others have nothing left to do is a *staller*, and has two seconds.
//
// A block is in one of four states here: nobody was asked; *in flight* from one peer, or from up to three while compact blocks
// (compact-relay.ts) race each other; *arriving*, that is handed to the chain and not stored or refused yet; done. Only the index
// knows the last one. Losing an arriving block would stop the sync, so every block that is handed over is answered for: see
// {@link BlockDownload.handedOver}.
//
// Bounds: 16 blocks in flight for a peer, 3 peers for a block, the window. Not here: sending, the verdict on blocks, who is punished
// how (handlers/block.ts), how many bytes may arrive at once (app/block-intake.ts).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { VALIDITY } from '../../kernel/chain/block-status.ts';
import { isActiveAt } from '../../kernel/consensus/deployments.ts';
import type { ChainParams, ConsensusParams } from '../../kernel/consensus/params.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { Signal, type SignalSource } from '../../kernel/util/signal.ts';
import { BlockAvailability, findSyncRole, type SyncFacts, type SyncRole } from './block-availability.ts';
import { type ChainView, isTipOfToday } from './chain-view.ts';
import type { PeerId } from './peer-id.ts';

/** Blocks in flight from one peer (Core MAX_BLOCKS_IN_TRANSIT_PER_PEER). */
export const BLOCKS_IN_FLIGHT_PER_PEER = 16;

/** Peers that one block may be in flight from (Core MAX_CMPCTBLOCKS_INFLIGHT_PER_BLOCK). */
export const PEERS_PER_BLOCK_MAX = 3;

/** How far ahead of the last common block is fetched (Core BLOCK_DOWNLOAD_WINDOW). */
export const DOWNLOAD_WINDOW = 1024;

/** Blocks that a peer with NODE_NETWORK_LIMITED keeps (BIP159), less two for races (Core). */
const LIMITED_DEPTH_MAX: number = 288 - 2;

/** How long a staller may hold up the window, and how long at most after others were dropped for it (Core BLOCK_STALLING_TIMEOUT). */
const STALL_SEC_MIN = 2;
const STALL_SEC_MAX = 64;
/** What is left of that time with every block that is connected, in percent (Core: 0.85). */
const STALL_DECAY_PERCENT = 85;

/** Time for a block in intervals of blocks: one, and a half for each other peer that we download from (Core). */
const TIMEOUT_INTERVALS = 1;
const TIMEOUT_INTERVALS_PER_PEER = 0.5;

/** Ancestors that are looked up in one go: as many steps as finding one of them may take (Core). */
const WALK_BATCH = 128;

/** Blocks of which we remember who gave them: the window, and as many again that nobody asked for. */
const SOURCES_MAX: number = 2 * DOWNLOAD_WINDOW;

/** In place of a peer that holds up the window: nobody, or we ourselves. */
const NOBODY = -1;
const OURSELVES = -2;

/** Blocks to ask a peer for. */
export interface BlockRequests {
  /** From below up; they are in flight from now on. */
  readonly entries: readonly BlockEntry[];
  /** A peer that holds up the window since now, for the log. */
  readonly newStaller: PeerId | null;
}

const NO_REQUESTS: BlockRequests = Object.freeze({ entries: Object.freeze([]), newStaller: null });

/** Why a peer is to be dropped. */
export type DownloadFault =
  /** It holds up the window. `timeoutSec`: what the next staller gets, when that has changed. */
  | { readonly offence: 'stalled-block-download'; readonly timeoutSec: number | null }
  /** A block takes too long. */
  | { readonly offence: 'block-download-timeout'; readonly entry: BlockEntry };

/** Blocks towards a header that was announced, to be fetched at once. */
export type DirectFetch =
  /** It is too far away from the active chain. */
  | { readonly outcome: 'large-reorg' }
  | {
      readonly outcome: 'fetch';
      /** From below up; they are in flight from now on. */
      readonly entries: readonly BlockEntry[];
      /** It is the one block that is missing: a compact block may save most of it. */
      readonly suitsCompact: boolean;
    };

/** Who gave us a block, and how. */
export interface BlockGiver {
  readonly peer: PeerId;
  /** It was put together from a compact block. */
  readonly isCompact: boolean;
}

/** A request that is over, however it ended. */
export interface RequestEnded {
  readonly peer: PeerId;
  readonly entry: BlockEntry;
}

/** What a download must know of its network. */
export interface BlockDownloadOptions {
  readonly params: ChainParams;
}

interface PeerState {
  readonly id: PeerId;
  readonly role: SyncRole;
  /** In flight from it, in the order of the requests. */
  readonly inFlight: BlockEntry[];
  /** The last block up to which everything of its chain is here (Core pindexLastCommonBlock). */
  lastCommon: BlockEntry;
  /** When the first of `inFlight` began to be waited for. */
  downloadingSinceMs: number;
  stallingSinceMs: number | null;
}

/** The download of blocks from all peers. */
export class BlockDownload {
  readonly #availability: BlockAvailability;
  readonly #chain: ChainView;
  readonly #consensus: ConsensusParams;
  readonly #peers: Map<PeerId, PeerState> = new Map();
  /** Peers that each block is in flight from, in the order of the requests. */
  readonly #askedPeers: Map<BlockEntry, PeerId[]> = new Map();
  readonly #arriving: Set<BlockEntry> = new Set();
  readonly #givers: Map<string, BlockGiver> = new Map();
  readonly #requestEnded: Signal<RequestEnded> = new Signal();
  readonly #walk: Int32Array = new Int32Array(WALK_BATCH);
  #inFlightCount = 0;
  #downloadingPeerCount = 0;
  #preferredCount = 0;
  #stallSec: number = STALL_SEC_MIN;

  constructor(chain: ChainView, options: BlockDownloadOptions) {
    this.#chain = chain;
    this.#consensus = options.params.consensus;
    this.#availability = new BlockAvailability(chain);
  }

  /** Told for every request that ends: what was kept for it can be forgotten. */
  get requestEnded(): SignalSource<RequestEnded> {
    return this.#requestEnded;
  }

  // --- peers ----------------------------------------------------------------------------------------------------------

  /** A peer whose services are known. */
  peerJoined(id: PeerId, facts: SyncFacts): void {
    const role = findSyncRole(facts);
    this.#availability.peerJoined(id);
    this.#peers.set(id, {
      id,
      role,
      inFlight: [],
      lastCommon: NO_ENTRY,
      downloadingSinceMs: 0,
      stallingSinceMs: null,
    });
    if (role.isPreferred) this.#preferredCount++;
  }

  /** The peer is gone; what was in flight from it may be asked of others. */
  peerLeft(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    for (const entry of [...peer.inFlight]) this.#end(peer, entry, 0);
    if (peer.role.isPreferred) this.#preferredCount--;
    this.#peers.delete(id);
    this.#availability.peerLeft(id);
  }

  /** What a peer is good for; null when there is no such peer. */
  role(id: PeerId): SyncRole | null {
    return this.#peers.get(id)?.role ?? null;
  }

  /** Peers that blocks are fetched from by preference (Core m_num_preferred_download_peers). */
  get preferredCount(): number {
    return this.#preferredCount;
  }

  /**
   * Whether headers and blocks are fetched from the peer while we are far behind: from those that we chose ourselves; from others
   * when there is none of those, or nothing is in flight from anybody.
   */
  isSyncSource(id: PeerId): boolean {
    const role = this.#peers.get(id)?.role;
    if (role === undefined) return false;
    if (role.isPreferred) return true;
    return role.servesBlocks && !role.isAddrFetch && (this.#preferredCount === 0 || this.#inFlightCount === 0);
  }

  /** The peer has announced a block, in whatever way; it may be unknown to us. */
  peerHasBlock(id: PeerId, blockHash: Uint8Array): void {
    this.#availability.announced(id, blockHash);
  }

  /** The best block that the peer is known to have, or NO_ENTRY (Core pindexBestKnownBlock). */
  bestKnown(id: PeerId): BlockEntry {
    return this.#availability.bestKnown(id);
  }

  /** The last block up to which we have everything of the peer's chain, or NO_ENTRY. */
  lastCommon(id: PeerId): BlockEntry {
    return this.#peers.get(id)?.lastCommon ?? NO_ENTRY;
  }

  // --- what is in flight ----------------------------------------------------------------------------------------------

  /** Requests under way, counting a block once for each peer. */
  get inFlightCount(): number {
    return this.#inFlightCount;
  }

  /** Peers that anything is in flight from. */
  get downloadingPeerCount(): number {
    return this.#downloadingPeerCount;
  }

  /** Whether anybody was asked for the block (Core IsBlockRequested). NO_ENTRY is never in flight. */
  isInFlight(entry: BlockEntry): boolean {
    return this.#askedPeers.has(entry);
  }

  /** Whether this peer was asked for the block. */
  isInFlightFrom(id: PeerId, entry: BlockEntry): boolean {
    return this.#askedPeers.get(entry)?.includes(id) ?? false;
  }

  /** Whether a peer was asked that is not inbound (Core IsBlockRequestedFromOutbound). */
  isInFlightFromOutbound(entry: BlockEntry): boolean {
    return this.inFlightPeers(entry).some((id) => this.#peers.get(id)?.role.isInbound === false);
  }

  /** Peers that were asked for the block, first come, first served. */
  inFlightPeers(entry: BlockEntry): readonly PeerId[] {
    return this.#askedPeers.get(entry) ?? [];
  }

  /** Whether the peer is the first of those that were asked for the block. */
  wasFirstInFlight(id: PeerId, entry: BlockEntry): boolean {
    return this.#askedPeers.get(entry)?.[0] === id;
  }

  /** Blocks in flight from a peer, in the order of the requests. */
  inFlightOf(id: PeerId): readonly BlockEntry[] {
    return this.#peers.get(id)?.inFlight ?? [];
  }

  /** True when the block was handed to the chain and is not stored or refused yet. */
  isArriving(entry: BlockEntry): boolean {
    return this.#arriving.has(entry);
  }

  /**
   * Notes that the peer is asked for a block (Core BlockRequested). False, and nothing noted, when it was asked before, or when as
   * many others were as may be.
   */
  request(id: PeerId, entry: BlockEntry, nowMs: number): boolean {
    const peer = this.#peers.get(id);
    if (peer === undefined) return false;
    const asked = this.#askedPeers.get(entry);
    if (asked === undefined) this.#askedPeers.set(entry, [id]);
    else if (asked.length >= PEERS_PER_BLOCK_MAX || asked.includes(id)) return false;
    else asked.push(id);
    peer.inFlight.push(entry);
    this.#inFlightCount++;
    if (peer.inFlight.length === 1) {
      peer.downloadingSinceMs = nowMs;
      this.#downloadingPeerCount++;
    }
    return true;
  }

  /** The request to this peer is over: it answered, or will not. False when there was none. */
  cancel(id: PeerId, entry: BlockEntry, nowMs: number): boolean {
    const peer = this.#peers.get(id);
    return peer !== undefined && this.#end(peer, entry, nowMs);
  }

  /** All requests for the block are over: it is here. */
  blockArrived(entry: BlockEntry, nowMs: number): void {
    const asked = this.#askedPeers.get(entry);
    if (asked === undefined) return;
    for (const id of [...asked]) this.cancel(id, entry, nowMs);
  }

  #end(peer: PeerState, entry: BlockEntry, nowMs: number): boolean {
    const asked = this.#askedPeers.get(entry);
    const at = asked === undefined ? -1 : asked.indexOf(peer.id);
    if (asked === undefined || at < 0) return false;
    asked.splice(at, 1);
    if (asked.length === 0) this.#askedPeers.delete(entry);
    const place = peer.inFlight.indexOf(entry);
    peer.inFlight.splice(place, 1);
    this.#inFlightCount--;
    // The next one was not waited for before.
    if (place === 0) peer.downloadingSinceMs = Math.max(peer.downloadingSinceMs, nowMs);
    if (peer.inFlight.length === 0) this.#downloadingPeerCount--;
    peer.stallingSinceMs = null;
    this.#requestEnded.emit({ peer: peer.id, entry });
    return true;
  }

  // --- what arrives ---------------------------------------------------------------------------------------------------

  /**
   * A block is handed to the chain. Whoever calls this calls {@link answered} when the chain has stored or refused it: until then
   * nobody is asked for it again. The first giver of a block is remembered until {@link takeGiver}.
   */
  handedOver(blockHash: BlockHash, giver: BlockGiver): void {
    const entry = this.#chain.index.find(blockHash);
    if (entry !== NO_ENTRY && !this.#chain.index.hasData(entry)) this.#arriving.add(entry);
    const key = toHex(blockHash);
    if (this.#givers.has(key)) return;
    if (this.#givers.size >= SOURCES_MAX) {
      for (const oldest of this.#givers.keys()) {
        this.#givers.delete(oldest);
        break;
      }
    }
    this.#givers.set(key, giver);
  }

  /** The chain has stored the block, or will not. When it is new, who gave it is remembered on, until it is checked. */
  answered(blockHash: BlockHash, from: PeerId, isNew: boolean, nowMs: number): void {
    const entry = this.#chain.index.find(blockHash);
    if (entry !== NO_ENTRY) {
      this.#arriving.delete(entry);
      if (isNew) this.blockArrived(entry, nowMs);
    }
    if (isNew) return;
    // Somebody else's gift stays: a copy of it changes nothing.
    const key = toHex(blockHash);
    if (this.#givers.get(key)?.peer === from) this.#givers.delete(key);
  }

  /** Who gave us the block, once; null when that is not known (any more). */
  takeGiver(blockHash: BlockHash): BlockGiver | null {
    const key = toHex(blockHash);
    const giver = this.#givers.get(key) ?? null;
    this.#givers.delete(key);
    return giver;
  }

  // --- what to ask for next -------------------------------------------------------------------------------------------

  /** The blocks that the peer is to be asked for now. */
  nextRequests(id: PeerId, nowMs: number): BlockRequests {
    const peer = this.#peers.get(id);
    if (peer === undefined || !this.#mayAsk(peer)) return NO_REQUESTS;
    const room = BLOCKS_IN_FLIGHT_PER_PEER - peer.inFlight.length;
    if (room <= 0) return NO_REQUESTS;
    const entries: BlockEntry[] = [];
    const staller = this.#findNext(peer, room, entries);
    if (entries.length < room) this.#findHistorical(peer, room, entries);
    for (const entry of entries) this.request(id, entry, nowMs);
    const newStaller = peer.inFlight.length === 0 && staller >= 0 ? this.#noteStaller(staller as PeerId, nowMs) : null;
    return entries.length === 0 && newStaller === null ? NO_REQUESTS : { entries, newStaller };
  }

  /** Whether blocks of the chain are fetched from the peer at all now. */
  #mayAsk({ id, role }: PeerState): boolean {
    if (!role.servesBlocks) return false;
    return !this.#chain.isInitialDownload || (!role.isLimited && this.isSyncSource(id));
  }

  #noteStaller(id: PeerId, nowMs: number): PeerId | null {
    const staller = this.#peers.get(id);
    if (staller === undefined || staller.stallingSinceMs !== null) return null;
    staller.stallingSinceMs = nowMs;
    return id;
  }

  /**
   * Collects up to `room` blocks that the peer has and nobody was asked for, from below up. Returns who holds up the window when
   * it is the only reason that there are none.
   */
  #findNext(peer: PeerState, room: number, found: BlockEntry[]): number {
    const { index } = this.#chain;
    const best = this.#availability.bestKnown(peer.id);
    if (!this.#isInteresting(peer.id, best) || !this.#hasSnapshot(best)) return NOBODY;
    const from = this.#updateLastCommon(peer, best);
    if (from === best) return NOBODY;
    const bestHeight = index.height(best);
    let height = index.height(from);
    // One more than the window: whether that one is wanted tells whether the window holds us up.
    const windowEnd = height + DOWNLOAD_WINDOW;
    const end = Math.min(bestHeight, windowEnd + 1);
    let holder = NOBODY;
    while (height < end) {
      const count = Math.min(end - height, WALK_BATCH);
      this.#readAncestors(best, height + count, count);
      for (let i = 0; i < count; i++) {
        const entry = this.#walk[i]!;
        height++;
        if (!this.#isServed(peer, entry, height)) return NOBODY;
        if (this.#isHere(entry)) {
          if (index.isLinked(entry)) peer.lastCommon = entry;
        } else if (this.#arriving.has(entry)) {
          if (holder === NOBODY) holder = OURSELVES;
        } else if (this.#askedPeers.has(entry)) {
          if (holder === NOBODY) holder = this.#askedPeers.get(entry)![0]!;
        } else if (height > windowEnd) {
          // What has just turned out to be here moves the window: it is not held up before it stands still.
          const isStuck = found.length === 0 && peer.lastCommon === from;
          return isStuck && holder !== peer.id ? holder : NOBODY;
        } else if (!peer.role.isLimited || bestHeight - height < LIMITED_DEPTH_MAX) {
          found.push(entry);
          if (found.length === room) return NOBODY;
        }
      }
    }
    return NOBODY;
  }

  /**
   * Collects blocks below the snapshot that the chain began with, once nothing nearer the tip is left to fetch (Core
   * TryDownloadingHistoricalBlocks). Nobody holds up this window.
   */
  #findHistorical(peer: PeerState, room: number, found: BlockEntry[]): void {
    const { index, historical } = this.#chain;
    const best = this.#availability.bestKnown(peer.id);
    if (historical === undefined || historical === null || peer.role.isLimited) return;
    const { tip, target } = historical;
    if (best === NO_ENTRY || !index.descendsFrom(best, target)) return;
    let height = index.height(index.lastCommonAncestor(tip, target));
    const end = Math.min(index.height(target), height + DOWNLOAD_WINDOW);
    while (height < end) {
      const count = Math.min(end - height, WALK_BATCH);
      this.#readAncestors(target, height + count, count);
      for (let i = 0; i < count; i++) {
        const entry = this.#walk[i]!;
        height++;
        if (!this.#isServed(peer, entry, height)) return;
        if (index.hasData(entry) || this.#arriving.has(entry) || this.#askedPeers.has(entry)) continue;
        found.push(entry);
        if (found.length === room) return;
      }
    }
  }

  /** Whether a chain has the snapshot that ours began with: while that is not verified, ours cannot move to another. */
  #hasSnapshot(best: BlockEntry): boolean {
    const { index, historical } = this.#chain;
    return historical === undefined || historical === null || index.descendsFrom(best, historical.target);
  }

  /** Whether the peer's chain is at least as good as ours, and good enough at all. */
  #isInteresting(id: PeerId, best: BlockEntry): boolean {
    const { index, active } = this.#chain;
    return (
      best !== NO_ENTRY &&
      active.tip !== NO_ENTRY &&
      index.compareWork(best, active.tip) >= 0 &&
      this.#availability.hasMinimumWork(id)
    );
  }

  /** The last common block is the fork from our chain, or a later one of the peer's chain that we came to already. */
  #updateLastCommon(peer: PeerState, best: BlockEntry): BlockEntry {
    const { index, active } = this.#chain;
    const fork = index.lastCommonAncestor(best, active.tip);
    const known = peer.lastCommon;
    const isKept = known !== NO_ENTRY && index.compareWork(fork, known) <= 0 && index.descendsFrom(best, known);
    if (!isKept) peer.lastCommon = fork;
    return peer.lastCommon;
  }

  /** Reads `count` ancestors of `best`, the last of them at `height`, into the scratch. */
  #readAncestors(best: BlockEntry, height: number, count: number): void {
    const { index } = this.#chain;
    let entry = index.ancestor(best, height);
    for (let i = count - 1; i >= 0; i--) {
      this.#walk[i] = entry;
      entry = index.parent(entry);
    }
  }

  /** False from the first block on that is invalid, or that the peer would send without its witness. */
  #isServed({ role }: PeerState, entry: BlockEntry, height: number): boolean {
    if (!this.#chain.index.isValid(entry, VALIDITY.tree)) return false;
    return role.servesWitnesses || !isActiveAt(this.#consensus, 'segwit', height);
  }

  /** Stored, or part of the active chain and perhaps pruned. */
  #isHere(entry: BlockEntry): boolean {
    return this.#chain.index.hasData(entry) || this.#chain.active.contains(entry);
  }

  // --- blocks that were announced -------------------------------------------------------------------------------------

  /** Whether the tip is near enough to today to fetch announced blocks at once (Core CanDirectFetch). */
  canFetchDirectly(nowSec: number): boolean {
    return isTipOfToday(this.#chain, this.#consensus.pow.spacingSec, nowSec);
  }

  /**
   * The blocks that are missing to make `last`, which the peer has announced, the tip (Core HeadersDirectFetchBlocks). Null: there
   * is nothing to fetch in this way.
   */
  fetchDirectly(
    id: PeerId,
    last: BlockEntry,
    { nowMs, nowSec }: { readonly nowMs: number; readonly nowSec: number },
  ): DirectFetch | null {
    const { index, active } = this.#chain;
    const peer = this.#peers.get(id);
    if (peer === undefined || !this.canFetchDirectly(nowSec)) return null;
    if (!index.isValid(last, VALIDITY.tree) || index.compareWork(active.tip, last) > 0) return null;
    const missing = this.#collectMissing(peer, last);
    if (missing === null) return { outcome: 'large-reorg' };
    const entries: BlockEntry[] = [];
    for (let entry = missing.pop(); entry !== undefined; entry = missing.pop()) {
      if (peer.inFlight.length >= BLOCKS_IN_FLIGHT_PER_PEER) break;
      if (this.request(id, entry, nowMs)) entries.push(entry);
    }
    if (entries.length === 0) return null;
    const isOnlyOne = entries.length === 1 && this.#inFlightCount === 1;
    return { outcome: 'fetch', entries, suitsCompact: isOnlyOne && index.isValid(index.parent(last), VALIDITY.chain) };
  }

  /** Missing blocks from `last` down to the active chain; null when there are more than one peer is asked for. */
  #collectMissing({ role }: PeerState, last: BlockEntry): BlockEntry[] | null {
    const { index, active } = this.#chain;
    const missing: BlockEntry[] = [];
    let entry = last;
    while (!active.contains(entry)) {
      if (missing.length > BLOCKS_IN_FLIGHT_PER_PEER) return null;
      const isWanted = !index.hasData(entry) && !this.#askedPeers.has(entry) && !this.#arriving.has(entry);
      const isSegwit = isActiveAt(this.#consensus, 'segwit', index.height(entry));
      if (isWanted && (role.servesWitnesses || !isSegwit)) missing.push(entry);
      entry = index.parent(entry);
    }
    return missing;
  }

  // --- peers that do not deliver --------------------------------------------------------------------------------------

  /** Seconds that a staller has at the moment. */
  get stallTimeoutSec(): number {
    return this.#stallSec;
  }

  /** Why the peer is to be dropped now, or null. Each call with a stall gives the next staller more time. */
  findFault(id: PeerId, nowMs: number): DownloadFault | null {
    const peer = this.#peers.get(id);
    if (peer === undefined) return null;
    if (peer.stallingSinceMs !== null && peer.stallingSinceMs < nowMs - 1000 * this.#stallSec) {
      // Perhaps our own line is too slow: the others are not to be dropped as fast.
      const timeoutSec = Math.min(2 * this.#stallSec, STALL_SEC_MAX);
      const hasChanged = timeoutSec !== this.#stallSec;
      this.#stallSec = timeoutSec;
      return { offence: 'stalled-block-download', timeoutSec: hasChanged ? timeoutSec : null };
    }
    const first = peer.inFlight[0];
    if (first === undefined || nowMs <= peer.downloadingSinceMs + this.#blockTimeoutMs()) return null;
    return { offence: 'block-download-timeout', entry: first };
  }

  /** Others are counted because our own line may be what is slow. */
  #blockTimeoutMs(): number {
    const others = this.#downloadingPeerCount - 1;
    return 1000 * this.#consensus.pow.spacingSec * (TIMEOUT_INTERVALS + TIMEOUT_INTERVALS_PER_PEER * others);
  }

  /** A block became part of the chain: stallers have less time again. The new time in seconds, or null when it stays. */
  blockConnected(): number | null {
    if (this.#stallSec === STALL_SEC_MIN) return null;
    this.#stallSec = Math.max(STALL_SEC_MIN, Math.floor((this.#stallSec * STALL_DECAY_PERCENT) / 100));
    return this.#stallSec;
  }

  // --- for tests ------------------------------------------------------------------------------------------------------

  /** Asserts that all tables say the same. */
  sanityCheck(): void {
    let inFlight = 0;
    let downloading = 0;
    let preferred = 0;
    for (const [id, peer] of this.#peers) {
      assert(peer.id === id && new Set(peer.inFlight).size === peer.inFlight.length, 'a block once per peer');
      for (const entry of peer.inFlight) assert(this.isInFlightFrom(id, entry), 'both tables know a request');
      assert(peer.inFlight.length > 0 || peer.stallingSinceMs === null, 'a staller owes a block');
      inFlight += peer.inFlight.length;
      if (peer.inFlight.length > 0) downloading++;
      if (peer.role.isPreferred) preferred++;
    }
    let asked = 0;
    for (const peers of this.#askedPeers.values()) {
      assert(peers.length > 0 && peers.length <= PEERS_PER_BLOCK_MAX, 'one to three peers for a block');
      asked += peers.length;
    }
    assert(inFlight === this.#inFlightCount && asked === inFlight, 'the number of requests');
    assert(downloading === this.#downloadingPeerCount, 'the number of peers that owe blocks');
    assert(preferred === this.#preferredCount, 'the number of preferred peers');
    assert(this.#givers.size <= SOURCES_MAX, 'a bounded memory of givers');
  }
}
