// What the address manager remembers of each address: Core's AddrInfo, packed into columns of typed arrays. An entry is a slot, a
// number below 81,920 that is used again once it is free: no counter grows with what peers send, so none can overflow (D10;
// CVE-2024-52919, where 2^32 addresses ended Core's 32-bit counter). This file knows nothing of buckets.

import { assert } from '../../kernel/util/assert.ts';
import { HashMap } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { ADDRESS_BYTES, NETWORK_NUMBERS, type NetAddress, type Network, routableNetwork } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { BUCKET_POSITIONS, NEW_BUCKETS, TRIED_BUCKETS } from './addrman-buckets.ts';

/** Most addresses at once: one per position of both tables. */
export const ADDRMAN_ENTRIES_MAX: number = (NEW_BUCKETS + TRIED_BUCKETS) * BUCKET_POSITIONS;

/** No slot. */
export const NO_SLOT = -1;

/** Oldest time of an address that is not terrible: 30 days (ADDRMAN_HORIZON). */
const HORIZON_SEC = 30 * 86_400;

/** Attempts that may fail before an address that never worked is terrible (ADDRMAN_RETRIES). */
const RETRIES = 3;

/** Failures that make an address terrible when it has not worked for a week (ADDRMAN_MAX_FAILURES, ADDRMAN_MIN_FAIL). */
const FAILURES_MAX = 10;
const FAILURES_SEC = 7 * 86_400;

/** An address that was tried in the last minute is never terrible. */
const RECENT_TRY_SEC = 60;

/** How far ahead of our clock the time of an address may be. */
const FUTURE_SEC = 600;

/** How long an attempt makes another one unlikely. */
const LATELY_SEC = 600;

/** Chance to be selected after so many failed attempts: 0.66 to that power, with Core's floor after eight. */
const CHANCES: readonly number[] = Array.from({ length: 9 }, (_, failures) => {
  let chance = 1;
  for (let i = 0; i < failures; i++) chance *= 0.66;
  return chance;
});

/** Networks by their number. */
const NETWORKS = Object.keys(NETWORK_NUMBERS) as readonly (keyof typeof NETWORK_NUMBERS)[];

/** Longest address: that of an onion service. */
const ADDRESS_BYTES_MAX: number = ADDRESS_BYTES.onion;

/** Packed address: network, length, bytes with zeros behind, port. Equal for equal addresses and for no others. */
const PACKED_BYTES: number = 2 + ADDRESS_BYTES_MAX + 2;

/** Slots of a store that was just made. */
const SLOTS_MIN = 64;

/** Everything that is known of an address. */
export interface AddrInfo extends AddressEntry {
  /** Who told us first. Its port means nothing. */
  readonly source: NetAddress;
  /** Last attempt to connect; 0: none since the start. */
  readonly lastTrySec: number;
  /** Last connection; 0: never. */
  readonly lastSuccessSec: number;
  /** Attempts since then. */
  readonly attempts: number;
  /** New buckets that it is in, up to 8. */
  readonly refCount: number;
  readonly isTried: boolean;
}

function packAddress(address: NetAddress, target: Uint8Array, at: number): void {
  const { bytes, port } = address;
  assert(bytes.length <= ADDRESS_BYTES_MAX, 'an address of a known network');
  target[at] = NETWORK_NUMBERS[address.network];
  target[at + 1] = bytes.length;
  target.fill(0, at + 2, at + 2 + ADDRESS_BYTES_MAX);
  target.set(bytes, at + 2);
  target[at + PACKED_BYTES - 2] = port >>> 8;
  target[at + PACKED_BYTES - 1] = port & 255;
}

function unpackAddress(packed: Uint8Array, at: number): NetAddress {
  return {
    network: NETWORKS[packed[at]!] as Network,
    bytes: packed.slice(at + 2, at + 2 + packed[at + 1]!),
    port: packed[at + PACKED_BYTES - 2]! * 256 + packed[at + PACKED_BYTES - 1]!,
  };
}

