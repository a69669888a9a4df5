import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import type { AddrMessage, Message } from '../wire/messages.ts';
import { formatNetAddress, type NetAddress, type Network, parseNetAddress } from '../wire/net-address.ts';
import { type AddressEntry, AddressList } from '../wire/packed-lists.ts';
import { LOCAL_SCORE, LocalAddresses } from './addr-local.ts';
import {
  type AddrPeer,
  type AddrPeerFacts,
  createAddrPeer,
  grantTokens,
  refillTokens,
  takeTokens,
} from './addr-peer.ts';
import { AddrRelay } from './addr-relay.ts';
import { AddressManager } from './addrman.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { asPeerId, type PeerId } from './peer-id.ts';

const NOW = 1_700_000_000;
/** NODE_NETWORK and NODE_WITNESS. */
const SERVICES = 9n;
const HOUR_MS = 3_600_000;
const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333';

function at(text: string): NetAddress {
  const address = parseNetAddress(text, 8333);
  assert.ok(address !== null, text);
  return address;
}

function told(text: string, timeSec = NOW, services = SERVICES): AddressEntry {
  return { timeSec, services, address: at(text) };
}

function host(i: number): string {
  return `${20 + (i >>> 16)}.${(i >>> 8) & 255}.${i & 255}.1:8333`;
}

/** `count` different addresses, from the number `from` on. */
function hosts(count: number, from = 0, timeSec = NOW): AddressEntry[] {
  return Array.from({ length: count }, (_, i) => told(host(from + i), timeSec));
}

type Changes = Partial<{ -readonly [Field in keyof AddrPeerFacts]: AddrPeerFacts[Field] }>;

/** A relay with a clock, a listening port and peers. */
class World {
  readonly manager: AddressManager = new AddressManager(createRng(1).bytes(32), createRng(2));
  readonly local: LocalAddresses;
  readonly relay: AddrRelay;
  readonly unwelcome: Set<string> = new Set();
  isInitialDownload = false;
  nowMs = 0;
  nowSec = NOW;
  #nextId = 1;

  constructor(seed = 3, reachable: readonly Network[] = ['ipv4', 'ipv6'], isListening = true) {
    const networks = new Set(reachable);
    const options = { isListening, isDiscovering: true, listenPort: 8_444, reachable: networks };
    this.local = new LocalAddresses(options, createRng(seed + 1));
    const isUnwelcome = (address: NetAddress): boolean => this.unwelcome.has(formatNetAddress(address));
    this.relay = new AddrRelay(
      { manager: this.manager, local: this.local, reachable: networks, isUnwelcome },
      createRng(seed),
    );
  }

  join(kind: ConnectionKind, changes: Changes = {}): PeerId {
    return this.joinWith(kind, changes).id;
  }

