// The address manager against a twin that follows the rules with plain maps and lists, step by step, over random operations. Both
// draw from equal random sources, so that every choice must come out the same. Places in buckets come from addrman-buckets.ts,
// whose own test holds Core's values.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import {
  addressKey,
  encodeAddressKey,
  equalHosts,
  isRoutable,
  type NetAddress,
  type Network,
} from '../wire/net-address.ts';
import { netGroup } from '../wire/net-group.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { AddressManager } from './addrman.ts';
import { BucketHasher } from './addrman-buckets.ts';

interface Known {
  readonly id: number;
  readonly address: NetAddress;
  readonly source: NetAddress;
  timeSec: number;
  services: bigint;
  lastTrySec: number;
  lastCountedSec: number;
  lastSuccessSec: number;
  attempts: number;
  isTried: boolean;
}

/** Keys by place `bucket/position`, and the buckets that hold some, in the order in which they began to. */
class Places extends Map<string, string> {
  readonly filled: number[] = [];

  override set(place: string, key: string): this {
    if (!this.holds(bucketOf(place))) this.filled.push(bucketOf(place));
    return super.set(place, key);
  }

  override delete(place: string): boolean {
    const wasThere = super.delete(place);
    const bucket = bucketOf(place);
    if (wasThere && !this.holds(bucket)) this.filled.splice(this.filled.indexOf(bucket), 1);
    return wasThere;
  }

  private holds(bucket: number): boolean {
    return [...this.keys()].some((place) => bucketOf(place) === bucket);
  }
}

function bucketOf(place: string): number {
  return Number(place.split('/')[0]);
}

class Twin {
  readonly rng: Rng;
  readonly hasher: BucketHasher;
  readonly known: Map<string, Known> = new Map();
  /** By `bucket/position`: keys of addresses. */
  readonly fresh: Places = new Places();
  readonly tried: Places = new Places();
  readonly order: string[] = [];
  /** Ids, which are never used again, in the order in which they came. */
  collisions: number[] = [];
  lastGoodSec = 1;
  nextId = 0;

  constructor(key: Uint8Array, rng: Rng) {
    this.hasher = new BucketHasher(key);
    this.rng = rng;
    rng.nextU32(); // the salt of a table
    rng.nextU32();
  }

  freshPlace(address: NetAddress, source: NetAddress): string {
    const bucket = this.hasher.newBucket(netGroup(address), netGroup(source));
    return `${bucket}/${this.hasher.position('new', bucket, encodeAddressKey(address))}`;
  }

  triedPlace(address: NetAddress): string {
    const bucket = this.hasher.triedBucket(encodeAddressKey(address), netGroup(address));
    return `${bucket}/${this.hasher.position('tried', bucket, encodeAddressKey(address))}`;
  }

  references(key: string): number {
    return [...this.fresh.values()].filter((other) => other === key).length;
  }

  isTerrible(k: Known, now: number): boolean {
    if (now - k.lastTrySec <= 60) return false;
    if (k.timeSec > now + 600 || now - k.timeSec > 2_592_000) return true;
    if (k.lastSuccessSec === 0 && k.attempts >= 3) return true;
    return now - k.lastSuccessSec > 604_800 && k.attempts >= 10;
  }

  clear(place: string): void {
    const key = this.fresh.get(place);
    if (key === undefined) return;
    this.fresh.delete(place);
    if (this.references(key) > 0) return;
    this.known.delete(key);
    const at = this.order.indexOf(key);
    const last = this.order.pop()!;
    if (last !== key) this.order[at] = last;
  }

