import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USUAL_PLAN } from '../../../test/model/connection-plan-options.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { formatNetAddress, hostKey, type NetAddress, type Network, parseNetAddress } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import type { AddressSource, PickedAddress, PlannedConnection } from './address-choice.ts';
import type { ConnectionKind } from './connection-kind.ts';
import {
  ConnectionPlan,
  type ConnectionPlanOptions,
  computeConnectionLimits,
  type Dial,
  type PlanState,
  type PlanStep,
} from './connection-plan.ts';

const NOW_SEC = 1_700_000_000;
const MINUTE_MS = 60_000;

function address(text: string): NetAddress {
  const parsed = parseNetAddress(text, 8333);
  assert.ok(parsed !== null, text);
  return parsed;
}

function entry(text: string, more: Partial<PickedAddress> = {}): PickedAddress {
  return { address: address(text), services: 0x409n, timeSec: NOW_SEC - 3600, lastTrySec: 0, ...more };
}

/** An address manager that gives its addresses in turn. */
class Addresses implements AddressSource {
  readonly entries: PickedAddress[];
  readonly added: { readonly source: NetAddress; readonly entries: AddressEntry[] }[] = [];
  readonly good: (address: NetAddress) => boolean;
  readonly goodHosts: string[] = [];
  collision: PickedAddress | null = null;
  selections = 0;
  #at = 0;

  constructor(entries: readonly PickedAddress[] = []) {
    this.entries = [...entries];
    this.good = (one) => this.goodHosts.push(hostKey(one)) > 0;
  }

  size(network?: Network): number {
    return this.entries.filter((one) => network === undefined || one.address.network === network).length;
  }

  select(options: { readonly isNewOnly?: boolean; readonly networks?: ReadonlySet<Network> }): PickedAddress | null {
    this.selections++;
    const some = this.entries.filter((one) => options.networks?.has(one.address.network) ?? true);
    return some.length === 0 ? null : some[this.#at++ % some.length]!;
  }

  selectTriedCollision(): PickedAddress | null {
    return this.collision;
  }

  resolveCollisions(): void {}

  add(entries: Iterable<AddressEntry>, source: NetAddress): number {
    const list = [...entries];
    this.added.push({ source, entries: list });
    this.entries.push(...list.map((one) => ({ ...one, lastTrySec: 0 })));
    return list.length;
  }
}

/** A plan and the world that it acts on: every dial becomes a connection, unless the test says otherwise. */
class World {
  readonly plan: ConnectionPlan;
  readonly addresses: Addresses;
  connections: PlannedConnection[] = [];
  readonly dials: (Dial & { readonly atMs: number })[] = [];
  readonly lines: string[] = [];
  readonly resolves: string[] = [];
  nowMs = 0;
  wakes = 0;
  isNetworkActive = true;
  blocksBehind = 0;
  own: ReadonlySet<string> = new Set();
  unwanted: ReadonlySet<string> = new Set();
  isReachable: (dial: Dial) => boolean = () => true;

  constructor(options: Partial<ConnectionPlanOptions> = {}, entries: readonly PickedAddress[] = [], seed = 1) {
    this.plan = new ConnectionPlan({ ...USUAL_PLAN, ...options }, createRng(seed));
    this.addresses = new Addresses(entries);
  }

  get state(): PlanState {
    return {
      connections: this.connections,
      addresses: this.addresses,
      isNetworkActive: this.isNetworkActive,
      blocksBehind: this.blocksBehind,
      isOwn: (one) => this.own.has(hostKey(one)),
      isUnwanted: (one) => this.unwanted.has(hostKey(one)),
    };
  }

  step(): PlanStep[] {
    this.wakes++;
    const steps = this.plan.next(this.state, this.nowMs, NOW_SEC + Math.floor(this.nowMs / 1000));
    for (const step of steps) {
      if (step.type === 'log') this.lines.push(step.text);
      else if (step.type === 'resolve-seed') this.resolves.push(step.host);
      else {
        this.dials.push({ ...step, atMs: this.nowMs });
        if (this.isReachable(step)) this.connect(step.kind, step.address, step.name);
      }
    }
    return steps;
  }

