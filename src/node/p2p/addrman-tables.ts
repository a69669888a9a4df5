// The two tables of the address manager over its entries: 1,024 buckets of addresses that we have heard of, 256 of addresses that
// we have been connected to, 64 positions each. Here entries move between them and the accounts are kept; whether they should is
// addrman.ts's to say. Mirrors the lower half of Core's AddrManImpl (Create, ClearNew, MakeTried, CheckAddrman).
//
// An entry is in exactly one tried position, or in one to eight new positions.

import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { encodeAddressKey, type NetAddress, type Network } from '../wire/net-address.ts';
import { type NetGroups, PREFIX_GROUPS } from '../wire/net-groups.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { BUCKET_POSITIONS, BucketHasher, NEW_BUCKETS, TRIED_BUCKETS } from './addrman-buckets.ts';
import { AddrStore, NO_SLOT } from './addrman-store.ts';

/** New buckets that one address can be in (ADDRMAN_NEW_BUCKETS_PER_ADDRESS). */
export const NEW_REFERENCES_MAX = 8;

/** Which table. */
export type AddrTable = 'new' | 'tried';

/** A position of a table. */
export interface AddrPlace {
  readonly bucket: number;
  readonly position: number;
}

/** Numbers of addresses in each table. */
export interface AddrCounts {
  new: number;
  tried: number;
}

function createCounts(): Record<Network | 'unroutable', AddrCounts> {
  const zero = (): AddrCounts => ({ new: 0, tried: 0 });
  return {
    unroutable: zero(),
    ipv4: zero(),
    ipv6: zero(),
    onion: zero(),
    i2p: zero(),
    cjdns: zero(),
    internal: zero(),
  };
}

