import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { Connection, ConnectionHandler, Endpoint, Network } from '../ports.ts';
import { ProxiedNetwork, type Proxies } from './proxied-network.ts';

/** A connection that keeps what is sent. */
class RawConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint = { host: '127.0.0.1', port: 5 };
  readonly queuedBytes = 0;
  readonly sent: string[] = [];
  isReading = true;
  isClosed = false;
  handler: ConnectionHandler | null = null;

  constructor(remote: Endpoint) {
    this.remote = remote;
  }

  start(handler: ConnectionHandler): void {
    this.handler = handler;
  }

  send(bytes: Uint8Array): void {
    this.sent.push(toHex(bytes));
  }

  setReading(isReading: boolean): void {
    this.isReading = isReading;
  }

  close(): void {
    this.isClosed = true;
  }

  give(hex: string): void {
    this.handler?.onBytes(fromHex(hex));
  }
}

const proxyAt = (port: number, isRandomized = false) => ({ endpoint: { host: '10.0.0.1', port }, isRandomized });

class World {
  readonly time: ManualTime = new ManualTime(1_700_000_000);
  readonly made: RawConnection[] = [];
  readonly network: ProxiedNetwork;

  constructor(proxies: Proxies) {
    const inner: Network = {
      dial: async (remote) => {
        const connection = new RawConnection(remote);
        this.made.push(connection);
        return connection;
      },
      listen: () => Promise.reject(new Error('nobody listens')),
      resolve: async () => [],
      localHosts: () => [],
    };
    this.network = new ProxiedNetwork(inner, proxies, this.time, createRng(1));
  }

  /** Dials, and lets the connection to the proxy come about. */
  async dial(host: string, port = 1): Promise<{ readonly dialled: Promise<Connection>; readonly raw: RawConnection }> {
    const dialled = this.network.dial({ host, port }, 1000);
    dialled.catch(() => undefined);
    await new Promise(setImmediate);
    return { dialled, raw: this.made.at(-1)! };
  }
}

const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';

test('each kind of network has its proxy, this machine has none, and names go where a proxy looks them up', async () => {
  const byNetwork = new Map([
    ['ipv4', proxyAt(4)],
    ['onion', proxyAt(9)],
  ] as const);
  const world = new World({ byNetwork, forNames: proxyAt(7) });
  assert.equal(world.network.dialsNames, true);
  for (const [host, port] of [
    ['8.8.8.8', 4],
    [ONION, 9],
    ['seed.example', 7],
  ] as const) {
    assert.deepEqual((await world.dial(host)).raw.remote, { host: '10.0.0.1', port });
  }
  for (const host of ['127.0.0.1', '192.168.0.1', '2a00::1']) {
    assert.deepEqual((await world.dial(host)).raw.remote, { host, port: 1 });
  }
});

test('an onion address is never handed to the resolver of this machine', async () => {
  const world = new World({ byNetwork: new Map(), forNames: null });
  await assert.rejects(world.network.dial({ host: ONION, port: 1 }, 1000), { code: 'ENETUNREACH' });
  assert.equal(world.made.length, 0);
});

test('a proxy that is named later is used from then on, in place of the one before', async () => {
  const world = new World({ byNetwork: new Map([['ipv4', proxyAt(4)]]), forNames: null });
  for (const port of [9, 10]) {
    world.network.useProxy('onion', proxyAt(port));
    assert.deepEqual((await world.dial(ONION)).raw.remote, { host: '10.0.0.1', port });
  }
  assert.deepEqual((await world.dial('8.8.8.8')).raw.remote, { host: '10.0.0.1', port: 4 });
});

test('a connection begins where the talk with the proxy ends, and loses nothing of it', async () => {
  const world = new World({ byNetwork: new Map([['ipv4', proxyAt(4)]]), forNames: null });
  const { dialled, raw } = await world.dial('8.8.8.8', 0x1234);
  raw.give('0500');
  raw.give('05000001000000000000' + 'aabb');
  const connection = await dialled;
  assert.deepEqual(raw.sent, ['050100', '0501000307' + '382e382e382e38' + '1234']);
  assert.deepEqual(connection.remote, { host: '8.8.8.8', port: 0x1234 });
  assert.equal(raw.isReading, false);
  raw.give('cc');
  const heard: string[] = [];
  connection.start({
    onBytes: (bytes) => heard.push(toHex(bytes)),
    onSent: () => undefined,
    onClosed: (reason) => heard.push(`closed ${reason}`),
  });
  assert.deepEqual(heard, []);
  await world.time.advance(1);
  raw.give('dd');
  raw.handler?.onClosed('gone');
  assert.equal(raw.isReading, true);
  assert.deepEqual(heard, ['aabbcc', 'dd', 'closed gone']);
});

test('every connection shows the proxy another name where that is wanted', async () => {
  const world = new World({ byNetwork: new Map([['ipv4', proxyAt(4, true)]]), forNames: null });
  const names: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { raw } = await world.dial('8.8.8.8');
    raw.give('0502');
    names.push(raw.sent[1]!);
  }
  assert.deepEqual(
    names.map((hex) => hex.slice(-4)),
    ['2d30', '2d31'],
  );
});

test('a proxy that refuses, goes away or says nothing ends the attempt and its connection', async () => {
  const world = new World({ byNetwork: new Map([['ipv4', proxyAt(4)]]), forNames: null });
  const refused = await world.dial('8.8.8.8');
  refused.raw.give('0500');
  refused.raw.give('0504');
  await assert.rejects(refused.dialled, /Socks5\(\) connect to 8\.8\.8\.8:1 failed: host unreachable/);
  assert.equal(refused.raw.isClosed, true);
  const gone = await world.dial('8.8.8.8');
  gone.raw.handler?.onClosed(null);
  await assert.rejects(gone.dialled, /the proxy has closed the connection/);
  const silent = await world.dial('8.8.8.8');
  await world.time.advance(20_000);
  await assert.rejects(silent.dialled, /the proxy does not answer/);
  assert.equal(silent.raw.isClosed, true);
});

test('M13: a private connection goes through Tor, whatever proxy is meant for its network, and never straight', async () => {
  const byNetwork = new Map([
    ['ipv4', proxyAt(4)],
    ['onion', proxyAt(9)],
  ] as const);
  const world = new World({ byNetwork, forNames: proxyAt(7) });
  for (const host of ['8.8.8.8', '2a00::1', ONION]) {
    void world.network.dialPrivately({ host, port: 1 }, 1000).catch(() => undefined);
    await new Promise(setImmediate);
    assert.deepEqual(world.made.at(-1)!.remote, { host: '10.0.0.1', port: 9 }, host);
  }
  const count = world.made.length;
  // this machine, a private network, a name
  for (const host of ['127.0.0.1', '192.168.0.1', 'seed.example']) {
    await assert.rejects(world.network.dialPrivately({ host, port: 1 }, 1000), { code: 'ENETUNREACH' }, host);
  }
  const without = new World({ byNetwork: new Map([['ipv4', proxyAt(4)]]), forNames: proxyAt(7) });
  await assert.rejects(without.network.dialPrivately({ host: '8.8.8.8', port: 1 }, 1000), { code: 'ENETUNREACH' });
  assert.deepEqual([world.made.length, without.made.length], [count, 0]);
});
