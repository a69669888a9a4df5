import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../../test/model/block-builder.ts';
import { versionMessage } from '../../../../test/model/fake-network.ts';
import { addressOf, deeds, fate, lines, sentOf, sentTo } from '../../../../test/model/manager-world.ts';
import { openRelayGround, type RelayGround, RelayPoolWorld } from '../../../../test/model/relay-pool-world.ts';
import { asWtxid, formatHash } from '../../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../../kernel/primitives/transaction.ts';
import { toHex } from '../../../kernel/util/bytes.ts';
import type { Message } from '../../wire/messages.ts';
import { formatNetAddress } from '../../wire/net-address.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import type { Effect } from '../effects.ts';
import type { Peer } from '../peer.ts';

const TX = 1;
const WTX = 5;
const WITNESS_TX = 0x4000_0001;

function payment(n: number): Transaction {
  return makeTx([spend({ txid: fakeTxid(n), index: 0 }, { witness: [Uint8Array.of(n)] })], [pay(1)]);
}

function getData(...items: readonly (readonly [number, Uint8Array])[]): Message {
  return { type: 'getdata', items: InventoryList.of(items.map(([type, hash]) => ({ type, hash }))) };
}

/** A node with one transaction to send, or with so many. */
class World extends RelayPoolWorld {
  readonly transactions: readonly Transaction[];

  private constructor(ground: RelayGround, transactions: readonly Transaction[]) {
    super(ground);
    this.transactions = transactions;
    const { nowMs, nowSec } = this.node;
    for (const one of transactions) this.list.add(one, { nowMs, nowSec });
  }

  static async open(count = 1): Promise<World> {
    const transactions = Array.from({ length: count }, (_, n) => payment(n + 1));
    return new World(await openRelayGround(), transactions);
  }

  get list() {
    return this.node.manager.privateBroadcast;
  }

  connect(): { readonly peer: Peer; readonly effects: readonly Effect[] } {
    return this.node.connect({ kind: 'private-broadcast', localServices: 1033n });
  }

  /** A connection whose handshake is done, and what was said then. */
  join(): { readonly peer: Peer; readonly effects: readonly Effect[] } {
    const { peer } = this.connect();
    this.node.say(peer, versionMessage());
    return { peer, effects: this.node.say(peer, { type: 'verack' }) };
  }
}

test('M13: the version message says nothing of us: every node says the same', async () => {
  const { node } = await World.open();
  const { peer, effects } = node.connect({ kind: 'private-broadcast', localServices: 1033n });
  const [version, ...rest] = sentTo(effects);
  assert.deepEqual(rest, []);
  assert.ok(version?.type === 'version');
  const { receiver, nonce, ...fields } = version;
  assert.deepEqual(fields, {
    type: 'version',
    version: 70_016,
    services: 0n,
    timeSec: 0,
    receiverServices: 0n,
    userAgent: '/pynode:0.0.1/',
    startHeight: 0,
    relay: false,
  });
  assert.equal(formatNetAddress(receiver), '[::]:0');
  assert.equal(nonce, peer.localNonce);
});

test('M13: one transaction goes over, by version, verack, inv, tx and ping, and the pong ends it', async () => {
  const { node, list, transactions } = await World.open();
  const transaction = transactions[0]!;
  const { peer } = node.connect({ kind: 'private-broadcast' });
  assert.deepEqual(sentTo(node.say(peer, versionMessage({ services: 1033n }))), [{ type: 'verack' }]);
  const offer = node.say(peer, { type: 'verack' });
  const [inv, ...others] = sentTo(offer);
  assert.deepEqual(others, []);
  assert.ok(inv?.type === 'inv');
  assert.deepEqual([inv.items.count, inv.items.type(0), toHex(inv.items.hash(0))], [1, TX, toHex(transaction.txid)]);
  assert.ok(
    lines(offer).includes(
      `P2P handshake completed, sending INV for txid=${formatHash(transaction.txid)}, wtxid=${formatHash(transaction.wtxid)}, peer=${peer.id}`,
    ),
  );
  const [given, ping, ...more] = sentTo(node.say(peer, getData([TX, transaction.txid])));
  assert.deepEqual(more, []);
  assert.deepEqual(given, { type: 'tx', transaction, isStripped: false });
  assert.ok(ping?.type === 'ping' && ping.nonce !== null);
  const wrong = node.say(peer, { type: 'pong', nonce: ping.nonce + 1n });
  assert.deepEqual([fate(wrong, peer), list.list()[0]?.sendings[0]?.receivedSec], ['kept', null]);
  assert.equal(fate(node.say(peer, { type: 'pong', nonce: ping.nonce }), peer), 'disconnected');
  assert.equal(list.list()[0]?.sendings[0]?.receivedSec, node.nowSec);
  node.leave(peer);
  assert.equal(list.connectionsToOpen, 3, 'whoever made the connection has one less to make, not this');
});

test('M13: whatever else the peer says gets no answer and changes nothing', async () => {
  const { node, join } = await openJoined();
  const { peer } = join;
  const messages: readonly Message[] = [
    { type: 'ping', nonce: 5n },
    { type: 'sendheaders' },
    { type: 'sendcmpct', announce: 1, version: 2n },
    { type: 'wtxidrelay' },
    { type: 'feefilter', feeRateSat: 1 },
    { type: 'getaddr' },
    { type: 'mempool' },
    versionMessage(),
    { type: 'verack' },
    { type: 'inv', items: InventoryList.of([{ type: TX, hash: payment(9).txid }]) },
    { type: 'tx', transaction: payment(9), isStripped: false },
    { type: 'headers', headers: [] },
  ];
  for (const message of messages) {
    const effects = node.say(peer, message);
    assert.deepEqual(deeds(effects), [], message.type);
    assert.deepEqual(lines(effects), [`Ignoring incoming message '${message.type}', peer=${peer.id}`]);
  }
  assert.deepEqual(deeds(node.manager.messageUnknown(peer.id, 'nonsense', node.now)), []);
  const { effects } = node.manager.fetchBlock(peer.id, node.chain.active.tip, node.now);
  assert.deepEqual(deeds(effects), []);
});

