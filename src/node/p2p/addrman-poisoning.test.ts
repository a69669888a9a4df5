// E01: an attacker who tells of addresses that he makes up, from one group of sources and from a hundred, beside honest ones. The row
// speaks of a million addresses. Here it are 210,000, after which the attacker has nearly all that he can get; with SCALE = 5 it is
// the million, and the same must hold.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import type { NetAddress } from '../wire/net-address.ts';
import { AddressManager } from './addrman.ts';

const NOW = 1_700_000_000;
const SCALE = 1;
const HONEST_GROUPS = 400;
const PICKS = 20_000;

/** Attackers have addresses from 128 on, honest nodes below. */
function draw(rng: Rng, isAttacker: boolean): NetAddress {
  const first = isAttacker ? 128 + rng.below(40) : 20 + rng.below(80);
  return { network: 'ipv4', bytes: Uint8Array.of(first, rng.below(256), rng.below(256), rng.below(256)), port: 8_333 };
}

function isAttackers(address: NetAddress): boolean {
  return address.bytes[0]! >= 128;
}

/** A table that honest nodes have filled: 20,000 addresses or so, 600 of them tried. */
function createHonest(rng: Rng): AddressManager {
  const manager = new AddressManager(rng.bytes(32), rng.fork('manager'));
  const sources = Array.from({ length: HONEST_GROUPS }, () => draw(rng, false));
  for (let i = 0; i < 24_000; i++) {
    const entry = { timeSec: NOW - rng.below(86_400), services: 9n, address: draw(rng, false) };
    for (let copies = 1 + rng.below(2); copies > 0; copies--) {
      manager.add([{ ...entry, timeSec: entry.timeSec - 4_000 * copies }], sources[rng.below(sources.length)]!, 0, NOW);
    }
    if (i % 40 === 0) manager.good(entry.address, NOW - 7_200);
  }
  return manager;
}

function push(manager: AddressManager, sources: readonly NetAddress[], count: number, rng: Rng): void {
  let recent: NetAddress = draw(rng, true);
  for (let i = 0; i < count; i++) {
    // now and then again what was told before, fresher and from elsewhere, to get more places for it
    if (i % 4 !== 0) recent = draw(rng, true);
    const entry = { timeSec: NOW + Math.floor((i * 500) / count), services: 9n, address: recent };
    manager.add([entry], sources[rng.below(sources.length)]!, 0, NOW);
  }
}

interface Census {
  readonly attackerBuckets: number;
  readonly attackerPlaces: number;
  readonly attackerTried: number;
  readonly honestAddresses: number;
  readonly placesPerAddressMax: number;
}

function takeCensus(manager: AddressManager): Census {
  const entries = manager.entries('new');
  const attackers = entries.filter(({ info }) => isAttackers(info.address));
  return {
    attackerBuckets: new Set(attackers.map(({ bucket }) => bucket)).size,
    attackerPlaces: attackers.length,
    attackerTried: manager.entries('tried').filter(({ info }) => isAttackers(info.address)).length,
    honestAddresses: manager.size() - new Set(attackers.map(({ info }) => info.address.bytes.join())).size,
    placesPerAddressMax: Math.max(...entries.map(({ info }) => info.refCount)),
  };
}

/** Fails unless the attacker has at most `share` of the picks, but for three standard deviations. */
function checkPicks(manager: AddressManager, share: number): void {
  let attackers = 0;
  for (let i = 0; i < PICKS; i++) if (isAttackers(manager.select({}, NOW)!.address)) attackers++;
  const sigma = Math.sqrt(PICKS * share * (1 - share));
  assert.ok(
    attackers <= PICKS * share + 3 * sigma,
    `${attackers} of ${PICKS} picks, ${PICKS * share} expected at most`,
  );
}

