// Where a connection for a private broadcast goes (Core CConnman::PrivateBroadcast::PickNetwork, ThreadPrivateBroadcast): to a random
// address that is reached through Tor or I2P, of any network alike, so that a transaction says nothing about which ones we use.

import type { Rng } from '../../kernel/util/prng.ts';
import { equalHosts, isValid, type NetAddress, type Network } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import type { AddressSource, PlannedConnection } from './address-choice.ts';

/** Addresses that are looked at for one connection (Core pauses after so many). */
const TRIES_MAX = 100;

/** What a place is chosen by. */
export interface PrivateTargetRules {
  readonly addresses: Pick<AddressSource, 'select'>;
  /** Networks that connections are made to. */
  readonly reachable: ReadonlySet<Network>;
  /** What we take for Tor's proxy is one: see PrivateBroadcast.isTorProven. */
  readonly isTorProven: boolean;
  readonly connections: readonly Pick<PlannedConnection, 'address'>[];
  isOwn(address: NetAddress): boolean;
  /** Banned or discouraged. */
  isUnwanted(address: NetAddress): boolean;
}

/** Whether there is a network that hides who we are. */
export function canSendPrivately(reachable: ReadonlySet<Network>): boolean {
  return reachable.has('onion') || reachable.has('i2p');
}

/** Networks whose addresses can be reached without showing who we are. */
export function privateNetworks({ reachable, isTorProven }: PrivateTargetRules): readonly Network[] {
  const byTor: readonly Network[] = isTorProven ? ['onion', 'ipv4', 'ipv6'] : ['onion'];
  const networks: readonly Network[] = reachable.has('onion') ? [...byTor, 'i2p'] : ['i2p'];
  return networks.filter((network) => reachable.has(network));
}

/** Chooses an address, or none this time. */
export function choosePrivateTarget(rules: PrivateTargetRules, rng: Rng, nowSec: number): AddressEntry | null {
  const networks = privateNetworks(rules);
  for (let tries = 0; tries < TRIES_MAX && networks.length > 0; tries++) {
    const network = networks[rng.below(networks.length)]!;
    const picked = rules.addresses.select({ networks: new Set([network]) }, nowSec);
    if (picked !== null && isUsable(picked.address, rules)) return picked;
  }
  return null;
}

function isUsable(address: NetAddress, { connections, isOwn, isUnwanted }: PrivateTargetRules): boolean {
  if (!isValid(address) || isOwn(address) || isUnwanted(address)) return false;
  return !connections.some((one) => one.address !== null && equalHosts(one.address, address));
}