  joinWith(kind: ConnectionKind, changes: Changes = {}): { readonly id: PeerId; readonly sent: readonly Message[] } {
    const id = asPeerId(this.#nextId++);
    const address = at(`${100 + Number(id)}.7.7.7:18333`);
    const localAddress = at('60.60.60.60:8333');
    const facts = { id, kind, address, localAddress, permissions: { addr: false }, wantsAddrV2: true };
    const rest = { localServices: 1_033n, seenLocalAddress: null };
    return { id, sent: this.relay.peerJoined({ ...facts, ...rest, ...changes }, this) };
  }

  /** State of a peer that the relay knows nothing of. */
  newPeer(nowMs: number): AddrPeer {
    return createAddrPeer(this.peer(this.join('inbound')).facts, nowMs);
  }

  /** Inbound peers that have shown that they care for addresses. */
  joinListeners(count: number, changes: Changes = {}): PeerId[] {
    const ids = Array.from({ length: count }, () => this.join('inbound', changes));
    for (const id of ids) this.send(id, []);
    return ids;
  }

  send(id: PeerId, entries: readonly AddressEntry[], type: AddrMessage['type'] = 'addrv2'): string {
    const receipt = this.relay.receiveAddresses(id, { type, entries: AddressList.of(entries) }, this);
    return receipt.type === 'taken' && receipt.isFetchComplete ? 'fetched' : receipt.type;
  }

  /** What is sent to a peer now, a message after another. */
  take(id: PeerId): AddressEntry[][] {
    return this.relay.tick(id, this, this.isInitialDownload).messages.map((message) => {
      assert.ok(message.type === 'addr' || message.type === 'addrv2');
      return [...message.entries];
    });
  }

  /** What is sent to a peer within a while. */
  takeLater(id: PeerId, afterMs: number): AddressEntry[] {
    const taken: AddressEntry[] = [];
    for (let i = 0; i < 20; i++) {
      this.wait(afterMs / 20);
      taken.push(...this.take(id).flat());
    }
    return taken;
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.nowSec = NOW + Math.floor(this.nowMs / 1_000);
  }

  peer(id: PeerId): AddrPeer {
    return this.relay.peer(id)!;
  }

  counts(id: PeerId): readonly [processed: number, rateLimited: number] {
    return [this.peer(id).processedCount, this.peer(id).rateLimitedCount];
  }

  knows(text: string): boolean {
    return this.manager.info(at(text)) !== null;
  }
}

function texts(entries: readonly AddressEntry[]): string[] {
  return entries.map(({ address }) => formatNetAddress(address)).sort();
}

test('E08: times from the future and times of nothing become five days old', () => {
  const world = new World();
  const id = world.join('outbound-full-relay');
  const five = NOW - 5 * 86_400 - 7_200; // and two hours older, as all that is told of others
  const cases: readonly (readonly [text: string, timeSec: number, expected: number])[] = [
    ['20.0.0.1', NOW + 601, five],
    ['21.0.0.1', 4_294_967_295, five],
    ['22.0.0.1', 0, five],
    ['23.0.0.1', 100_000_000, five],
    ['24.0.0.1', 100_000_001, 100_000_001 - 7_200],
    ['25.0.0.1', NOW + 600, NOW + 600 - 7_200],
    ['26.0.0.1', NOW, NOW - 7_200],
  ];
  world.send(
    id,
    cases.map(([text, timeSec]) => told(text, timeSec)),
  );
  for (const [text, , expected] of cases) assert.equal(world.manager.info(at(text))?.timeSec, expected, text);
});

test('E08: a node that announces itself is taken at its word about the time', () => {
  const world = new World();
  const id = world.join('inbound', { address: at('55.1.2.3:40000') });
  world.send(id, [told('55.1.2.3:8333')]);
  assert.equal(world.manager.info(at('55.1.2.3:8333'))?.timeSec, NOW);
});

test('E08: unroutable addresses, nodes without blocks and unwelcome ones are neither stored nor passed on', () => {
  const world = new World();
  const [from, to] = world.joinListeners(2);
  world.wait(20_000_000);
  world.unwelcome.add('44.4.4.4:8333');
  const bad = ['10.0.0.1', '192.168.1.1', '127.0.0.1', '169.254.9.9', '[fc00::1]', '[::1]', '44.4.4.4'];
  world.send(from!, [...bad.map((text) => told(text, world.nowSec)), told('45.1.1.1', world.nowSec, 8n)]);
  for (const text of [...bad, '45.1.1.1']) assert.equal(world.knows(text), false, text);
  assert.deepEqual(world.takeLater(to!, 600_000), []);
  // as Core counts them: the unwelcome one and the one without blocks are not processed
  assert.deepEqual(world.counts(from!), [6, 0]);
});

test('E08: fresh addresses of a small message go to two peers, and to none of them twice', () => {
  const world = new World();
  const ids = world.joinListeners(12);
  world.send(ids[0]!, [told('77.1.1.1')]);
  const receivers = ids.filter((id) => texts(world.takeLater(id, 300_000)).includes('77.1.1.1:8333'));
  assert.equal(receivers.length, 2);
  assert.ok(!receivers.includes(ids[0]!));
  // said again, by whomever, it goes to the same two at most, who know it
  world.send(ids[1]!, [told('77.1.1.1', world.nowSec)]);
  world.send(ids[2]!, [told('77.1.1.1', world.nowSec)]);
  for (const id of ids.filter((id) => id !== ids[1] && id !== ids[2])) {
    assert.ok(!texts(world.takeLater(id, 60_000)).includes('77.1.1.1:8333'));
  }
});

test('E08: who gets an address changes once a day, at another moment for each address', () => {
  const world = new World();
  const ids = world.joinListeners(40, { permissions: { addr: true } });
  const receivers = (text: string): string => {
    for (const id of ids) world.peer(id).queue.length = 0;
    world.send(ids[0]!, [told(text, world.nowSec)]);
    return ids.filter((id) => world.peer(id).queue.length > 0).join();
  };
  const changes: number[] = [];
  for (const text of ['77.1.1.1', '78.1.1.1', '79.1.1.1', '80.1.1.1']) {
    world.wait(-world.nowMs);
    let last = receivers(text);
    for (let hour = 1; hour <= 48; hour++) {
      world.wait(HOUR_MS);
      const now = receivers(text);
      if (now !== last) changes.push(hour);
      last = now;
    }
  }
  assert.equal(changes.length, 8, 'twice in two days for each of four addresses');
  for (let i = 0; i < 8; i += 2) assert.equal(changes[i + 1]! - changes[i]!, 24);
  assert.ok(new Set(changes.map((hour) => hour % 24)).size >= 3);
});

test('E08: old addresses, large messages, and answers to our question are not passed on', () => {
  const world = new World();
  const [to] = world.joinListeners(1);
  const from = world.join('outbound-full-relay', { permissions: { addr: true } });
  world.send(from, hosts(1_000)); // the answer: it fills a message, so that more of it may come
  world.send(from, hosts(3, 2_000));
  world.send(from, hosts(5, 3_000)); // news
  world.send(from, hosts(11, 4_000));
  world.send(from, hosts(10, 5_000, NOW - 600));
  world.send(from, hosts(10, 6_000, NOW - 599)); // news
  const expected = [...hosts(5, 3_000), ...hosts(10, 6_000)];
  assert.deepEqual(texts(world.takeLater(to!, 600_000)), texts(expected));
});

test('E08: addresses of networks that we do not use are passed on to one or two peers who understand them, and not stored', () => {
  let toOne = 0;
  let toTwo = 0;
  for (let seed = 0; seed < 40; seed++) {
    const world = new World(seed);
    const [from, ...others] = world.joinListeners(6);
    const old = world.joinListeners(6, { wantsAddrV2: false });
    world.send(from!, [told(ONION)]);
    assert.equal(world.knows(ONION), false);
    assert.deepEqual(world.counts(from!), [1, 0]);
    const count = others.filter((id) => world.takeLater(id, 300_000).length === 1).length;
    if (count === 1) toOne++;
    if (count === 2) toTwo++;
    for (const id of old) assert.deepEqual(world.takeLater(id, 300_000), []);
  }
  assert.equal(toOne + toTwo, 40);
  assert.ok(toOne >= 8 && toTwo >= 8, `${toOne} to one, ${toTwo} to two`);
});

test('E08: 100,000 onion addresses cost their tokens and leave no more than that in the table', () => {
  const world = new World(3, ['ipv4', 'onion']);
  const id = world.join('inbound');
  for (let i = 0; i < 100; i++) {
    const entries = Array.from({ length: 1_000 }, (_, k) => {
      const bytes = createRng(1_000 * i + k).bytes(32);
      return { timeSec: NOW, services: SERVICES, address: { network: 'onion' as const, bytes, port: 8_333 } };
    });
    world.send(id, entries);
    world.wait(60_000);
  }
  // 1 at first, six more in each of the 99 minutes before the last message
  assert.deepEqual(world.counts(id), [595, 99_405]);
  assert.ok(world.manager.size('onion') <= 595);
  assert.equal(world.manager.sanityCheck(), 0);
});

test('E08: more than 1,000 addresses in a message break a rule', () => {
  const world = new World();
  const id = world.join('inbound');
  const receipt = world.relay.receiveAddresses(id, { type: 'addr', entries: AddressList.of(hosts(1_010)) }, world);
  assert.deepEqual(receipt, { type: 'oversize', count: 1_010 });
  assert.deepEqual(world.counts(id), [0, 0]);
});

test('E08: getaddr is answered once, and only to who connected to us', () => {
  const world = new World();
  world.manager.add(hosts(200), at('9.9.9.9'), 0, NOW);
  const inbound = world.join('inbound');
  const outbound = world.join('outbound-full-relay');
  const blocksOnly = world.join('block-relay-only');
  assert.equal(world.relay.receiveGetAddr(inbound, world), null);
  const [answer] = world.take(inbound);
  assert.equal(answer?.length, Math.floor(0.23 * world.manager.size()));
  const repeated = world.relay.receiveGetAddr(inbound, world);
  assert.equal(repeated?.text, `Ignoring repeated "getaddr". peer=${inbound}`);
  assert.deepEqual(world.takeLater(inbound, 600_000), []);
  const refused = world.relay.receiveGetAddr(outbound, world);
  assert.equal(refused?.text, `Ignoring "getaddr" from outbound-full-relay connection. peer=${outbound}`);
  assert.match(world.relay.receiveGetAddr(blocksOnly, world)!.text, /from block-relay-only connection/);
  assert.deepEqual([...world.takeLater(outbound, 600_000), ...world.takeLater(blocksOnly, 600_000)], []);
});

/** Answers to a new inbound peer's getaddr. */
function ask(world: World, changes: Changes = {}): string[] {
  const id = world.join('inbound', changes);
  world.relay.receiveGetAddr(id, world);
  const answer = texts(world.take(id).flat());
  world.relay.peerLeft(id, true, world);
  return answer;
}

test('E08: answers hold at most 23 % and 1,000, without terrible and unwelcome addresses, and stay the same for a day', () => {
  const world = new World(3, ['ipv4', 'ipv6', 'onion']);
  for (let i = 0; i < 8_000; i++) world.manager.add(hosts(1, i), at(`${100 + (i % 90)}.${i % 250}.1.1`), 0, NOW);
  world.manager.add(hosts(500, 100_000, NOW - 31 * 86_400), at('9.9.9.9'), 0, NOW);
  for (const { address } of hosts(4_000)) world.unwelcome.add(formatNetAddress(address));
  assert.ok(world.manager.size() > 6_000, `${world.manager.size()}`);
  const first = ask(world);
  assert.ok(first.length < 1_000 && first.length > 300, `${first.length} of 1,000 are welcome`);
  assert.ok(first.every((text) => !world.unwelcome.has(text)));
  world.unwelcome.clear();
  world.wait(20 * HOUR_MS + 59 * 60_000);
  assert.deepEqual(ask(world), first, 'after not quite 21 hours');
  world.wait(6 * HOUR_MS + 2 * 60_000);
  const later = ask(world);
  assert.notDeepEqual(later, first, 'after 27 hours');
  assert.equal(later.length, 1_000);
  assert.ok(
    later.every((text) => !text.startsWith('21.134.')),
    'old ones are left out',
  );
  // another of our sockets and another network get answers of their own
  const socket = ask(world, { localAddress: at('61.61.61.61:8333') });
  const tor = ask(world, { isInboundOnion: true });
  for (const answer of [socket, tor]) assert.notDeepEqual(answer, later);
  assert.notDeepEqual(socket, tor);
  assert.deepEqual(ask(world, { localAddress: at('61.61.61.61:8333') }), socket);
  assert.deepEqual(ask(world, { isInboundOnion: true }), tor);
  // one who has the permission sees the present
  assert.notDeepEqual(ask(world, { permissions: { addr: true } }), ask(world, { permissions: { addr: true } }));
});

test('we ask whom we called for relay, and nobody else; the answer may be large', () => {
  const world = new World();
  const isAsked = (kind: ConnectionKind): boolean => world.joinWith(kind).sent.some(({ type }) => type === 'getaddr');
  assert.deepEqual((['outbound-full-relay', 'manual', 'addr-fetch'] as const).map(isAsked), [true, true, true]);
  assert.deepEqual((['inbound', 'block-relay-only', 'feeler'] as const).map(isAsked), [false, false, false]);
  const id = world.join('outbound-full-relay');
  world.send(id, hosts(1_000));
  assert.deepEqual(world.counts(id), [1_000, 0]);
  world.send(id, hosts(10, 2_000));
  assert.deepEqual(world.counts(id), [1_001, 9]);
});

test('a connection for addresses only is over when several have come', () => {
  const world = new World();
  const id = world.join('addr-fetch');
  assert.equal(world.send(id, hosts(1)), 'taken');
  assert.equal(world.send(id, hosts(2, 10)), 'fetched');
});

test('block-relay-only peers and feelers get nothing and are not listened to', () => {
  const world = new World();
  world.local.add(at('60.60.60.60:8333'), LOCAL_SCORE.manual);
  for (const kind of ['block-relay-only', 'feeler'] as const) {
    const id = world.join(kind);
    assert.equal(world.send(id, hosts(5)), 'ignored');
    assert.deepEqual(world.takeLater(id, 10 * 86_400_000), []);
  }
  assert.equal(world.manager.size(), 0);
});

test('inbound peers get addresses once they have shown that they care for them', () => {
  const world = new World();
  const [from] = world.joinListeners(1);
  const silent = world.join('inbound');
  world.send(from!, hosts(1));
  assert.deepEqual(world.takeLater(silent, 300_000), []);
  world.wait(100_000);
  world.send(silent, []);
  world.send(from!, [told(host(5), world.nowSec)]);
  assert.deepEqual(texts(world.takeLater(silent, 300_000)), [host(5)]);
});

test('what a peer has told us or learned meanwhile is not sent to it; old peers get only what fits their message', () => {
  const world = new World(3, ['ipv4', 'ipv6', 'onion']);
  const [from] = world.joinListeners(1, { permissions: { addr: true } });
  const [to] = world.joinListeners(1, { wantsAddrV2: false, permissions: { addr: true } });
  world.send(to!, [told(host(1))]);
  world.send(from!, [told(host(1)), told(host(2)), told(host(3)), told(ONION)]);
  world.send(to!, [told(host(2))]);
  const { messages } = world.relay.tick(to!, world, false);
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['addr'],
  );
  assert.deepEqual(texts([...(messages[0] as AddrMessage).entries]), [host(3)]);
});

