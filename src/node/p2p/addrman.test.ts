import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { formatNetAddress, type NetAddress, type Network, parseNetAddress } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { AddressManager, type AddrPick, type GetAddrOptions } from './addrman.ts';

/** The key of Core's deterministic address manager: the number 1, little-endian. */
const KEY_ONE = Uint8Array.of(1, ...new Array<number>(31).fill(0));

const NOW = 1_700_000_000;
const EVERYTHING: GetAddrOptions = { countMax: 0, percentMax: 0, network: null, isFiltered: true };

/** Times of addresses in Core's tests that give none (CAddress TIME_INIT). */
const OLD = 100_000_000;

function at(text: string, port = 8333): NetAddress {
  const address = parseNetAddress(text, port);
  assert.ok(address !== null, text);
  return address;
}

function told(text: string, timeSec = OLD, services = 0n): AddressEntry {
  return { timeSec, services, address: at(text) };
}

function create(seed = 1): AddressManager {
  return new AddressManager(KEY_ONE, createRng(seed));
}

function text(pick: AddrPick | null): string | null {
  return pick === null ? null : formatNetAddress(pick.address);
}

function add(manager: AddressManager, entry: AddressEntry, source: string, nowSec = NOW): number {
  return manager.add([entry], at(source), 0, nowSec);
}

test('an address is added once; ports make different addresses', () => {
  const manager = create();
  assert.equal(manager.select({}, NOW), null);
  assert.equal(add(manager, told('250.1.1.1:8333'), '252.2.2.2'), 1);
  assert.equal(text(manager.select({}, NOW)), '250.1.1.1:8333');
  assert.equal(add(manager, told('250.1.1.1:8333'), '252.2.2.2'), 0);
  assert.equal(manager.size(), 1);
  assert.equal(add(manager, told('250.1.1.1:8334'), '252.2.2.2'), 1);
  assert.equal(manager.size(), 2);
  assert.equal(manager.good(at('250.1.1.1:8334'), NOW), true);
  assert.equal(text(manager.select({ isNewOnly: true }, NOW)), '250.1.1.1:8333');
  assert.equal(manager.sanityCheck(), 0);
});

test('E08: what is not routable is not stored, whoever says it', () => {
  const manager = create();
  const bad = [
    '10.1.2.3',
    '192.168.7.7',
    '127.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '169.254.1.1',
    '[fc12::1]',
    '[::1]',
  ];
  for (const host of bad) assert.equal(add(manager, told(host), '252.2.2.2'), 0, host);
  assert.equal(manager.size(), 0);
});

test('places under Core’s deterministic key collide where they do there: the 23rd of a run is the first in the new table', () => {
  const manager = create();
  for (let i = 1; i <= 22; i++) {
    assert.equal(add(manager, told(`250.1.1.${i}:0`), '252.2.2.2'), 1);
    assert.equal(manager.size(), i);
  }
  add(manager, told('250.1.1.23:0'), '252.2.2.2');
  assert.equal(manager.size(), 22, 'the old one was terrible and is replaced');
  add(manager, told('250.1.1.24:0'), '252.2.2.2');
  assert.equal(manager.size(), 23);
});

test('E01: an address gets into at most 8 new buckets, one more each time half as likely, and only when it is fresher', () => {
  const manager = create();
  const multiplicity = (): number => manager.info(at('253.3.3.3'))!.refCount;
  for (let i = 1; i < 20; i++) add(manager, told('253.3.3.3', NOW), `${i}.0.1.1`);
  assert.equal(multiplicity(), 1, 'nothing new was told');
  for (let i = 1; i < 40_000; i++) add(manager, told('253.3.3.3', NOW + i), `${1 + (i % 200)}.${i % 251}.1.1`);
  assert.equal(multiplicity(), 8);
  assert.equal(manager.size(), 1);
  assert.equal(manager.entries('new').length, 8);
  assert.equal(manager.sanityCheck(), 0);
});

test('tests before evictions: 36 wants the place of 19, which has just worked and stays', () => {
  const manager = create();
  for (let i = 1; i <= 35; i++) {
    add(manager, told(`250.1.1.${i}:0`), '252.2.2.2');
    assert.equal(manager.good(at(`250.1.1.${i}`, 0), NOW), true, `${i} does not collide`);
    assert.equal(manager.selectTriedCollision(), null);
  }
  add(manager, told('250.1.1.36:0'), '252.2.2.2');
  assert.equal(manager.good(at('250.1.1.36', 0), NOW), false);
  assert.equal(text(manager.selectTriedCollision()), '250.1.1.19:0');
  manager.resolveCollisions(NOW);
  assert.equal(manager.selectTriedCollision(), null);
  assert.equal(manager.info(at('250.1.1.36', 0))!.isTried, false);
  for (let i = 37; i <= 58; i++) {
    add(manager, told(`250.1.1.${i}:0`), '252.2.2.2');
    assert.equal(manager.good(at(`250.1.1.${i}`, 0), NOW), true, `${i} does not collide`);
  }
  add(manager, told('250.1.1.59:0'), '252.2.2.2');
  assert.equal(manager.good(at('250.1.1.59', 0), NOW), false);
  assert.equal(text(manager.selectTriedCollision()), '250.1.1.10:0');
  assert.equal(manager.sanityCheck(), 0);
});

