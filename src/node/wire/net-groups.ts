// Groups of addresses, by a map of autonomous systems where the operator has given one (-asmap). Mirrors Core's NetGroupManager: one
// object that every part of a node which sorts addresses is made with, so that all of them sort alike.

import { sha256d } from '../../kernel/crypto/sha256.ts';
import { assert } from '../../kernel/util/assert.ts';
import { isValidAsmap, lookUpAsmap } from './asmap.ts';
import { NETWORK_NUMBERS, type NetAddress, toLegacyIpv6 } from './net-address.ts';
import { linkedIpv4, netClass, netGroup } from './net-group.ts';

/** Bytes of a version. */
export const ASMAP_VERSION_BYTES = 32;

/** Sorts addresses. */
export class NetGroups {
  /** What tells maps apart, in internal byte order: the double SHA-256 of the map, zeros without one (Core AsmapVersion). */
  readonly version: Uint8Array;
  readonly #map: Uint8Array | null;

  /** `map`: a valid one, or null. */
  constructor(map: Uint8Array | null) {
    assert(map === null || isValidAsmap(map), 'a map that was checked');
    this.#map = map;
    this.version = map === null ? new Uint8Array(ASMAP_VERSION_BYTES) : sha256d(map);
  }

  /** Whether there is a map. */
  get hasMap(): boolean {
    return this.#map !== null;
  }

  /** The autonomous system that routes an address; 0 when there is no map, or it does not know (Core GetMappedAS). */
  mappedAs(address: NetAddress): number {
    if (this.#map === null) return 0;
    const network = netClass(address);
    if (network !== 'ipv4' && network !== 'ipv6') return 0;
    const ipv4 = linkedIpv4(address);
    return lookUpAsmap(this.#map, toLegacyIpv6(ipv4 === null ? address : { network: 'ipv4', bytes: ipv4, port: 0 }));
  }

  /** The group of an address: its system where that is known, else its prefix ({@link netGroup}). */
  group(address: NetAddress): Uint8Array {
    const system = this.mappedAs(address);
    if (system === 0) return netGroup(address);
    // one group for the whole system, whether by IPv4 or IPv6
    return Uint8Array.of(NETWORK_NUMBERS.ipv6, system, system >>> 8, system >>> 16, system >>> 24);
  }
}

/** Groups by prefix alone. */
export const PREFIX_GROUPS: NetGroups = new NetGroups(null);