test('a queue holds 1,000 addresses; later ones take the places of others', () => {
  const world = new World();
  const [from, to] = world.joinListeners(2, { permissions: { addr: true } });
  for (let i = 0; i < 150; i++) world.send(from!, hosts(10, 10 * i));
  assert.equal(world.peer(to!).queue.length, 1_000);
  assert.equal(world.take(to!)[0]?.length, 1_000);
});

test('queued addresses leave at random moments, on average every thirty seconds', () => {
  const world = new World();
  const [from, to] = world.joinListeners(2, { permissions: { addr: true } });
  let messages = 0;
  const seconds = 60_000;
  for (let i = 0; i < seconds; i++) {
    world.wait(1_000);
    if (i % 5 === 0) world.send(from!, [told(host(i), world.nowSec)]);
    messages += world.take(to!).length;
  }
  // 2,000 expected, a little less since messages wait for a second and for something to say; a deviation of 45
  assert.ok(messages > 1_600 && messages < 2_100, `${messages}`);
});

test('our own address is told at once in a message of its own, and again about once a day', () => {
  const world = new World();
  world.local.add(at('60.60.60.60:8333'), LOCAL_SCORE.manual);
  world.manager.add(hosts(100), at('9.9.9.9'), 0, NOW);
  const id = world.join('inbound');
  assert.deepEqual(world.take(id), [], 'nothing before it shows that it cares');
  world.relay.receiveGetAddr(id, world);
  const [own, answer] = world.take(id);
  assert.deepEqual(own, [{ timeSec: NOW, services: 1_033n, address: at('60.60.60.60:8333') }]);
  assert.ok(answer !== undefined && answer.length > 1);
  let tellings = 0;
  for (let hour = 0; hour < 24 * 200; hour++) {
    world.wait(HOUR_MS);
    for (const entry of world.take(id).flat()) {
      assert.equal(formatNetAddress(entry.address), '60.60.60.60:8333');
      assert.equal(entry.timeSec, world.nowSec);
      tellings++;
    }
  }
  // about 200 in 200 days, with a deviation of 14
  assert.ok(tellings > 145 && tellings < 250, `${tellings}`);
});