test('tests before evictions: 36 takes the place of 19 once an attempt at 19 has failed, and 19 takes it back untested', () => {
  const manager = create();
  for (let i = 1; i <= 36; i++) {
    add(manager, told(`250.1.1.${i}:0`), '252.2.2.2');
    manager.good(at(`250.1.1.${i}`, 0), NOW);
  }
  const [old, fresh] = [at('250.1.1.19', 0), at('250.1.1.36', 0)];
  assert.equal(manager.good(old, 1), false); // its last success is long ago
  manager.attempt(old, false, NOW - 30);
  manager.resolveCollisions(NOW);
  assert.equal(manager.info(fresh)!.isTried, false, 'it has a minute to answer');
  manager.resolveCollisions(NOW + 31);
  assert.equal(manager.selectTriedCollision(), null);
  assert.equal(manager.info(fresh)!.isTried, true);
  assert.equal(manager.info(old)!.isTried, false, 'back among the new');
  assert.equal(manager.good(fresh, NOW + 31), false, 'it is there already');
  assert.equal(manager.good(old, NOW + 31), false);
  assert.equal(text(manager.selectTriedCollision()), '250.1.1.36:0');
  manager.resolveCollisions(NOW + 31 + 4 * 3_600);
  assert.equal(manager.info(old)!.isTried, true, 'nobody could test for four hours');
  assert.equal(manager.sanityCheck(), 0);
});

test('at most ten addresses wait for a test', () => {
  const manager = new AddressManager(createRng(9).bytes(32), createRng(9));
  let refused = 0;
  for (let i = 0; i < 3_000; i++) {
    const host = `250.1.${i >>> 8}.${i & 255}`;
    add(manager, told(host), '252.2.2.2');
    if (manager.info(at(host)) !== null && !manager.good(at(host), NOW)) refused++;
  }
  assert.ok(refused > 30, `${refused}`);
  assert.equal(manager.sanityCheck(), 0);
  // each waiting one is decided by itself; more than ten would leave some
  const decided = new Set<string | null>();
  for (let i = 0; i < 500; i++) decided.add(text(manager.selectTriedCollision()));
  decided.delete(null);
  assert.ok(decided.size <= 10, `${decided.size}`);
});

test('select: by table and by network, never an address that is not asked for', () => {
  const manager = create();
  const i2p = 'udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna.b32.i2p';
  add(manager, { timeSec: OLD, services: 0n, address: at(i2p, 0) }, '252.2.2.2');
  add(manager, told('250.1.1.3'), '252.2.2.2');
  manager.good(at(i2p, 0), NOW);
  const only = (...networks: readonly Network[]): string | null =>
    text(manager.select({ networks: new Set(networks) }, NOW));
  for (let i = 0; i < 20; i++) {
    assert.equal(only('ipv4'), '250.1.1.3:8333');
    assert.equal(only('i2p'), `${i2p}:0`);
    assert.equal(only('ipv6', 'onion', 'cjdns'), null);
    assert.equal(text(manager.select({ isNewOnly: true }, NOW)), '250.1.1.3:8333');
    assert.equal(manager.select({ isNewOnly: true, networks: new Set<Network>(['i2p']) }, NOW), null);
  }
  const all = new Set<string | null>();
  for (let i = 0; i < 60; i++) all.add(text(manager.select({}, NOW)));
  assert.equal(all.size, 2);
  assert.deepEqual([manager.size('ipv4'), manager.size('ipv4', 'tried'), manager.size('i2p', 'tried')], [1, 0, 1]);
});

test('select: both tables are taken equally often, however full they are', () => {
  const manager = new AddressManager(createRng(3).bytes(32), createRng(3));
  for (let i = 0; i < 2_000; i++) add(manager, told(`${1 + (i % 120)}.${i % 253}.1.1`), `${130 + (i % 90)}.1.1.1`);
  assert.equal(add(manager, told('250.1.1.1'), '252.2.2.2'), 1);
  manager.good(at('250.1.1.1'), NOW);
  manager.attempt(at('250.1.1.1'), false, NOW - 601); // long enough ago not to count against it
  let tried = 0;
  for (let i = 0; i < 4_000; i++) if (text(manager.select({}, NOW)) === '250.1.1.1:8333') tried++;
  // 2,000 expected with a deviation of 32
  assert.ok(Math.abs(tried - 2_000) < 130, `${tried}`);
});

