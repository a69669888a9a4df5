// Transactions over real sockets: from a peer into the mempool and on to others; what is refused, and what is not told.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { buildTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { createCompactBlock } from '../../src/node/p2p/compact-block.ts';
import { MSG_TX, MSG_WITNESS_TX, MSG_WTX } from '../../src/node/wire/protocol.ts';
import { FEE_SAT } from '../model/accept-world.ts';
import { pay } from '../model/block-builder.ts';
import type { BranchBuilder } from '../model/branch-builder.ts';
import type { NodeFixture } from './node-fixture.ts';
import {
  announce,
  announcedTo,
  joinRelay,
  letTick,
  nameOf,
  openPayments,
  putIn,
  REQUEST_DELAY_SEC,
  startPaymentNode,
  TRICKLE_SEC,
  TRUSTED_HOST,
  txMessage,
} from './payment-scene.ts';
import type { RawPeer } from './raw-peer.ts';
import { blockMessage, inventory } from './requests.ts';

const payments = openPayments();

async function start(t: TestContext): Promise<NodeFixture> {
  return startPaymentNode(t, await payments);
}

/** A payment of a coin that nothing else spends. */
async function paymentOfCoin(): Promise<Transaction> {
  const world = await payments;
  return world.payment([world.coin()]);
}

test('a transaction goes from a peer into the mempool, and on to others when their time has come', async (t) => {
  const fixture = await start(t);
  const [sender, listener] = [await joinRelay(fixture), await joinRelay(fixture)];
  const payment = await paymentOfCoin();
  sender.send(announce(payment));
  await sender.sync();
  fixture.clock.shift(REQUEST_DELAY_SEC);
  const { items } = await sender.expect('getdata');
  assert.deepEqual(
    [items.count, items.type(0), Buffer.from(items.hash(0)).toString('hex')],
    [1, MSG_WTX, nameOf(payment)],
  );
  sender.send(txMessage(payment));
  await sender.sync();
  assert.ok(fixture.hasTransaction(payment), 'a pong after a transaction comes after its verdict');
  fixture.clock.shift(TRICKLE_SEC);
  assert.deepEqual((await listener.expect('inv')).items.count, 1);
  listener.send(inventory('getdata', MSG_WTX, [payment.wtxid]));
  const { transaction } = await listener.expect('tx');
  assert.deepEqual(transaction.serialized(), payment.serialized());
  await letTick(fixture, sender);
  assert.deepEqual(announcedTo(sender), [], 'who sent it is not told of it');
});

test('who must not be kept waiting is told at once', async (t) => {
  const fixture = await start(t);
  const [sender, trusted, other] = [
    await joinRelay(fixture),
    await joinRelay(fixture, TRUSTED_HOST),
    await joinRelay(fixture),
  ];
  await letTick(fixture, trusted, other);
  const payment = await paymentOfCoin();
  sender.send(txMessage(payment));
  await trusted.expect('inv');
  assert.equal(fixture.hasTransaction(payment), true);
  fixture.clock.shift(TRICKLE_SEC);
  await other.expect('inv');
});

test('peers that name transactions by txid are told by txid, and served with and without witnesses', async (t) => {
  const fixture = await start(t);
  const sender = await joinRelay(fixture);
  const old = await fixture.joinQuiet();
  const payment = await paymentOfCoin();
  await letTick(fixture, old);
  sender.send(txMessage(payment));
  await sender.sync();
  fixture.clock.shift(TRICKLE_SEC);
  const { items } = await old.expect('inv');
  assert.deepEqual([items.type(0), items.hash(0)], [MSG_TX, payment.txid]);
  old.send(inventory('getdata', MSG_TX, [payment.txid]), inventory('getdata', MSG_WITNESS_TX, [payment.txid]));
  const bare = await old.expectArrived('tx');
  const whole = await old.expectArrived('tx');
  assert.deepEqual([bare.payload.length, whole.payload.length], [payment.strippedSize, payment.totalSize]);
});