test('our own address is not told during initial download, and not without listening', () => {
  const busy = new World();
  busy.local.add(at('60.60.60.60:8333'), LOCAL_SCORE.manual);
  busy.isInitialDownload = true;
  const id = busy.join('outbound-full-relay');
  assert.deepEqual(busy.take(id), []);
  busy.isInitialDownload = false;
  assert.equal(busy.take(id).length, 1);
  const deaf = new World(3, ['ipv4'], false);
  deaf.local.add(at('60.60.60.60:8333'), LOCAL_SCORE.manual);
  assert.deepEqual(deaf.takeLater(deaf.join('outbound-full-relay'), 10 * 86_400_000), []);
});

test('the end of a connection is the moment in which its address becomes fresh; of block-relay-only ones it never does', () => {
  const world = new World();
  world.manager.add([told('30.1.1.1', NOW - 90_000), told('31.1.1.1', NOW - 90_000)], at('9.9.9.9'), 0, NOW);
  const full = world.join('outbound-full-relay', { address: at('30.1.1.1') });
  const blocksOnly = world.join('block-relay-only', { address: at('31.1.1.1') });
  world.relay.peerLeft(full, true, world);
  world.relay.peerLeft(blocksOnly, true, world);
  world.relay.peerLeft(full, true, world); // it is gone already
  assert.equal(world.manager.info(at('30.1.1.1'))?.timeSec, NOW);
  assert.equal(world.manager.info(at('31.1.1.1'))?.timeSec, NOW - 90_000);
  assert.equal(world.relay.peer(full), undefined);
  assert.equal(world.send(full, hosts(1)), 'ignored');
  assert.deepEqual(world.take(full), []);
});

