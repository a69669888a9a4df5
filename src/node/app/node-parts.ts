// The machines of a node, made from its options. Nothing is decided here: what options say is handed to whom it concerns.

import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { Rng } from '../../kernel/util/prng.ts';
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
import {
  isRoutable,
  type NetAddress,
  type Network as NetworkKind,
  parseHost,
  parseNetAddress,
} from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { NODE_P2P_V2 } from '../wire/protocol.ts';
import type { Connector } from './connector.ts';
import type { NodeOptions } from './node-options.ts';
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
  for (const text of externalHosts) {
    const address = parseNetAddress(text, listenPort);
    if (address !== null) addresses.add(address, LOCAL_SCORE.manual, true);
  }
  for (const { endpoint, whitebind } of open) {
    const address = parseHost(endpoint.host, endpoint.port);
    const isPrivate = whitebind !== null && isPrivateBind(whitebind);
    if (address !== null && isRoutable(address) && !isPrivate) addresses.add(address, LOCAL_SCORE.bind);
  }
  // The interfaces count only where all of them are listened at.
  if (!open.some(({ endpoint }) => ANY_HOSTS.includes(endpoint.host))) return addresses;
  for (const host of hosts) {
    const address = parseHost(host, listenPort);
    if (address !== null) addresses.add(address, LOCAL_SCORE.interface);
  }
  return addresses;
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

/** Networks that automatic connections are made to: all that can be reached, unless the operator names some. */
export function reachableNetworks({ onlyNetworks, proxies }: NodeOptions): ReadonlySet<NetworkKind> {
  const all = new Set([...DIRECT, ...(proxies.byNetwork.has('onion') ? (['onion'] as const) : [])]);
  return onlyNetworks === null ? all : new Set(onlyNetworks.filter((network) => all.has(network)));
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