test('M13: a transaction that was not announced to a peer is not served to it', async (t) => {
  const fixture = await start(t);
  const spy = await joinRelay(fixture);
  const payment = await paymentOfCoin();
  const fresh = await joinRelay(fixture);
  await letTick(fixture, spy);
  fresh.send(txMessage(payment));
  await fresh.sync();
  spy.send(inventory('getdata', MSG_WTX, [payment.wtxid]), inventory('getdata', MSG_WITNESS_TX, [payment.txid]));
  for (let i = 0; i < 2; i++) assert.equal((await spy.expect('notfound')).items.count, 1);
  await spy.expectNothing(0, 'inv');
});

test('the mempool is shown to those who may ask for it, and others are sent away', async (t) => {
  const fixture = await start(t);
  const shown = [await paymentOfCoin(), await paymentOfCoin()];
  await putIn(fixture, ...shown);
  const [trusted, stranger] = [await joinRelay(fixture, TRUSTED_HOST), await joinRelay(fixture)];
  await letTick(fixture, trusted);
  assert.deepEqual(announcedTo(trusted), []);
  trusted.send({ type: 'mempool' });
  const { items } = await trusted.expect('inv');
  assert.equal(items.count, 2);
  stranger.send({ type: 'mempool' });
  await stranger.closed();
});

test('feefilter: a peer is told what we take at least, and is not told of what it does not want', async (t) => {
  const fixture = await start(t);
  const joined = await fixture.joinQuiet();
  const { feeRateSat } = await joined.expect('feefilter');
  // The lowest rate of 100 sat/kvB, rounded to one of the steps below or above it, so that no node is known by it.
  assert.ok(feeRateSat >= 90 && feeRateSat <= 120, String(feeRateSat));
  const [sender, picky] = [await joinRelay(fixture), await joinRelay(fixture)];
  await letTick(fixture, picky);
  const world = await payments;
  const [cheap, dear] = [
    world.payment([world.coin()], { feeSat: 1_000 }),
    world.payment([world.coin()], { feeSat: 100_000 }),
  ];
  picky.send({ type: 'feefilter', feeRateSat: 100_000 });
  await picky.sync();
  sender.send(txMessage(cheap), txMessage(dear));
  await sender.sync();
  fixture.clock.shift(TRICKLE_SEC);
  await picky.expect('inv').then(({ items }) => assert.equal(items.count, 1));
  await letTick(fixture, picky);
  assert.deepEqual(announcedTo(picky), []);
});

test('a child that comes before its parent waits for it, and the parent is asked for', async (t) => {
  const fixture = await start(t);
  const sender = await joinRelay(fixture);
  const world = await payments;
  const parent = world.payment([world.coin()]);
  const child = world.payment([world.coinOf(parent)]);
  sender.send(txMessage(child));
  await sender.sync();
  assert.equal(fixture.hasTransaction(child), false);
  assert.equal([...fixture.node.control.orphans()].length, 1);
  fixture.clock.shift(REQUEST_DELAY_SEC);
  const { items } = await sender.expect('getdata');
  assert.deepEqual([items.type(0), items.hash(0)], [MSG_WITNESS_TX, parent.txid]);
  sender.send(txMessage(parent));
  await fixture.until(() => fixture.hasTransaction(child), 'the child is in the mempool');
  assert.equal([...fixture.node.control.orphans()].length, 0);
});

test('a parent that pays too little comes in with the child that pays for it', async (t) => {
  const fixture = await start(t);
  const sender = await joinRelay(fixture);
  const world = await payments;
  const parent = world.payment([world.coin()], { feeSat: 0, version: 3 });
  const child = world.payment([world.coinOf(parent)], { feeSat: 5 * FEE_SAT, version: 3 });
  sender.send(txMessage(parent));
  await sender.sync();
  assert.equal(fixture.hasTransaction(parent), false);
  sender.send(txMessage(child));
  await sender.sync();
  // Whoever has the child is asked for the parent once more, and then both are judged together.
  fixture.clock.shift(REQUEST_DELAY_SEC);
  await sender.expect('getdata');
  sender.send(txMessage(parent));
  await sender.sync();
  assert.deepEqual([fixture.hasTransaction(parent), fixture.hasTransaction(child)], [true, true]);
});

