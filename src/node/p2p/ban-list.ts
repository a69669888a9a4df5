// Whom we keep out (Core banman.h). Two things that have little to do with each other:
//
// - *Bans* are made by the operator (RPC setban) for subnets, with an end. Nothing is dialled, accepted or gossiped that is banned.
//   They live in banlist.json, in Core's form (ban-list-file.ts).
// - *Discouragement* is automatic: the address of a peer that misbehaved. Such peers may come in while there is room, go first when
//   there is none, and are neither dialled nor gossiped. It is a rolling Bloom filter of 50,000 addresses: whatever two million
//   attackers do, memory stays and a look-up is constant (D11; CVE-2020-14198). It cannot be listed, and ends with the process.
//
// Looking up a ban takes one step per length of prefix in use, not one per ban.

import { toHex } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { isValid, legacyOrOwnBytes, type NetAddress } from '../wire/net-address.ts';
import { RollingBloomFilter } from './rolling-bloom.ts';
import { compareSubnets, maskBytes, type Subnet } from './subnet.ts';

/** Length of a ban when nothing else is said: a day (Core DEFAULT_MISBEHAVING_BANTIME; option -bantime). */
export const DEFAULT_BAN_SEC = 86_400;
/** Addresses that stay discouraged for certain, and the share of others that seem to be (Core). */
const DISCOURAGED_COUNT = 50_000;
const FALSE_POSITIVE_RATE = 0.000001;

/** A ban. */
export interface Ban {
  readonly subnet: Subnet;
  /** Wall clock, seconds since 1970. */
  readonly createdSec: number;
  /** The first second at which it no longer holds. */
  readonly untilSec: number;
}

/** A prefix in use: bans of one network and length, by the bytes of their prefix. */
interface Prefix {
  readonly network: Subnet['network'];
  readonly bits: number;
  readonly bans: Map<string, Ban>;
}

/** Bans and discouraged addresses. */
export class BanList {
  readonly #prefixes: Map<string, Prefix> = new Map();
  readonly #discouraged: RollingBloomFilter;
  #isDirty = false;

  constructor(rng: Rng, bans: Iterable<Ban> = []) {
    this.#discouraged = new RollingBloomFilter(DISCOURAGED_COUNT, FALSE_POSITIVE_RATE, rng);
    for (const ban of bans) this.#put(ban);
  }

  /** Something changed since {@link markSaved}: the file is to be written. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** The file holds what the list holds. */
  markSaved(): void {
    this.#isDirty = false;
  }

  /** The file could not be written after all. */
  markChanged(): void {
    this.#isDirty = true;
  }

  // --- bans

  /** True when the address lies in a banned subnet at that time. */
  isBanned(address: NetAddress, nowSec: number): boolean {
    if (!isValid(address)) return false;
    for (const { network, bits, bans } of this.#prefixes.values()) {
      if (network !== address.network) continue;
      const ban = bans.get(toHex(maskBytes(address.bytes, bits)));
      if (ban !== undefined && nowSec < ban.untilSec) return true;
    }
    return false;
  }

  /** True when exactly this subnet is banned at that time. */
  isSubnetBanned(subnet: Subnet, nowSec: number): boolean {
    const ban = this.#prefixes.get(prefixKey(subnet))?.bans.get(toHex(subnet.bytes));
    return ban !== undefined && nowSec < ban.untilSec;
  }

  /** Bans a subnet until a time. False when a ban of it lasts at least as long already: nothing changes then (Core). */
  ban(subnet: Subnet, untilSec: number, nowSec: number): boolean {
    const known = this.#prefixes.get(prefixKey(subnet))?.bans.get(toHex(subnet.bytes));
    if ((known?.untilSec ?? 0) >= untilSec) return false;
    this.#put({ subnet, createdSec: nowSec, untilSec });
    this.#isDirty = true;
    return true;
  }

  /** Takes a ban of exactly this subnet back; false when there is none. */
  unban(subnet: Subnet): boolean {
    const isKnown = this.#remove(subnet);
    if (isKnown) this.#isDirty = true;
    return isKnown;
  }

  /** Takes all bans back. */
  clear(): void {
    this.#prefixes.clear();
    this.#isDirty = true;
  }

  /** Removes the bans that are over and returns them. */
  sweep(nowSec: number): Ban[] {
    const over = this.#all().filter((ban) => nowSec > ban.untilSec);
    for (const ban of over) this.#remove(ban.subnet);
    if (over.length > 0) this.#isDirty = true;
    return over;
  }

  /** The bans that hold, in order of their subnets. */
  list(nowSec: number): Ban[] {
    return this.#all()
      .filter((ban) => nowSec <= ban.untilSec)
      .sort((a, b) => compareSubnets(a.subnet, b.subnet));
  }

  #all(): Ban[] {
    return [...this.#prefixes.values()].flatMap(({ bans }) => [...bans.values()]);
  }

  #put(ban: Ban): void {
    const { network, prefixBits: bits, bytes } = ban.subnet;
    const key = prefixKey(ban.subnet);
    let prefix = this.#prefixes.get(key);
    if (prefix === undefined) {
      prefix = { network, bits, bans: new Map() };
      this.#prefixes.set(key, prefix);
    }
    prefix.bans.set(toHex(bytes), ban);
  }

  #remove(subnet: Subnet): boolean {
    const key = prefixKey(subnet);
    const prefix = this.#prefixes.get(key);
    if (prefix === undefined || !prefix.bans.delete(toHex(subnet.bytes))) return false;
    if (prefix.bans.size === 0) this.#prefixes.delete(key);
    return true;
  }

  // --- discouragement

  /** Remembers the address of a peer that misbehaved, whatever its port. */
  discourage(address: NetAddress): void {
    this.#discouraged.insert(legacyOrOwnBytes(address));
  }

  /** True for addresses that were discouraged lately, and for one in a million others. */
  isDiscouraged(address: NetAddress): boolean {
    return this.#discouraged.contains(legacyOrOwnBytes(address));
  }
}

function prefixKey(subnet: Subnet): string {
  return `${subnet.network}/${subnet.prefixBits}`;
}

/** When a ban ends that the operator asks for (RPC setban): `seconds` from now or, when absolute, since 1970; 0: the default. */
export function computeBanEnd(
  seconds: number,
  isAbsolute: boolean,
  nowSec: number,
  defaultSec: number = DEFAULT_BAN_SEC,
): number {
  if (seconds <= 0) return nowSec + defaultSec;
  return isAbsolute ? seconds : nowSec + seconds;
}