test('select: what was tried lately or failed often is taken rarely, and taken in the end when there is nothing else', () => {
  const manager = create();
  add(manager, told('250.1.1.1'), '252.2.2.2');
  for (let i = 0; i < 12; i++) manager.attempt(at('250.1.1.1'), false, NOW - 5);
  assert.deepEqual(manager.select({}, NOW)?.lastTrySec, NOW - 5);
  add(manager, told('251.9.1.1'), '252.2.2.2');
  let recent = 0;
  for (let i = 0; i < 2_000; i++) if (text(manager.select({}, NOW)) === '250.1.1.1:8333') recent++;
  assert.ok(recent < 60, `${recent}: one in a hundred of the draws, and draws go on until one is taken`);
});

test('failures count once per success of any other, so that a node without network blames nobody', () => {
  const manager = create();
  add(manager, told('250.1.1.1', NOW), '252.2.2.2');
  add(manager, told('251.1.1.1', NOW), '252.2.2.2');
  for (let i = 0; i < 5; i++) manager.attempt(at('250.1.1.1'), true, NOW + i);
  assert.equal(manager.info(at('250.1.1.1'))!.attempts, 1, 'nothing has worked in between');
  manager.good(at('251.1.1.1'), NOW + 10);
  manager.attempt(at('250.1.1.1'), true, NOW + 11);
  manager.attempt(at('250.1.1.1'), false, NOW + 12);
  assert.equal(manager.info(at('250.1.1.1'))!.attempts, 2);
});

test('terrible: three failures without a success, ten in a week after one; the last minute excepted', () => {
  const manager = create();
  add(manager, told('250.250.2.1', NOW), '250.1.2.1');
  manager.good(at('250.250.2.1'), NOW);
  const later = NOW + 8 * 86_400;
  add(manager, told('251.252.2.3', later), '250.1.2.1', later);
  manager.good(at('251.252.2.3'), later);
  const left = (): string[] =>
    manager
      .getAddr(EVERYTHING, later)
      .map(({ address }) => formatNetAddress(address))
      .sort();
  for (let i = 0; i < 9; i++) manager.attempt(at('250.250.2.1'), true, later - 61);
  assert.equal(left().length, 2);
  manager.attempt(at('250.250.2.1'), true, later - 61);
  assert.deepEqual(left(), ['251.252.2.3:8333']);
  manager.attempt(at('250.250.2.1'), true, later - 59);
  assert.equal(left().length, 2);
  assert.equal(manager.getAddr({ ...EVERYTHING, isFiltered: false }, later + 3_600).length, 2);
});

test('what a source says of itself is not made older, what it says of others is', () => {
  const manager = create();
  manager.add([told('250.1.1.1', NOW - 10_000)], at('250.1.1.1', 4_444), 3_600, NOW);
  manager.add([told('250.1.1.2', NOW - 10_000)], at('250.1.1.3'), 3_600, NOW);
  assert.equal(manager.info(at('250.1.1.1'))!.timeSec, NOW - 10_000);
  assert.equal(manager.info(at('250.1.1.2'))!.timeSec, NOW - 13_600);
  manager.add([told('250.1.1.4', 5)], at('250.1.1.3'), 3_600, NOW);
  assert.equal(manager.info(at('250.1.1.4'))!.timeSec, 0, 'never before 1970');
});

test('times are brought forward by an hour at least while online, by a day otherwise; services gather, and are set by the node', () => {
  const manager = create();
  const info = (): { timeSec: number; services: bigint } => manager.info(at('250.1.1.1'))!;
  add(manager, told('250.1.1.1', NOW - 7_000, 1n), '252.2.2.2');
  add(manager, told('250.1.1.1', NOW - 3_400, 8n), '252.2.2.2');
  assert.deepEqual([info().timeSec, info().services], [NOW - 7_000, 9n]);
  add(manager, told('250.1.1.1', NOW - 3_399), '252.2.2.2');
  assert.equal(info().timeSec, NOW - 3_399);
  manager.connected(at('250.1.1.1'), NOW - 3_399 + 1_200);
  assert.equal(info().timeSec, NOW - 3_399, 'twenty minutes are not enough');
  manager.connected(at('250.1.1.1'), NOW);
  assert.equal(info().timeSec, NOW);
  manager.setServices(at('250.1.1.1'), 1_024n);
  assert.equal(info().services, 1_024n);
  manager.setServices(at('250.1.1.9'), 1n);
  manager.connected(at('250.1.1.9'), NOW);
  manager.attempt(at('250.1.1.9'), true, NOW);
  assert.equal(manager.good(at('250.1.1.9'), NOW), false);
  assert.equal(manager.size(), 1, 'unknown ones stay unknown');
});

