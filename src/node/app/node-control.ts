// What an operator may ask of a running node about its network: what getpeerinfo and the like tell, and what addnode, setban and the
// like do (Core rpc/net.cpp, CConnman). It decides nothing by itself: everything is handed to the parts of the node.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Orphan } from '../mempool/orphanage-peer.ts';
import type { LocalAddresses } from '../p2p/addr-local.ts';
import type { AddressManager } from '../p2p/addrman.ts';
import { type BanList, computeBanEnd } from '../p2p/ban-list.ts';
import type { ConnectionKind } from '../p2p/connection-kind.ts';
import { type ConnectionPlan, computeConnectionLimits } from '../p2p/connection-plan.ts';
import type { PeerId } from '../p2p/peer-id.ts';
import type { PeerManager } from '../p2p/peer-manager.ts';
import { matchesSubnet, type Subnet } from '../p2p/subnet.ts';
import type { Clock, SocksProxy } from '../ports.ts';
import {
  asUsed,
  equalAddresses,
  formatNetAddress,
  type NetAddress,
  type Network,
  parseNetAddress,
} from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { NODE_P2P_V2 } from '../wire/protocol.ts';
import type { Connector } from './connector.ts';
import type { NodeOptions } from './node-options.ts';
import { describePeerFully, type FullPeerInfo } from './peer-details.ts';
import type { PeerLinks } from './peer-links.ts';

/** The parts of a node. */
export interface NodeControlParts {
  readonly options: NodeOptions;
  readonly clock: Clock;
  readonly manager: PeerManager;
  readonly links: PeerLinks;
  readonly plan: ConnectionPlan;
  readonly connector: Connector;
  readonly banList: BanList;
  readonly addressManager: AddressManager;
  readonly localAddresses: LocalAddresses;
  readonly localServices: () => bigint;
  /** Networks that connections are made to, now. */
  readonly reachable: ReadonlySet<Network>;
  /** The proxy for onion addresses that Tor has named; null: none. */
  readonly onionProxy: () => SocksProxy | null;
}

/** What is known of a peer, and of the network that it is in. */
export interface RoutedPeerInfo extends FullPeerInfo {
  /** As {@link NodeControl.mappedAs} has it. */
  readonly mappedAs: number;
}

/** A node of the list of -addnode, and the connection to it. */
export interface AddedNodeInfo {
  readonly name: string;
  readonly connection: { readonly address: string; readonly isInbound: boolean } | null;
}

/** The cycle of -maxuploadtarget (Core MAX_UPLOAD_TIMEFRAME: a day). */
const UPLOAD_CYCLE_SEC: number = 24 * 60 * 60;

/** What is left of -maxuploadtarget, under the names of getnettotals. */
export type UploadTargetInfo = {
  readonly timeframe: number;
  readonly target: number;
  readonly target_reached: boolean;
  readonly serve_historical_blocks: boolean;
  readonly bytes_left_in_cycle: number;
  readonly time_left_in_cycle: number;
};

/** Feelers at one time (Core MAX_FEELER_CONNECTIONS). */
const FEELER_MAX = 1;

/** The operator's side of a node. */
export class NodeControl {
  readonly #parts: NodeControlParts;

  constructor(parts: NodeControlParts) {
    this.#parts = parts;
  }

  // --- looking --------------------------------------------------------------------------------------------------------

  get userAgent(): string {
    return this.#parts.options.userAgent;
  }

  get localServices(): bigint {
    return this.#parts.localServices();
  }

  /** Whether connections may be encrypted (BIP324). */
  get encrypts(): boolean {
    return (this.localServices & NODE_P2P_V2) !== 0n;
  }

  /** Transactions that wait for their parents. */
  orphans(): Iterable<Orphan> {
    return this.#parts.manager.txDownload.orphanage.orphans();
  }

  /** Whether transactions are asked for. */
  get relaysTransactions(): boolean {
    return !this.#parts.options.isBlocksOnly;
  }

  /** Networks that connections are made to. */
  get reachableNetworks(): ReadonlySet<Network> {
    return this.#parts.reachable;
  }

