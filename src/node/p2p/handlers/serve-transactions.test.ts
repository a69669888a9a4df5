import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../../test/model/block-builder.ts';
import { BranchBuilder } from '../../../../test/model/branch-builder.ts';
import { type ManagerWorld, type ManagerWorldOptions, sentOf, sentTo } from '../../../../test/model/manager-world.ts';
import { openRelayGround, RelayPoolWorld } from '../../../../test/model/relay-pool-world.ts';
import type { Transaction } from '../../../kernel/primitives/transaction.ts';
import { createRng } from '../../../kernel/util/prng.ts';
import type { InventoryMessage } from '../../wire/messages.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import type { Effect } from '../effects.ts';
import type { Peer } from '../peer.ts';

const TX = 1;
const WTX = 5;
const WITNESS_TX = 0x4000_0001;
const WITNESS_BLOCK = 0x4000_0002;

/** A transaction with a witness of some length; `n` makes it another one. */
function witnessed(n: number, length = 10): Transaction {
  const input = spend({ txid: fakeTxid(n), index: 0 }, { witness: [new Uint8Array(length)] });
  return makeTx([input], [pay(1)]);
}

/** A node with a mempool, and peers that announce by wtxid. */
class World extends RelayPoolWorld {
  static async open(options: ManagerWorldOptions = {}): Promise<World> {
    return new World(await openRelayGround(options));
  }

  join(options: Parameters<ManagerWorld['join']>[0] = {}): Peer {
    const peer = this.node.join(options);
    peer.announcesByWtxid = true;
    this.node.tick(peer);
    return peer;
  }

  /** Asks, and has everything answered as the shell would. */
  ask(peer: Peer, ...items: readonly { readonly type: number; readonly hash: Uint8Array }[]): Effect[] {
    const effects = [...this.node.say(peer, getData(items))];
    const { manager } = this.node;
    while (manager.hasRequests(peer.id)) effects.push(...manager.serveNext(peer.id, this.node.now));
    return effects;
  }
}

function getData(items: readonly { readonly type: number; readonly hash: Uint8Array }[]): InventoryMessage {
  return { type: 'getdata', items: InventoryList.of(items) };
}

test('M13: a transaction is not given to whoever was not told of it, and it is given afterwards', async () => {
  const world = await World.open();
  const spy = world.join();
  const { transaction } = world.accept({ transaction: witnessed(1) });
  const wanted = { type: WTX, hash: transaction.wtxid };
  const before = world.ask(spy, wanted);
  assert.deepEqual(sentTo(before), [{ type: 'notfound', items: InventoryList.of([wanted]) }]);
  assert.deepEqual(world.waitForInv(spy), [transaction.wtxid]);
  assert.deepEqual(sentTo(world.ask(spy, wanted)), [{ type: 'tx', transaction, isStripped: false }]);
});

test('M13: a transaction that came before the handshake was over is not told to the spy', async () => {
  const world = await World.open();
  const { peer } = world.node.connect();
  world.accept({ transaction: witnessed(1) });
  world.node.say(peer, { type: 'wtxidrelay' });
  assert.deepEqual(world.waitForInv(peer), []);
});

test('the form that is asked for is the form that is sent, and what is missing is named in one message', async () => {
  const world = await World.open();
  const peer = world.join();
  const { transaction } = world.accept({ transaction: witnessed(1) });
  world.waitForInv(peer);
  const { txid, wtxid } = transaction;
  const answers = world.ask(
    peer,
    { type: TX, hash: txid },
    { type: WTX, hash: txid },
    { type: WITNESS_TX, hash: txid },
    { type: TX, hash: wtxid },
    { type: WTX, hash: wtxid },
  );
  const missing = InventoryList.of([
    { type: WTX, hash: txid },
    { type: TX, hash: wtxid },
  ]);
  assert.deepEqual(sentTo(answers), [
    { type: 'tx', transaction, isStripped: true },
    { type: 'tx', transaction, isStripped: false },
    { type: 'tx', transaction, isStripped: false },
    { type: 'notfound', items: missing },
  ]);
});

test('a transaction that was replaced is not found, and one that was in a block before is there for everybody', async () => {
  const world = await World.open();
  const peer = world.join();
  const replaced = world.accept({ transaction: witnessed(1) });
  world.waitForInv(peer);
  world.pool.remove(replaced);
  const items = [
    { type: TX, hash: replaced.transaction.txid },
    { type: WTX, hash: replaced.transaction.wtxid },
  ];
  assert.deepEqual(sentTo(world.ask(peer, ...items)), [{ type: 'notfound', items: InventoryList.of(items) }]);
  const returned = world.pool.add({ transaction: witnessed(2), sequence: 0 });
  assert.equal(sentOf(world.ask(peer, { type: TX, hash: returned.transaction.txid }), 'tx').length, 1);
});

