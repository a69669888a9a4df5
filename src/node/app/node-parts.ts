// The machines of a node, made from its options. Nothing is decided here: what options say is handed to whom it concerns.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { Mempool } from '../mempool/mempool.ts';
import { LOCAL_SCORE, LocalAddresses } from '../p2p/addr-local.ts';
import { AddrRelay } from '../p2p/addr-relay.ts';
import type { AddressManager } from '../p2p/addrman.ts';
import type { HistoricalBlocks } from '../p2p/chain-view.ts';
import { type ConnectionLimits, ConnectionPlan, type Dial, describeAttempt } from '../p2p/connection-plan.ts';
import { isPrivate } from '../p2p/handlers/private-broadcast.ts';
import { isPrivateBind } from '../p2p/net-permissions.ts';
import type { OutboundHealth } from '../p2p/outbound-health.ts';
import { PeerManager } from '../p2p/peer-manager.ts';
import { UploadTarget } from '../p2p/upload-target.ts';
import type { Connection, Endpoint, Network, OnionEvents, OnionService } from '../ports.ts';
import {
  asUsed,
  I2P_PORT,
  type NetAddress,
  type Network as NetworkKind,
  parseHost,
  parseNetAddress,
} from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import {
  NODE_BLOOM,
  NODE_COMPACT_FILTERS,
  NODE_NETWORK,
  NODE_NETWORK_LIMITED,
  NODE_P2P_V2,
  NODE_WITNESS,
} from '../wire/protocol.ts';
import type { Connector } from './connector.ts';
import type { ListenAt, NodeOptions } from './node-options.ts';
import { PrivateBroadcaster, type PrivateBroadcasterParts } from './private-broadcaster.ts';

/** Every address of this machine. */
const ANY_HOSTS: readonly string[] = ['0.0.0.0', '::'];

/** Our own addresses, as far as options and interfaces tell them; `hosts` are those of the interfaces. */
export function createLocalAddresses(
  options: NodeOptions,
  reachable: ReadonlySet<NetworkKind>,
  hosts: readonly string[],
  rng: Rng,
): LocalAddresses {
  const { listen, discovers, externalHosts, params } = options;
  const open = listen.filter(({ isOnion }) => !isOnion);
  const listenPort = options.advertisedPort ?? open[0]?.endpoint.port ?? params.ports.p2p;
  const addresses = new LocalAddresses(
    { isListening: listen.length > 0, isDiscovering: discovers, listenPort, reachable },
    rng,
  );
  const add = (parsed: NetAddress | null, score: number, isReachAssumed = false): void => {
    if (parsed !== null) addresses.add(asUsed(parsed, reachable), score, isReachAssumed);
  };
  for (const text of externalHosts) add(parseNetAddress(text, listenPort), LOCAL_SCORE.manual, true);
  for (const { endpoint, whitebind } of open) {
    const isPrivate = whitebind !== null && isPrivateBind(whitebind);
    if (!isPrivate) add(parseHost(endpoint.host, endpoint.port), LOCAL_SCORE.bind);
  }
  // The interfaces count only where all of them are listened at.
  if (!open.some(({ endpoint }) => ANY_HOSTS.includes(endpoint.host))) return addresses;
  for (const host of hosts) add(parseHost(host, listenPort), LOCAL_SCORE.interface);
  return addresses;
}

/** Peers are told of an address of ours, as long as it is. */
function tellOf(addresses: Pick<LocalAddresses, 'add' | 'remove'>, port: number): (host: string | null) => void {
  let told: NetAddress | null = null;
  return (host) => {
    if (told !== null) addresses.remove(told);
    told = host === null ? null : parseHost(host, port);
    if (told !== null) addresses.add(told, LOCAL_SCORE.manual);
  };
}

/** Has connections that come by I2P admitted, and peers told of our address there. */
export function acceptByI2p(
  network: Network,
  addresses: Pick<LocalAddresses, 'add' | 'remove'>,
  admit: (connection: Connection) => void,
  onFailed: (error: unknown) => void,
): Unsubscribe {
  const onAddress = tellOf(addresses, I2P_PORT);
  return network.acceptByI2p?.({ onAddress, onConnection: admit, onFailed }) ?? (() => undefined);
}