  add(entry: AddressEntry, source: NetAddress, penaltySec: number, now: number): boolean {
    if (!isRoutable(entry.address)) return false;
    const penalty = equalHosts(entry.address, source) ? 0 : penaltySec;
    const key = addressKey(entry.address);
    const place = this.freshPlace(entry.address, source);
    const k = this.known.get(key);
    const references = this.references(key);
    if (k !== undefined) {
      const interval = now - entry.timeSec < 86_400 ? 3_600 : 86_400;
      if (k.timeSec < entry.timeSec - interval - penalty) k.timeSec = Math.max(0, entry.timeSec - penalty);
      k.services |= entry.services;
      if (entry.timeSec <= k.timeSec || k.isTried || references === 8) return false;
      if (this.rng.below(2 ** references) !== 0) return false;
    }
    const there = this.fresh.get(place);
    if (there === key) return false;
    if (there !== undefined) {
      const isReplaced =
        this.isTerrible(this.known.get(there)!, now) || (references === 0 && this.references(there) > 1);
      if (!isReplaced) return false;
    }
    this.clear(place);
    if (k === undefined) {
      const timeSec = Math.max(0, entry.timeSec - penalty);
      const never = { lastTrySec: 0, lastCountedSec: 0, lastSuccessSec: 0, attempts: 0, isTried: false };
      this.known.set(key, { ...never, ...entry, timeSec, source, id: this.nextId++ });
      this.order.push(key);
    }
    this.fresh.set(place, key);
    return true;
  }

  makeTried(k: Known): void {
    const key = addressKey(k.address);
    for (const [place, other] of [...this.fresh]) if (other === key) this.fresh.delete(place);
    const place = this.triedPlace(k.address);
    const old = this.tried.get(place);
    if (old !== undefined) {
      const evicted = this.known.get(old)!;
      evicted.isTried = false;
      const back = this.freshPlace(evicted.address, evicted.source);
      this.clear(back);
      this.fresh.set(back, old);
    }
    this.tried.delete(place);
    this.tried.set(place, key);
    k.isTried = true;
  }

  good(address: NetAddress, isTestedFirst: boolean, now: number): boolean {
    this.lastGoodSec = now;
    const k = this.known.get(addressKey(address));
    if (k === undefined) return false;
    k.lastSuccessSec = now;
    k.lastTrySec = now;
    k.attempts = 0;
    if (k.isTried) return false;
    if (isTestedFirst && this.tried.has(this.triedPlace(address))) {
      if (this.collisions.length < 10 && !this.collisions.includes(k.id)) this.collisions.push(k.id);
      return false;
    }
    this.makeTried(k);
    return true;
  }

  attempt(address: NetAddress, isCounted: boolean, now: number): void {
    const k = this.known.get(addressKey(address));
    if (k === undefined) return;
    k.lastTrySec = now;
    if (isCounted && k.lastCountedSec < this.lastGoodSec) {
      k.lastCountedSec = now;
      k.attempts++;
    }
  }

  connected(address: NetAddress, now: number): void {
    const k = this.known.get(addressKey(address));
    if (k !== undefined && now - k.timeSec > 1_200) k.timeSec = now;
  }

  byId(id: number): Known | undefined {
    return [...this.known.values()].find((k) => k.id === id);
  }

  selectTriedCollision(): string | null {
    if (this.collisions.length === 0) return null;
    const id = this.collisions[this.rng.below(this.collisions.length)]!;
    const k = this.byId(id);
    if (k === undefined) {
      this.collisions.splice(this.collisions.indexOf(id), 1);
      return null;
    }
    return this.tried.get(this.triedPlace(k.address)) ?? null;
  }

  resolveCollisions(now: number): void {
    this.collisions = this.collisions.filter((id) => {
      const k = this.byId(id);
      if (k === undefined) return false;
      const oldKey = this.tried.get(this.triedPlace(k.address));
      if (oldKey !== undefined) {
        const old = this.known.get(oldKey)!;
        if (now - old.lastSuccessSec < 14_400) return false;
        if (now - old.lastTrySec < 14_400) {
          if (now - old.lastTrySec <= 60) return true;
        } else if (now - k.lastSuccessSec <= 2_400) return true;
      }
      this.good(k.address, false, now);
      return false;
    });
  }

