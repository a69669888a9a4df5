// The address manager: which addresses of nodes we know and which to try next. Mirrors Core's AddrMan.
//
// What it is for: an attacker who fills the table with his own addresses (Heilman et al. 2015) would be all that a node connects
// to after a restart. So
// - addresses that we have only heard of ("new") are kept apart from those that we have been connected to ("tried"), and every
//   pick takes one table or the other with equal chance, however full they are;
// - where an address may be stored follows from a secret key, its group and the group of whoever told us: one group of sources
//   reaches 64 of 1,024 new buckets, one group of addresses 8 of 256 tried buckets (addrman-buckets.ts; E01);
// - an address is stored again in up to 8 new buckets when others tell of it too, each time half as likely;
// - what is stored stays, unless it is terrible (old, from the future, failing) or stored elsewhere as well;
// - a tried address that another would displace is dialled first and stays when it answers (test before evict).
//
// Memory is bounded by the positions: 81,920 entries of about 200 bytes, and nothing counts beyond that (D10). Clocks may jump
// (T02): times decide what is terrible at the moment of asking, and nothing is dropped because of them alone.

import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { equalHosts, isRoutable, isValid, type NetAddress, type Network } from '../wire/net-address.ts';
import { netClass } from '../wire/net-group.ts';
import type { NetGroups } from '../wire/net-groups.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { BUCKET_POSITIONS } from './addrman-buckets.ts';
import { checkAddrTables } from './addrman-sanity.ts';
import { type AddrInfo, NO_SLOT } from './addrman-store.ts';
import { type AddrPlace, type AddrTable, AddrTables, NEW_REFERENCES_MAX } from './addrman-tables.ts';

/** Time of an address is brought forward only by so much at once: an hour while it is online, else a day (Core AddSingle). */
const UPDATE_ONLINE_SEC = 3_600;
const UPDATE_OFFLINE_SEC = 86_400;

/** Online is an address that was heard of within a day. */
const ONLINE_SEC = 86_400;

/** Smallest change of an address's time when a connection to it ends (Core Connected_). */
const CONNECTED_UPDATE_SEC = 20 * 60;

/** Most addresses that wait for the test of the one they would displace (ADDRMAN_SET_TRIED_COLLISION_SIZE). */
const COLLISIONS_MAX = 10;

/** A tried address that worked so lately is not displaced; a failure so lately decides (ADDRMAN_REPLACEMENT). */
const REPLACEMENT_SEC = 4 * 3_600;

/** After an attempt the tested address gets so long to answer (Core ResolveCollisions_). */
const ANSWER_SEC = 60;

/** How long a test may take before the old address goes untested (ADDRMAN_TEST_WINDOW). */
const TEST_WINDOW_SEC = 40 * 60;

/** A chance of 1 when an address is drawn (Core compares 30 random bits). */
const CERTAIN = 2 ** 30;

/** How much likelier it gets to take the next drawn address after each that was not taken (Core Select_). */
const CHANCE_GROWTH = 1.2;

/** Most attempts that are counted: what a file can hold. */
const ATTEMPTS_MAX = 2 ** 31 - 1;

/** In the place of an address that waited for a test and has been removed. */
const GONE = -1;

/** Our own code of sanityCheck, beside Core's. */
const COLLISIONS_CODE = -100;

/** An address to connect to. */
export interface AddrPick extends AddressEntry {
  /** When we last tried to connect to it; 0: never since the start. */
  readonly lastTrySec: number;
}

/** An address and where it is stored. */
export interface PlacedAddr extends AddrPlace {
  readonly info: AddrInfo;
}

/** What to select from; everything when empty. */
export interface SelectOptions {
  /** Only addresses that we have only heard of. */
  readonly isNewOnly?: boolean;
  /** Only these networks; none given is all. */
  readonly networks?: ReadonlySet<Network>;
}

/** What to tell of known addresses. */
export interface GetAddrOptions {
  /** Most addresses; 0: no limit. */
  readonly countMax: number;
  /** Most percents of all addresses, 0 to 100; 0: no limit. */
  readonly percentMax: number;
  /** Only this network (Core GetNetClass); null: all. */
  readonly network: Network | null;
  /** Leaves terrible ones out. */
  readonly isFiltered: boolean;
}

/** How an address manager is made; nothing of it is needed. */
export interface AddressManagerOptions {
  /** By which addresses are sorted; absent: by prefix. */
  readonly groups?: NetGroups;
  /** One operation in so many checks all tables first (-checkaddrman); 0 or absent: none. */
  readonly checkInterval?: number;
  /** Hears of such checks, for the debug log. */
  readonly note?: (text: string) => void;
}