/** The place to which Tor brings connections: the one for it, or the first that everybody may come to (Core). */
function findOnionTarget(listen: readonly ListenAt[], bound: readonly Endpoint[]): Endpoint | null {
  const own = listen.findIndex(({ isOnion }) => isOnion);
  const at = own >= 0 ? own : listen.findIndex(({ whitebind }) => whitebind === null);
  return bound[at] ?? null;
}

/** Has Tor bring connections to one of the places that are listened at, `bound`, and peers told of our address there. */
export function offerByTor(
  service: OnionService | undefined,
  { listen, params }: Pick<NodeOptions, 'listen' | 'params'>,
  bound: readonly Endpoint[],
  addresses: Pick<LocalAddresses, 'add' | 'remove'>,
  events: Omit<OnionEvents, 'onAddress'>,
): Unsubscribe {
  const target = findOnionTarget(listen, bound);
  if (service === undefined || target === null) return () => undefined;
  // The port of everybody: another one would tell who we are elsewhere (Core).
  const port = params.ports.p2p;
  return service.offer(port, target, { ...events, onAddress: tellOf(addresses, port) });
}

/** What the machine of all peers is made with. */
export interface ManagerParts {
  readonly options: NodeOptions;
  readonly chain: Chainstate;
  readonly reachable: ReadonlySet<NetworkKind>;
  readonly addressManager: AddressManager;
  readonly localAddresses: LocalAddresses;
  readonly health: OutboundHealth;
  readonly isUnwelcome: (address: NetAddress) => boolean;
  /** Null: no transactions are taken. */
  readonly mempool: Mempool | null;
  readonly rng: Rng;
}

/** The machine of all peers. */
export function createPeerManager(parts: ManagerParts): PeerManager {
  const { options, chain, reachable, addressManager, localAddresses, health, isUnwelcome, mempool, rng } = parts;
  const { params, userAgent, isBlocksOnly, isPruned, offersReconciliation } = options;
  const addrRelay = new AddrRelay(
    { manager: addressManager, local: localAddresses, reachable, isUnwelcome },
    rng.fork('gossip'),
  );
  return new PeerManager({
    params,
    chain: {
      index: chain.index,
      active: chain.active,
      minimumChainWork: chain.minimumChainWork,
      get isPruning(): boolean {
        return isPruned || chain.background !== null;
      },
      get historical(): HistoricalBlocks | null {
        const { background } = chain;
        return background === null ? null : { tip: background.state.active.tip, target: background.target };
      },
      get isInitialDownload(): boolean {
        return chain.isInitialDownload;
      },
      acceptHeaders: (headers, nowSec, hasEnoughWork) => chain.acceptHeaders(headers, nowSec, hasEnoughWork),
    },
    local: { userAgent, isBlocksOnly, takesTransactions: mempool !== null, offersReconciliation },
    ...(mempool === null ? {} : { mempool }),
    addressManager,
    addrRelay,
    health,
    uploadTarget: new UploadTarget(options.uploadLimitBytes),
    rng: rng.fork('peers'),
  });
}

/** Networks that can be reached without a proxy. */
const DIRECT: readonly NetworkKind[] = ['ipv4', 'ipv6'];

/**
 * Networks that automatic connections are made to from the start: all that can be reached, unless the operator names some. The onion
 * network may follow.
 */
export function reachableNetworks({ onlyNetworks, proxies, i2p, usesCjdns }: NodeOptions): Set<NetworkKind> {
  const all = new Set(DIRECT);
  if (proxies.byNetwork.has('onion')) all.add('onion');
  if (i2p !== null) all.add('i2p');
  if (usesCjdns) all.add('cjdns');
  return onlyNetworks === null ? all : new Set(onlyNetworks.filter((network) => all.has(network)));
}

