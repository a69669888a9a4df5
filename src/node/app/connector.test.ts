import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USUAL_PLAN } from '../../../test/model/connection-plan-options.ts';
import { FakeNetwork } from '../../../test/model/fake-network.ts';
import { addressOf } from '../../../test/model/manager-world.ts';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { PlannedConnection } from '../p2p/address-choice.ts';
import { AddressManager } from '../p2p/addrman.ts';
import { ConnectionPlan, type ConnectionPlanOptions } from '../p2p/connection-plan.ts';
import type { Clock } from '../ports.ts';
import { formatNetAddress, type Network } from '../wire/net-address.ts';
import { Connector, type Dialled } from './connector.ts';

const NOW = 1_700_000_000;
const { magic } = createRegtestParams();

class World {
  readonly time: ManualTime = new ManualTime(NOW);
  readonly network: FakeNetwork = new FakeNetwork(magic);
  readonly addressManager: AddressManager = new AddressManager(createRng(1).bytes(32), createRng(2));
  readonly dialled: Dialled[] = [];
  readonly lines: string[] = [];
  readonly fatal: unknown[] = [];
  readonly unwanted: Set<string> = new Set();
  readonly connections: PlannedConnection[] = [];
  readonly connector: Connector;
  lookCount = 0;

  constructor(options: Partial<ConnectionPlanOptions> = {}, clock: Clock | null = null) {
    const plan = new ConnectionPlan(
      { ...USUAL_PLAN, isAutomatic: false, defaultPort: 18_444, ...options },
      createRng(3),
    );
    const write = (text: string): void => {
      this.lines.push(text);
    };
    this.connector = new Connector({
      plan,
      addressManager: this.addressManager,
      network: this.network,
      clock: clock ?? this.time,
      timers: this.time,
      log: { info: write, warn: write, error: write, debug: (_category, text) => write(text()) },
      rng: createRng(4),
      defaultPort: 18_444,
      reachable: new Set(options.reachable ?? ['ipv4', 'ipv6']),
      timeoutMs: 5000,
      connections: () => {
        this.lookCount++;
        return this.connections;
      },
      blocksBehind: () => 0,
      isOwn: () => false,
      isUnwanted: (address) => this.unwanted.has(formatNetAddress(address)),
      onConnected: (dialled) => {
        this.dialled.push(dialled);
        const { kind, address, name } = dialled;
        this.connections.push({ kind, address, name, isEstablished: false });
      },
      onFatal: (error) => this.fatal.push(error),
    });
  }

  get dialledHosts(): readonly string[] {
    return this.network.dials.map(({ remote }) => `${remote.host}:${remote.port}`);
  }
}

test('what the operator asked for is dialled, and handed on when it is there', async () => {
  const world = new World({ connect: ['1.2.3.4', '[2001:db8::1]:99'] });
  world.connector.start();
  await world.time.advance(2000);
  assert.deepEqual(world.dialledHosts, ['1.2.3.4:18444', '2001:db8::1:99']);
  const connection = world.network.dials[0]!.accept();
  await world.time.settle();
  const [one] = world.dialled;
  assert.deepEqual([world.dialled.length, one?.connection, one?.kind, one?.name], [1, connection, 'manual', '1.2.3.4']);
  await world.time.advance(60_000);
  assert.deepEqual(
    world.dialledHosts.length,
    2,
    'while it is there, and while the other is being dialled, nothing is dialled again',
  );
  world.network.dials[1]!.refuse();
  await world.time.advance(120_000);
  assert.ok(world.dialledHosts.length > 2, 'a refusal is no reason to give up');
});

test('every address of a name is tried, in some order, until one answers', async () => {
  const world = new World({ connect: ['node.example'] });
  world.network.names.set('node.example', ['1.1.1.1', '2.2.2.2', 'not an address', '3.3.3.3']);
  world.connector.start();
  await world.time.advance(1000);
  const seen = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const dial = world.network.dials.at(-1)!;
    seen.add(dial.remote.host);
    if (i < 2) dial.refuse();
    else dial.accept();
    await world.time.settle();
  }
  assert.deepEqual([...seen].sort(), ['1.1.1.1', '2.2.2.2', '3.3.3.3']);
  assert.equal(world.dialled.length, 1);
  assert.equal(formatNetAddress(world.dialled[0]!.address), `${world.network.dials.at(-1)!.remote.host}:18444`);
});

