// Telling peers of new blocks (Core UpdatedBlockTip, and the part of SendMessages that announces blocks). Per peer: which blocks
// became part of the active chain since it was last told, and the best header that we sent it.
//
// A peer that asked for headers (BIP130), or for compact blocks in high-bandwidth mode (BIP152), gets those, if they connect to what
// it has; otherwise, or after a long reorganisation, it gets an inv of the last block and finds out by itself. What the peer has is
// what it announced (block-download.ts) and what we sent it (here).

import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';
import type { ChainView } from './chain-view.ts';
import type { PeerId } from './peer-id.ts';

/** Most blocks that one announcement names (Core MAX_BLOCKS_TO_ANNOUNCE). */
export const BLOCKS_TO_ANNOUNCE_MAX = 8;

/** How a peer is to be told of blocks. */
export type Announcement =
  | { readonly type: 'headers'; readonly headers: readonly BlockHeader[] }
  | { readonly type: 'compact-block'; readonly entry: BlockEntry }
  | { readonly type: 'inv'; readonly blockHashes: readonly BlockHash[] };

/** What the relay must be told of a peer when it asks what to send. */
export interface AnnouncementFacts {
  /** The best block that the peer is known to have; NO_ENTRY: none. */
  readonly bestKnown: BlockEntry;
  readonly wantsHeaders: boolean;
  /** It asked for compact blocks in high-bandwidth mode. */
  readonly wantsCompact: boolean;
}

interface PeerState {
  /** Blocks to announce, from below up; at most a few times {@link BLOCKS_TO_ANNOUNCE_MAX} between two ticks. */
  toAnnounce: BlockEntry[];
  /** Blocks to name in an inv: answers to getblocks. */
  toInv: BlockHash[];
  bestHeaderSent: BlockEntry;
  /** The last block of the last answer to getblocks that was cut: when it is fetched, the peer is to go on asking. */
  continuation: BlockHash | null;
}

/** More than this many blocks between two ticks: only the last ones count, the peer finds the rest. */
const PENDING_MAX: number = 4 * BLOCKS_TO_ANNOUNCE_MAX;

/** Most blocks that wait to be named in an inv: four answers to getblocks. Arbitrary; Core has no bound. */
const INVENTORY_MAX = 2000;

/** Announces blocks to peers. */
export class BlockRelay {
  readonly #chain: ChainView;
  readonly #peers: Map<PeerId, PeerState> = new Map();

  constructor(chain: ChainView) {
    this.#chain = chain;
  }

  peerJoined(id: PeerId): void {
    this.#peers.set(id, { toAnnounce: [], toInv: [], bestHeaderSent: NO_ENTRY, continuation: null });
  }

  peerLeft(id: PeerId): void {
    this.#peers.delete(id);
  }

  /** The active chain has another tip; `fork` is the last block that it has in common with the chain before. */
  tipChanged(tip: BlockEntry, fork: BlockEntry): void {
    const { index } = this.#chain;
    const entries: BlockEntry[] = [];
    for (let entry = tip; entry !== fork && entries.length < BLOCKS_TO_ANNOUNCE_MAX; entry = index.parent(entry)) {
      entries.push(entry);
    }
    // A tip that a snapshot has set was not connected here, and cannot be served.
    const served = entries.filter((entry) => index.hasData(entry)).reverse();
    for (const peer of this.#peers.values()) {
      peer.toAnnounce.push(...served);
      if (peer.toAnnounce.length > PENDING_MAX) peer.toAnnounce.splice(0, peer.toAnnounce.length - PENDING_MAX);
    }
  }

  /** Whether the peer surely has a header: it announced a block above it, or we sent it one (Core PeerHasHeader). */
  peerHasHeader(id: PeerId, entry: BlockEntry, bestKnown: BlockEntry): boolean {
    const { index } = this.#chain;
    const sent = this.#peers.get(id)?.bestHeaderSent ?? NO_ENTRY;
    return isAncestorOrSame(index, entry, bestKnown) || isAncestorOrSame(index, entry, sent);
  }

