import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { type FakeConnection, FakeNetwork, versionMessage } from '../../../test/model/fake-network.ts';
import { addressOf } from '../../../test/model/manager-world.ts';
import { ManualTime } from '../../../test/model/manual-time.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { createMemoryPorts, openMemoryChain } from '../../kernel/chain/memory-chain.ts';
import { MemoryDisk } from '../../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { AddressManager } from '../p2p/addrman.ts';
import { singleAddressSubnet } from '../p2p/subnet.ts';
import { ConnectError, nullLogger } from '../ports.ts';
import { formatNetAddress } from '../wire/net-address.ts';
import { MockableClock } from './mock-time.ts';
import { Node, type NodePorts } from './node.ts';
import { listenAt, NODE_DEFAULTS, type NodeOptions } from './node-options.ts';
import { DamagedFileError, SmallFiles } from './small-files.ts';

/** A node and everything around it. */
class World {
  readonly branch: BranchBuilder;
  readonly chain: Chainstate;
  readonly time: ManualTime;
  readonly network: FakeNetwork;
  readonly disk: MemoryDisk;
  readonly lines: string[] = [];
  readonly fatal: unknown[] = [];

  private constructor(branch: BranchBuilder, chain: Chainstate, disk: MemoryDisk) {
    this.branch = branch;
    this.chain = chain;
    this.disk = disk;
    this.time = new ManualTime(branch.tip.header.timeSec + 100);
    this.network = new FakeNetwork(branch.network.magic);
  }

  static async open(disk: MemoryDisk = new MemoryDisk()): Promise<World> {
    const branch = new BranchBuilder();
    branch.mineMany(3);
    const chain = await openMemoryChain(branch.network, {}, createMemoryPorts());
    const world = new World(branch, chain, disk);
    await chain.activate(world.nowSec);
    for (const block of branch.blocks) await chain.submitBlock(block, world.nowSec);
    return world;
  }

  get nowSec(): number {
    return Math.floor(this.time.wallMs() / 1000);
  }

  start(options: Partial<NodeOptions> = {}, ports: Partial<NodePorts> = {}): Promise<Node> {
    const write = (text: string): void => {
      this.lines.push(text);
    };
    return Node.start(
      {
        ...NODE_DEFAULTS,
        params: this.branch.network,
        userAgent: '/test/',
        listen: [listenAt('0.0.0.0', 18_444)],
        connect: [],
        usesDnsSeeds: false,
        usesFixedSeeds: false,
        ...options,
      },
      {
        clock: this.time,
        timers: this.time,
        network: this.network,
        folder: new MemoryFolder('net', this.disk),
        log: { info: write, warn: write, error: write, debug: (_category, text) => write(text()) },
        rng: createRng(9),
        chain: this.chain,
        mempool: null,
        onFatal: (error) => this.fatal.push(error),
        ...ports,
      },
    );
  }

  /** Somebody comes in and introduces himself; what he heard is forgotten. */
  async join(host: string): Promise<FakeConnection> {
    const connection = this.network.comeIn(host);
    connection.say(versionMessage(), { type: 'verack' });
    await this.time.advance(200);
    connection.hear();
    return connection;
  }
}

test('a node listens, answers, and stops with nothing left behind', async () => {
  const world = await World.open();
  const node = await world.start();
  assert.deepEqual([node.listening, world.network.listeningPorts], [[{ host: '0.0.0.0', port: 18_444 }], [18_444]]);
  const connection = await world.join('44.4.4.4');
  connection.say({ type: 'ping', nonce: 4n });
  await world.time.settle();
  assert.deepEqual(connection.hearOf('pong'), [{ type: 'pong', nonce: 4n }]);
  await node.stop();
  await world.time.settle();
  assert.deepEqual([world.network.listeningPorts, connection.isOver, world.time.timerCount], [[], true, 0]);
  assert.deepEqual([node.peers(), world.fatal], [[], []]);
  assert.deepEqual(await new MemoryFolder('net', world.disk).exists('peers.dat'), true);
});

