// What addresses have to do with each other: the group of one, whose members likely have one operator, and how well one can be
// reached from another. Mirrors Core's NetGroupManager::GetGroup without a map of autonomous systems (netgroup.cpp; with one it is
// net-groups.ts), GetNetClass and GetReachabilityFrom (netaddress.cpp).

import { isHurricaneElectric, isRfc3964, isRfc4380, isRfc6052, isRfc6145 } from './address-ranges.ts';
import {
  isPrivacyNet,
  isRoutable,
  NETWORK_NUMBERS,
  type NetAddress,
  type Network,
  routableNetwork,
} from './net-address.ts';

/** The four bytes of the IPv4 address that an address is or leads to; null: it leads to none (Core GetLinkedIPv4). */
export function linkedIpv4(address: NetAddress): Uint8Array | null {
  const { network, bytes } = address;
  if (!isRoutable(address)) return null;
  if (network === 'ipv4') return bytes;
  if (network !== 'ipv6') return null;
  if (isRfc6052(bytes) || isRfc6145(bytes)) return bytes.subarray(12);
  if (isRfc3964(bytes)) return bytes.subarray(2, 6);
  return isRfc4380(bytes) ? bytes.slice(12).map((byte) => byte ^ 0xff) : null;
}

/** The network through which an address is reached in the end: tunnels to IPv4 count as that (Core CNetAddr::GetNetClass). */
export function netClass(address: NetAddress): Network | 'unroutable' {
  return linkedIpv4(address) === null ? routableNetwork(address) : 'ipv4';
}

/** Bits of an address that make its group, after a constant first byte where there is one (netgroup.cpp). */
function groupBits(address: NetAddress): number {
  if (isPrivacyNet(address)) return 4;
  if (address.network === 'cjdns') return 12;
  return isHurricaneElectric(address.bytes) ? 36 : 32;
}

/**
 * The group of an address: those of one group are likely to belong to one operator, so that they share a bucket and one outbound
 * connection is enough (Core NetGroupManager::GetGroup without a map of autonomous systems). The number of its class, then a
 * prefix: /16 for IPv4, /32 for IPv6, four bits of keys.
 */
export function netGroup(address: NetAddress): Uint8Array {
  const classNumber = NETWORK_NUMBERS[netClass(address)];
  if (address.network === 'internal') return Uint8Array.of(classNumber, ...address.bytes);
  if (!isRoutable(address)) return Uint8Array.of(classNumber);
  const ipv4 = linkedIpv4(address);
  if (ipv4 !== null) return Uint8Array.of(classNumber, ipv4[0]!, ipv4[1]!);
  const bits = groupBits(address);
  const group = Uint8Array.of(classNumber, ...address.bytes.subarray(0, Math.ceil(bits / 8)));
  // of the last byte half counts; the rest is ones
  if (bits % 8 !== 0) group[group.length - 1] = group[group.length - 1]! | 0x0f;
  return group;
}

// --- reachability

/** How well an address can be reached from another, worst first (Core GetReachabilityFrom). */
const REACHABILITY = Object.freeze({
  unreachable: 0,
  default: 1,
  teredo: 2,
  weakIpv6: 3,
  ipv4: 4,
  strongIpv6: 5,
  private: 6,
});

/** A network, with Teredo as one of its own. */
type ReachNetwork = Network | 'unroutable' | 'teredo';

function reachNetwork(address: NetAddress): ReachNetwork {
  if (address.network === 'ipv6' && isRfc4380(address.bytes)) return 'teredo';
  return routableNetwork(address);
}

/** True for IPv6 that runs through IPv4, but for Teredo. */
function isTunnel(address: NetAddress): boolean {
  if (address.network !== 'ipv6') return false;
  return isRfc3964(address.bytes) || isRfc6052(address.bytes) || isRfc6145(address.bytes);
}

type ReachTable = Readonly<Partial<Record<ReachNetwork, number>>>;

const FROM_ANYWHERE: ReachTable = {
  teredo: REACHABILITY.teredo,
  ipv6: REACHABILITY.weakIpv6,
  ipv4: REACHABILITY.ipv4,
  onion: REACHABILITY.private,
};

/** By the network of the partner, then by ours; where nothing stands, the default. */
const REACH_TABLES: Readonly<Record<ReachNetwork, ReachTable>> = Object.freeze({
  ipv4: { ipv4: REACHABILITY.ipv4 },
  ipv6: { teredo: REACHABILITY.teredo, ipv4: REACHABILITY.ipv4, ipv6: REACHABILITY.strongIpv6 },
  onion: { ipv4: REACHABILITY.ipv4, onion: REACHABILITY.private },
  i2p: { i2p: REACHABILITY.private },
  cjdns: { cjdns: REACHABILITY.private },
  teredo: { teredo: REACHABILITY.teredo, ipv6: REACHABILITY.weakIpv6, ipv4: REACHABILITY.ipv4 },
  unroutable: FROM_ANYWHERE,
  internal: FROM_ANYWHERE,
});

/** How well `address`, one of ours, can be reached by `partner`: of several, the one with the highest number is told. */
export function reachabilityFrom(address: NetAddress, partner: NetAddress): number {
  if (!isRoutable(address)) return REACHABILITY.unreachable;
  const ours = reachNetwork(address);
  const theirs = reachNetwork(partner);
  if (theirs === 'ipv6' && ours === 'ipv6' && isTunnel(address)) return REACHABILITY.weakIpv6;
  return REACH_TABLES[theirs][ours] ?? REACHABILITY.default;
}
