// One node's view of the network for tests of synchronisation: a real chain in memory, the machines of headers and blocks, and a
// context that notes what handlers do. Peers are names without connections; a test plays them. Time stands until a test moves it.

import type { BlockAcceptance } from '../../src/kernel/chain/block-acceptance.ts';
import type { BlockEntry } from '../../src/kernel/chain/block-index.ts';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { BlockDownload } from '../../src/node/p2p/block-download.ts';
import type { ChainView } from '../../src/node/p2p/chain-view.ts';
import { CompactRelay } from '../../src/node/p2p/compact-relay.ts';
import type { ConnectionKind } from '../../src/node/p2p/connection-kind.ts';
import type { P2pContext } from '../../src/node/p2p/context.ts';
import { onBlockAccepted, onBlockChecked, tickDownload } from '../../src/node/p2p/handlers/block.ts';
import { tickHeaders } from '../../src/node/p2p/handlers/headers.ts';
import { HeadersSync } from '../../src/node/p2p/headers-sync.ts';
import type { Offence } from '../../src/node/p2p/misbehavior.ts';
import { createPermissions } from '../../src/node/p2p/net-permissions.ts';
import { OutboundHealth } from '../../src/node/p2p/outbound-health.ts';
import { createPeer, type Peer } from '../../src/node/p2p/peer.ts';
import { asPeerId, type PeerId } from '../../src/node/p2p/peer-id.ts';
import type { Message, MessageOf } from '../../src/node/wire/messages.ts';
import { unspecifiedAddress } from '../../src/node/wire/net-address.ts';
import { NODE_NETWORK, NODE_WITNESS } from '../../src/node/wire/protocol.ts';
import { viewOfChain } from './chain-view.ts';

/** What a test may want different about a world. */
export interface SyncWorldOptions {
  readonly params?: ChainParams;
  readonly minimumChainWork?: bigint;
  /** Headers of a full message. */
  readonly headersMax?: number;
  readonly isBlocksOnly?: boolean;
  /** The node's own clock. */
  readonly nowSec: number;
}

/** What a test may want different about a peer. */
export interface SyncPeerOptions {
  readonly kind?: ConnectionKind;
  readonly services?: bigint;
  readonly hasNoBan?: boolean;
}

/** A peer that broke a rule. */
export interface NotedOffence {
  readonly peer: PeerId;
  readonly offence: Offence;
  readonly detail: string;
}

interface Submitted {
  readonly peer: PeerId;
  readonly block: Block;
  readonly arrival: { readonly isRequested: boolean; readonly hasEnoughWork: boolean };
}

/** A node without connections. */
export class SyncWorld {
  readonly chain: Chainstate;
  readonly context: P2pContext;
  readonly download: BlockDownload;
  readonly headersSync: HeadersSync;
  readonly compact: CompactRelay;
  nowMs = 1_000_000;
  nowSec: number;
  /** Everything that was sent, by peer, until it is taken. */
  readonly #sent: Map<PeerId, Message[]> = new Map();
  readonly #peers: Map<PeerId, Peer> = new Map();
  readonly offences: NotedOffence[] = [];
  /** Debug and other lines. */
  readonly lines: string[] = [];
  /** What became of each block that was submitted. */
  readonly outcomes: BlockAcceptance[] = [];
  #submitted: Submitted[] = [];
  #lastId = 0;

  private constructor(chain: Chainstate, options: SyncWorldOptions) {
    const params = options.params ?? createRegtestParams();
    const rng = createRng(5);
    const view = viewOfChain(chain);
    const isBlocksOnly = options.isBlocksOnly ?? false;
    this.chain = chain;
    this.nowSec = options.nowSec;
    this.download = new BlockDownload(view, { params });
    const headersOptions = options.headersMax === undefined ? { params } : { params, headersMax: options.headersMax };
    this.headersSync = new HeadersSync(view, this.download, headersOptions, rng);
    this.compact = new CompactRelay(this.download, { rng, isBlocksOnly });
    this.context = this.#createContext(view, params, isBlocksOnly);
    chain.signals.blockChecked.subscribe(({ block, reject }) => onBlockChecked(this.context, block, reject));
  }

  static async open(options: SyncWorldOptions): Promise<SyncWorld> {
    const { minimumChainWork } = options;
    const chain = await openMemoryChain(
      options.params ?? createRegtestParams(),
      minimumChainWork === undefined ? {} : { minimumChainWork },
    );
    await chain.activate(options.nowSec);
    return new SyncWorld(chain, options);
  }