/** A connection whose handshake is done. */
async function openJoined() {
  const world = await World.open();
  const { node, list, pool, transactions } = world;
  return { node, list, pool, transactions, join: world.join() };
}

test('M13: nothing that happens elsewhere is told there: no block, no transaction, no address, no regular work', async () => {
  const { node, pool, join } = await openJoined();
  const { peer } = join;
  const other = payment(50);
  pool.add({ transaction: other });
  const effects = [...node.manager.relayTransaction(asWtxid(other.wtxid), node.now)];
  const fork = node.chain.active.tip;
  const { block, entry } = await node.grow();
  effects.push(...node.manager.ownBlockStored(block, entry, node.now));
  effects.push(...node.manager.tipChanged(entry, fork, node.now));
  for (let i = 0; i < 170; i++) {
    node.wait(1_000);
    effects.push(...node.tick(peer));
  }
  assert.deepEqual(sentTo(effects, peer), []);
  assert.equal(fate(effects, peer), 'kept');
});

test('M13: what is learnt there does not show elsewhere: services, addresses, clocks, and that we called', async () => {
  const { node, connect } = await openWithAddress();
  const before = node.addressManager.getAddr({ countMax: 10, percentMax: 0, network: null, isFiltered: false }, 0);
  const peer = connect();
  node.say(peer, versionMessage({ services: 1n, timeSec: node.nowSec + 99 }), { type: 'verack' });
  node.leave(peer);
  const after = node.addressManager.getAddr({ countMax: 10, percentMax: 0, network: null, isFiltered: false }, 0);
  assert.deepEqual(after, before);
  assert.equal(node.manager.medianTimeOffsetSec, 0);
});

async function openWithAddress() {
  const { node } = await World.open();
  const address = addressOf('44.3.2.1:8333');
  node.addressManager.add(
    [{ timeSec: node.nowSec, services: 1033n, address }],
    addressOf('55.1.2.3:1'),
    0,
    node.nowSec,
  );
  return { node, connect: () => node.connect({ kind: 'private-broadcast', address: '44.3.2.1:8333' }).peer };
}

test('a request for anything but the one transaction ends the connection', async () => {
  const world = await World.open();
  const { txid, wtxid } = world.transactions[0]!;
  const cases: readonly Message[] = [
    getData([WTX, wtxid]),
    getData([WITNESS_TX, txid]),
    getData([TX, payment(7).txid]),
    getData([TX, txid], [TX, txid]),
    getData(),
  ];
  for (const message of cases) {
    const { peer } = world.join();
    const effects = world.node.say(peer, message);
    assert.deepEqual([fate(effects, peer), sentTo(effects)], ['disconnected', []]);
    assert.deepEqual(lines(effects), [`Disconnecting: got an unexpected GETDATA message, peer=${peer.id}`]);
  }
});

test('a connection is in vain with a peer that takes no transactions, and when there are none left', async () => {
  const { node, list, transactions } = await World.open();
  const { peer } = node.connect({ kind: 'private-broadcast' });
  const deaf = node.say(peer, versionMessage({ relay: false }));
  assert.deepEqual([fate(deaf, peer), sentTo(deaf)], ['disconnected', []]);
  node.leave(peer);
  assert.equal(list.connectionsToOpen, 4, 'another one instead');
  list.remove(transactions[0]!);
  const late = node.connect({ kind: 'private-broadcast' }).peer;
  const effects = node.say(late, versionMessage(), { type: 'verack' });
  assert.equal(fate(effects, late), 'disconnected');
  assert.ok(
    lines(effects).includes(
      `Disconnecting: no more transactions for private broadcast (connected in vain), peer=${late.id}`,
    ),
  );
  node.leave(late);
  assert.equal(list.connectionsToOpen, 1);
});

test('a connection lasts three minutes at most', async () => {
  const { node, list, join } = await openJoined();
  const { peer } = join;
  node.wait(180_000);
  assert.equal(fate(node.tick(peer), peer), 'kept');
  node.wait(1);
  const effects = node.tick(peer);
  assert.equal(fate(effects, peer), 'disconnected');
  assert.deepEqual(lines(effects), [
    `Disconnecting: did not complete the transaction send within 180 seconds, peer=${peer.id}`,
  ]);
  node.leave(peer);
  assert.equal(list.connectionsToOpen, 4);
});

test('a transaction that somebody sends us has reached the network, and is sent no more', async () => {
  const { node, list, transactions } = await World.open();
  const transaction = transactions[0]!;
  const peer = node.join();
  const effects = node.say(peer, { type: 'tx', transaction, isStripped: false });
  assert.equal(list.isEmpty, true);
  assert.equal(list.connectionsToOpen, 0);
  assert.ok(
    lines(effects).includes(
      `Received our privately broadcast transaction (txid=${formatHash(transaction.txid)}) from the network from peer=${peer.id}; stopping private broadcast attempts`,
    ),
  );
});

test('M13: nobody finds out by calling us that such a connection is ours', async () => {
  const { node } = await World.open();
  const { peer } = node.connect({ kind: 'private-broadcast' });
  const caller = node.connect().peer;
  const effects = node.say(caller, versionMessage({ nonce: peer.localNonce }));
  assert.equal(fate(effects, caller), 'kept', 'not taken for ourselves');
  assert.equal(sentOf(effects, 'version').length, 1);
});
