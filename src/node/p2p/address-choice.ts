// Which address an automatic connection goes to: the inner loop of Core's ThreadOpenConnections. The address manager gives one after
// another, and the first that passes is taken. The rules are what keeps an attacker's addresses apart: persistent connections go to
// distinct network groups, so that one operator of many machines in one place gets one of them (E03).

import { toHex } from '../../kernel/util/bytes.ts';
import {
  equalHosts,
  formatNetAddress,
  isPrivacyNet,
  isValid,
  type NetAddress,
  type Network,
} from '../wire/net-address.ts';
import { type NetGroups, PREFIX_GROUPS } from '../wire/net-groups.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { mayHaveUsefulAddresses } from '../wire/protocol.ts';
import { isBadPort } from './bad-ports.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { hasDesirableServices } from './desirable-services.ts';

/** Addresses that are looked at for one connection (Core). */
const TRIES_MAX = 100;
/** Before so many tries, addresses that were dialled lately are left out (Core). */
const TRIES_WITHOUT_RECENT = 30;
/** What lately means (Core). */
const RECENT_SEC = 10 * 60;
/** Before so many tries, ports of other services are left out (Core). */
const TRIES_WITHOUT_BAD_PORTS = 50;

/** An address to connect to, as the address manager gives it. */
export interface PickedAddress extends AddressEntry {
  readonly lastTrySec: number;
}

/** What is needed of the address manager; AddrMan fits. */
export interface AddressSource {
  size(network?: Network): number;
  select(
    options: { readonly isNewOnly?: boolean; readonly networks?: ReadonlySet<Network> },
    nowSec: number,
  ): PickedAddress | null;
  /** A tried address that others want to displace. */
  selectTriedCollision(): PickedAddress | null;
  resolveCollisions(nowSec: number): void;
  good(address: NetAddress, nowSec: number): boolean;
  add(entries: Iterable<AddressEntry>, source: NetAddress, timePenaltySec: number, nowSec: number): number;
}

/** A connection of any kind, from the moment it is dialled or accepted until it is gone. */
export interface PlannedConnection {
  readonly kind: ConnectionKind;
  /** Null while a name is being resolved. */
  readonly address: NetAddress | null;
  /** What the operator wrote, when he asked for it. */
  readonly name: string | null;
  /** The handshake is done. */
  readonly isEstablished: boolean;
}

/**
 * Groups of the persistent outbound connections in IPv4 and IPv6, and how many there are in other networks, whose groups say nothing
 * about who runs a node. Inbound connections do not count, or anybody could keep us from a group by connecting from it.
 */
export class OutboundGroups {
  readonly #netGroups: NetGroups;
  readonly #groups: Set<string> = new Set();
  #privacyCount = 0;

  constructor(connections: Iterable<PlannedConnection>, netGroups: NetGroups = PREFIX_GROUPS) {
    this.#netGroups = netGroups;
    for (const { kind, address } of connections) {
      if (address === null) continue;
      if (kind !== 'outbound-full-relay' && kind !== 'block-relay-only' && kind !== 'manual') continue;
      if (isPrivacyNet(address) || address.network === 'cjdns') this.#privacyCount++;
      else this.#groups.add(this.#key(address));
    }
  }

  contains(address: NetAddress): boolean {
    return this.#groups.has(this.#key(address));
  }

  /** Text that is equal for addresses of one group. */
  #key(address: NetAddress): string {
    return toHex(this.#netGroups.group(address));
  }

  /** Groups and connections elsewhere: with two or more, we are likely online. */
  get count(): number {
    return this.#groups.size + this.#privacyCount;
  }
}

/** What an address is judged by. */
export interface ChoiceRules {
  readonly addresses: AddressSource;
  readonly connections: readonly PlannedConnection[];
  readonly groups: OutboundGroups;
  readonly reachable: ReadonlySet<Network>;
  readonly blocksBehind: number;
  /** One of our own addresses. */
  isOwn(address: NetAddress): boolean;
  /** On the list of -addnode, which has places of its own. */
  isAdded(address: NetAddress): boolean;
}