  connect(kind: ConnectionKind, where: NetAddress | null, name: string | null = null): void {
    // feelers and fetches of addresses are over before the next look
    if (kind === 'feeler' || kind === 'addr-fetch') return;
    this.connections.push({ kind, address: where, name, isEstablished: true });
  }

  /** Lets time go by, waking only when the plan asks for it. */
  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    while (this.nowMs < endMs) {
      this.step();
      const wakeMs = this.plan.wakeAtMs(this.nowMs);
      assert.ok(wakeMs > this.nowMs && wakeMs <= this.nowMs + 60_000, `${wakeMs - this.nowMs} is no time to sleep`);
      this.nowMs = Math.min(wakeMs, endMs);
    }
  }

  kinds(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.connections) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

const MANY = Array.from({ length: 40 }, (_, i) => entry(`${20 + i}.1.1.1:8333`));

test('limits follow from -maxconnections as in Core', () => {
  assert.deepEqual(computeConnectionLimits(125), { fullRelay: 8, blockRelay: 2, outbound: 11, inbound: 114 });
  assert.deepEqual(computeConnectionLimits(9), { fullRelay: 8, blockRelay: 1, outbound: 9, inbound: 0 });
  assert.deepEqual(computeConnectionLimits(4), { fullRelay: 4, blockRelay: 0, outbound: 4, inbound: 0 });
  assert.deepEqual(computeConnectionLimits(0), { fullRelay: 0, blockRelay: 0, outbound: 0, inbound: 0 });
});

test('who says that he encrypts is dialled so, and everybody whom the operator names, unless told otherwise', () => {
  const services = [0x409n, 0xc09n];
  const known = MANY.map((one, i) => ({ ...one, services: services[i % 2]! }));
  const world = new World({ encrypts: true, addedNodes: ['8.8.8.8'] }, known);
  world.plan.addNode('9.9.9.9', false);
  world.run(10_000);
  for (const { kind, address: where, name, wantsEncryption } of world.dials) {
    const isEven = where !== null && where.bytes[0]! % 2 === 0;
    assert.equal(wantsEncryption, kind === 'manual' ? name === '8.8.8.8' : !isEven, `${name ?? where?.bytes}`);
  }
  assert.ok(world.lines.includes('trying v2 connection (manual) to 8.8.8.8, lastseen=0.0hrs'));
  assert.ok(world.lines.includes('trying v1 connection (manual) to 9.9.9.9, lastseen=0.0hrs'));
  // Who cannot encrypt does not say that he tries to.
  const plain = new World({ addedNodes: ['8.8.8.8'] });
  plain.run(1000);
  assert.ok(plain.lines.includes('trying v1 connection (manual) to 8.8.8.8, lastseen=0.0hrs'));
});

test('E03: eight full-relay connections and two for blocks only are made, all in distinct network groups', () => {
  const crowd = MANY.flatMap((one) => [
    one,
    entry(`${one.address.bytes[0]}.1.2.2:8333`),
    entry(`${one.address.bytes[0]}.1.3.3:8333`),
  ]);
  const world = new World({}, crowd);
  world.run(30_000);
  assert.deepEqual(world.kinds(), { 'outbound-full-relay': 8, 'block-relay-only': 2 });
  const groups = new Set(world.connections.map((one) => [...one.address!.bytes.subarray(0, 2)].join('.')));
  assert.equal(groups.size, 10);
  // one attempt per half second
  assert.deepEqual(
    world.dials.slice(0, 3).map((dial) => dial.atMs),
    [0, 500, 1000],
  );
});

test('E03: connections for private broadcasts take nobody’s place, and nobody is called twice for them', () => {
  const world = new World({}, MANY);
  const taken = MANY.slice(0, 20).map((one) => one.address);
  for (const one of taken) world.connect('private-broadcast', one);
  world.run(20_000);
  const dialled = world.dials.filter(({ kind }) => kind !== 'feeler').map((dial) => hostKey(dial.address!));
  assert.equal(dialled.length, 10);
  for (const one of taken) assert.equal(dialled.includes(hostKey(one)), false);
});

test('E03: anchors are dialled first, as block-relay connections, then everything else', () => {
  const world = new World({ anchors: [entry('200.1.1.1:8333'), entry('201.1.1.1:8333')] }, MANY);
  world.run(10_000);
  const first = world.dials.slice(0, 2);
  assert.deepEqual(
    first.map((dial) => [dial.kind, formatNetAddress(dial.address!)]),
    [
      ['block-relay-only', '201.1.1.1:8333'],
      ['block-relay-only', '200.1.1.1:8333'],
    ],
  );
  assert.equal(world.lines[0], '2 block-relay-only anchors will be tried for connections.');
  assert.ok(world.lines.includes('Trying to make an anchor connection to 201.1.1.1:8333'));
  assert.deepEqual(world.kinds(), { 'outbound-full-relay': 8, 'block-relay-only': 2 });
});

test('E03: anchors of one group, of our own, out of reach or without services are passed over', () => {
  const anchors = [
    entry('200.1.1.1:8333'),
    entry('200.1.2.2:8333'),
    entry('[2404:6800::1]:8333'),
    entry('202.1.1.1:8333', { services: 1n }),
    entry('203.1.1.1:8333'),
  ];
  const world = new World({ anchors, reachable: new Set<Network>(['ipv4']) }, MANY);
  world.own = new Set([hostKey(address('203.1.1.1:8333'))]);
  world.run(3000);
  const dialled = world.dials.filter((dial) => dial.kind === 'block-relay-only');
  assert.deepEqual(dialled.map((dial) => formatNetAddress(dial.address!))[0], '200.1.2.2:8333');
  assert.ok(
    !world.dials.some((dial) => ['200.1.1.1:8333', '203.1.1.1:8333'].includes(formatNetAddress(dial.address!))),
  );
});

test('a lost connection is replaced as soon as the shell reports it', () => {
  const world = new World({}, MANY);
  world.run(90_000);
  const [lost] = world.connections.splice(3, 1);
  const dials = world.dials.length;
  world.step();
  world.run(1000);
  assert.deepEqual(
    world.dials
      .slice(dials)
      .filter((dial) => dial.kind !== 'feeler')
      .map((dial) => dial.kind),
    [lost!.kind],
  );
});

test('a change that is reported between two looks is seen half a second later at the latest', () => {
  const world = new World({}, MANY);
  world.run(90_000);
  world.step();
  world.nowMs += 10;
  world.connections.splice(0, 1);
  world.step();
  const wakeMs = world.plan.wakeAtMs(world.nowMs);
  assert.ok(wakeMs - world.nowMs <= 500);
});

test('feelers come every two minutes on average, at random, and test addresses that are only heard of', () => {
  const world = new World({}, MANY);
  world.run(10 * 60 * MINUTE_MS);
  const feelers = world.dials.filter((dial) => dial.kind === 'feeler');
  assert.ok(feelers.length > 230 && feelers.length < 370, `${feelers.length} feelers in ten hours`);
  const gaps = feelers.slice(1).map((dial, i) => dial.atMs - feelers[i]!.atMs);
  assert.ok(gaps.some((gap) => gap < 30_000) && gaps.some((gap) => gap > 5 * MINUTE_MS));
  assert.ok(world.wakes < 2000, `${world.wakes} looks in ten hours`);
});

test('a feeler tests a tried address that others want to displace, unless we are connected to it', () => {
  const world = new World({}, MANY);
  world.addresses.collision = entry('99.9.9.9:8333');
  world.run(10 * MINUTE_MS);
  const feelers = world.dials.filter((dial) => dial.kind === 'feeler');
  assert.ok(feelers.length > 0);
  assert.ok(feelers.every((dial) => formatNetAddress(dial.address!) === '99.9.9.9:8333'));
  world.connections.push({ kind: 'inbound', address: address('99.9.9.9:5555'), name: null, isEstablished: true });
  const before = world.dials.length;
  world.run(20 * MINUTE_MS);
  assert.ok(world.dials.length > before);
  assert.ok(world.dials.slice(before).every((dial) => formatNetAddress(dial.address!) !== '99.9.9.9:8333'));
  assert.deepEqual(world.addresses.goodHosts[0], hostKey(address('99.9.9.9:8333')));
});

test('a stale tip brings one full-relay connection more, and a finished sync extra block-relay connections', () => {
  const stale = new World({}, MANY);
  stale.run(20_000);
  stale.plan.setTryingAnother(true);
  stale.step();
  stale.run(20_000);
  assert.deepEqual(stale.kinds(), { 'outbound-full-relay': 9, 'block-relay-only': 2 });

  const synced = new World({}, MANY);
  synced.run(30 * MINUTE_MS);
  assert.equal(synced.kinds()['block-relay-only'], 2);
  synced.plan.startExtraBlockRelay();
  let extra = 0;
  for (let minute = 0; minute < 600; minute++) {
    synced.run(MINUTE_MS);
    if (synced.kinds()['block-relay-only']! < 3) continue;
    extra++;
    synced.connections = synced.connections.filter((one, i) => one.kind !== 'block-relay-only' || i < 10);
  }
  assert.ok(extra > 80 && extra < 160, `${extra} extra block-relay connections in ten hours`);
});

test('a network without a connection gets one, when we know addresses there', () => {
  const onion = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333';
  const reachable = new Set<Network>(['ipv4', 'onion']);
  const world = new World({ reachable }, MANY);
  world.run(10_000);
  world.addresses.entries.push(entry(onion));
  world.run(60 * MINUTE_MS);
  const [dial] = world.dials.filter((one) => one.address?.network === 'onion' && one.kind === 'outbound-full-relay');
  assert.ok(dial !== undefined);
  assert.ok(world.lines.includes(`Making network specific connection to ${onion} on onion.`));
  const count = world.kinds()['outbound-full-relay'];
  world.run(60 * MINUTE_MS);
  assert.equal(world.kinds()['outbound-full-relay'], count);
  // with few connections by the operator's choice there is no such extra
  const few = new World({ reachable, limits: computeConnectionLimits(5) }, MANY);
  few.run(1000);
  few.addresses.entries.push(entry(onion));
  few.run(5 * MINUTE_MS);
  assert.ok(few.dials.filter((one) => one.kind === 'outbound-full-relay').length <= 5);
});

test('addresses that were tried lately, of bad ports, without services or out of reach are left out', () => {
  const lately = entry('21.1.1.1:8333', { lastTrySec: NOW_SEC - 60 });
  const smtp = entry('22.1.1.1:25');
  const useless = entry('23.1.1.1:8333', { services: 4n });
  const noWitness = entry('24.1.1.1:8333', { services: 1n });
  const pruned = entry('25.1.1.1:8333', { services: 0x408n });
  const far = entry('[2404:6800::1]:8333');
  const good = entry('26.1.1.1:8333');
  const reachable = new Set<Network>(['ipv4']);
  const world = new World({ reachable }, [lately, smtp, useless, noWitness, pruned, far, good]);
  world.blocksBehind = 200;
  world.step();
  assert.deepEqual(
    world.dials.map((dial) => formatNetAddress(dial.address!)),
    ['26.1.1.1:8333'],
  );
  // close to the tip the latest blocks are enough
  world.blocksBehind = 143;
  world.nowMs = 500;
  world.step();
  assert.equal(formatNetAddress(world.dials[1]!.address!), '25.1.1.1:8333');
  // when nothing else is there, recent ones and bad ports are better than none; what cannot serve us never is
  world.run(5000);
  const dialled = world.dials.map((dial) => formatNetAddress(dial.address!)).sort();
  assert.deepEqual(dialled, ['21.1.1.1:8333', '22.1.1.1:25', '25.1.1.1:8333', '26.1.1.1:8333']);
});

test('our own, banned and connected addresses are not dialled', () => {
  const world = new World({}, [
    entry('21.1.1.1:8333'),
    entry('22.1.1.1:8333'),
    entry('23.1.1.1:8333'),
    entry('24.1.1.1:8333'),
  ]);
  world.own = new Set([hostKey(address('21.1.1.1'))]);
  world.unwanted = new Set([hostKey(address('22.1.1.1'))]);
  world.connections.push({ kind: 'inbound', address: address('23.1.1.1:9999'), name: null, isEstablished: true });
  world.run(20_000);
  assert.deepEqual(
    world.dials.map((dial) => formatNetAddress(dial.address!)),
    ['24.1.1.1:8333'],
  );
});

test('failures count against addresses only when we are likely online', () => {
  const offline = new World({}, MANY);
  offline.isReachable = () => false;
  offline.run(10_000);
  assert.ok(offline.dials.length > 10 && offline.dials.every((dial) => !dial.isFailureCounted));
  const online = new World({}, MANY);
  online.run(5_000);
  assert.deepEqual(
    online.dials.slice(0, 4).map((dial) => dial.isFailureCounted),
    [false, false, true, true],
  );
});

test('without addresses the plan looks less and less often, and at once when there are some', () => {
  const world = new World();
  world.run(10 * MINUTE_MS);
  assert.ok(world.wakes < 330, `${world.wakes} looks`);
  assert.equal(world.dials.length, 0);
  world.addresses.entries.push(...MANY);
  world.step();
  assert.equal(world.dials.length, 1);
});

test('nodes of -addnode get no automatic connection, and have places of their own', () => {
  const world = new World({ addedNodes: ['21.1.1.1', '[2404:6800::1]:8333', 'node.example'] }, [
    entry('21.1.1.1:8333'),
    ...MANY,
  ]);
  world.isReachable = (dial) => dial.kind !== 'manual';
  world.run(10_000);
  assert.ok(world.dials.every((dial) => dial.kind === 'manual' || formatNetAddress(dial.address!) !== '21.1.1.1:8333'));
  const line =
    'Not making automatic outbound-full-relay connection to ipv4 peer selected for manual (addnode) connection: 21.1.1.1:8333';
  assert.ok(world.lines.includes(line));
  const manual = world.dials.filter((dial) => dial.kind === 'manual');
  assert.deepEqual(
    manual.map((dial) => dial.name),
    ['21.1.1.1', '[2404:6800::1]:8333', 'node.example'],
  );
  assert.deepEqual(
    manual.map((dial) => dial.address === null),
    [false, false, true],
  );
  assert.equal(world.kinds()['outbound-full-relay'], 8);
  assert.equal(world.plan.addNode('node.example'), false);
  assert.equal(world.plan.removeNode('node.example'), true);
  assert.deepEqual(world.plan.addedNodes, ['21.1.1.1', '[2404:6800::1]:8333']);
});

test('with -connect nobody else is dialled', () => {
  const world = new World({ isAutomatic: false, connect: ['8.8.8.8', 'node.example:1234'] }, MANY);
  world.run(20 * MINUTE_MS);
  assert.deepEqual(new Set(world.dials.map((dial) => dial.name)), new Set(['8.8.8.8', 'node.example:1234']));
  assert.ok(world.dials.every((dial) => dial.kind === 'manual'));
  assert.equal(world.dials.length, 2);
});

test('E05: a fresh node resolves all DNS seeds, and uses at most 32 addresses of each', () => {
  const seeds = ['a.example.', 'b.example.', 'c.example.'];
  const world = new World({ dnsSeeds: seeds });
  world.step();
  assert.deepEqual([...world.resolves].sort(), ['x9.a.example.', 'x9.b.example.', 'x9.c.example.']);
  const flood = Array.from({ length: 1000 }, (_, i) => `66.${i >>> 8}.${i & 255}.1`);
  world.plan.seedAnswered('a.example.', flood, world.addresses, NOW_SEC);
  assert.equal(world.addresses.added[0]!.entries.length, 32);
  assert.equal(world.addresses.added[0]!.source.network, 'internal');
  world.plan.seedAnswered('b.example.', null, world.addresses, NOW_SEC);
  world.plan.seedAnswered('c.example.', ['what', '', '999.9.9.9'], world.addresses, NOW_SEC);
  world.run(5000);
  // seeds that gave nothing are asked behind their bare name
  const fetches = world.dials.filter((dial) => dial.kind === 'addr-fetch');
  assert.deepEqual(fetches.map((dial) => dial.name).sort(), ['b.example.', 'c.example.']);
  assert.ok(fetches.every((dial) => dial.address === null));
  assert.equal(world.addresses.size(), 32);
  assert.ok(world.lines.includes('32 addresses found from DNS seeds'));
  // the 32 are of one group: they get one of our connections, whatever the seed wants
  assert.deepEqual(world.kinds(), { 'outbound-full-relay': 1 });
});

test('E05: behind a proxy for names, seeds are dialled instead of resolved', () => {
  const world = new World({ dnsSeeds: ['a.example.', 'b.example.'], hasNameProxy: true });
  world.run(5000);
  assert.deepEqual(world.resolves, []);
  assert.deepEqual(world.dials.map((dial) => [dial.kind, dial.name]).sort(), [
    ['addr-fetch', 'a.example.'],
    ['addr-fetch', 'b.example.'],
  ]);
});

test('E05: all seeds dead: fixed seeds are taken after 60 seconds, for networks that lack addresses', () => {
  const fixedSeeds = [...MANY.map((one) => one.address), address('[2404:6800::1]:8333')];
  const world = new World({ dnsSeeds: ['a.example.'], useFixedSeeds: true, fixedSeeds });
  world.step();
  world.plan.seedAnswered('a.example.', null, world.addresses, NOW_SEC);
  world.isReachable = (dial) => dial.kind !== 'addr-fetch';
  world.run(59_000);
  assert.equal(world.addresses.size(), 0);
  world.run(5000);
  assert.equal(world.addresses.size(), 41);
  assert.ok(world.lines.includes('Added 41 fixed seeds from reachable networks.'));
  world.run(10_000);
  assert.deepEqual(world.kinds(), { 'outbound-full-relay': 8, 'block-relay-only': 2 });
});

test('fixed seeds are taken at once when there is no other source', () => {
  const world = new World({
    useFixedSeeds: true,
    fixedSeeds: MANY.map((one) => one.address),
    reachable: new Set(['ipv4', 'onion']),
  });
  world.step();
  assert.equal(world.addresses.size(), 40);
  const known = new World(
    { useFixedSeeds: true, fixedSeeds: [address('[2404:6800::1]:8333')], reachable: new Set(['ipv4']) },
    MANY,
  );
  known.run(2 * MINUTE_MS);
  assert.equal(known.addresses.size(), 40);
});

test('nodes of -seednode are asked one after another until two connections stand', () => {
  const seedNodes = ['one.example', 'two.example', 'three.example'];
  const world = new World({ seedNodes });
  world.run(25_000);
  const fetches = world.dials.map((dial) => [dial.kind, dial.atMs]);
  assert.equal(fetches.length, 3);
  assert.ok(fetches.every(([kind]) => kind === 'addr-fetch'));
  assert.equal(fetches[0]![1], 0);
  assert.match(world.lines.join('\n'), /Empty addrman, adding seednode \((one|two|three)\.example\) to addrfetch/);
  const known = new World({ seedNodes }, MANY);
  known.isReachable = () => false;
  known.run(15_000);
  assert.match(
    known.lines.join('\n'),
    /Couldn't connect to peers from addrman after 10 seconds\. Adding seednode \((one|two|three)\.example\) to addrfetch/,
  );
  const happy = new World({ seedNodes }, MANY);
  happy.run(60_000);
  assert.ok(!happy.dials.some((dial) => dial.kind === 'addr-fetch'));
});

test('while the network is off nothing is dialled and the plan sleeps; afterwards it goes on', () => {
  const world = new World({ addedNodes: ['8.8.8.8'] }, MANY);
  world.isNetworkActive = false;
  world.run(30 * MINUTE_MS);
  assert.equal(world.dials.length, 0);
  assert.ok(world.wakes < 40);
  world.isNetworkActive = true;
  world.step();
  assert.ok(world.dials.length > 0);
});

test('T02: times of 30 years and jumps of the wall clock change nothing about waiting', () => {
  const world = new World({}, MANY);
  world.nowMs = 30 * 365 * 24 * 60 * MINUTE_MS;
  world.run(10 * MINUTE_MS);
  assert.deepEqual(world.kinds(), { 'outbound-full-relay': 8, 'block-relay-only': 2 });
  const plan = new ConnectionPlan(USUAL_PLAN, createRng(1));
  const jumpy = new World({}, MANY);
  for (const [i, nowSec] of [NOW_SEC, 0, NOW_SEC + 10 ** 9, 5, NOW_SEC - 10_800].entries()) {
    plan.next(jumpy.state, i * 500, nowSec);
    assert.equal(plan.wakeAtMs(i * 500), (i + 1) * 500);
  }
});

test('the same seed makes the same plan', () => {
  const run = (seed: number) => {
    const world = new World({}, MANY, seed);
    world.run(60 * MINUTE_MS);
    return world.dials.map((dial) => `${dial.atMs} ${dial.kind} ${formatNetAddress(dial.address!)}`).join('\n');
  };
  assert.equal(run(5), run(5));
  assert.notEqual(run(5), run(6));
});