/** Whether the onion network can be reached as soon as Tor says how. */
export function mayReachOnion({ onlyNetworks, tor }: Pick<NodeOptions, 'onlyNetworks' | 'tor'>): boolean {
  return tor?.asksForProxy === true && onlyNetworks?.includes('onion') !== false;
}

/** What a node can do for others. */
export interface Abilities {
  readonly servesFilters: boolean;
  readonly offersBloomFilters: boolean;
  readonly encrypts: boolean;
  /** It has every block. */
  readonly hasHistory: boolean;
}

/** What peers are told of what we can do for them. */
export function computeLocalServices(abilities: Abilities): bigint {
  const filters = abilities.servesFilters ? NODE_COMPACT_FILTERS : 0n;
  const bloom = abilities.offersBloomFilters ? NODE_BLOOM : 0n;
  const encryption = abilities.encrypts ? NODE_P2P_V2 : 0n;
  const history = abilities.hasHistory ? NODE_NETWORK : 0n;
  return NODE_WITNESS | NODE_NETWORK_LIMITED | filters | bloom | encryption | history;
}

/** Whom to dial. */
export function createConnectionPlan(
  options: NodeOptions,
  limits: ConnectionLimits,
  reachable: ReadonlySet<NetworkKind>,
  anchors: readonly AddressEntry[],
  encrypts: boolean,
  rng: Rng,
): ConnectionPlan {
  const { params, connect, addNodes, seedNodes, usesDnsSeeds, usesFixedSeeds, isDnsSeedForced, proxies } = options;
  return new ConnectionPlan(
    {
      limits,
      isAutomatic: connect === null,
      connect: connect ?? [],
      addedNodes: addNodes,
      seedNodes,
      dnsSeeds: usesDnsSeeds ? params.dnsSeeds : [],
      isDnsForced: isDnsSeedForced,
      hasNameProxy: proxies.forNames !== null,
      useFixedSeeds: usesFixedSeeds,
      fixedSeeds: [],
      reachable,
      defaultPort: params.ports.p2p,
      anchors,
      encrypts,
      netGroups: options.netGroups,
    },
    rng,
  );
}

/** What sends transactions of our own privately is made with. */
export interface PrivateParts {
  readonly ports: Pick<PrivateBroadcasterParts, 'clock' | 'timers' | 'log' | 'onFatal'>;
  readonly intake: PrivateBroadcasterParts['intake'];
  readonly manager: PeerManager;
  readonly connector: Connector;
  readonly reachable: ReadonlySet<NetworkKind>;
  readonly addressManager: AddressManager;
  readonly localAddresses: LocalAddresses;
  /** Connections may be encrypted. */
  readonly encrypts: boolean;
  readonly isUnwanted: (address: NetAddress) => boolean;
  readonly rng: Rng;
}

/** What sends transactions of our own privately. */
export function createPrivateBroadcaster(parts: PrivateParts): PrivateBroadcaster {
  const { ports, intake, manager, connector, reachable, addressManager, localAddresses, encrypts, isUnwanted } = parts;
  const { clock, log } = ports;
  return new PrivateBroadcaster({
    ...ports,
    list: manager.privateBroadcast,
    intake,
    rng: parts.rng,
    rules: () => ({
      addresses: addressManager,
      reachable,
      isTorProven: manager.privateBroadcast.isTorProven,
      connections: connector.connections,
      isOwn: (address) => localAddresses.has(address),
      isUnwanted,
    }),
    connectionCount: () => [...manager.peers.values()].filter(isPrivate).length,
    isNetworkActive: () => connector.isNetworkActive,
    dial: ({ address, services, timeSec }) => {
      const wantsEncryption = (services & NODE_P2P_V2) !== 0n;
      const kind = 'private-broadcast';
      const dial: Dial = { type: 'dial', kind, address, name: null, isFailureCounted: true, wantsEncryption };
      const ageSec = Math.max(0, Math.floor(clock.wallMs() / 1000) - timeSec);
      log.debug('net', () => describeAttempt(dial, ageSec, encrypts));
      return connector.dialNow(dial);
    },
  });
}