  select(isNewOnly: boolean, networks: ReadonlySet<Network>, now: number): string | null {
    const isWanted = (k: Known): boolean => networks.size === 0 || networks.has(k.address.network);
    const some = [...this.known.values()].filter(isWanted);
    const triedCount = some.filter((k) => k.isTried).length;
    const freshCount = some.length - triedCount;
    if (isNewOnly ? freshCount === 0 : some.length === 0) return null;
    let table: Places;
    if (isNewOnly || triedCount === 0) table = this.fresh;
    else if (freshCount === 0) table = this.tried;
    else table = this.rng.below(2) === 0 ? this.fresh : this.tried;
    const wanted = new Map([...table].filter(([, key]) => isWanted(this.known.get(key)!)));
    for (let factor = 1; ; ) {
      const bucket = table.filled[this.rng.below(table.filled.length)]!;
      const first = this.rng.below(64);
      const keys = Array.from({ length: 64 }, (_, i) => wanted.get(`${bucket}/${(first + i) % 64}`));
      const key = keys.find((candidate) => candidate !== undefined);
      if (key === undefined) continue;
      const k = this.known.get(key)!;
      const chance = (now - k.lastTrySec < 600 ? 0.01 : 1) * 0.66 ** Math.min(k.attempts, 8);
      if (this.rng.below(2 ** 30) < factor * chance * 2 ** 30) return key;
      factor *= 1.2;
    }
  }

  getAddr(countMax: number, percentMax: number, isFiltered: boolean, now: number): string[] {
    let wanted = percentMax === 0 ? this.order.length : Math.floor((this.order.length * percentMax) / 100);
    if (countMax !== 0) wanted = Math.min(wanted, countMax);
    const chosen: string[] = [];
    for (let i = 0; i < this.order.length && chosen.length < wanted; i++) {
      const j = i + this.rng.below(this.order.length - i);
      const key = this.order[j]!;
      this.order[j] = this.order[i]!;
      this.order[i] = key;
      if (!isFiltered || !this.isTerrible(this.known.get(key)!, now)) chosen.push(key);
    }
    return chosen;
  }
}

/** Addresses of few groups and hosts, so that they meet often. */
function drawAddress(rng: Rng): NetAddress {
  const kind = rng.below(12);
  const port = 8_333 + rng.below(2);
  if (kind === 0) return { network: 'onion', bytes: new Uint8Array(32).fill(rng.below(20)), port };
  if (kind === 1)
    return {
      network: 'ipv6',
      bytes: Uint8Array.of(0x28, 3, 0, rng.below(3), ...new Array<number>(11).fill(0), rng.below(9)),
      port,
    };
  if (kind === 2) return { network: 'ipv4', bytes: Uint8Array.of(10, 0, 0, rng.below(4)), port };
  return { network: 'ipv4', bytes: Uint8Array.of(250, rng.below(6), rng.below(3), rng.below(60)), port };
}

function describe(twin: Twin, table: 'new' | 'tried'): string[] {
  return [...(table === 'new' ? twin.fresh : twin.tried)]
    .map(([place, key]) => {
      const k = twin.known.get(key)!;
      return `${place} ${key} ${k.timeSec} ${k.services} ${k.lastTrySec} ${k.lastSuccessSec} ${k.attempts} ${addressKey(k.source)}`;
    })
    .sort();
}

function describeManager(manager: AddressManager, table: 'new' | 'tried'): string[] {
  return manager
    .entries(table)
    .map(({ info, bucket, position }) => {
      const { timeSec, services, lastTrySec, lastSuccessSec, attempts } = info;
      return `${bucket}/${position} ${addressKey(info.address)} ${timeSec} ${services} ${lastTrySec} ${lastSuccessSec} ${attempts} ${addressKey(info.source)}`;
    })
    .sort();
}

