// Gossip of addresses over real sockets: what is believed, what is passed on, and what is told to whom.
//
// Messages with addresses leave at random times, half a minute apart in the mean: the clock is moved far enough for any of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWhitelist } from '../../src/node/p2p/net-permissions.ts';
import type { AddrMessage } from '../../src/node/wire/messages.ts';
import { formatHost, type NetAddress, parseHost } from '../../src/node/wire/net-address.ts';
import { type AddressEntry, AddressList } from '../../src/node/wire/packed-lists.ts';
import { NODE_NETWORK } from '../../src/node/wire/protocol.ts';
import { NodeFixture } from './node-fixture.ts';
import { RawListener, type RawPeer } from './raw-peer.ts';

const DAY_SEC = 86_400;

/** Long enough that every message that is due has left, and short enough that nobody is too silent. */
const DUE_SEC = 600;

function address(host: string, port = 8333): NetAddress {
  const parsed = parseHost(host, port);
  assert.ok(parsed !== null, host);
  return parsed;
}

function entry(host: string, timeSec: number, port?: number): AddressEntry {
  return { timeSec, services: NODE_NETWORK, address: address(host, port) };
}

function addr(...entries: readonly AddressEntry[]): AddrMessage {
  return { type: 'addr', entries: AddressList.of(entries) };
}

