// Who sends compact blocks to whom (BIP152). Of each peer: whether it can send them, whether it wants new blocks announced by them,
// whether we asked it to announce so, and the blocks that are being put together from what it sent. Of ourselves: the up to three
// peers that we asked (Core lNodesAnnouncingHeaderAndIDs), and the compact form of the newest block, made once for all peers
// (m_most_recent_compact_block).
//
// A partial block keeps the message alive that it came from, 4 MB at most. It is kept for a block in flight alone, whose header has
// the work of a new tip: nobody fills our memory with them who does not spend more on each.
//
// Not here: which block is asked of whom (block-download.ts), what the messages lead to (handlers/compact.ts).

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { SignalSource } from '../../kernel/util/signal.ts';
import type { CmpctBlockMessage } from '../wire/messages.ts';
import type { RequestEnded } from './block-download.ts';
import { createCompactBlock } from './compact-block.ts';
import { EMPTY_POOL, PartialBlock, type TransactionPool } from './partial-block.ts';
import type { PeerId } from './peer-id.ts';

/** Most peers that are asked to announce new blocks by compact blocks (BIP152). */
export const ANNOUNCERS_MAX = 3;

/** How a peer is to announce new blocks from now on: a `sendcmpct` to send. */
export interface ModeChange {
  readonly peer: PeerId;
  readonly announces: boolean;
}

/** Where the transactions of blocks may be found. */
export interface CompactPools {
  /** The mempool. */
  readonly pool: TransactionPool;
  /** Transactions that are not in it and may be in a block all the same: replaced, refused or orphaned lately. */
  readonly extra: TransactionPool;
}

/** The pools of a node that keeps no transactions. */
export const NO_POOLS: CompactPools = Object.freeze({ pool: EMPTY_POOL, extra: EMPTY_POOL });

/** How the machine is set up. */
export interface CompactRelayOptions {
  /** Gives the nonces of compact blocks. */
  readonly rng: Rng;
  /** Nobody is asked to announce: without a pool that is no use (-blocksonly). */
  readonly isBlocksOnly: boolean;
  /** Absent: the node keeps no transactions. */
  readonly pools?: CompactPools;
}

/** What must be known of a peer when it joins. */
export interface CompactPeerFacts {
  readonly isInbound: boolean;
}

interface PeerState {
  readonly isInbound: boolean;
  providesCompact: boolean;
  wantsAnnouncements: boolean;
  isAnnouncer: boolean;
  /** Of blocks that are in flight from it, and no others. */
  readonly partials: Map<BlockEntry, PartialBlock>;
}

interface RecentBlock {
  readonly entry: BlockEntry;
  readonly height: number;
  readonly message: CmpctBlockMessage;
}

/** The compact blocks of all peers. */
export class CompactRelay {
  readonly pools: CompactPools;
  readonly #rng: Rng;
  readonly #isBlocksOnly: boolean;
  readonly #peers: Map<PeerId, PeerState> = new Map();
  /** Peers that we asked to announce, the one that gave us a block last at the end. */
  #announcers: PeerId[] = [];
  #recent: RecentBlock | null = null;

  /** What was kept for a request goes when `requests` says that it is over. */
  constructor(requests: { readonly requestEnded: SignalSource<RequestEnded> }, options: CompactRelayOptions) {
    this.#rng = options.rng;
    this.#isBlocksOnly = options.isBlocksOnly;
    this.pools = options.pools ?? NO_POOLS;
    requests.requestEnded.subscribe(({ peer, entry }) => this.#peers.get(peer)?.partials.delete(entry));
  }

  peerJoined(id: PeerId, { isInbound }: CompactPeerFacts): void {
    const state = { providesCompact: false, wantsAnnouncements: false, isAnnouncer: false };
    this.#peers.set(id, { ...state, isInbound, partials: new Map() });
  }

  /** Its place among those who announce is free at once (Core leaves it to the next who takes it). */
  peerLeft(id: PeerId): void {
    this.#peers.delete(id);
    this.#announcers = this.#announcers.filter((announcer) => announcer !== id);
  }

  // --- what peers can do, want and were asked for ---------------------------------------------------------------------

  /** The peer said that it sends compact blocks, and whether it wants new blocks announced by them. */
  receiveMode(id: PeerId, wantsAnnouncements: boolean): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.providesCompact = true;
    peer.wantsAnnouncements = wantsAnnouncements;
  }