  /** A header was sent to the peer, in whatever form; the last one is what it is taken to have. */
  noteHeaderSent(id: PeerId, entry: BlockEntry): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) peer.bestHeaderSent = entry;
  }

  /** Queues blocks for an inv, as an answer to getblocks; `isCut` when there would be more. */
  queueInventory(id: PeerId, blockHashes: readonly BlockHash[], isCut: boolean): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    // Answers between two ticks go out together; who asks faster than that is answered in part.
    if (peer.toInv.length + blockHashes.length <= INVENTORY_MAX) peer.toInv.push(...blockHashes);
    if (isCut) peer.continuation = blockHashes.at(-1) ?? null;
  }

  /** True once, when the block was the last one of a cut answer to getblocks. */
  takeContinuation(id: PeerId, entry: BlockEntry): boolean {
    const peer = this.#peers.get(id);
    if (!peer?.continuation || !this.#chain.index.hasHash(entry, peer.continuation)) return false;
    peer.continuation = null;
    return true;
  }

  /** What is to be sent to a peer now. */
  takeAnnouncements(id: PeerId, facts: AnnouncementFacts): readonly Announcement[] {
    const peer = this.#peers.get(id);
    if (peer === undefined || (peer.toAnnounce.length === 0 && peer.toInv.length === 0)) return [];
    const announcements: Announcement[] = [];
    if (peer.toAnnounce.length > 0) {
      const byHeader = this.#announceByHeader(id, peer, facts);
      if (byHeader === 'inv') this.#fallBackToInv(id, peer, facts);
      else if (byHeader !== null) announcements.push(byHeader);
      peer.toAnnounce = [];
    }
    if (peer.toInv.length > 0) announcements.push({ type: 'inv', blockHashes: peer.toInv });
    peer.toInv = [];
    return announcements;
  }

  /** Null: the peer has all of it. */
  #announceByHeader(id: PeerId, peer: PeerState, facts: AnnouncementFacts): Announcement | 'inv' | null {
    const { wantsHeaders, wantsCompact } = facts;
    const count = peer.toAnnounce.length;
    if (count > BLOCKS_TO_ANNOUNCE_MAX) return 'inv';
    if (!wantsHeaders && (!wantsCompact || count > 1)) return 'inv';
    const fresh = this.#findUnknown(id, peer.toAnnounce, facts.bestKnown);
    if (fresh === 'inv' || fresh.length === 0) return fresh === 'inv' ? 'inv' : null;
    const last = fresh.at(-1)!;
    if (fresh.length === 1 && wantsCompact) {
      peer.bestHeaderSent = last;
      return { type: 'compact-block', entry: last };
    }
    if (!wantsHeaders) return 'inv';
    peer.bestHeaderSent = last;
    return { type: 'headers', headers: fresh.map((entry) => this.#chain.index.header(entry)) };
  }

  /** The blocks from the first that the peer has not; 'inv' when they do not connect to what it has. */
  #findUnknown(id: PeerId, entries: readonly BlockEntry[], bestKnown: BlockEntry): readonly BlockEntry[] | 'inv' {
    const { index, active } = this.#chain;
    const fresh: BlockEntry[] = [];
    let previous: BlockEntry = NO_ENTRY;
    for (const entry of entries) {
      if (!active.contains(entry)) return 'inv';
      if (previous !== NO_ENTRY && index.parent(entry) !== previous) return 'inv';
      previous = entry;
      if (fresh.length > 0) fresh.push(entry);
      else if (this.peerHasHeader(id, entry, bestKnown)) continue;
      else if (index.height(entry) === 0 || this.peerHasHeader(id, index.parent(entry), bestKnown)) fresh.push(entry);
      else return 'inv';
    }
    return fresh;
  }

  #fallBackToInv(id: PeerId, peer: PeerState, { bestKnown }: AnnouncementFacts): void {
    const last = peer.toAnnounce.at(-1)!;
    if (!this.peerHasHeader(id, last, bestKnown)) peer.toInv.push(this.#chain.index.blockHash(last));
  }
}

/** Whether `entry` is `descendant` or one of its ancestors. */
function isAncestorOrSame(index: BlockIndex, entry: BlockEntry, descendant: BlockEntry): boolean {
  return descendant !== NO_ENTRY && index.descendsFrom(descendant, entry);
}