/** One array per field, indexed by slot. */
export interface AddrColumns {
  readonly services: BigUint64Array;
  // seconds in 64 bits: what a clock shows may be beyond 32 (T02), and files hold as many
  readonly timeSec: Float64Array;
  readonly lastTrySec: Float64Array;
  /** Last attempt that counted as a failure to come (Core m_last_count_attempt). */
  readonly lastCountedSec: Float64Array;
  readonly lastSuccessSec: Float64Array;
  readonly attempts: Int32Array;
  readonly refCount: Uint8Array;
  readonly isTried: Uint8Array;
  /** Place in the random order; of a free slot the next free one. */
  readonly randomPosition: Int32Array;
}

interface AllColumns extends AddrColumns {
  readonly addresses: Uint8Array;
  readonly sources: Uint8Array;
  /** Number of the network of the address, once it was asked whether it is routable at all. */
  readonly networks: Uint8Array;
  /** Slots in use in random order, as many as there are entries. */
  readonly randomOrder: Int32Array;
}

function createColumns(slots: number): AllColumns {
  return {
    services: new BigUint64Array(slots),
    timeSec: new Float64Array(slots),
    lastTrySec: new Float64Array(slots),
    lastCountedSec: new Float64Array(slots),
    lastSuccessSec: new Float64Array(slots),
    attempts: new Int32Array(slots),
    refCount: new Uint8Array(slots),
    isTried: new Uint8Array(slots),
    randomPosition: new Int32Array(slots),
    addresses: new Uint8Array(slots * PACKED_BYTES),
    sources: new Uint8Array(slots * PACKED_BYTES),
    networks: new Uint8Array(slots),
    randomOrder: new Int32Array(slots),
  };
}

/** The entries, by slot and by address, and a random order of them. */
export class AddrStore {
  #columns: AllColumns = createColumns(SLOTS_MIN);
  readonly #slots: HashMap;
  readonly #packed: Uint8Array = new Uint8Array(PACKED_BYTES);
  #capacity = SLOTS_MIN;
  #size = 0;
  /** First of the slots that were never used. */
  #unused = 0;
  #firstFree = NO_SLOT;

  /** `rng` salts the table of addresses. */
  constructor(rng: Rng) {
    this.#slots = new HashMap({ keyBytes: PACKED_BYTES, values: 'int32' }, rng);
  }

  /** Number of entries. */
  get size(): number {
    return this.#size;
  }

  /** The fields, to read and write; replaced when the store grows, so not to be held across a {@link create}. */
  get columns(): AddrColumns {
    return this.#columns;
  }