test('E05: a name with a thousand addresses costs eight attempts, one that does not exist none', async () => {
  const world = new World({ connect: ['many.example', 'no.example'] });
  world.network.names.set(
    'many.example',
    Array.from({ length: 1000 }, (_, i) => `9.9.${i >>> 8}.${i & 255}`),
  );
  world.connector.start();
  await world.time.advance(1000);
  let count = 0;
  for (; count < 20 && world.network.dials.length > count; count++) {
    world.network.dials[count]!.refuse();
    await world.time.settle();
  }
  assert.equal(count, 8);
  assert.deepEqual(world.fatal, []);
  assert.ok(world.lines.includes('no.example'));
});

test('a clock that was set and stands still does not stop the attempts', async () => {
  const world = new World({ connect: ['1.2.3.4'] }, { wallMs: () => NOW * 1000, monotonicMs: () => NOW * 1000 });
  world.network.isDown = true;
  world.connector.start();
  await world.time.advance(60_000);
  assert.ok(world.network.dials.length > 5, `${world.network.dials.length} attempts`);
});

test('a name is handed to a proxy as it is, and never looked up', async () => {
  const world = new World({ connect: ['node.example:99', '8.8.8.8'], hasNameProxy: true });
  Object.assign(world.network, { dialsNames: true });
  world.connector.start();
  await world.time.advance(1000);
  assert.deepEqual([...world.dialledHosts].sort(), ['8.8.8.8:18444', 'node.example:99']);
});

test('an attempt is noted by the address manager; whom we do not want is not dialled, unless by the operator', async () => {
  const world = new World({ isAutomatic: true });
  const address = addressOf('9.9.9.9:8333');
  world.addressManager.add([{ timeSec: NOW, services: 9n, address }], addressOf('8.8.8.8:8333'), 0, NOW);
  world.unwanted.add('9.9.9.9:8333');
  world.connector.start();
  await world.time.advance(10_000);
  assert.deepEqual(world.dialledHosts, []);
  world.unwanted.clear();
  await world.time.advance(10_000);
  assert.deepEqual(world.dialledHosts, ['9.9.9.9:8333']);
  world.network.dials[0]!.refuse();
  await world.time.settle();
  assert.ok((world.addressManager.info(address)?.lastTrySec ?? 0) >= NOW);
  const manual = new World({ connect: ['9.9.9.9:8333'] });
  manual.unwanted.add('9.9.9.9:8333');
  manual.connector.start();
  await manual.time.advance(1000);
  assert.deepEqual(manual.dialledHosts, ['9.9.9.9:8333']);
});

test('whoever cannot be tried because a proxy is away has not been tried', async () => {
  const world = new World({ isAutomatic: true });
  const address = addressOf('9.9.9.9:8333');
  world.addressManager.add([{ timeSec: NOW, services: 9n, address }], addressOf('8.8.8.8:8333'), 0, NOW);
  world.connector.start();
  await world.time.advance(10_000);
  world.network.dials[0]!.break();
  await world.time.settle();
  assert.equal(world.addressManager.info(address)?.lastTrySec ?? 0, 0);
  assert.deepEqual(world.fatal, []);
});

test('addresses of I2P have no port, and those of CJDNS are what they are where there is such a network', async () => {
  const host = 'ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p';
  const dialled = async (reachable: readonly Network[]): Promise<Dialled | undefined> => {
    const world = new World({ connect: [host, 'fc00::1'], reachable: new Set(reachable) });
    world.connector.start();
    await world.time.advance(2000);
    assert.deepEqual(world.dialledHosts, [`${host}:0`, 'fc00::1:18444']);
    world.network.dials[1]!.accept();
    await world.time.settle();
    return world.dialled[0];
  };
  assert.equal((await dialled(['ipv6', 'i2p']))?.address.network, 'ipv6');
  assert.equal((await dialled(['ipv6', 'i2p', 'cjdns']))?.address.network, 'cjdns');
});