  /** The proxy of a network, and whether every connection shows it another name; null: there is none. */
  proxyOf(network: Network): SocksProxy | null {
    const { proxies, i2p } = this.#parts.options;
    const named = network === 'onion' ? this.#parts.onionProxy() : null;
    if (named !== null) return named;
    if (network === 'i2p' && i2p !== null) return { endpoint: i2p.sam, isRandomized: false };
    return proxies.byNetwork.get(network) ?? null;
  }

  /** Our addresses as others see them. */
  get localAddresses(): readonly { readonly address: NetAddress; readonly score: number }[] {
    return this.#parts.localAddresses.list();
  }

  get medianTimeOffsetSec(): number {
    return this.#parts.manager.medianTimeOffsetSec;
  }

  /** Whether our clock and those of others are far apart. */
  get isClockOutOfSync(): boolean {
    return this.#parts.manager.isClockOutOfSync;
  }

  /** All connections, with everything that is known of them. */
  peers(): readonly RoutedPeerInfo[] {
    const { manager, links, clock } = this.#parts;
    const infos: RoutedPeerInfo[] = [];
    for (const peer of manager.peers.values()) {
      const link = links.links.get(peer.id);
      if (link !== undefined)
        infos.push({
          ...describePeerFully(manager, peer, link, clock.monotonicMs()),
          mappedAs: this.mappedAs(peer.address),
        });
    }
    return infos;
  }

  /** Bytes over all connections since the start. */
  totals(): { readonly receivedBytes: number; readonly sentBytes: number } {
    return this.#parts.links.totals();
  }

  /** What may still be sent today. */
  uploadTarget(): UploadTargetInfo {
    const { uploadTarget, nowMs } = this.#parts.manager;
    const { limitBytes, sentBytes } = uploadTarget;
    const isLimited = limitBytes > 0;
    return {
      timeframe: UPLOAD_CYCLE_SEC,
      target: limitBytes,
      target_reached: uploadTarget.isReached,
      serve_historical_blocks: !uploadTarget.isReachedForHistory(nowMs),
      bytes_left_in_cycle: isLimited ? Math.max(0, limitBytes - sentBytes) : 0,
      time_left_in_cycle: isLimited ? Math.floor(uploadTarget.leftMs(nowMs) / 1000) : 0,
    };
  }

  // --- connections ----------------------------------------------------------------------------------------------------

  /** Keeps a connection to a node from now on; false when it is asked for already. */
  addNode(name: string, wantsEncryption: boolean = this.encrypts): boolean {
    const isNew = this.#parts.plan.addNode(name, wantsEncryption);
    this.#parts.connector.changed();
    return isNew;
  }

  /** Keeps it no longer; false when nobody asked for it. The connection stays. */
  removeNode(name: string): boolean {
    return this.#parts.plan.removeNode(name);
  }

  /** Nodes that were asked for. */
  addedNodes(): readonly AddedNodeInfo[] {
    const { plan, manager } = this.#parts;
    const peers = [...manager.peers.values()];
    return plan.addedNodes.map((name) => {
      const address = this.#parseAddress(name);
      const peer = peers.find((one) => one.name === name || (address !== null && equalAddresses(one.address, address)));
      const connection =
        peer === undefined ? null : { address: formatNetAddress(peer.address), isInbound: peer.kind === 'inbound' };
      return { name, connection };
    });
  }

  /** Connects once, whatever the plan says; resolves when that has come about, or not: nothing is told of the outcome. */
  async connectOnce(
    name: string,
    kind: Exclude<ConnectionKind, 'inbound'>,
    wantsEncryption: boolean = this.encrypts,
  ): Promise<void> {
    const { connector, manager } = this.#parts;
    const address = this.#parseAddress(name);
    const isConnected = [...manager.peers.values()].some(
      (peer) => peer.name === name || (address !== null && equalAddresses(peer.address, address)),
    );
    if (isConnected) return;
    await connector.dialNow({ type: 'dial', kind, address, name, isFailureCounted: false, wantsEncryption });
  }