test('log lines have Core’s words', () => {
  const world = new World();
  const id = world.join('outbound-full-relay', { address: at('50.5.5.5:8333') });
  const message: AddrMessage = { type: 'addrv2', entries: AddressList.of(hosts(1)) };
  const receipt = world.relay.receiveAddresses(id, message, world);
  assert.ok(receipt.type === 'taken');
  assert.deepEqual(receipt.debug, [
    { category: 'net', text: 'Received addr: 1 addresses (1 processed, 0 rate-limited) from peer=1' },
    { category: 'addrman', text: 'Adding addresses told by 50.5.5.5: 20.0.0.1:8333' },
    { category: 'addrman', text: 'Added 1 addresses (of 1) from 50.5.5.5: 0 tried, 1 new' },
  ]);
  world.local.add(at('60.60.60.60:8333'), LOCAL_SCORE.manual);
  const { debug } = world.relay.tick(id, world, false);
  assert.deepEqual(debug, [{ category: 'net', text: 'Advertising address 60.60.60.60:8333 to peer=1' }]);
});

// --- D10

/** Ten years of 365.25 days. */
const TEN_YEARS_MS = 315_576_000_000;

test('D10: ten years of addr spam give a peer one token and one more every ten seconds, to the last one', () => {
  // Shortened: a message of 1,000 addresses every 158 seconds on average, instead of every few milliseconds
  const peer = new World().newPeer(0);
  const rng = createRng(4);
  let nowMs = 0;
  let taken = 0;
  let messages = 0;
  while (nowMs < TEN_YEARS_MS) {
    nowMs += rng.below(316_000) + rng.below(1_000) / 1_000;
    refillTokens(peer, nowMs);
    taken += takeTokens(peer, 1_000);
    messages++;
  }
  assert.equal(taken, 1 + Math.floor(Math.floor(nowMs) / 10_000));
  assert.ok(taken > 31_557_000 && messages > 1_900_000);
});

