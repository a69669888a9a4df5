// D02: peers that announce transactions without end and have none of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  askedFor,
  inventory,
  loose,
  MSG_WTX,
  TransactionWorld,
  wtx,
} from '../../../../test/model/transaction-world.ts';
import { createRng } from '../../../kernel/util/prng.ts';
import type { Message } from '../../wire/messages.ts';
import { InventoryList } from '../../wire/packed-lists.ts';
import type { Peer } from '../peer.ts';

const ATTACKERS = 10;
const INV_ITEMS = 50_000;
const TRACKED_MAX = 5_000;
const BYTES_PER_ATTACKER_MAX = 2_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are alive. Buffers that nobody holds are given back by another thread, a moment after the collection. */
async function alive(): Promise<number> {
  collect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** An inv of transactions that nobody has. */
function fakeInv(seed: number): Message {
  const rng = createRng(seed);
  const bytes = rng.bytes(36 * INV_ITEMS);
  for (let at = 0; at < bytes.length; at += 36) bytes.set([MSG_WTX, 0, 0, 0], at);
  return { type: 'inv', items: new InventoryList(bytes) };
}

/** A world with ten peers, of which so many flood it. */
async function underAttack(floodingCount: number): Promise<{ world: TransactionWorld; attackers: Peer[] }> {
  const world = await TransactionWorld.open();
  const attackers = Array.from({ length: ATTACKERS }, () => world.join());
  attackers.slice(0, floodingCount).forEach((peer, i) => {
    world.world.manager.messageReceived(peer.id, fakeInv(i), world.world.now);
  });
  return { world, attackers };
}

test('D02: of a million announcements 5,000 of each peer are remembered, in less than 2 MB, and all are given back', async () => {
  const { world, attackers } = await underAttack(0);
  const before = await alive();
  const { manager } = world.world;
  for (let round = 0; round < 2; round++) {
    for (const [i, peer] of attackers.entries()) {
      manager.messageReceived(peer.id, fakeInv(1 + round * ATTACKERS + i), world.world.now);
      assert.equal(manager.txDownload.load(peer.id).announced, TRACKED_MAX);
    }
  }
  const during = await alive();
  assert.ok(during - before < ATTACKERS * BYTES_PER_ATTACKER_MAX, `${during - before} bytes`);
  manager.txDownload.sanityCheck();
  for (const peer of attackers) world.world.leave(peer);
  const after = await alive();
  assert.ok(after - before < 2_000_000, `${after - before} bytes are left`);
});

test('D02: while ten peers flood us, an honest transaction is asked for at once from a peer that we chose, else after two seconds', async () => {
  const { world } = await underAttack(ATTACKERS);
  const [chosen, inbound] = [world.join({ kind: 'outbound-full-relay' }), world.join()];
  const [first, second] = [loose(), loose()];
  world.announce(chosen, MSG_WTX, first.wtxid);
  assert.deepEqual(askedFor(world.world.tick(chosen)), [wtx(first)]);
  world.announce(inbound, MSG_WTX, second.wtxid);
  world.world.wait(2_000);
  assert.deepEqual(askedFor(world.world.tick(inbound)), [wtx(second)]);
  world.send(inbound, second);
  assert.equal(world.isInPool(second), true);
});

test('D02: who announces an honest transaction before us and never sends it delays it by a minute at most, if we chose one honest peer', async () => {
  const { world, attackers } = await underAttack(0);
  const transaction = loose();
  for (const peer of attackers) world.announce(peer, MSG_WTX, transaction.wtxid);
  assert.deepEqual(askedFor(world.tick(2_000)), [wtx(transaction)]);
  const honest = world.join({ kind: 'outbound-full-relay' });
  world.announce(honest, MSG_WTX, transaction.wtxid);
  assert.deepEqual(askedFor(world.tick(59_000)), []);
  world.world.wait(1_000);
  assert.deepEqual(askedFor(world.world.tick(honest)), [wtx(transaction)]);
});

test('D02: a peer with a hundred requests in flight is asked two seconds later for what it announces then', async () => {
  const { world } = await underAttack(0);
  const peer = world.join();
  const hashes = Array.from({ length: 102 }, (_, i) => createRng(i).bytes(32));
  world.say(peer, inventory('inv', MSG_WTX, ...hashes.slice(0, 100)));
  assert.equal(askedFor(world.tick(2_000)).length, 100);
  assert.deepEqual(world.world.manager.txDownload.load(peer.id), { announced: 100, inFlight: 100 });
  world.say(peer, inventory('inv', MSG_WTX, ...hashes.slice(100)));
  assert.equal(askedFor(world.tick(3_999)).length, 0);
  assert.equal(askedFor(world.tick(1)).length, 2);
});

test('D02: five thousand requests leave in messages of a thousand', async () => {
  const { world, attackers } = await underAttack(1);
  world.world.wait(2_000);
  const sizes = world.world
    .tick(attackers[0]!)
    .flatMap((effect) =>
      effect.type === 'send' && effect.message.type === 'getdata' ? [effect.message.items.count] : [],
    );
  assert.deepEqual(sizes, [1_000, 1_000, 1_000, 1_000, 1_000]);
});