test('stop may be called twice, at the same time and later', async () => {
  const world = await World.open();
  const node = await world.start();
  await Promise.all([node.stop(), node.stop()]);
  await node.stop();
  assert.equal(world.time.timerCount, 0);
});

test('what comes in while the node stops is turned away, and a stopped node takes blocks of its own in silence', async () => {
  const world = await World.open();
  const node = await world.start();
  const peer = await world.join('44.4.4.4');
  const accept = world.network;
  const stopping = node.stop();
  if (accept.listeningPorts.length > 0) assert.equal(accept.comeIn('45.4.4.4').closeCount, 1);
  await stopping;
  const result = await node.submitBlock(world.branch.mine());
  assert.deepEqual([result.outcome, peer.hear()], ['connected', []]);
  assert.equal(node.disconnect(0 as never), false);
  assert.deepEqual(world.fatal, []);
});

test('a place to listen at that is taken ends the start; what was opened before is closed again', async () => {
  const world = await World.open();
  world.network.takenPorts.add(19_000);
  const starting = world.start({ listen: [listenAt('0.0.0.0', 18_444), listenAt('0.0.0.0', 19_000)] });
  await assert.rejects(starting, (error) => error instanceof ConnectError && error.code === 'EADDRINUSE');
  assert.deepEqual([world.network.listeningPorts, world.time.timerCount], [[], 0]);
  await world.chain.submitBlock(world.branch.mine(), world.nowSec);
  assert.deepEqual(world.fatal, [], 'and the chain tells nobody any more');
});

test("a chain that stops in the middle of somebody else's command ends the program with the cause", async () => {
  const world = await World.open();
  const node = await world.start();
  const cause = new StorageError('disk-full', 'blocks', 'no space left');
  world.chain.followTip({ follow: () => Promise.reject(cause), chainStopped: () => undefined });
  const submitting = world.chain.submitBlock(world.branch.mine(), world.nowSec);
  await assert.rejects(submitting, (error) => error === cause);
  assert.deepEqual(world.fatal, [cause]);
  await node.stop();
  assert.deepEqual(world.fatal, [cause]);
});

test('a start that fails says why, also when it cannot clean up', async () => {
  const world = await World.open();
  world.network.takenPorts.add(18_444);
  world.disk.inject = ({ kind }) => (kind === 'sync' ? { kind: 'fail', code: 'disk-full', message: 'full' } : null);
  await assert.rejects(world.start(), ConnectError);
});

test('E09: a damaged table of addresses ends the start before anything is opened', async () => {
  const world = await World.open();
  const file = await new MemoryFolder('net', world.disk).open('peers.dat', 'create');
  await file.write(0, new Uint8Array(100));
  await assert.rejects(world.start(), DamagedFileError);
  assert.deepEqual([world.network.listeningPorts, world.time.timerCount], [[], 0]);
});

test('stop while dialling waits for the attempt and keeps nothing of it', async () => {
  const world = await World.open();
  const node = await world.start({ connect: ['1.2.3.4'] });
  await world.time.advance(1000);
  assert.equal(world.network.dials.length, 1);
  const stopping = node.stop();
  await world.time.settle();
  const connection = world.network.dials[0]!.accept();
  await stopping;
  assert.deepEqual([connection.closeCount, node.peers(), world.time.timerCount], [1, [], 0]);
});

test('a connection that ends in the middle of the handshake leaves nothing', async () => {
  const world = await World.open();
  const node = await world.start();
  const connection = world.network.comeIn('44.4.4.4');
  connection.say(versionMessage());
  connection.cut('reset');
  await world.time.advance(1000);
  assert.deepEqual([node.peers(), world.fatal], [[], []]);
  await node.stop();
});