function runModel(seed: number, steps: number): { collisions: number; evictions: number } {
  const rng = createRng(seed);
  const key = rng.bytes(32);
  const manager = new AddressManager(key, createRng(seed + 1));
  const twin = new Twin(key, createRng(seed + 1));
  let nowSec = 1_700_000_000;
  const seen = { collisions: 0, evictions: 0 };
  for (let step = 0; step < steps; step++) {
    nowSec += rng.below(10) === 0 ? rng.below(100_000) - 20_000 : rng.below(120);
    const address = drawAddress(rng);
    switch (rng.below(11)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const timeSec = Math.max(0, nowSec - rng.below(rng.below(3) === 0 ? 4_000_000 : 10_000) + rng.below(1_000));
        const entry: AddressEntry = { timeSec, services: BigInt(rng.below(2_048)), address };
        const source = rng.below(8) === 0 ? address : drawAddress(rng);
        const added = manager.add([entry], source, 7_200, nowSec);
        assert.equal(added, twin.add(entry, source, 7_200, nowSec) ? 1 : 0);
        break;
      }
      case 4:
      case 5: {
        const isMoved = manager.good(address, nowSec);
        assert.equal(isMoved, twin.good(address, true, nowSec));
        break;
      }
      case 6: {
        const isCounted = rng.below(2) === 0;
        manager.attempt(address, isCounted, nowSec);
        twin.attempt(address, isCounted, nowSec);
        break;
      }
      case 7:
        manager.connected(address, nowSec);
        twin.connected(address, nowSec);
        break;
      case 8: {
        const networks = new Set<Network>((['ipv4', 'ipv6', 'onion', 'i2p'] as const).filter(() => rng.below(4) === 0));
        const isNewOnly = rng.below(3) === 0;
        const pick = manager.select({ networks, isNewOnly }, nowSec);
        assert.equal(pick === null ? null : addressKey(pick.address), twin.select(isNewOnly, networks, nowSec));
        break;
      }
      case 9: {
        const [countMax, percentMax, isFiltered] = [rng.below(40), rng.below(101), rng.below(2) === 0];
        const chosen = manager.getAddr({ countMax, percentMax, isFiltered, network: null }, nowSec);
        assert.deepEqual(
          chosen.map((entry) => addressKey(entry.address)),
          twin.getAddr(countMax, percentMax, isFiltered, nowSec),
        );
        break;
      }
      case 10: {
        const tested = manager.selectTriedCollision();
        const expected = twin.selectTriedCollision();
        assert.equal(tested === null ? null : addressKey(tested.address), expected);
        if (tested !== null) {
          seen.collisions++;
          if (rng.below(2) === 0) {
            manager.attempt(tested.address, false, nowSec);
            twin.attempt(tested.address, false, nowSec);
          }
        }
        if (rng.below(3) === 0) {
          const before = twin.tried.size;
          manager.resolveCollisions(nowSec);
          twin.resolveCollisions(nowSec);
          if (tested !== null && twin.tried.size === before && !twin.known.get(addressKey(tested.address))?.isTried)
            seen.evictions++;
        }
        break;
      }
    }
    assert.equal(manager.size(), twin.known.size);
    if (step % 50 === 0) {
      assert.equal(manager.sanityCheck(), 0);
      assert.deepEqual(describeManager(manager, 'new'), describe(twin, 'new'));
      assert.deepEqual(describeManager(manager, 'tried'), describe(twin, 'tried'));
    }
  }
  return seen;
}

test('the address manager and its slow twin agree over random operations', () => {
  let collisions = 0;
  let evictions = 0;
  for (let seed = 1; seed <= 4; seed++) {
    const seen = runModel(100 * seed, 6_000);
    collisions += seen.collisions;
    evictions += seen.evictions;
  }
  assert.ok(collisions > 50, `${collisions} tests of tried addresses`);
  assert.ok(evictions > 0, `${evictions} evictions`);
});
