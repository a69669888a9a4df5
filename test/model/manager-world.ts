// The network of a node as one machine, over a real chain in memory, without connections: events go in, effects come out. A test
// plays peers and shell. Time stands until a test moves it.

import type { BlockEntry } from '../../src/kernel/chain/block-index.ts';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { LocalAddresses } from '../../src/node/p2p/addr-local.ts';
import { AddrRelay } from '../../src/node/p2p/addr-relay.ts';
import { AddressManager } from '../../src/node/p2p/addrman.ts';
import type { ConnectionKind } from '../../src/node/p2p/connection-kind.ts';
import type { LocalNode } from '../../src/node/p2p/context.ts';
import type { Effect } from '../../src/node/p2p/effects.ts';
import { createPermissions, type PermissionName } from '../../src/node/p2p/net-permissions.ts';
import { OutboundHealth } from '../../src/node/p2p/outbound-health.ts';
import type { Peer } from '../../src/node/p2p/peer.ts';
import { asPeerId, type PeerId } from '../../src/node/p2p/peer-id.ts';
import { type Moment, PeerManager } from '../../src/node/p2p/peer-manager.ts';
import type { RelayPool } from '../../src/node/p2p/tx-relay-pool.ts';
import { UploadTarget } from '../../src/node/p2p/upload-target.ts';
import type { Message, MessageOf, VersionMessage } from '../../src/node/wire/messages.ts';
import { type NetAddress, parseNetAddress } from '../../src/node/wire/net-address.ts';
import { type NetGroups, PREFIX_GROUPS } from '../../src/node/wire/net-groups.ts';
import { NODE_NETWORK, NODE_NETWORK_LIMITED, NODE_WITNESS } from '../../src/node/wire/protocol.ts';
import { BranchBuilder } from './branch-builder.ts';
import { viewOfChain } from './chain-view.ts';
import { versionMessage } from './fake-network.ts';

/** What a test may want different about a world. */
export interface ManagerWorldOptions {
  /** The chain of the node; absent: three blocks. */
  readonly branch?: BranchBuilder;
  /** Seconds from the last block to now; absent: 100. */
  readonly tipAgeSec?: number;
  readonly minimumChainWork?: bigint;
  readonly isPruning?: boolean;
  readonly local?: Partial<LocalNode>;
  /** Absent: the node keeps no transactions. */
  readonly mempool?: RelayPool;
  /** By which addresses are sorted; absent: by prefix. */
  readonly netGroups?: NetGroups;
  /** Bytes to send in a day; absent: as many as there are. */
  readonly uploadLimitBytes?: number;
}

/** What a test may want different about a peer. */
export interface ManagerPeerOptions {
  readonly kind?: ConnectionKind;
  readonly address?: string;
  readonly isInboundOnion?: boolean;
  readonly permissions?: readonly PermissionName[];
  readonly localServices?: bigint;
  readonly version?: Partial<VersionMessage>;
}

/** An address from its text. */
export function addressOf(text: string): NetAddress {
  const address = parseNetAddress(text, 8333);
  if (address === null) throw new Error(`an address: ${text}`);
  return address;
}

/** A node without connections. */
export class ManagerWorld {
  readonly chain: Chainstate;
  readonly branch: BranchBuilder;
  readonly manager: PeerManager;
  readonly addressManager: AddressManager;
  nowMs = 1_000_000;
  nowSec: number;
  #lastId = 0;

  private constructor(chain: Chainstate, branch: BranchBuilder, options: ManagerWorldOptions) {
    const params = branch.network;
    const reachable = new Set(['ipv4', 'ipv6'] as const);
    const local = new LocalAddresses(
      { isListening: true, isDiscovering: true, listenPort: 8333, reachable },
      createRng(1),
    );
    this.chain = chain;
    this.branch = branch;
    this.nowSec = branch.tip.header.timeSec + (options.tipAgeSec ?? 100);
    const groups = options.netGroups ?? PREFIX_GROUPS;
    this.addressManager = new AddressManager(createRng(2).bytes(32), createRng(3), { groups });
    this.manager = new PeerManager({
      params,
      chain: viewOfChain(chain, options.isPruning),
      local: { userAgent: '/test/', isBlocksOnly: false, takesTransactions: false, ...options.local },
      addressManager: this.addressManager,
      addrRelay: new AddrRelay(
        { manager: this.addressManager, local, reachable, isUnwelcome: () => false },
        createRng(4),
      ),
      health: new OutboundHealth({
        fullRelayMax: 8,
        blockRelayMax: 2,
        blockSpacingSec: params.consensus.pow.spacingSec,
      }),
      uploadTarget: new UploadTarget(options.uploadLimitBytes ?? 0),
      rng: createRng(5),
      ...(options.mempool === undefined ? {} : { mempool: options.mempool }),
    });
  }