test('a node that dials itself finds out', async () => {
  const world = await World.open();
  const node = await world.start({ connect: ['1.2.3.4'] });
  await world.time.advance(1000);
  const outward = world.network.dials[0]!.accept();
  await world.time.settle();
  const [version] = outward.hearOf('version');
  const inward = world.network.comeIn('1.2.3.4');
  inward.say(version!);
  await world.time.settle();
  assert.deepEqual([inward.isOver, outward.isOver], [true, false]);
  assert.ok(world.lines.includes('connected to self at 1.2.3.4:50000, disconnecting'));
  await node.stop();
});

test('a block of our own is told to peers, compact before they could ask', async () => {
  const world = await World.open();
  const node = await world.start();
  const peer = await world.join('44.4.4.4');
  peer.say({ type: 'sendcmpct', announce: 1, version: 2n });
  peer.say({ type: 'headers', headers: world.branch.blocks.map(({ header }) => header) });
  const other = await world.join('45.4.4.4');
  const block = world.branch.mine();
  assert.equal((await node.submitBlock(block)).outcome, 'connected');
  await world.time.advance(200);
  assert.equal(peer.hearOf('cmpctblock').length, 1);
  assert.equal(other.hearOf('inv').length, 1);
  await node.stop();
});

test('a block of a peer goes into the chain, and an invalid one costs all connections from its address', async () => {
  const world = await World.open();
  const node = await world.start();
  const peer = await world.join('44.4.4.4');
  const twin = await world.join('44.4.4.4');
  const other = await world.join('45.4.4.4');
  const good = world.branch.mine();
  peer.say({ type: 'headers', headers: [good.header] }, { type: 'block', block: good });
  await world.time.settle();
  assert.equal(world.chain.height, 4);
  const bad = world.branch.fork().mineOverpaid();
  peer.say({ type: 'headers', headers: [bad.header] }, { type: 'block', block: bad });
  await world.time.settle();
  assert.deepEqual([peer.isOver, twin.isOver, other.isOver, world.chain.height], [true, true, false, 4]);
  assert.ok(node.isUnwelcome('44.4.4.4'));
  assert.ok(!node.isUnwelcome('45.4.4.4'));
  assert.ok(world.lines.includes('disconnect by subnet match, disconnecting peer=1'));
  await node.stop();
});

test('C36, J01: a chain that fails is told to the owner of the node, who can stop it in order', async () => {
  const world = await World.open();
  const node = await world.start();
  const peer = await world.join('44.4.4.4');
  const block = world.branch.mine();
  world.chain.signals.blockChecked.subscribe(() => {
    throw new TypeError('a bug of a listener');
  });
  peer.say({ type: 'headers', headers: [block.header] }, { type: 'block', block });
  await world.time.settle();
  assert.deepEqual([...new Set(world.fatal)].map(String), ['TypeError: a bug of a listener']);
  assert.equal(peer.isOver, false, 'the peer is not to blame');
  await node.stop();
  assert.equal(world.time.timerCount, 0);
});

test('J01: a bug in the regular work reaches the owner and not the host', async () => {
  const world = await World.open();
  let isBroken = false;
  const rng = createRng(9);
  const node = await world.start(
    {},
    {
      rng,
      clock: {
        wallMs: () => {
          if (isBroken) throw new TypeError('a bug');
          return world.time.wallMs();
        },
        monotonicMs: () => world.time.monotonicMs(),
      },
    },
  );
  await world.join('44.4.4.4');
  isBroken = true;
  await world.time.advance(100);
  assert.ok(world.fatal.length > 0 && world.fatal.every((error) => error instanceof TypeError));
  isBroken = false;
  await node.stop();
});

function filesOf(world: World): SmallFiles {
  return new SmallFiles(new MemoryFolder('net', world.disk), world.branch.network.magic, nullLogger);
}

function fortyAddresses(nowSec: number): AddressManager {
  const known = new AddressManager(createRng(1).bytes(32), createRng(2));
  for (let i = 0; i < 40; i++) {
    const entry = { timeSec: nowSec, services: 9n, address: addressOf(`${60 + i}.1.1.1:8333`) };
    known.add([entry], addressOf(`${60 + i}.2.2.2:8333`), 0, nowSec);
  }
  return known;
}