test('getAddr: at most so many, at most so many percents, of one network', () => {
  const manager = new AddressManager(createRng(4).bytes(32), createRng(4));
  for (let i = 0; i < 2_000; i++)
    add(manager, told(`${1 + (i % 120)}.${i >>> 3}.1.1`, NOW), `${130 + (i % 90)}.${i % 7}.1.1`);
  add(manager, told('[2803::1]:8333', NOW), '250.1.1.1');
  add(manager, told('[2002:102:304::1]:8333', NOW), '250.1.1.1'); // a tunnel to 1.2.3.4
  const size = manager.size();
  assert.ok(size > 1_500, `${size}`);
  const count = (options: Partial<GetAddrOptions>): number =>
    manager.getAddr({ ...EVERYTHING, ...options }, NOW).length;
  assert.equal(count({}), size);
  assert.equal(count({ percentMax: 23 }), Math.floor((size * 23) / 100));
  assert.equal(count({ percentMax: 23, countMax: 100 }), 100);
  assert.equal(count({ network: 'ipv6' }), 1);
  assert.equal(count({ network: 'ipv4' }), size - 1);
  const once = manager.getAddr({ ...EVERYTHING, countMax: 200 }, NOW);
  const again = manager.getAddr({ ...EVERYTHING, countMax: 200 }, NOW);
  assert.equal(new Set(once.map(({ address }) => formatNetAddress(address))).size, 200);
  assert.notDeepEqual(once, again);
});

test('T02: a jump of the clock makes addresses terrible while it lasts and drops none', () => {
  const manager = new AddressManager(createRng(5).bytes(32), createRng(5));
  for (let i = 0; i < 500; i++) add(manager, told(`${1 + (i % 120)}.${i % 253}.1.1`, NOW), `${130 + (i % 90)}.1.1.1`);
  for (let i = 0; i < 20; i++) manager.good(manager.select({ isNewOnly: true }, NOW)!.address, NOW);
  const size = manager.size();
  const jumps = [3 * 3_600, -3 * 3_600, 10 * 365 * 86_400, -NOW, 2 ** 33];
  for (const jump of jumps) {
    const nowSec = NOW + jump;
    manager.resolveCollisions(nowSec);
    assert.ok(manager.getAddr(EVERYTHING, nowSec).length <= size);
    const pick = manager.select({}, nowSec);
    assert.ok(pick !== null, 'there is still something to connect to');
    manager.attempt(pick.address, true, nowSec);
    assert.equal(manager.size(), size);
    assert.equal(manager.sanityCheck(), 0);
  }
  const usable = manager.getAddr(EVERYTHING, NOW + 120).length;
  assert.ok(usable >= size - jumps.length, `${usable} of ${size}`);
  // ten years ahead one may replace what is there, as it must be able to after a long absence; the rest stays
  manager.add([told('77.7.7.7', NOW + 10 * 365 * 86_400)], at('88.8.8.8'), 0, NOW + 10 * 365 * 86_400);
  assert.ok(manager.size() >= size);
});

test('-checkaddrman: one operation in so many checks the tables first, and says so; inconsistent ones are a bug', () => {
  const run = (checkInterval: number): readonly string[] => {
    const notes: string[] = [];
    const note = (line: string): void => {
      notes.push(line);
    };
    const manager = new AddressManager(KEY_ONE, createRng(1), { checkInterval, note });
    add(manager, told('1.2.3.4'), '5.6.7.8');
    manager.good(at('1.2.3.4'), NOW);
    for (let i = 0; i < 98; i++) manager.select({}, NOW);
    return notes;
  };
  const always = run(1);
  assert.equal(always.length, 200);
  assert.equal(always[0], 'CheckAddrman: new 0, tried 0, total 0 started');
  assert.equal(always[2], 'CheckAddrman: new 1, tried 0, total 1 started');
  assert.deepEqual(always.slice(-2), ['CheckAddrman: new 0, tried 1, total 1 started', 'CheckAddrman: completed']);
  assert.deepEqual(run(0), []);
  const sometimes = run(10).length / 2;
  assert.ok(sometimes > 0 && sometimes < 30, `${sometimes} of 100`);
  const broken = new AddressManager(KEY_ONE, createRng(1), { checkInterval: 1 });
  add(broken, told('1.2.3.4'), '5.6.7.8');
  broken.tables.store.columns.refCount[broken.tables.store.find(at('1.2.3.4'))] = 2;
  assert.throws(() => broken.select({}, NOW), /the tables of addresses are consistent \(code -15\)/);
});