  static async open(options: ManagerWorldOptions = {}): Promise<ManagerWorld> {
    const branch = options.branch ?? new BranchBuilder();
    if (options.branch === undefined) branch.mineMany(3);
    const { minimumChainWork } = options;
    const chain = await openMemoryChain(branch.network, minimumChainWork === undefined ? {} : { minimumChainWork });
    const world = new ManagerWorld(chain, branch, options);
    await chain.activate(world.nowSec);
    for (const block of branch.blocks) await chain.submitBlock(block, world.nowSec);
    return world;
  }

  get now(): Moment {
    return { ms: this.nowMs, sec: this.nowSec };
  }

  /** Time goes by. */
  wait(milliseconds: number): void {
    this.nowMs += milliseconds;
    this.nowSec += Math.floor(milliseconds / 1000);
  }

  /** Somebody connects and says nothing; what we say at once is returned. */
  connect(options: ManagerPeerOptions = {}): { readonly peer: Peer; readonly effects: readonly Effect[] } {
    this.#lastId++;
    const id = asPeerId(this.#lastId);
    const effects = this.manager.peerConnected(
      {
        id,
        kind: options.kind ?? 'inbound',
        address: addressOf(options.address ?? `44.${this.#lastId}.3.4:8333`),
        isInboundOnion: options.isInboundOnion === true,
        localAddress: addressOf('55.5.5.5:8333'),
        name: null,
        permissions: createPermissions(options.permissions ?? []),
        localServices: options.localServices ?? NODE_NETWORK | NODE_NETWORK_LIMITED | NODE_WITNESS,
        localNonce: BigInt(this.#lastId) + 1000n,
      },
      this.now,
    );
    return { peer: this.manager.peers.get(id)!, effects };
  }

  /** Somebody connects and introduces himself; `quiet` drops what we say meanwhile. */
  join(options: ManagerPeerOptions = {}): Peer {
    const { peer } = this.connect(options);
    this.say(peer, versionMessage({ timeSec: this.nowSec, ...options.version }), { type: 'verack' });
    return peer;
  }

  /** A peer says something; what comes of it is returned. */
  say(peer: Peer, ...messages: readonly Message[]): readonly Effect[] {
    return messages.flatMap((message) => this.manager.messageReceived(peer.id, message, this.now));
  }

  /** The regular work on a peer. */
  tick(peer: Peer): readonly Effect[] {
    return this.manager.tick(peer.id, this.now);
  }

  /** A peer has gone. */
  leave(peer: Peer): readonly Effect[] {
    return this.manager.peerDisconnected(peer.id, this.now);
  }

  /** Mines a block on the branch and lets the node connect it, as if it were its own; the machine is told nothing. */
  async grow(): Promise<{ readonly block: Block; readonly entry: BlockEntry }> {
    const block = this.branch.mine();
    await this.chain.submitBlock(block, this.nowSec);
    return { block, entry: this.chain.active.tip };
  }
}

/** The messages among effects, to a peer if one is named. */
export function sentTo(effects: readonly Effect[], peer?: Peer): Message[] {
  const messages: Message[] = [];
  for (const effect of effects) {
    if (effect.type === 'send' && (peer === undefined || effect.peer === peer.id)) messages.push(effect.message);
  }
  return messages;
}

/** Messages of one type among effects. */
export function sentOf<Type extends Message['type']>(effects: readonly Effect[], type: Type): MessageOf<Type>[] {
  return sentTo(effects).filter((message): message is MessageOf<Type> => message.type === type);
}

/** What is not a line of the log. */
export function deeds(effects: readonly Effect[]): Effect[] {
  return effects.filter(({ type }) => type !== 'debug' && type !== 'log');
}

/** All lines, as they would be written. */
export function lines(effects: readonly Effect[]): string[] {
  const texts: string[] = [];
  for (const effect of effects) {
    if (effect.type === 'log') texts.push(effect.text);
    if (effect.type === 'debug') texts.push(typeof effect.text === 'string' ? effect.text : effect.text());
    if (effect.type === 'disconnect' && effect.reason !== '') texts.push(effect.reason);
  }
  return texts;
}

/** How a peer fares: kept, disconnected, or discouraged and disconnected. */
export function fate(
  effects: readonly Effect[],
  peer: { readonly id: PeerId },
): 'kept' | 'disconnected' | 'discouraged' {
  if (!effects.some((effect) => effect.type === 'disconnect' && effect.peer === peer.id)) return 'kept';
  return effects.some(({ type }) => type === 'discourage') ? 'discouraged' : 'disconnected';
}
