// What each peer is good for when blocks are fetched, and how far its chain goes as far as it has told (Core
// UpdateBlockAvailability, ProcessBlockAvailability). A peer may name a block that we do not know: the last such name is kept, and
// counts from the moment its header arrives, from whomever. Whether a branch is valid is not asked here.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { asBlockHash, type BlockHash } from '../../kernel/primitives/hashes.ts';
import { MSG_BLOCK, MSG_WITNESS_BLOCK, NODE_WITNESS } from '../wire/protocol.ts';
import type { ChainView } from './chain-view.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { canServeBlocks, isLimitedPeer } from './desirable-services.ts';
import type { PeerId } from './peer-id.ts';

/** What must be known of a peer when it joins. */
export interface SyncFacts {
  readonly kind: ConnectionKind;
  /** Services that it offers. */
  readonly services: bigint;
  /** It has the permission `noban`. */
  readonly hasNoBan: boolean;
}

/** What follows for synchronisation. */
export interface SyncRole {
  /** It serves blocks, all or the latest (Core CanServeBlocks). */
  readonly servesBlocks: boolean;
  /** It serves the latest blocks only (Core IsLimitedPeer). */
  readonly isLimited: boolean;
  /** It serves blocks with witnesses (Core CanServeWitnesses). */
  readonly servesWitnesses: boolean;
  /** We chose it, or trust it: blocks are fetched from such peers as long as there are any (Core fPreferredDownload). */
  readonly isPreferred: boolean;
  readonly isInbound: boolean;
  readonly isAddrFetch: boolean;
  readonly hasNoBan: boolean;
  /** Type under which it is asked for blocks. */
  readonly blockType: typeof MSG_BLOCK | typeof MSG_WITNESS_BLOCK;
}

/** What a peer with these facts is good for. */
export function findSyncRole({ kind, services, hasNoBan }: SyncFacts): SyncRole {
  const servesWitnesses = (services & NODE_WITNESS) !== 0n;
  const servesBlocks = canServeBlocks(services);
  const isInbound = kind === 'inbound';
  const isAddrFetch = kind === 'addr-fetch';
  return {
    servesBlocks,
    isLimited: isLimitedPeer(services),
    servesWitnesses,
    isPreferred: (!isInbound || hasNoBan) && !isAddrFetch && servesBlocks,
    isInbound,
    isAddrFetch,
    hasNoBan,
    blockType: servesWitnesses ? MSG_WITNESS_BLOCK : MSG_BLOCK,
  };
}

interface Known {
  /** The best block that it has announced (Core pindexBestKnownBlock). */
  best: BlockEntry;
  /** The last block that it announced and we do not know (Core hashLastUnknownBlock). */
  unknown: BlockHash | null;
  /** Number of entries of the index when `unknown` was last looked up in vain. */
  lookedUpAt: number;
  /** The best block for which `hasWork` was computed. */
  judged: BlockEntry;
  hasWork: boolean;
}

/** The chains of all peers. */
export class BlockAvailability {
  readonly #chain: ChainView;
  readonly #peers: Map<PeerId, Known> = new Map();

  constructor(chain: ChainView) {
    this.#chain = chain;
  }

  peerJoined(id: PeerId): void {
    this.#peers.set(id, { best: NO_ENTRY, unknown: null, lookedUpAt: 0, judged: NO_ENTRY, hasWork: false });
  }

  peerLeft(id: PeerId): void {
    this.#peers.delete(id);
  }

  /** The peer has announced a block, in whatever way. The hash is copied if it is kept. */
  announced(id: PeerId, blockHash: Uint8Array): void {
    const known = this.#peers.get(id);
    if (known === undefined) return;
    this.#resolve(known);
    const entry = this.#chain.index.find(blockHash);
    if (entry !== NO_ENTRY) {
      this.#raise(known, entry);
      return;
    }
    // The latest is taken for the best.
    known.unknown = asBlockHash(blockHash.slice());
    known.lookedUpAt = this.#chain.index.count;
  }

  /** The best block that the peer is known to have, or NO_ENTRY. */
  bestKnown(id: PeerId): BlockEntry {
    const known = this.#peers.get(id);
    if (known === undefined) return NO_ENTRY;
    this.#resolve(known);
    return known.best;
  }

  /** Whether the chain of the peer has the work without which no block of it is fetched. */
  hasMinimumWork(id: PeerId): boolean {
    const known = this.#peers.get(id);
    if (known === undefined) return false;
    this.#resolve(known);
    if (known.best === NO_ENTRY) return false;
    if (known.judged !== known.best) {
      known.judged = known.best;
      known.hasWork = this.#chain.index.chainWork(known.best) >= this.#chain.minimumChainWork;
    }
    return known.hasWork;
  }

  #resolve(known: Known): void {
    const { index } = this.#chain;
    if (known.unknown === null || known.lookedUpAt === index.count) return;
    known.lookedUpAt = index.count;
    const entry = index.find(known.unknown);
    if (entry === NO_ENTRY) return;
    known.unknown = null;
    this.#raise(known, entry);
  }

  #raise(known: Known, entry: BlockEntry): void {
    if (known.best === NO_ENTRY || this.#chain.index.compareWork(entry, known.best) >= 0) known.best = entry;
  }
}