/** See the top of the file. */
export class AddressManager {
  /** For peers-file.ts; nobody else changes it. */
  readonly tables: AddrTables;
  readonly #rng: Rng;
  readonly #options: AddressManagerOptions;
  /** When anything was last good; 1 so that never is worse (Core m_last_good). */
  #lastGoodSec = 1;
  /** Slots that wait for a test, and GONE for those that have been removed meanwhile. */
  #collisions: number[] = [];

  /** `key` has 32 bytes and must come from a secure source: it is what an attacker lacks. */
  constructor(key: Uint8Array, rng: Rng, options: AddressManagerOptions = {}) {
    this.tables = new AddrTables(key, rng, options.groups);
    this.#rng = rng;
    this.#options = options;
  }

  /** Number of addresses, of one network or all, in one table or both. */
  size(network?: Network, table?: AddrTable): number {
    const counts = this.tables.counts(network);
    return table === undefined ? counts.new + counts.tried : counts[table];
  }

  /**
   * Takes in addresses that `source` told of, each made older by `timePenaltySec` except what a source says of itself. Returns how
   * many are stored where they were not before; others may have been brought up to date.
   */
  add(entries: Iterable<AddressEntry>, source: NetAddress, timePenaltySec: number, nowSec: number): number {
    this.#checkNowAndThen();
    let added = 0;
    for (const entry of entries) {
      const penaltySec = equalHosts(entry.address, source) ? 0 : timePenaltySec;
      if (this.#addSingle(entry, source, penaltySec, nowSec)) added++;
    }
    return added;
  }

  /**
   * We are connected to an address that we dialled: it moves to the tried table, at once or, when it would displace another, after
   * that one's test. True when it has moved.
   */
  good(address: NetAddress, nowSec: number): boolean {
    this.#checkNowAndThen();
    return this.#good(address, true, nowSec);
  }

  /** We try to connect. `isFailureCounted`: a failure would be the address's fault, since others can be reached. */
  attempt(address: NetAddress, isFailureCounted: boolean, nowSec: number): void {
    this.#checkNowAndThen();
    const slot = this.tables.store.find(address);
    if (slot === NO_SLOT) return;
    const { lastTrySec, lastCountedSec, attempts } = this.tables.store.columns;
    lastTrySec[slot] = nowSec;
    if (!isFailureCounted || lastCountedSec[slot]! >= this.#lastGoodSec) return;
    lastCountedSec[slot] = nowSec;
    attempts[slot] = Math.min(attempts[slot]! + 1, ATTEMPTS_MAX);
  }

  /** A connection to the address has ended: its time becomes now. Not said while connected, since others are told the time. */
  connected(address: NetAddress, nowSec: number): void {
    this.#checkNowAndThen();
    const slot = this.tables.store.find(address);
    if (slot === NO_SLOT) return;
    const { timeSec } = this.tables.store.columns;
    if (nowSec - timeSec[slot]! > CONNECTED_UPDATE_SEC) timeSec[slot] = nowSec;
  }

  /** The node at the address itself told us its services. */
  setServices(address: NetAddress, services: bigint): void {
    this.#checkNowAndThen();
    const slot = this.tables.store.find(address);
    if (slot !== NO_SLOT) this.tables.store.columns.services[slot] = services;
  }

  /** An address to connect to, or null when there is none of that kind. */
  select(options: SelectOptions, nowSec: number): AddrPick | null {
    this.#checkNowAndThen();
    const networks = options.networks?.size ? options.networks : null;
    const table = this.#chooseTable(options.isNewOnly ?? false, networks);
    if (table === null) return null;
    for (let factor = 1; ; ) {
      const slot = this.#drawFrom(table, networks);
      if (slot === NO_SLOT) continue;
      if (this.#rng.below(CERTAIN) < factor * this.tables.store.chance(slot, nowSec) * CERTAIN) return this.#pick(slot);
      factor *= CHANCE_GROWTH;
    }
  }

  /** A tried address that another wants to displace: dial it to see whether it still works. Null: there is none. */
  selectTriedCollision(): AddrPick | null {
    this.#checkNowAndThen();
    if (this.#collisions.length === 0) return null;
    const chosen = this.#rng.below(this.#collisions.length);
    const slot = this.#collisions[chosen]!;
    if (slot === GONE) {
      this.#collisions.splice(chosen, 1);
      return null;
    }
    const old = this.tables.slotAt('tried', this.tables.placeOf('tried', slot));
    return old === NO_SLOT ? null : this.#pick(old);
  }

  /** Decides about addresses that would displace others, as far as the tests have gone. */
  resolveCollisions(nowSec: number): void {
    this.#checkNowAndThen();
    for (let i = 0; i < this.#collisions.length; ) {
      const slot = this.#collisions[i]!; // another's decision may have turned it into GONE
      if (slot === GONE || this.#resolveCollision(slot, nowSec)) this.#collisions.splice(i, 1);
      else i++;
    }
  }

  /** A random choice of known addresses. */
  getAddr(options: GetAddrOptions, nowSec: number): AddressEntry[] {
    this.#checkNowAndThen();
    const { store } = this.tables;
    const percentMax = Math.min(options.percentMax, 100);
    let wanted = percentMax === 0 ? store.size : Math.floor((percentMax * store.size) / 100);
    if (options.countMax !== 0) wanted = Math.min(wanted, options.countMax);
    const chosen: AddressEntry[] = [];
    for (let i = 0; i < store.size && chosen.length < wanted; i++) {
      store.swapRandom(i, i + this.#rng.below(store.size - i));
      const slot = store.slotAt(i);
      if (options.isFiltered && store.isTerrible(slot, nowSec)) continue;
      const entry = store.entry(slot);
      if (options.network === null || netClass(entry.address) === options.network) chosen.push(entry);
    }
    return chosen;
  }

  /** Everything in a table, place by place; an address of several new buckets comes several times. */
  entries(table: AddrTable): PlacedAddr[] {
    const entries: PlacedAddr[] = [];
    this.tables.forEachPlace(table, (slot, bucket, position) => {
      entries.push({ info: this.tables.store.info(slot), bucket, position });
    });
    return entries;
  }

  /** What is known of an address, or null. */
  info(address: NetAddress): AddrInfo | null {
    const slot = this.tables.store.find(address);
    return slot === NO_SLOT ? null : this.tables.store.info(slot);
  }

  /** 0, or Core's code of what is inconsistent. */
  sanityCheck(): number {
    return this.#collisions.length > COLLISIONS_MAX ? COLLISIONS_CODE : checkAddrTables(this.tables);
  }

  /** An error that it finds is a bug of ours: the node goes no further with such tables (Core Check). */
  #checkNowAndThen(): void {
    const { checkInterval = 0, note = () => undefined } = this.#options;
    if (checkInterval === 0 || this.#rng.below(checkInterval) !== 0) return;
    const counts = this.tables.counts();
    note(`CheckAddrman: new ${counts.new}, tried ${counts.tried}, total ${this.tables.store.size} started`);
    const code = this.sanityCheck();
    assert(code === 0, `the tables of addresses are consistent (code ${code})`);
    note('CheckAddrman: completed');
  }

  #pick(slot: number): AddrPick {
    const { store } = this.tables;
    return { ...store.entry(slot), lastTrySec: store.columns.lastTrySec[slot]! };
  }

  // --- adding

  #addSingle(entry: AddressEntry, source: NetAddress, penaltySec: number, nowSec: number): boolean {
    if (!isRoutable(entry.address)) return false;
    const slot = this.tables.store.find(entry.address);
    if (slot === NO_SLOT) return this.#addUnknown(entry, source, penaltySec, nowSec);
    if (!this.#update(slot, entry, penaltySec, nowSec)) return false;
    const place = this.tables.newPlace(entry.address, source);
    const there = this.tables.slotAt('new', place);
    if (there === slot) return false;
    if (there !== NO_SLOT) {
      if (!this.tables.store.isTerrible(there, nowSec)) return false;
      this.#clearNew(place);
    }
    this.tables.putNew(slot, place);
    return true;
  }

  #addUnknown(entry: AddressEntry, source: NetAddress, penaltySec: number, nowSec: number): boolean {
    const { store } = this.tables;
    const place = this.tables.newPlace(entry.address, source);
    const there = this.tables.slotAt('new', place);
    if (there !== NO_SLOT) {
      // what is there goes when it is bad, or when it is elsewhere as well
      if (store.columns.refCount[there]! <= 1 && !store.isTerrible(there, nowSec)) return false;
      this.#clearNew(place);
    }
    const { address, services } = entry;
    const timeSec = Math.max(0, entry.timeSec - penaltySec);
    this.tables.putNew(this.tables.create({ address, services, timeSec }, source), place);
    return true;
  }

  /** Learns from what is told of a known address; true when it may get one more place in the new table. */
  #update(slot: number, entry: AddressEntry, penaltySec: number, nowSec: number): boolean {
    const { timeSec, services, isTried, refCount } = this.tables.store.columns;
    const intervalSec = nowSec - entry.timeSec < ONLINE_SEC ? UPDATE_ONLINE_SEC : UPDATE_OFFLINE_SEC;
    if (timeSec[slot]! < entry.timeSec - intervalSec - penaltySec) {
      timeSec[slot] = Math.max(0, entry.timeSec - penaltySec);
    }
    services[slot]! |= entry.services;
    if (entry.timeSec <= timeSec[slot]!) return false; // nothing new
    if (isTried[slot] === 1 || refCount[slot] === NEW_REFERENCES_MAX) return false;
    // with n places already, one more is 2^n times harder to get
    return this.#rng.below(2 ** refCount[slot]!) === 0;
  }

  #clearNew(place: AddrPlace): void {
    this.#noteRemoved(this.tables.clearNew(place));
  }

  #noteRemoved(slot: number): void {
    if (slot === NO_SLOT) return;
    const at = this.#collisions.indexOf(slot);
    if (at >= 0) this.#collisions[at] = GONE;
  }

  // --- connections

  #good(address: NetAddress, isTestedFirst: boolean, nowSec: number): boolean {
    this.#lastGoodSec = nowSec;
    const { store } = this.tables;
    const slot = store.find(address);
    if (slot === NO_SLOT) return false;
    const { lastSuccessSec, lastTrySec, attempts, isTried, refCount } = store.columns;
    lastSuccessSec[slot] = nowSec;
    lastTrySec[slot] = nowSec;
    attempts[slot] = 0;
    // its time stays: others are told it, and would see whom we are connected to
    if (isTried[slot] === 1) return false;
    assert(refCount[slot]! > 0, 'an entry is somewhere');
    if (isTestedFirst && this.tables.slotAt('tried', this.tables.triedPlace(address)) !== NO_SLOT) {
      const canWait = this.#collisions.length < COLLISIONS_MAX && !this.#collisions.includes(slot);
      if (canWait) this.#collisions.push(slot);
      return false;
    }
    this.#noteRemoved(this.tables.makeTried(slot));
    return true;
  }

