// A whole node that Tor brings connections to: what Tor is asked for, what peers are told, and what can be reached since Tor has said
// how. Sockets are real but for that to Tor, which a test plays.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listenAt, type NodeOptions } from '../../src/node/app/node-options.ts';
import { TorController } from '../../src/node/app/tor-controller.ts';
import { nullLogger, type SocksProxy } from '../../src/node/ports.ts';
import { formatNetAddress } from '../../src/node/wire/net-address.ts';
import { hostTimers } from '../../src/platform/node/host-time.ts';
import { hostTorSecrets } from '../../src/platform/node/tor-secrets.ts';
import { TOR_SERVICE_ID, TorDouble } from '../model/tor-double.ts';
import { NodeFixture } from './node-fixture.ts';

/** Of the service, at the port of the ledger. */
const ADDRESS = `${TOR_SERVICE_ID}.onion:18444`;

const TOR_OPTIONS = { control: { host: '127.0.0.1', port: 9051 }, password: '', asksForProxy: true, isAskedFor: true };

interface Scene {
  readonly fixture: NodeFixture;
  readonly tor: TorDouble;
  readonly used: readonly SocksProxy[];
}

async function start(t: TestContext, node: Partial<NodeOptions>): Promise<Scene> {
  const tor = new TorDouble();
  const used: SocksProxy[] = [];
  const options = { ...TOR_OPTIONS, ...node.tor };
  const onionService = new TorController({
    ...options,
    network: tor,
    connectTimeoutMs: 5000,
    useProxy: (proxy) => used.push(proxy),
    keys: { load: async () => null, save: async () => undefined },
    secrets: hostTorSecrets,
    timers: hostTimers,
    log: nullLogger,
  });
  const fixture = await NodeFixture.start(t, { node: { ...node, tor: options }, onionService });
  await fixture.until(() => tor.told.some((line) => line.startsWith('ADD_ONION')), 'a service that is asked for');
  return { fixture, tor, used };
}

function toldAddresses({ node }: NodeFixture): readonly string[] {
  return node.control.localAddresses.map(({ address }) => formatNetAddress(address));
}

test('Tor brings connections to the place for it; our address is told as long as it does', async (t) => {
  const listen = [listenAt('127.0.0.1', 0), listenAt('127.0.0.1', 0, true)];
  const { fixture, tor, used } = await start(t, { listen });
  const [, place] = fixture.node.listening;
  assert.match(tor.told.at(-1)!, new RegExp(` Port=18444,127\\.0\\.0\\.1:${place!.port}$`));
  await fixture.until(() => toldAddresses(fixture).includes(ADDRESS), 'an address');
  const { control } = fixture.node;
  const proxy = { endpoint: { host: '127.0.0.1', port: 9150 }, isRandomized: true };
  assert.deepEqual([control.proxyOf('onion'), used], [proxy, [proxy]]);
  assert.ok(control.reachableNetworks.has('onion'));
  tor.isDown = true;
  tor.links[0]!.cut();
  await fixture.until(() => !toldAddresses(fixture).includes(ADDRESS), 'no address');
  tor.isDown = false;
  await fixture.until(() => toldAddresses(fixture).includes(ADDRESS), 'the address again');
});

test('without a place for Tor it is the first for everybody', async (t) => {
  const { fixture, tor } = await start(t, {});
  assert.match(tor.told.at(-1)!, new RegExp(`,127\\.0\\.0\\.1:${fixture.port}$`));
});

test('an operator who does not want the onion network is not led into it', async (t) => {
  const { fixture } = await start(t, { onlyNetworks: ['ipv4'] });
  const { control } = fixture.node;
  await fixture.until(() => control.proxyOf('onion') !== null, 'a proxy');
  assert.deepEqual([control.reachableNetworks.has('onion'), toldAddresses(fixture)], [false, []]);
  const none = await start(t, { tor: { ...TOR_OPTIONS, asksForProxy: false } });
  assert.equal(none.tor.told.includes('GETINFO net/listeners/socks'), false);
  assert.equal(none.fixture.node.control.reachableNetworks.has('onion'), false);
});

test('the connection to Tor ends with the node', async (t) => {
  const { fixture, tor } = await start(t, {});
  await fixture.node.stop();
  await fixture.until(() => tor.open.length === 0, 'no connection');
  assert.deepEqual(toldAddresses(fixture), []);
});