/** Different addresses of different networks, all routable. */
function hosts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${20 + (i % 80)}.${1 + (i % 250)}.${1 + Math.floor(i / 80)}.9`);
}

/** Hosts and times of everything that a peer was told. */
function told(peer: RawPeer): { readonly host: string; readonly timeSec: number }[] {
  const messages = [...peer.takeOf('addr'), ...peer.takeOf('addrv2')];
  return messages.flatMap(({ entries }) =>
    [...entries].map((one) => ({ host: formatHost(one.address), timeSec: one.timeSec })),
  );
}

/** Lets everything that is due leave. */
async function letLeave(fixture: NodeFixture, ...peers: readonly RawPeer[]): Promise<void> {
  for (const peer of peers) await peer.sync();
  fixture.clock.shift(DUE_SEC);
  await new Promise((resolve) => setTimeout(resolve, 250));
  for (const peer of peers) await peer.sync();
}

/** Peers that show that they care for addresses. */
async function joinListeners(fixture: NodeFixture, count: number): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  for (let i = 0; i < count; i++) {
    const peer = await fixture.join({ from: `127.4.${i}.1`, negotiation: i % 2 === 0 ? [{ type: 'sendaddrv2' }] : [] });
    peer.send({ type: 'getaddr' });
    await peer.sync();
    peers.push(peer);
  }
  return peers;
}

const TRUSTED = parseWhitelist('addr@9.0.0.0/8');
assert.ok(TRUSTED.ok);
const WHITELIST = [TRUSTED.value];

test('E08: fresh news of routable addresses go to two peers at most, in small messages only, and nothing else goes on', async (t) => {
  const fixture = await NodeFixture.start(t, { node: { whitelist: WHITELIST } });
  const listeners = await joinListeners(fixture, 6);
  const teller = await fixture.join({ from: '127.9.1.1' });
  await letLeave(fixture, ...listeners, teller);
  for (const peer of listeners) peer.takeAll();
  const { nowSec } = fixture;
  const unroutable = [
    '10.1.1.1',
    '192.168.3.3',
    '172.16.9.9',
    '127.0.0.1',
    '0.0.0.0',
    '169.254.1.1',
    '::1',
    'fe80::1',
    'fd00::7',
  ];
  teller.send(addr(...unroutable.map((host) => entry(host, nowSec))));
  teller.send(
    addr(
      entry('8.8.4.4', nowSec),
      // too old for news, from the future, and from nowhere
      entry('8.8.4.5', nowSec - 700),
      entry('8.8.4.6', nowSec + 700),
      entry('8.8.4.7', 0),
      entry('8.8.4.8', 0xffffffff),
      entry('8.8.4.9', nowSec, 0),
    ),
  );
  // eleven: an answer and no news
  teller.send(addr(...hosts(11).map((host) => entry(host, nowSec))));
  await letLeave(fixture, ...listeners, teller);
  assert.equal(fixture.countLines(/Received addr: 11 addresses \(11 processed, 0 rate-limited\)/), 1);
  const heard = listeners.map((peer) => told(peer).map(({ host }) => host));
  for (const news of ['8.8.4.4', '8.8.4.9']) {
    const count = heard.filter((one) => one.includes(news)).length;
    assert.ok(count >= 1 && count <= 2, `${news} went to ${count} peers`);
  }
  assert.deepEqual([...new Set(heard.flat())].sort(), ['8.8.4.4', '8.8.4.9']);
  assert.deepEqual(told(teller), [], 'not back to where it came from');

  // said again, by whomever, it is no louder: the same two peers know it
  teller.send(addr(entry('8.8.4.4', fixture.nowSec)));
  await letLeave(fixture, ...listeners, teller);
  assert.deepEqual(listeners.flatMap(told), []);
});

test('E08: an address costs a token, and there are few for who floods', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join({ from: '127.4.4.4' });
  const { nowSec } = fixture;
  const onions = Array.from({ length: 1000 }, (_, i): AddressEntry => {
    const bytes = new Uint8Array(32).fill(9);
    new DataView(bytes.buffer).setUint32(0, i);
    return { timeSec: nowSec, services: NODE_NETWORK, address: { network: 'onion', bytes, port: 8333 } };
  });
  for (let i = 0; i < 100; i++) peer.send({ type: 'addrv2', entries: AddressList.of(onions) });
  await peer.sync();
  const taken = fixture.countLines(/Received addr: 1000 addresses \(1 processed, 999 rate-limited\)/);
  const none = fixture.countLines(/Received addr: 1000 addresses \(0 processed, 1000 rate-limited\)/);
  assert.deepEqual([taken, none], [1, 99]);
  // one comes every ten seconds, and not more than a thousand gather
  fixture.clock.shift(100);
  peer.send({ type: 'addrv2', entries: AddressList.of(onions) });
  await peer.sync();
  assert.equal(fixture.countLines(/\(10 processed, 990 rate-limited\)/), 1);
  assert.equal(peer.isClosed, false);
});

test('E08: who asks for addresses is answered once, with 23 % at most, and all of them the same for a day', async (t) => {
  const fixture = await NodeFixture.start(t, { node: { whitelist: WHITELIST } });
  const trusted = await fixture.join({ from: '127.9.1.1' });
  const { nowSec } = fixture;
  const known = hosts(1000);
  trusted.send(addr(...known.map((host, i) => entry(host, i % 2 === 0 ? nowSec : nowSec + DAY_SEC))));
  await trusted.sync();
  const line = fixture.lines.find((one) => /Added \d+ addresses \(of 1000\)/.test(one));
  const size = Number(/(\d+) new$/.exec(line ?? '')?.[1]);
  assert.ok(size > 300, line);

  const asker = await fixture.join();
  asker.send({ type: 'getaddr' }, { type: 'getaddr' });
  await letLeave(fixture, asker, trusted);
  const answer = told(asker);
  assert.equal(fixture.countLines(/Ignoring repeated "getaddr". peer=1$/), 1);
  const share = Math.floor(size * 0.23);
  assert.ok(answer.length > share / 2 && answer.length <= share, `${answer.length} of ${size}`);
  assert.ok(answer.every(({ host }) => known.includes(host)));
  // those from the future have become five days old, all are two hours older by hearsay
  const age = (timeSec: number): number => Math.round((nowSec - timeSec) / 3600);
  const ages = new Set(answer.map(({ timeSec }) => age(timeSec)));
  assert.deepEqual(
    [...ages].sort((a, b) => a - b),
    [2, 5 * 24 + 2],
  );

  // further ones get the same, whatever was learned meanwhile
  trusted.send(addr(...hosts(1000).map((host) => entry(host.replace(/9$/, '7'), fixture.nowSec))));
  await trusted.sync();
  for (let hours = 0; hours < 20; hours += 10) {
    const another = await fixture.join();
    another.send({ type: 'getaddr' });
    await letLeave(fixture, another);
    assert.deepEqual(sortedHosts(told(another)), sortedHosts(answer));
    another.close();
    fixture.clock.shift(10 * 3600 - DUE_SEC);
  }
  fixture.clock.shift(8 * 3600);
  const later = await fixture.join();
  later.send({ type: 'getaddr' });
  await letLeave(fixture, later);
  assert.notDeepEqual(sortedHosts(told(later)), sortedHosts(answer));
});

function sortedHosts(entries: readonly { readonly host: string }[]): string[] {
  return entries.map(({ host }) => host).sort();
}

test('E08: our own address is told first and alone, to those who care', async (t) => {
  const fixture = await NodeFixture.start(t, { node: { externalHosts: ['5.5.5.5'] } });
  const [caring] = await joinListeners(fixture, 1);
  const silent = await fixture.join({ from: '127.4.9.1' });
  await fixture.until(() => caring!.count('addrv2') === 1, 'our address');
  assert.deepEqual(
    told(caring!).map(({ host }) => host),
    ['5.5.5.5'],
  );
  await letLeave(fixture, caring!, silent);
  assert.deepEqual(told(silent), []);
});

test('E08: who is out of favour is neither kept nor told of', async (t) => {
  const fixture = await NodeFixture.start(t, { node: { whitelist: WHITELIST } });
  const bad = await fixture.join({ from: '127.6.6.6' });
  bad.send({ type: 'sendcmpct', announce: 2, version: 2n });
  await bad.closed();
  assert.equal(fixture.node.isUnwelcome('6.6.6.6'), true);
  const listeners = await joinListeners(fixture, 3);
  const teller = await fixture.join({ from: '127.9.1.1' });
  await letLeave(fixture, ...listeners, teller);
  teller.send(addr(entry('6.6.6.6', fixture.nowSec)), addr(entry('6.6.6.5', fixture.nowSec)));
  await letLeave(fixture, ...listeners, teller);
  assert.deepEqual([...new Set(listeners.flatMap(told).map(({ host }) => host))], ['6.6.6.5']);
});

test('E08: whom we called is asked for addresses and not answered', async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const fixture = await NodeFixture.start(t, {
    node: { connect: [`127.0.0.1:${listener.port}`], externalHosts: [], whitelist: WHITELIST },
  });
  const trusted = await fixture.join({ from: '127.9.1.1' });
  trusted.send(addr(...hosts(100).map((host) => entry(host, fixture.nowSec))));
  const called = fixture.adopt(await listener.accept());
  await called.answerHandshake();
  await called.expect('getaddr');
  called.send({ type: 'getaddr' });
  await letLeave(fixture, called, trusted);
  assert.equal(fixture.countLines(/Ignoring "getaddr" from manual connection. peer=\d+$/), 1);
  assert.deepEqual(told(called), []);
});