/** Entries, buckets and counts. */
export class AddrTables {
  readonly store: AddrStore;
  readonly hasher: BucketHasher;
  /** By which addresses are sorted. */
  readonly groups: NetGroups;
  /** Slots by bucket × 64 + position, or NO_SLOT. */
  readonly #places: Readonly<Record<AddrTable, Int32Array>>;
  /** Places taken in each bucket. */
  readonly #taken: Readonly<Record<AddrTable, Uint8Array>> = {
    new: new Uint8Array(NEW_BUCKETS),
    tried: new Uint8Array(TRIED_BUCKETS),
  };
  /** Buckets that are not empty, in no order: most of those of a young node are, and to draw them would be for nothing. */
  readonly #filled: Readonly<Record<AddrTable, number[]>> = { new: [], tried: [] };
  readonly #counts: AddrCounts = { new: 0, tried: 0 };
  readonly #countsByNetwork: Readonly<Record<Network | 'unroutable', AddrCounts>> = createCounts();

  /** `key` is secret (see {@link BucketHasher}); `rng` salts a table. */
  constructor(key: Uint8Array, rng: Rng, groups: NetGroups = PREFIX_GROUPS) {
    this.store = new AddrStore(rng);
    this.hasher = new BucketHasher(key);
    this.groups = groups;
    this.#places = {
      new: new Int32Array(NEW_BUCKETS * BUCKET_POSITIONS).fill(NO_SLOT),
      tried: new Int32Array(TRIED_BUCKETS * BUCKET_POSITIONS).fill(NO_SLOT),
    };
  }

  /** Numbers of addresses, of all networks or of one. */
  counts(network?: Network | 'unroutable'): Readonly<AddrCounts> {
    if (network === undefined) return this.#counts;
    return this.#countsByNetwork[network];
  }

  /** The slot at a place, or NO_SLOT. */
  slotAt(table: AddrTable, { bucket, position }: AddrPlace): number {
    return this.slotIn(table, bucket, position);
  }

  /** As {@link slotAt}, for loops. */
  slotIn(table: AddrTable, bucket: number, position: number): number {
    return this.#places[table][bucket * BUCKET_POSITIONS + position]!;
  }

  /** Buckets of a table that are not empty. */
  filledBuckets(table: AddrTable): readonly number[] {
    return this.#filled[table];
  }

  /** Calls `visit` for each place that is taken, bucket by bucket. */
  forEachPlace(table: AddrTable, visit: (slot: number, bucket: number, position: number) => void): void {
    this.#places[table].forEach((slot, at) => {
      if (slot !== NO_SLOT) visit(slot, Math.floor(at / BUCKET_POSITIONS), at % BUCKET_POSITIONS);
    });
  }

  /** Where an address belongs in the new table when `source` tells of it. */
  newPlace(address: NetAddress, source: NetAddress): AddrPlace {
    return this.newPlaceIn(this.hasher.newBucket(this.groups.group(address), this.groups.group(source)), address);
  }

  /** Where an address belongs in a given new bucket. */
  newPlaceIn(bucket: number, address: NetAddress): AddrPlace {
    return { bucket, position: this.hasher.position('new', bucket, encodeAddressKey(address)) };
  }

  /** Where an address belongs in the tried table. */
  triedPlace(address: NetAddress): AddrPlace {
    const key = encodeAddressKey(address);
    const bucket = this.hasher.triedBucket(key, this.groups.group(address));
    return { bucket, position: this.hasher.position('tried', bucket, key) };
  }

  /** Where the entry in a slot belongs in a table, in the new one by its first source. */
  placeOf(table: AddrTable, slot: number): AddrPlace {
    const address = this.store.address(slot);
    return table === 'tried' ? this.triedPlace(address) : this.newPlace(address, this.store.source(slot));
  }

  /** Makes an entry that counts as new; the caller puts it somewhere. */
  create(entry: AddressEntry, source: NetAddress): number {
    const slot = this.store.create(entry, source);
    this.#count(slot, 'new', 1);
    return slot;
  }

  /** Makes an entry at a free place of the tried table, as it comes from a file. */
  createTried(entry: AddressEntry, source: NetAddress, place: AddrPlace): number {
    const slot = this.store.create(entry, source);
    this.#putTried(slot, place);
    return slot;
  }

  /** Removes an entry that is nowhere any more. */
  remove(slot: number): void {
    const { refCount, isTried } = this.store.columns;
    assert(refCount[slot] === 0 && isTried[slot] === 0, 'only what is in no bucket is removed');
    this.#count(slot, 'new', -1);
    this.store.remove(slot);
  }

  /** Puts an entry into a free place of the new table. */
  putNew(slot: number, place: AddrPlace): void {
    assert(this.slotAt('new', place) === NO_SLOT, 'a free place');
    this.#set('new', place, slot);
    this.store.columns.refCount[slot]!++;
  }

  /** Frees a place of the new table; returns the slot of an entry that was nowhere else and has been removed, or NO_SLOT. */
  clearNew(place: AddrPlace): number {
    const slot = this.slotAt('new', place);
    if (slot === NO_SLOT) return NO_SLOT;
    const { refCount } = this.store.columns;
    assert(refCount[slot]! > 0, 'an entry counts its places');
    this.#set('new', place, NO_SLOT);
    refCount[slot]!--;
    if (refCount[slot] !== 0) return NO_SLOT;
    this.remove(slot);
    return slot;
  }

  /**
   * Moves a new entry to its place in the tried table. What is there goes back to the new table, and what is at that place is
   * removed: the return value is its slot when it is gone for good, or NO_SLOT.
   */
  makeTried(slot: number): number {
    this.#leaveNew(slot);
    const place = this.placeOf('tried', slot);
    const evicted = this.slotAt('tried', place);
    const removed = evicted === NO_SLOT ? NO_SLOT : this.#moveToNew(evicted, place);
    this.#count(slot, 'new', -1);
    this.#putTried(slot, place);
    return removed;
  }

  #leaveNew(slot: number): void {
    const places = this.#places.new;
    const { refCount } = this.store.columns;
    for (let at = places.indexOf(slot); at !== -1 && refCount[slot]! > 0; at = places.indexOf(slot, at + 1)) {
      places[at] = NO_SLOT;
      this.#take('new', Math.floor(at / BUCKET_POSITIONS), -1);
      refCount[slot]!--;
    }
    assert(refCount[slot] === 0, 'an entry counts its places');
  }

  #moveToNew(slot: number, from: AddrPlace): number {
    this.#set('tried', from, NO_SLOT);
    this.store.columns.isTried[slot] = 0;
    this.#count(slot, 'tried', -1);
    const place = this.placeOf('new', slot);
    const removed = this.clearNew(place);
    this.putNew(slot, place);
    this.#count(slot, 'new', 1);
    return removed;
  }

  #putTried(slot: number, place: AddrPlace): void {
    assert(this.slotAt('tried', place) === NO_SLOT, 'a free place');
    this.#set('tried', place, slot);
    this.store.columns.isTried[slot] = 1;
    this.#count(slot, 'tried', 1);
  }

  #set(table: AddrTable, { bucket, position }: AddrPlace, slot: number): void {
    const places = this.#places[table];
    const at = bucket * BUCKET_POSITIONS + position;
    if (places[at] === NO_SLOT && slot !== NO_SLOT) this.#take(table, bucket, 1);
    if (places[at] !== NO_SLOT && slot === NO_SLOT) this.#take(table, bucket, -1);
    places[at] = slot;
  }

  #take(table: AddrTable, bucket: number, change: 1 | -1): void {
    const taken = this.#taken[table];
    const filled = this.#filled[table];
    if (taken[bucket] === 0) filled.push(bucket);
    taken[bucket] = taken[bucket]! + change;
    if (taken[bucket] === 0) filled.splice(filled.indexOf(bucket), 1);
  }

  #count(slot: number, table: AddrTable, change: 1 | -1): void {
    this.#countsByNetwork[this.store.network(slot)][table] += change;
    this.#counts[table] += change;
  }
}