/** What an address is chosen for. */
export interface ChoicePurpose {
  readonly kind: 'outbound-full-relay' | 'block-relay-only' | 'feeler';
  /** Only this network, since we have no connection to it yet; null: any. */
  readonly network: Network | null;
}

/** A choice, and a line for the debug log about each address that was kept for -addnode. */
export interface AddressChoice {
  readonly entry: AddressEntry | null;
  readonly lines: readonly string[];
}

function isConnectedTo(address: NetAddress, connections: readonly PlannedConnection[]): boolean {
  return connections.some((one) => one.address !== null && equalHosts(one.address, address));
}

/** A feeler tests an address that others want to displace, or else one that we have only heard of. */
function pickForFeeler(rules: ChoiceRules, nowSec: number): PickedAddress | null {
  const { addresses, connections, reachable } = rules;
  const collision = addresses.selectTriedCollision();
  if (collision !== null && !isConnectedTo(collision.address, connections)) return collision;
  // connected, so it works: no test is needed
  if (collision !== null) addresses.good(collision.address, nowSec);
  return addresses.select({ isNewOnly: true, networks: reachable }, nowSec);
}

function hasServicesFor(kind: ChoicePurpose['kind'], services: bigint, blocksBehind: number): boolean {
  return kind === 'feeler' ? mayHaveUsefulAddresses(services) : hasDesirableServices(services, blocksBehind);
}

/**
 * Whether an address was dialled lately. A time in the future is from before the clock was set back and says nothing: else a node
 * that knows few addresses would dial none of them until the clock gets there (T02; Core takes them for recent).
 */
function isRecent(lastTrySec: number, nowSec: number): boolean {
  return lastTrySec <= nowSec && nowSec - lastTrySec < RECENT_SEC;
}

/** Chooses an address for an automatic connection, or none this time. */
export function chooseAddress(purpose: ChoicePurpose, rules: ChoiceRules, nowSec: number): AddressChoice {
  const { kind, network } = purpose;
  const networks = network === null ? rules.reachable : new Set([network]);
  const lines: string[] = [];
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const picked = kind === 'feeler' ? pickForFeeler(rules, nowSec) : rules.addresses.select({ networks }, nowSec);
    if (picked === null) break;
    const { address, services } = picked;
    if (kind !== 'feeler' && rules.groups.contains(address)) continue;
    if (!isValid(address) || rules.isOwn(address)) break;
    if (!rules.reachable.has(address.network)) continue;
    if (isRecent(picked.lastTrySec, nowSec) && tries < TRIES_WITHOUT_RECENT) continue;
    if (!hasServicesFor(kind, services, rules.blocksBehind)) continue;
    const isIp = address.network === 'ipv4' || address.network === 'ipv6';
    if (isIp && isBadPort(address.port) && tries < TRIES_WITHOUT_BAD_PORTS) continue;
    if (rules.isAdded(address)) {
      const what = `${network === null ? '' : 'network-specific '}${kind} connection to ${address.network} peer`;
      lines.push(`Not making automatic ${what} selected for manual (addnode) connection: ${formatNetAddress(address)}`);
      continue;
    }
    return { entry: picked, lines };
  }
  return { entry: null, lines };
}

/** Takes anchors off the list, from its end, until one can be dialled (Core). */
export function takeAnchor(anchors: AddressEntry[], rules: ChoiceRules): AddressEntry | null {
  for (let anchor = anchors.pop(); anchor !== undefined; anchor = anchors.pop()) {
    const { address, services } = anchor;
    const isUsable = isValid(address) && !rules.isOwn(address) && rules.reachable.has(address.network);
    if (!isUsable || !hasDesirableServices(services, rules.blocksBehind)) continue;
    if (!rules.groups.contains(address)) return anchor;
  }
  return null;
}