  /** True when nothing is left to wait for. */
  #resolveCollision(slot: number, nowSec: number): boolean {
    const { store } = this.tables;
    const address = store.address(slot);
    if (!isValid(address)) return true;
    const old = this.tables.slotAt('tried', this.tables.triedPlace(address));
    const { lastSuccessSec, lastTrySec } = store.columns;
    if (old !== NO_SLOT) {
      if (nowSec - lastSuccessSec[old]! < REPLACEMENT_SEC) return true; // it works: the new one stays where it is
      if (nowSec - lastTrySec[old]! < REPLACEMENT_SEC) {
        if (nowSec - lastTrySec[old]! <= ANSWER_SEC) return false;
      } else if (nowSec - lastSuccessSec[slot]! <= TEST_WINDOW_SEC) return false;
    }
    this.#good(address, false, nowSec);
    return true;
  }

  // --- selecting

  #chooseTable(isNewOnly: boolean, networks: ReadonlySet<Network> | null): AddrTable | null {
    const counts = { new: 0, tried: 0 };
    for (const network of networks ?? [undefined]) {
      const some = this.tables.counts(network);
      counts.new += some.new;
      counts.tried += some.tried;
    }
    if (isNewOnly) return counts.new > 0 ? 'new' : null;
    if (counts.new > 0 && counts.tried > 0) return this.#rng.below(2) === 0 ? 'new' : 'tried';
    if (counts.new > 0) return 'new';
    return counts.tried > 0 ? 'tried' : null;
  }

  /** The first entry from a random position of a random bucket on, or NO_SLOT when the bucket has none of these networks. */
  #drawFrom(table: AddrTable, networks: ReadonlySet<Network | 'unroutable'> | null): number {
    // Core draws among all buckets and begins again at an empty one: the same chances, at a thousand times the cost.
    const filled = this.tables.filledBuckets(table);
    const bucket = filled[this.#rng.below(filled.length)]!;
    const first = this.#rng.below(BUCKET_POSITIONS);
    for (let i = 0; i < BUCKET_POSITIONS; i++) {
      const slot = this.tables.slotIn(table, bucket, (first + i) % BUCKET_POSITIONS);
      if (slot === NO_SLOT) continue;
      if (networks === null || networks.has(this.tables.store.network(slot))) return slot;
    }
    return NO_SLOT;
  }
}