test('E01: one group of sources fills at most 64 of 1,024 buckets and gets no more of the picks', () => {
  const rng = createRng(11);
  const manager = createHonest(rng);
  const before = takeCensus(manager);
  const group = [7, 8, 9].map((i) => ({ network: 'ipv4' as const, bytes: Uint8Array.of(200, 1, i, i), port: 0 }));
  push(manager, group, 60_000 * SCALE, rng);
  const after = takeCensus(manager);
  assert.ok(after.attackerBuckets <= 64 && after.attackerBuckets >= 55, `${after.attackerBuckets}`);
  assert.ok(after.attackerPlaces <= 64 * 64);
  assert.ok(after.placesPerAddressMax <= 8);
  assert.equal(after.attackerTried, 0);
  assert.equal(after.honestAddresses, before.honestAddresses, 'nobody honest is pushed out');
  // half of the picks are of the new table, where at most 64 of 1,024 buckets are his
  checkPicks(manager, (0.5 * 64) / 1_024);
  assert.equal(manager.sanityCheck(), 0);
});

test('E01: a hundred groups fill what is free, push nobody out, and get at most half of the picks less what honest ones hold', () => {
  const rng = createRng(12);
  const manager = createHonest(rng);
  const before = takeCensus(manager);
  const groups = Array.from({ length: 100 }, (_, i) => ({
    network: 'ipv4' as const,
    bytes: Uint8Array.of(200, i, 1, 1),
    port: 0,
  }));
  push(manager, groups, 150_000 * SCALE, rng);
  const after = takeCensus(manager);
  assert.ok(after.attackerBuckets > 1_000, `${after.attackerBuckets} of 1,024 are within reach`);
  assert.ok(after.placesPerAddressMax <= 8);
  assert.equal(after.attackerTried, 0, 'only connections lead there');
  assert.equal(after.honestAddresses, before.honestAddresses, 'nobody honest is pushed out');
  // an honest address keeps one place at least, so that of 65,536 the attacker has the rest at most; and tried ones are not his
  const honestNew = manager.size(undefined, 'new') - (manager.size() - after.honestAddresses);
  checkPicks(manager, 0.5 * (1 - honestNew / 65_536));
  assert.equal(manager.sanityCheck(), 0);
});

test('E01: addresses that answer once are worth one place in the tried table, and displace nobody who answers', () => {
  const rng = createRng(13);
  const manager = createHonest(rng);
  const honestTried = manager.size(undefined, 'tried');
  const source = draw(rng, true);
  let nowSec = NOW;
  for (let i = 0; i < 6_000; i++) {
    nowSec += 30;
    const address = draw(rng, true);
    manager.add([{ timeSec: nowSec, services: 9n, address }], source, 0, nowSec);
    manager.good(address, nowSec);
    const tested = manager.selectTriedCollision();
    if (tested !== null) {
      // whoever is honest answers the feeler, and those of the attacker as well
      manager.attempt(tested.address, false, nowSec);
      manager.good(tested.address, nowSec);
    }
    manager.resolveCollisions(nowSec + 1);
  }
  const left = manager.entries('tried').filter(({ info }) => !isAttackers(info.address)).length;
  assert.equal(left, honestTried);
  assert.equal(manager.sanityCheck(), 0);
});

test('D10: entries come and go without end in the same slots, and no number grows with them', () => {
  const rng = createRng(14);
  const manager = new AddressManager(rng.bytes(32), rng);
  const source = draw(rng, true);
  const slots = new Set<number>();
  let stored = 0;
  // each address is terrible at once, so that the next one for its position replaces it
  for (let i = 0; i < 60_000; i++) {
    const address = draw(rng, false);
    stored += manager.add([{ timeSec: NOW - 40 * 86_400, services: 9n, address }], source, 0, NOW);
    slots.add(manager.tables.store.find(address));
  }
  assert.equal(stored, 60_000);
  assert.ok(manager.size() <= 64 * 64, 'one source');
  assert.ok(slots.size <= 64 * 64, `${slots.size} slots for ${stored} entries`);
  assert.ok(Math.max(...slots) < 64 * 64);
  assert.equal(manager.sanityCheck(), 0);
});