  /** It answers requests for compact blocks (Core m_provides_cmpctblocks). */
  providesCompact(id: PeerId): boolean {
    return this.#peers.get(id)?.providesCompact ?? false;
  }

  /** It wants new blocks announced by compact blocks (Core m_bip152_highbandwidth_from). */
  wantsAnnouncements(id: PeerId): boolean {
    return this.#peers.get(id)?.wantsAnnouncements ?? false;
  }

  /** We asked it to announce new blocks by compact blocks (Core m_bip152_highbandwidth_to). */
  isAnnouncer(id: PeerId): boolean {
    return this.#peers.get(id)?.isAnnouncer ?? false;
  }

  /**
   * The peer gave us a new block first: it is asked to announce the next ones, in the place of who did so longest ago. The last
   * outbound peer among them is not driven out by an inbound one, which anybody may be (Core
   * MaybeSetPeerAsAnnouncingHeaderAndIDs). Returns what is to be sent, in order.
   */
  preferPeer(id: PeerId): readonly ModeChange[] {
    const peer = this.#peers.get(id);
    if (this.#isBlocksOnly || !peer?.providesCompact) return [];
    if (peer.isAnnouncer) {
      this.#announcers = [...this.#announcers.filter((announcer) => announcer !== id), id];
      return [];
    }
    if (peer.isInbound) this.#protectLastOutbound();
    this.#announcers.push(id);
    peer.isAnnouncer = true;
    const changes: ModeChange[] = [{ peer: id, announces: true }];
    if (this.#announcers.length > ANNOUNCERS_MAX) {
      const oldest = this.#announcers.shift()!;
      this.#peers.get(oldest)!.isAnnouncer = false;
      changes.push({ peer: oldest, announces: false });
    }
    return changes;
  }

  /** Moves the only outbound announcer out of the first place, which is about to be given up. */
  #protectLastOutbound(): void {
    const [first, second, ...others] = this.#announcers;
    if (first === undefined || second === undefined || this.#announcers.length < ANNOUNCERS_MAX) return;
    const outbound = this.#announcers.filter((id) => !this.#peers.get(id)!.isInbound);
    if (outbound.length === 1 && outbound[0] === first) this.#announcers = [second, first, ...others];
  }

  // --- blocks being put together --------------------------------------------------------------------------------------

  /** The block that is being put together from what the peer sent, or null. */
  partial(id: PeerId, entry: BlockEntry): PartialBlock | null {
    return this.#peers.get(id)?.partials.get(entry) ?? null;
  }

  /** An empty partial block for what the peer sends. The block is in flight from it. */
  startPartial(id: PeerId, entry: BlockEntry): PartialBlock {
    const partial = new PartialBlock();
    this.#peers.get(id)?.partials.set(entry, partial);
    return partial;
  }

  // --- the newest block -----------------------------------------------------------------------------------------------

  /**
   * Makes and remembers the compact form of a block that is to be announced. Null when one as high was: of two blocks at the same
   * height peers hear of the second only if it becomes the tip.
   */
  remember(entry: BlockEntry, height: number, block: Block): CmpctBlockMessage | null {
    if (height <= (this.#recent?.height ?? 0)) return null;
    const made = createCompactBlock(block, this.#rng);
    // Its parts are copied: they would keep the whole block in memory.
    const prefilled = made.prefilled.map(({ index, transaction }) => ({ index, transaction: transaction.detach() }));
    const message = { ...made, header: made.header.detach(), prefilled };
    this.#recent = { entry, height, message };
    return message;
  }

  /** The compact form of a block if it is the one that was remembered last. */
  recall(entry: BlockEntry): CmpctBlockMessage | null {
    return this.#recent?.entry === entry ? this.#recent.message : null;
  }
}