  /** The slot of an address with its port, or NO_SLOT. */
  find(address: NetAddress): number {
    packAddress(address, this.#packed, 0);
    return this.#slots.get(this.#packed) ?? NO_SLOT;
  }

  /** Makes an entry, last in the random order, with nothing known of it but what it says. The address must not be there. */
  create(entry: AddressEntry, source: NetAddress): number {
    const slot = this.#claimSlot();
    const columns = this.#columns;
    packAddress(entry.address, columns.addresses, slot * PACKED_BYTES);
    packAddress(source, columns.sources, slot * PACKED_BYTES);
    columns.networks[slot] = NETWORK_NUMBERS[routableNetwork(entry.address)];
    columns.services[slot] = entry.services;
    columns.timeSec[slot] = entry.timeSec;
    columns.lastTrySec[slot] = 0;
    columns.lastCountedSec[slot] = 0;
    columns.lastSuccessSec[slot] = 0;
    columns.attempts[slot] = 0;
    columns.refCount[slot] = 0;
    columns.isTried[slot] = 0;
    columns.randomPosition[slot] = this.#size;
    columns.randomOrder[this.#size] = slot;
    this.#size++;
    this.#slots.set(columns.addresses, slot * PACKED_BYTES, slot);
    return slot;
  }

  /** Removes an entry; its slot is used again. */
  remove(slot: number): void {
    const columns = this.#columns;
    this.swapRandom(columns.randomPosition[slot]!, this.#size - 1);
    this.#size--;
    this.#slots.delete(columns.addresses, slot * PACKED_BYTES);
    columns.randomPosition[slot] = this.#firstFree;
    this.#firstFree = slot;
  }

  /** The address of an entry, in memory of its own. */
  address(slot: number): NetAddress {
    return unpackAddress(this.#columns.addresses, slot * PACKED_BYTES);
  }

  /** Who told us first. */
  source(slot: number): NetAddress {
    return unpackAddress(this.#columns.sources, slot * PACKED_BYTES);
  }

  /** The network of an entry as {@link routableNetwork} has it. */
  network(slot: number): Network | 'unroutable' {
    return NETWORKS[this.#columns.networks[slot]!]!;
  }

  /** An entry as it is passed on. */
  entry(slot: number): AddressEntry {
    const { timeSec, services } = this.#columns;
    return { timeSec: timeSec[slot]!, services: services[slot]!, address: this.address(slot) };
  }

  /** All that is known of an entry. */
  info(slot: number): AddrInfo {
    const columns = this.#columns;
    return {
      ...this.entry(slot),
      source: this.source(slot),
      lastTrySec: columns.lastTrySec[slot]!,
      lastSuccessSec: columns.lastSuccessSec[slot]!,
      attempts: columns.attempts[slot]!,
      refCount: columns.refCount[slot]!,
      isTried: columns.isTried[slot] === 1,
    };
  }

  /** The slot at a place of the random order. */
  slotAt(position: number): number {
    return this.#columns.randomOrder[position]!;
  }

  /** Exchanges two places of the random order. */
  swapRandom(a: number, b: number): void {
    const { randomOrder, randomPosition } = this.#columns;
    const slotA = randomOrder[a]!;
    const slotB = randomOrder[b]!;
    randomOrder[a] = slotB;
    randomOrder[b] = slotA;
    randomPosition[slotA] = b;
    randomPosition[slotB] = a;
  }

  /** True when an entry is so bad that it may go (Core IsTerrible). */
  isTerrible(slot: number, nowSec: number): boolean {
    const { timeSec, lastTrySec, lastSuccessSec, attempts } = this.#columns;
    if (nowSec - lastTrySec[slot]! <= RECENT_TRY_SEC) return false;
    if (timeSec[slot]! > nowSec + FUTURE_SEC) return true; // came in a flying DeLorean, says Core
    if (nowSec - timeSec[slot]! > HORIZON_SEC) return true;
    if (lastSuccessSec[slot] === 0 && attempts[slot]! >= RETRIES) return true;
    return nowSec - lastSuccessSec[slot]! > FAILURES_SEC && attempts[slot]! >= FAILURES_MAX;
  }

  /** How likely an entry is taken when it is drawn, of 1 (Core GetChance). */
  chance(slot: number, nowSec: number): number {
    const { lastTrySec, attempts } = this.#columns;
    const chance = CHANCES[Math.max(0, Math.min(attempts[slot]!, CHANCES.length - 1))]!;
    return nowSec - lastTrySec[slot]! < LATELY_SEC ? 0.01 * chance : chance;
  }

  #claimSlot(): number {
    const free = this.#firstFree;
    if (free !== NO_SLOT) {
      this.#firstFree = this.#columns.randomPosition[free]!;
      return free;
    }
    if (this.#unused === this.#capacity) this.#grow();
    return this.#unused++;
  }

  #grow(): void {
    assert(this.#capacity < ADDRMAN_ENTRIES_MAX, 'no more addresses than positions');
    this.#capacity = Math.min(2 * this.#capacity, ADDRMAN_ENTRIES_MAX);
    const grown = createColumns(this.#capacity);
    for (const name of Object.keys(grown) as (keyof AllColumns)[]) grown[name].set(this.#columns[name] as never);
    this.#columns = grown;
  }
}