  #createContext(chain: ChainView, params: ChainParams, isBlocksOnly: boolean): P2pContext {
    const world = this;
    const spacingSec = params.consensus.pow.spacingSec;
    const parts = {
      params,
      chain,
      local: { userAgent: '/test/', isBlocksOnly },
      peers: this.#peers,
      rng: createRng(6),
      headersSync: this.headersSync,
      download: this.download,
      compact: this.compact,
      health: new OutboundHealth({ fullRelayMax: 8, blockRelayMax: 2, blockSpacingSec: spacingSec }),
      get nowMs(): number {
        return world.nowMs;
      },
      get nowSec(): number {
        return world.nowSec;
      },
      send: (peer: Peer, message: Message) => {
        if (!peer.isDisconnecting) world.#sent.get(peer.id)?.push(message);
      },
      disconnect: (peer: Peer, reason: string) => {
        peer.isDisconnecting = true;
        world.lines.push(reason);
      },
      misbehaving: (peer: Peer, offence: Offence, detail = '') => {
        world.offences.push({ peer: peer.id, offence, detail });
        if (!peer.permissions.noban) peer.isDisconnecting = true;
      },
      submitBlock: (peer: Peer, block: Block, arrival: Submitted['arrival']) => {
        world.#submitted.push({ peer: peer.id, block, arrival });
      },
      debug: (_category: string, text: string | (() => string)) => {
        world.lines.push(typeof text === 'string' ? text : text());
      },
      info: (text: string) => {
        world.lines.push(text);
      },
    };
    // The parts that have to do with serving and with addresses are left out: nothing here may use them.
    return parts as unknown as P2pContext;
  }

  /** A peer that has introduced itself; it keeps the whole chain and is outbound unless said otherwise. */
  join(options: SyncPeerOptions = {}): Peer {
    this.#lastId++;
    const id = asPeerId(this.#lastId);
    const kind = options.kind ?? 'outbound-full-relay';
    const hasNoBan = options.hasNoBan ?? false;
    const services = options.services ?? NODE_NETWORK | NODE_WITNESS;
    const address = unspecifiedAddress();
    const permissions = createPermissions(hasNoBan ? ['noban'] : []);
    const facts = { id, kind, address, localAddress: address, name: null, permissions };
    const peer = createPeer({ ...facts, localServices: 0n, localNonce: 0n }, this.nowMs, this.nowSec);
    peer.services = services;
    peer.stage = 'established';
    this.#peers.set(id, peer);
    this.#sent.set(id, []);
    this.download.peerJoined(id, { kind, services, hasNoBan });
    this.headersSync.peerJoined(id);
    this.compact.peerJoined(id, { isInbound: kind === 'inbound' });
    this.context.health.addPeer(id);
    return peer;
  }

  /** The connection is over. */
  leave(peer: Peer): void {
    this.headersSync.peerLeft(peer.id);
    this.download.peerLeft(peer.id);
    this.compact.peerLeft(peer.id);
    this.context.health.removePeer(peer.id);
    this.#peers.delete(peer.id);
    this.#sent.delete(peer.id);
  }

  /** Time goes by. */
  wait(milliseconds: number): void {
    this.nowMs += milliseconds;
    this.nowSec += Math.floor(milliseconds / 1000);
  }

  /** The regular work on peers, on all of them unless some are named. */
  tick(...peers: readonly Peer[]): void {
    for (const peer of peers.length === 0 ? [...this.#peers.values()] : peers) {
      if (peer.isDisconnecting) continue;
      tickHeaders(this.context, peer);
      tickDownload(this.context, peer);
    }
  }

  /** The chain takes in what was submitted, in order. */
  async settle(): Promise<void> {
    while (this.#submitted.length > 0) {
      const batch = this.#submitted;
      this.#submitted = [];
      let current: Submitted | undefined;
      await this.chain.submitStream(() => this.nowSec, {
        next: () => {
          current = batch.shift();
          return current ?? null;
        },
        onAccepted: (block, acceptance) => {
          this.outcomes.push(acceptance);
          onBlockAccepted(this.context, current!.peer, block, acceptance);
        },
      });
    }
    this.download.sanityCheck();
    this.headersSync.sanityCheck();
  }

  /** What was sent to a peer since the last call. */
  take(peer: Peer): Message[] {
    const sent = this.#sent.get(peer.id) ?? [];
    this.#sent.set(peer.id, []);
    return sent;
  }

  /** What of one type was sent to a peer since the last call; everything else is gone, too. */
  takeOf<Type extends Message['type']>(peer: Peer, type: Type): MessageOf<Type>[] {
    return this.take(peer).filter((message): message is MessageOf<Type> => message.type === type);
  }

  /** Entries of the blocks that a peer was asked for since the last call. */
  takeRequests(peer: Peer): BlockEntry[] {
    const entries: BlockEntry[] = [];
    for (const { items } of this.takeOf(peer, 'getdata') as {
      items: { count: number; hash(i: number): Uint8Array };
    }[]) {
      for (let i = 0; i < items.count; i++) entries.push(this.chain.index.find(items.hash(i)));
    }
    return entries;
  }

  /** The offences since the last call. */
  takeOffences(): NotedOffence[] {
    return this.offences.splice(0);
  }

  /** True when a line was written that matches; forgets all lines. */
  hasLogged(pattern: RegExp): boolean {
    return this.lines.splice(0).some((line) => pattern.test(line));
  }
}