test('E05: a seed that does not answer is told to the plan, and the program goes on', async () => {
  const world = new World({ isAutomatic: true, dnsSeeds: ['seed.example'] });
  world.connector.start();
  await world.time.advance(60_000);
  assert.ok(world.lines.includes('Loading addresses from DNS seed seed.example'));
  assert.ok(world.lines.some((line) => line.endsWith('seed.example')));
  assert.deepEqual(world.fatal, []);
});

test('stop while dialling waits for the attempt, and closes what it brings', async () => {
  const world = new World({ connect: ['1.2.3.4'] });
  world.connector.start();
  await world.time.advance(1000);
  let isStopped = false;
  const stopped = world.connector.stop().then(() => {
    isStopped = true;
  });
  await world.time.settle();
  assert.equal(isStopped, false);
  const connection = world.network.dials[0]!.accept();
  await stopped;
  assert.deepEqual([world.dialled.length, connection.closeCount, world.time.timerCount], [0, 1, 0]);
  await world.connector.stop();
  world.connector.changed();
  assert.equal(world.time.timerCount, 0, 'no timer is left behind');
});

test('stop while a name is looked up dials nothing any more', async () => {
  const world = new World({ connect: ['node.example'] });
  let answer: (hosts: readonly string[]) => void = () => undefined;
  world.network.resolve = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  world.connector.start();
  await world.time.advance(1000);
  const stopped = world.connector.stop();
  answer(['1.1.1.1', '2.2.2.2']);
  await stopped;
  assert.deepEqual(world.dialledHosts, []);
});

test('D18: who connects to us without a pause does not keep us from connecting', async () => {
  const world = new World({ connect: ['1.2.3.4'] });
  world.connector.start();
  const before = world.lookCount;
  // Ten changes in every millisecond.
  for (let i = 0; i < 1000; i++) {
    for (let j = 0; j < 10; j++) world.connector.changed();
    await world.time.advance(0.5);
  }
  assert.ok(world.lookCount - before >= 400, `${world.lookCount - before} looks in half a second`);
  assert.equal(world.time.timerCount, 1);
});

test('J01: a bug while looking or dialling stops the node and not the program', async () => {
  const world = new World({ connect: ['1.2.3.4'] });
  const bug = new TypeError('a bug');
  world.network.dial = () => Promise.reject(bug);
  world.connector.start();
  await world.time.advance(1000);
  assert.deepEqual(world.fatal, [bug]);
  await world.connector.stop();
});

test('who dials at once learns when there is a connection, or none, and at once when there is to be none', async () => {
  const world = new World();
  const ended: string[] = [];
  const dial = (host: string): void => {
    const step = {
      type: 'dial',
      kind: 'manual',
      address: addressOf(host),
      name: host,
      isFailureCounted: false,
      wantsEncryption: false,
    } as const;
    void world.connector.dialNow(step).then(() => ended.push(`${host}, ${world.dialled.length} connected`));
  };
  world.connector.start();
  dial('1.2.3.4:1');
  dial('1.2.3.4:2');
  await world.time.settle();
  assert.deepEqual(ended, []);
  world.network.dials[0]!.accept();
  await world.time.settle();
  assert.deepEqual(ended, ['1.2.3.4:1, 1 connected']);
  world.network.dials[1]!.refuse();
  await world.time.settle();
  assert.deepEqual(ended.slice(1), ['1.2.3.4:2, 1 connected']);
  world.connector.setNetworkActive(false);
  dial('1.2.3.4:3');
  await world.time.settle();
  assert.deepEqual(ended.slice(2), ['1.2.3.4:3, 1 connected']);
});

test('M13: a connection for a private broadcast is never made straight', async () => {
  const world = new World();
  world.connector.start();
  const address = addressOf('44.3.2.1:8333');
  const kind = 'private-broadcast';
  const dial = { type: 'dial', kind, address, name: null, isFailureCounted: true, wantsEncryption: false } as const;
  assert.equal(await world.connector.dialNow(dial), false);
  assert.deepEqual([world.network.dials.length, world.dialled.length], [0, 0]);
  await world.connector.stop();
});