test('transactions of the newest block are given to everybody, until the next block', async () => {
  const branch = new BranchBuilder();
  branch.mineMany(101);
  const world = await World.open({ branch });
  const peer = world.join();
  const transaction = branch.spendCoinbase(1);
  const block = branch.mine({ transactions: [transaction] });
  const wanted = [
    { type: TX, hash: transaction.txid },
    { type: WTX, hash: transaction.wtxid },
    { type: WITNESS_TX, hash: block.transaction(0).txid },
  ];
  const given = (): number => sentOf(world.ask(peer, ...wanted), 'tx').length;
  assert.equal(given(), 0);
  await world.node.chain.submitBlock(block, world.node.nowSec);
  world.node.manager.ownBlockStored(block, world.node.chain.active.tip, world.node.now);
  assert.equal(given(), 3);
  const next = await world.node.grow();
  world.node.manager.ownBlockStored(next.block, next.entry, world.node.now);
  assert.equal(given(), 0);
});

test('our own transaction is announced again until somebody has fetched it', async () => {
  const world = await World.open();
  const entry = world.accept({ transaction: witnessed(1) });
  world.pool.addUnbroadcast(entry.transaction.txid);
  const peer = world.join();
  assert.deepEqual(world.waitForInv(peer), [], 'it came before the peer');
  assert.deepEqual(world.node.manager.reattemptBroadcast(world.node.now), []);
  assert.deepEqual(world.waitForInv(peer), [entry.transaction.wtxid]);
  assert.equal(world.pool.unbroadcast().length, 1);
  world.ask(peer, { type: WTX, hash: entry.transaction.wtxid });
  assert.equal(world.pool.unbroadcast().length, 0);
  const later = world.join();
  world.node.manager.reattemptBroadcast(world.node.now);
  assert.deepEqual(world.waitForInv(later), []);
});

test('D04: of large transactions so many are sent at once as make a megabyte, then the peer has to read', async () => {
  const world = await World.open();
  const peer = world.join({ permissions: ['noban'] });
  const wanted = Array.from({ length: 8 }, (_, n) => {
    const { transaction } = world.accept({ transaction: witnessed(n, 300_000) });
    return { type: WTX, hash: transaction.wtxid };
  });
  world.node.tick(peer);
  const block = { type: WITNESS_BLOCK, hash: world.node.branch.tip.header.blockHash };
  const turns = [world.node.say(peer, getData([...wanted, block]))];
  while (world.node.manager.hasRequests(peer.id)) {
    turns.push(world.node.manager.serveNext(peer.id, world.node.now));
  }
  assert.deepEqual(
    turns.map((turn) => turn.filter(({ type }) => type !== 'debug').map(({ type }) => type)),
    [Array(4).fill('send'), Array(4).fill('send'), ['serve-block']],
  );
});

test('D04: a request for 12,000 transactions that we have not is answered in three turns', async () => {
  const world = await World.open();
  const peer = world.join();
  const rng = createRng(8);
  const wanted = Array.from({ length: 12_000 }, () => ({ type: WTX, hash: rng.bytes(32) }));
  const counts = sentOf(world.ask(peer, ...wanted), 'notfound').map(({ items }) => items.count);
  assert.deepEqual(counts, [5_000, 5_000, 2_000]);
});

test('over connections for blocks alone, and to those who want none, no transaction is announced or given', async () => {
  const world = await World.open();
  const peers = [world.join({ kind: 'block-relay-only' }), world.join({ version: { relay: false } })];
  const { transaction } = world.accept({ transaction: witnessed(1) });
  for (const peer of peers) {
    assert.deepEqual(world.waitForInv(peer), []);
    assert.deepEqual(sentTo(world.ask(peer, { type: WTX, hash: transaction.wtxid })), []);
  }
});

test('the mempool is listed to whom the operator permits it', async () => {
  const world = await World.open();
  const { transaction } = world.pool.add({ transaction: witnessed(1) });
  const trusted = world.join({ permissions: ['mempool'] });
  world.node.say(trusted, { type: 'mempool' });
  assert.deepEqual(world.waitForInv(trusted), [transaction.wtxid]);
  const spared = world.join({ permissions: ['noban'] });
  world.node.say(spared, { type: 'mempool' });
  assert.deepEqual(world.waitForInv(spared), []);
});