test('S13, E03: addresses, bans and anchors of one run are there in the next', async () => {
  const world = await World.open();
  await filesOf(world).saveAddresses(fortyAddresses(world.nowSec));
  const node = await world.start({ connect: null });
  node.banList.ban(singleAddressSubnet(addressOf('44.6.6.6:0')), world.nowSec + 86_400, world.nowSec);
  for (let i = 0; i < 10; i++) {
    await world.time.advance(1000);
    for (const dial of world.network.dials.splice(0)) {
      const connection = dial.accept();
      await world.time.settle();
      connection.say(versionMessage(), { type: 'verack' });
    }
  }
  await world.time.settle();
  const anchors = node.peers().filter(({ kind }) => kind === 'block-relay-only');
  assert.deepEqual([node.peers().length, anchors.length], [10, 2]);
  await node.stop();
  const next = await World.open(world.disk);
  next.network.isDown = true;
  const again = await next.start({ connect: null });
  await next.time.advance(2000);
  const firstDials = next.network.dials.slice(0, 2).map(({ remote }) => `${remote.host}:${remote.port}`);
  assert.deepEqual(firstDials.sort(), anchors.map(({ address }) => address).sort(), 'anchors come first');
  assert.ok(next.lines.includes('Loaded 40 addresses from peers.dat'));
  assert.ok(again.isUnwelcome('44.6.6.6'));
  const banned = next.network.comeIn('44.6.6.6');
  assert.equal(banned.closeCount, 1);
  assert.ok(next.lines.includes('connection from 44.6.6.6:50000 dropped (banned)'));
  await again.stop();
});

test('E03: of block-relay peers those become anchors first that have introduced themselves, and none with -connect', async () => {
  const world = await World.open();
  await filesOf(world).saveAddresses(fortyAddresses(world.nowSec));
  const node = await world.start({ connect: null });
  let dialCount = 0;
  for (let i = 0; i < 10; i++) {
    await world.time.advance(1000);
    for (const dial of world.network.dials.splice(0)) {
      const connection = dial.accept();
      await world.time.settle();
      // the last to be dialled says who it is, the others are silent
      if (++dialCount === 10) connection.say(versionMessage(), { type: 'verack' });
    }
  }
  await world.time.settle();
  const [silent, introduced] = node.peers().filter(({ kind }) => kind === 'block-relay-only');
  assert.deepEqual([silent?.isEstablished, introduced?.isEstablished], [false, true]);
  await node.stop();
  const anchors = await filesOf(world).takeAnchors();
  assert.deepEqual(
    anchors.map(({ address, services }) => [formatNetAddress(address), services !== 0n]),
    [
      [introduced?.address, true],
      [silent?.address, false],
    ],
  );
});

test('T02: bans and connections outlive a wall clock that jumps, and nobody is disconnected for it', async () => {
  const world = await World.open();
  const node = await world.start();
  const peers = [await world.join('44.4.4.4'), await world.join('45.4.4.4')];
  const startMs = world.time.wallMsNow;
  for (const jumpMs of [3 * 3_600_000, -3 * 3_600_000, 10 * 365 * 86_400_000, -startMs]) {
    world.time.wallMsNow = startMs + jumpMs;
    await world.time.advance(2000);
    assert.deepEqual(
      peers.map(({ isOver }) => isOver),
      [false, false],
    );
  }
  assert.deepEqual(world.fatal, []);
  await node.stop();
});

test('when the clock was set by hand, what is due is done at once', async () => {
  const world = await World.open();
  const clock = new MockableClock(world.time);
  const node = await world.start({}, { clock });
  const connection = await world.join('44.4.4.4');
  // The ping that began has no answer; after twenty minutes that is the end.
  clock.setMockTime(world.nowSec + 1_300);
  await world.time.settle();
  assert.equal(connection.isOver, false);
  node.clockWasSet();
  await world.time.settle();
  assert.equal(connection.isOver, true);
  await node.stop();
  node.clockWasSet();
});