test('D10: tokens gather to 1,000; those granted for our question come on top and are no reason for more', () => {
  const peer = new World().newPeer(0);
  refillTokens(peer, TEN_YEARS_MS);
  assert.equal(takeTokens(peer, 5_000), 1_000);
  refillTokens(peer, TEN_YEARS_MS + 9_999);
  assert.equal(takeTokens(peer, 5_000), 0);
  grantTokens(peer);
  refillTokens(peer, 2 * TEN_YEARS_MS);
  assert.equal(takeTokens(peer, 300), 300);
  refillTokens(peer, 3 * TEN_YEARS_MS);
  assert.equal(takeTokens(peer, 5_000), 1_000, 'filled up to 1,000 and no further');
});

test('D10: at line rate a message without tokens costs next to nothing', () => {
  const world = new World();
  const id = world.join('inbound');
  let reads = 0;
  const entries = new AddressList(1_000, (i) => {
    reads++;
    return told(host(i), world.nowSec);
  });
  // an hour of ten messages a second, which is all that fits 2.5 Mbit/s
  for (let i = 0; i < 36_000; i++) {
    world.relay.receiveAddresses(id, { type: 'addrv2', entries }, world);
    world.wait(100);
  }
  const [processed, rateLimited] = world.counts(id);
  assert.equal(processed, 1 + 359, 'one every ten seconds');
  assert.equal(processed + rateLimited, 36_000_000);
  assert.equal(reads, processed, 'the others are not even read');
});

test('D10: counts go on beyond 2^32 and 2^52', () => {
  const world = new World();
  const id = world.join('inbound', { permissions: { addr: true } });
  const peer = world.peer(id);
  for (const start of [2 ** 32 - 5, 2 ** 52]) {
    peer.processedCount = start;
    world.send(id, hosts(10));
    assert.equal(peer.processedCount, start + 10);
  }
});

test('D10: the clock of the allowance may stand still or start late, and never takes tokens back', () => {
  const world = new World();
  world.nowMs = 2 ** 45 + 0.25;
  const id = world.join('inbound');
  world.send(id, hosts(10));
  assert.deepEqual(world.counts(id), [1, 9]);
  world.nowMs -= 5_000_000;
  world.send(id, hosts(10));
  world.nowMs += 29_999.5;
  world.send(id, hosts(10, 100));
  assert.deepEqual(world.counts(id), [3, 27]);
});
