// A transaction that is sent privately, over real sockets: through a proxy that stands for Tor to three peers, each of which learns
// the transaction and nothing else, and back from somebody else into the mempool.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { ProxiedNetwork } from '../../src/node/app/proxied-network.ts';
import { formatNetAddress, type NetAddress } from '../../src/node/wire/net-address.ts';
import { MSG_TX } from '../../src/node/wire/protocol.ts';
import { hostTimers } from '../../src/platform/node/host-time.ts';
import type { NodeFixture } from './node-fixture.ts';
import { joinRelay, openPayments, startPaymentNode, txMessage } from './payment-scene.ts';
import { makeVersion } from './raw-peer.ts';
import { inventory } from './requests.ts';
import { type ProxiedPeer, SocksDouble } from './socks-double.ts';

const payments = openPayments();

/** Addresses in Tor, of which nobody has the keys. */
const ONIONS: readonly NetAddress[] = [1, 2, 3, 4, 5, 6].map((fill) => ({
  network: 'onion',
  bytes: new Uint8Array(32).fill(fill),
  port: 8333,
}));

/** Somebody who told of them. */
const SOURCE: NetAddress = { network: 'ipv4', bytes: Uint8Array.of(44, 3, 2, 1), port: 8333 };

interface Scene {
  readonly fixture: NodeFixture;
  /** Connections that came through the proxy, in order. */
  readonly proxied: readonly ProxiedPeer[];
}

/** A node that sends privately and knows nobody but in Tor. */
async function start(t: TestContext): Promise<Scene> {
  const proxied: ProxiedPeer[] = [];
  const tor = await SocksDouble.open((one) => proxied.push(one));
  t.after(() => {
    for (const { peer } of proxied) peer.close();
    tor.close();
  });
  const onion = { endpoint: { host: '127.0.0.1', port: tor.port }, isRandomized: false };
  const proxies = { byNetwork: new Map([['onion', onion]] as const), forNames: null };
  const fixture = await startPaymentNode(t, await payments, {
    node: { broadcastsPrivately: true, proxies },
    wrapNetwork: (inner) => new ProxiedNetwork(inner, proxies, hostTimers, createRng(3)),
  });
  const { addressManager } = fixture.node.control;
  const entries = ONIONS.map((address) => ({ timeSec: fixture.nowSec, services: 9n, address }));
  addressManager.add(entries, SOURCE, 0, fixture.nowSec);
  return { fixture, proxied };
}

/** The transaction goes to the peers from `first` on, and each connection ends; returns where they were. */
async function receive({ fixture, proxied }: Scene, transaction: Transaction, first: number): Promise<string[]> {
  await fixture.until(() => proxied.length >= first + 3, 'three connections');
  for (const { peer } of proxied.slice(first)) {
    const version = await peer.expect('version');
    assert.deepEqual([version.services, version.timeSec, version.startHeight], [0n, 0, 0]);
    peer.send(makeVersion(), { type: 'wtxidrelay' });
    await peer.expect('verack');
    peer.send({ type: 'verack' });
    const { items } = await peer.expect('inv');
    assert.deepEqual([items.count, items.type(0), toHex(items.hash(0))], [1, MSG_TX, toHex(transaction.txid)]);
    peer.send(inventory('getdata', MSG_TX, [transaction.txid]));
    const given = await peer.expect('tx');
    assert.deepEqual(given.transaction.wtxid, transaction.wtxid);
    await peer.closed();
    assert.deepEqual(peer.types, [], 'and that is all');
  }
  return proxied.slice(first).map(({ target }) => target);
}

test('M13: a transaction goes to three strangers in Tor, and to nobody who knows where we are', async (t) => {
  const scene = await start(t);
  const { fixture, proxied } = scene;
  const neighbour = await joinRelay(fixture);
  const world = await payments;
  const payment = world.payment([world.coin()]);
  const broadcaster = fixture.node.privateBroadcaster!;
  assert.equal(broadcaster.send(payment), 'added');
  const targets = await receive(scene, payment, 0);
  assert.equal(new Set(targets).size, 3);
  for (const target of targets) assert.ok(ONIONS.map(formatNetAddress).includes(target), target);
  await fixture.until(() => fixture.peers().length === 1, 'the neighbour alone is left');
  assert.equal(broadcaster.list()[0]?.sendings.filter(({ receivedSec }) => receivedSec !== null).length, 3);
  await neighbour.expectNothing();
  assert.equal(fixture.hasTransaction(payment), false);
  // From others it comes like any other transaction, and that is the end of it.
  neighbour.send(txMessage(payment));
  await neighbour.sync();
  assert.ok(fixture.hasTransaction(payment));
  assert.deepEqual(broadcaster.list(), []);
  assert.equal(proxied.length, 3);
});

test('who does not take the transaction is made up for by another stranger', async (t) => {
  const scene = await start(t);
  const { fixture, proxied } = scene;
  const world = await payments;
  const payment = world.payment([world.coin()]);
  fixture.node.privateBroadcaster!.send(payment);
  await fixture.until(() => proxied.length >= 3, 'three connections');
  for (const { peer } of proxied.slice(0, 3)) peer.close();
  const targets = await receive(scene, payment, 3);
  assert.equal(targets.length, 3);
});