test('what a node tells of its connections is plain data', async () => {
  const world = await World.open();
  const node = await world.start();
  await world.join('44.4.4.4');
  const [info] = node.peers();
  assert.ok(info !== undefined);
  const { host, address, kind, isEstablished, userAgent, startHeight, inFlightCount } = info;
  assert.deepEqual(
    { host, address, kind, isEstablished, userAgent, startHeight, inFlightCount },
    {
      host: '44.4.4.4',
      address: '44.4.4.4:50000',
      kind: 'inbound',
      isEstablished: true,
      userAgent: '/stranger/',
      startHeight: 0,
      inFlightCount: 0,
    },
  );
  assert.ok(info.memoryBytes >= 40_000 && info.bytesReceived > 0 && info.bytesSent > 0);
  assert.ok(node.disconnect(info.id));
  await world.time.settle();
  assert.deepEqual(node.peers(), []);
  assert.ok(world.lines.includes('disconnect by id, disconnecting peer=0'));
  await node.stop();
});

test('D18: at most so many come in, and whoever would be one too many is told nothing', async () => {
  const world = await World.open();
  // 8 + 2 + 1 of 15 are for connections of our own.
  const node = await world.start({ connectionCountMax: 15 });
  const all = Array.from({ length: 20 }, (_, i) => world.network.comeIn(`${50 + i}.1.1.1`));
  await world.time.settle();
  assert.equal(all.filter(({ isOver }) => !isOver).length, 4);
  assert.equal(node.peers().length, 4);
  await node.stop();
});

/** Two addresses of I2P. */
const I2P = 'ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p';
const OWN_I2P = 'c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p';

test('who comes by I2P is a peer like others, and is told of our address there while there is one', async () => {
  const world = await World.open();
  const i2p = { sam: { host: '127.0.0.1', port: 7656 }, acceptsIncoming: true };
  const node = await world.start({ i2p });
  const own = (): readonly string[] => node.control.localAddresses.map(({ address }) => formatNetAddress(address));
  world.network.i2p!.onAddress(OWN_I2P);
  assert.deepEqual(own(), [`${OWN_I2P}:0`]);
  const connection = world.network.comeByI2p(I2P, OWN_I2P);
  connection.say(versionMessage(), { type: 'verack' });
  await world.time.advance(200);
  const [peer] = node.control.peers();
  assert.deepEqual([peer?.address, peer?.localAddress], [`${I2P}:0`, `${OWN_I2P}:0`]);
  assert.deepEqual([peer?.network, peer?.kind, peer?.isEstablished], ['i2p', 'inbound', true]);
  assert.deepEqual([...node.control.reachableNetworks], ['ipv4', 'ipv6', 'i2p']);
  assert.deepEqual(node.control.proxyOf('i2p'), { endpoint: i2p.sam, isRandomized: false });
  world.network.i2p!.onAddress(null);
  assert.deepEqual(own(), []);
  node.control.ban(singleAddressSubnet(addressOf(`${I2P}:0`)), 60, false);
  await world.time.settle();
  assert.equal(connection.isOver, true);
  assert.equal(world.network.comeByI2p(I2P, OWN_I2P).closeCount, 1, 'who is banned is not let in');
  await node.stop();
  assert.equal(world.network.i2p, null);
  assert.deepEqual(world.fatal, []);
});

test('addresses of fc00::/8 are of CJDNS on a machine that is in that network, and of nothing on others', async () => {
  for (const usesCjdns of [true, false]) {
    const world = await World.open();
    const node = await world.start({ usesCjdns, externalHosts: ['fc00::1'] });
    await world.join('fc00::9');
    const [peer] = node.control.peers();
    assert.deepEqual([peer?.network, peer?.address], [usesCjdns ? 'cjdns' : 'unroutable', '[fc00::9]:50000']);
    const own = node.control.localAddresses.map(({ address }) => address.network);
    assert.deepEqual(own, usesCjdns ? ['cjdns'] : []);
    assert.equal(node.control.reachableNetworks.has('cjdns'), usesCjdns);
    await node.stop();
  }
});