  /** Whether one more connection of a kind fits within the limits (Core CConnman::AddConnection). */
  hasRoomFor(kind: ConnectionKind): boolean {
    const limits = computeConnectionLimits(this.#parts.options.connectionCountMax);
    const count = [...this.#parts.manager.peers.values()].filter((peer) => peer.kind === kind).length;
    if (kind === 'outbound-full-relay') return count < limits.fullRelay;
    if (kind === 'block-relay-only') return count < limits.blockRelay;
    return kind !== 'feeler' || count < FEELER_MAX;
  }

  /** Ends a connection by its number; false when there is none. */
  disconnect(id: number): boolean {
    const { manager, links } = this.#parts;
    if (!manager.peers.has(id as PeerId)) return false;
    links.apply(manager.drop(id as PeerId, 'disconnect by id', links.now()));
    return true;
  }

  /** Ends the connection to an address, as it was written or as getpeerinfo shows it; false when there is none. */
  disconnectAddress(text: string): boolean {
    const { manager } = this.#parts;
    const peer = [...manager.peers.values()].find(
      ({ name, address }) => name === text || formatNetAddress(address) === text,
    );
    return peer === undefined ? false : this.disconnect(peer.id);
  }

  /** Whether there are connections at all. */
  get isNetworkActive(): boolean {
    return this.#parts.connector.isNetworkActive;
  }

  /** Ends all connections and makes no new ones, or makes them again. */
  setNetworkActive(isActive: boolean): void {
    const { manager, links, connector } = this.#parts;
    connector.setNetworkActive(isActive);
    if (isActive) return;
    for (const { id } of [...manager.peers.values()]) {
      links.apply(manager.drop(id, 'network has been turned off', links.now()));
    }
  }

  /** Asks a peer for a block; null, or why not. */
  fetchBlock(id: number, entry: BlockEntry): string | null {
    const { manager, links } = this.#parts;
    const { refusal, effects } = manager.fetchBlock(id as PeerId, entry, links.now());
    links.apply(effects);
    return refusal;
  }

  /** Sends a peer a message as it is; false when there is no such peer, or its connection is for a private broadcast. */
  sendMessage(id: number, type: string, payload: Uint8Array): boolean {
    const { manager } = this.#parts;
    // What is sent there is chosen so that it says nothing about us.
    if (manager.peers.get(id as PeerId)?.kind === 'private-broadcast') return false;
    return this.#parts.links.sendRaw(id as PeerId, type, payload);
  }

  /** Sends every peer a ping as soon as possible. */
  pingAll(): void {
    for (const peer of this.#parts.manager.peers.values()) peer.isPingQueued = true;
  }

  // --- bans and addresses ---------------------------------------------------------------------------------------------

  get banList(): BanList {
    return this.#parts.banList;
  }

  /** Bans a subnet, and ends the connections from there. */
  ban(subnet: Subnet, seconds: number, isAbsolute: boolean): void {
    const { banList, manager, links, options } = this.#parts;
    const nowSec = this.#nowSec();
    banList.ban(subnet, computeBanEnd(seconds, isAbsolute, nowSec, options.banSec), nowSec);
    for (const peer of [...manager.peers.values()]) {
      if (matchesSubnet(subnet, peer.address))
        links.apply(manager.drop(peer.id, 'disconnect by subnet match', links.now()));
    }
  }

  /** The autonomous system that routes an address; 0: unknown, or there is no map of them. */
  mappedAs(address: NetAddress): number {
    return this.#parts.options.netGroups.mappedAs(address);
  }

  /** Addresses of nodes that are known. */
  knownAddresses(countMax: number, network: Network | null): readonly AddressEntry[] {
    return this.#parts.addressManager.getAddr({ countMax, percentMax: 0, network, isFiltered: true }, this.#nowSec());
  }

  get addressManager(): AddressManager {
    return this.#parts.addressManager;
  }

  /** What a numeric address means here; null: it is none. */
  #parseAddress(text: string): NetAddress | null {
    const address = parseNetAddress(text, this.#parts.options.params.ports.p2p);
    return address === null ? null : asUsed(address, this.reachableNetworks);
  }

  #nowSec(): number {
    return Math.floor(this.#parts.clock.wallMs() / 1000);
  }
}