/** A peer that has brought a block and was therefore asked to announce the next ones by compact blocks. */
async function joinAnnouncer(fixture: NodeFixture, branch: BranchBuilder): Promise<RawPeer> {
  const peer = await fixture.joinQuiet({ negotiation: [{ type: 'sendcmpct', announce: 0, version: 2n }] });
  const block = branch.mine();
  peer.send(blockMessage(block));
  await fixture.tipIs(block);
  assert.equal((await peer.expect('sendcmpct')).announce, 1);
  return peer;
}

test('a block whose transactions are in the mempool needs no further question', async (t) => {
  const world = await payments;
  const fixture = await start(t);
  const branch = world.branch.fork();
  const peer = await joinAnnouncer(fixture, branch);
  const transactions = [await paymentOfCoin(), await paymentOfCoin(), await paymentOfCoin()];
  await putIn(fixture, ...transactions);
  const block = branch.mine({ transactions });
  peer.send(createCompactBlock(block, createRng(1)));
  await fixture.tipIs(block);
  await peer.sync();
  assert.deepEqual([peer.count('getblocktxn'), peer.count('getdata')], [0, 0]);
  await fixture.logged(/Successfully reconstructed block \w{64} with 1 txn prefilled, 3 txn from mempool/);
  assert.equal(fixture.pool.mempool.size, 0);
});

test('what is refused for its fee helps with a block all the same', async (t) => {
  const world = await payments;
  const fixture = await start(t);
  const branch = world.branch.fork();
  const peer = await joinAnnouncer(fixture, branch);
  const free = world.payment([world.coin()], { feeSat: 0 });
  peer.send(txMessage(free));
  await peer.sync();
  assert.equal(fixture.hasTransaction(free), false);
  const block = branch.mine({ transactions: [free] });
  peer.send(createCompactBlock(block, createRng(1)));
  await fixture.tipIs(block);
  assert.equal(peer.count('getblocktxn'), 0);
});

test('a good transaction whose witness somebody spoiled is asked for from others', async (t) => {
  const fixture = await start(t);
  const world = await payments;
  const payment = world.payment([world.coin()]);
  const stripped = buildTransaction({
    version: payment.version,
    locktime: payment.locktime,
    inputs: [{ prevout: payment.prevout(0), scriptSig: EMPTY_BYTES, sequence: payment.sequence(0) }],
    outputs: [pay(payment.valueSat(0), payment.scriptPubKey(0))],
  });
  assert.deepEqual(stripped.txid, payment.txid);
  const [liar, honest] = [await joinRelay(fixture), await joinRelay(fixture)];
  liar.send(txMessage(stripped));
  await liar.sync();
  await announceAndSend(fixture, honest, payment);
  assert.ok(fixture.hasTransaction(payment));
});

async function announceAndSend(fixture: NodeFixture, peer: RawPeer, transaction: Transaction): Promise<void> {
  peer.send(announce(transaction));
  await peer.sync();
  fixture.clock.shift(REQUEST_DELAY_SEC);
  await peer.expect('getdata');
  peer.send(txMessage(transaction));
  await peer.sync();
}

test('a double spend: the first is kept and passed on, the second not, unless it pays for both', async (t) => {
  const fixture = await start(t);
  const world = await payments;
  const coin = world.coin();
  const [first, second, third] = [10_000, 9_000, 30_000].map((feeSat) => world.payment([coin], { feeSat }));
  const [sender, trusted] = [await joinRelay(fixture), await joinRelay(fixture, TRUSTED_HOST)];
  await letTick(fixture, trusted);
  for (const transaction of [first!, second!, third!]) sender.send(txMessage(transaction));
  await sender.sync();
  assert.deepEqual(
    [first, second, third].map((one) => fixture.hasTransaction(one!)),
    [false, false, true],
  );
  await fixture.logged(/insufficient fee, rejecting replacement/);
  await letTick(fixture, trusted);
  assert.ok(!announcedTo(trusted).includes(nameOf(second!)));
});
