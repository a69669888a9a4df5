// Floods of transactions over real sockets: announcements of nothing, orphans, transactions that are dear to look at. What they cost
// is bounded, and others are served meanwhile.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hash160 } from '../../src/kernel/crypto/hash160.ts';
import { buildTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { encodePush } from '../../src/kernel/script/script.ts';
import { createP2sh } from '../../src/kernel/script/script-builder.ts';
import { EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { MSG_TX, MSG_WTX } from '../../src/node/wire/protocol.ts';
import { pay } from '../model/block-builder.ts';
import type { NodeFixture } from './node-fixture.ts';
import {
  announce,
  joinRelay,
  letTick,
  openPayments,
  outputsTo,
  REQUEST_DELAY_SEC,
  startPaymentNode,
  txMessage,
} from './payment-scene.ts';
import type { RawPeer } from './raw-peer.ts';
import { fakeHashes, inventory } from './requests.ts';

/** Announcements of a peer that are taken note of (Core MAX_PEER_TX_ANNOUNCEMENTS), and what is asked for in one message. */
const ANNOUNCEMENTS_MAX = 5_000;
const GETDATA_MAX = 1_000;

/** A P2SH script whose signature operations count fifteen and are never run: as many as are standard. */
const COSTLY_SCRIPT = Uint8Array.of(
  OP.OP_0,
  OP.OP_IF,
  ...new Array<number>(15).fill(OP.OP_CHECKSIG),
  OP.OP_ENDIF,
  OP.OP_1,
);

/** Inputs that together count more than 2,500 (BIP54). */
const COSTLY_COUNT = 168;

/** Inputs of the largest orphans that are standard. */
const ORPHAN_INPUTS = 1_400;

const payments = openPayments({
  kinds: ['p2wpkh'],
  extraOutputs: outputsTo(createP2sh(hash160(COSTLY_SCRIPT)), COSTLY_COUNT, 10_000),
});

/** An honest peer goes on asking; how long it waits at most for an answer, while `isOver` says no. */
async function measurePings(peer: RawPeer, isOver: () => boolean): Promise<{ count: number; longestMs: number }> {
  let [count, longestMs] = [0, 0];
  while (!isOver()) {
    const startMs = performance.now();
    await peer.sync();
    longestMs = Math.max(longestMs, performance.now() - startMs);
    count++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { count, longestMs };
}

/** Runs `attack`; an honest peer waits a second at most for an answer meanwhile. */
async function whilePinging(t: TestContext, peer: RawPeer, attack: () => Promise<void>): Promise<void> {
  let isOver = false;
  const pings = measurePings(peer, () => isOver);
  await attack();
  isOver = true;
  const { count, longestMs } = await pings;
  t.diagnostic(`${count} pings meanwhile, the longest took ${longestMs.toFixed(0)} ms`);
  // A second is the bound on a machine of its own.
  assert.ok(longestMs <= 5_000, `a ping took ${longestMs.toFixed(0)} ms`);
}

/** Says of everything that it is asked for that it has not got it; returns how much it was asked for, and at a time. */
function denyEverything(peer: RawPeer): { total: number; largest: number } {
  const asked = { total: 0, largest: 0 };
  peer.answerWith((message) => {
    if (message.type !== 'getdata') return false;
    asked.total += message.items.count;
    asked.largest = Math.max(asked.largest, message.items.count);
    peer.send({ type: 'notfound', items: message.items });
    return true;
  });
  return asked;
}

test('D02: who announces hundreds of thousands of transactions is asked for some of them, and an honest one is still fetched', async (t) => {
  const world = await payments;
  const fixture = await startPaymentNode(t, world, { keepsDebug: false });
  const honest = await joinRelay(fixture);
  const silent = await joinRelay(fixture);
  const deniers = [await joinRelay(fixture), await joinRelay(fixture)];
  const asked = deniers.map(denyEverything);
  const payment = world.payment([world.coin()]);
  await whilePinging(t, honest, async () => {
    for (const [i, peer] of [silent, ...deniers].entries()) {
      for (let j = 0; j < 4; j++) {
        peer.send(inventory('inv', MSG_WTX, fakeHashes(50_000, (4 * i + j) * 50_000)));
        await peer.sync();
      }
    }
    // The flood has the same one, before the honest peer does.
    silent.send(announce(payment));
    honest.send(announce(payment));
    await honest.sync();
    fixture.clock.shift(REQUEST_DELAY_SEC);
    await honest.expect('getdata');
    honest.send(txMessage(payment));
    await honest.sync();
    assert.ok(fixture.hasTransaction(payment));
    await fixture.until(
      () => asked.every(({ total }) => total >= ANNOUNCEMENTS_MAX),
      'all that was noted was asked for',
      60_000,
    );
  });
  await letTick(fixture, ...deniers);
  for (const { total, largest } of asked) {
    assert.equal(total, ANNOUNCEMENTS_MAX);
    assert.ok(largest <= GETDATA_MAX);
  }
  const inFlight = silent.takeOf('getdata').reduce((sum, { items }) => sum + items.count, 0);
  assert.equal(inFlight, ANNOUNCEMENTS_MAX, 'who does not answer is asked no more');
});

/** A payment with as many outputs as are standard, to a real key. */
async function makeParent(): Promise<Transaction> {
  const world = await payments;
  const { scriptPubKey } = world.wallet.address(0);
  return world.payment([world.coin()], { outputs: outputsTo(scriptPubKey, 3_000, 1_000) });
}

/** Spends outputs of a parent with a signature that is another's: wrong, but only whoever verifies it knows. */
function spendWrongly(
  parent: Transaction,
  first: number,
  count: number,
  witness: readonly Uint8Array[],
  locktime: number,
) {
  return buildTransaction({
    version: 2,
    locktime,
    inputs: Array.from({ length: count }, (_, i) => ({
      prevout: { txid: parent.txid, index: (first + i) % parent.outputCount },
      scriptSig: EMPTY_BYTES,
      sequence: 0xfffffffe,
      witness,
    })),
    outputs: [pay(count * 1_000 - 500, parent.scriptPubKey(0))],
  });
}

test('D08: orphans of strangers take a bounded place, and trying them again keeps nobody waiting', async (t) => {
  const world = await payments;
  const fixture = await startPaymentNode(t, world, { keepsDebug: false });
  const parent = await makeParent();
  const key = world.payment([world.kindCoins[0]!], { feeSat: 2_000 }).witness(0);
  const honest = await joinRelay(fixture);
  const attackers = await Promise.all(Array.from({ length: 4 }, () => joinRelay(fixture)));
  const orphans = () => [...fixture.node.control.orphans()];
  await whilePinging(t, honest, async () => {
    for (let i = 0; i < 25; i++) {
      for (const [j, attacker] of attackers.entries())
        attacker.send(txMessage(spendWrongly(parent, 50 * i + 700 * j, ORPHAN_INPUTS, key, 1 + i)));
      await Promise.all(attackers.map((attacker) => attacker.sync()));
      const weightWu = orphans().reduce((sum, { transaction }) => sum + transaction.weightWu, 0);
      assert.ok(weightWu <= attackers.length * 404_000, `${weightWu} of weight`);
    }
  });
  assert.ok(orphans().length <= attackers.length);
  // Small ones, more than anybody may have.
  await whilePinging(t, honest, async () => {
    const [attacker] = attackers;
    for (let i = 0; i < 3_100; i++) {
      attacker!.send(txMessage(spendWrongly(parent, i, 1, key, 100)));
      if (i % 100 === 99) await attacker!.sync();
    }
  });
  const held = orphans();
  const score = held.reduce((sum, { transaction }) => sum + 1 + Math.floor(transaction.inputCount / 10), 0);
  assert.ok(score <= 3_000, `a score of ${score}`);
  t.diagnostic(
    `${held.length} orphans of ${held.reduce((sum, { transaction }) => sum + transaction.weightWu, 0)} weight units`,
  );
  // The parent comes: everything is tried again, at the expense of those who sent it.
  const before = fixture.scripts.runCount;
  await whilePinging(t, honest, async () => {
    honest.send(txMessage(parent));
    await fixture.until(() => orphans().length === 0, 'all orphans were tried', 60_000);
  });
  assert.ok(fixture.hasTransaction(parent));
  assert.equal(fixture.pool.mempool.size, 1);
  t.diagnostic(`${fixture.scripts.runCount - before} scripts were run`);
  assert.ok(fixture.scripts.runCount - before <= held.length + 10, 'one wrong signature is enough');
  for (const attacker of attackers) assert.equal(attacker.isClosed, false);
});

/** Transactions that are not standard, and would be dear to verify, each with another locktime. */
async function makeCostly(count: number): Promise<Transaction[]> {
  const world = await payments;
  const inputs = world.extraCoins.map(({ prevout }) => ({
    prevout,
    scriptSig: encodePush(COSTLY_SCRIPT),
    sequence: 0xfffffffe,
  }));
  return Array.from({ length: count }, (_, locktime) =>
    buildTransaction({ version: 2, locktime, inputs, outputs: [pay(100_000, world.wallet.address(0).scriptPubKey)] }),
  );
}

/** Transactions beyond the standard weight. */
async function makeTooLarge(count: number): Promise<Transaction[]> {
  const world = await payments;
  const { scriptPubKey } = world.wallet.address(0);
  const inputs = [{ prevout: world.coin().prevout, scriptSig: EMPTY_BYTES, sequence: 0xfffffffe }];
  const outputs = outputsTo(scriptPubKey, 30_000, 1_000);
  return Array.from({ length: count }, (_, locktime) => buildTransaction({ version: 2, locktime, inputs, outputs }));
}

async function sendFromChangingPeers(fixture: NodeFixture, transactions: readonly Transaction[]): Promise<number> {
  const before = process.cpuUsage();
  for (const transaction of transactions) {
    const peer = await joinRelay(fixture);
    peer.send(txMessage(transaction));
    await peer.sync();
    assert.equal(peer.isClosed, false);
    peer.close();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / transactions.length;
}

test('D09: transactions that are dear to verify are refused before a script of theirs is run', async (t) => {
  const fixture = await startPaymentNode(t, await payments);
  const honest = await joinRelay(fixture);
  const [costly, large] = [await makeCostly(20), await makeTooLarge(5)];
  await whilePinging(t, honest, async () => {
    const costlyMs = await sendFromChangingPeers(fixture, costly);
    const largeMs = await sendFromChangingPeers(fixture, large);
    t.diagnostic(`of this process each took ${costlyMs.toFixed(0)} and ${largeMs.toFixed(0)} ms, the peers included`);
  });
  assert.equal(fixture.countLines(/was not accepted: bad-txns-nonstandard-inputs/), costly.length);
  assert.equal(fixture.countLines(/was not accepted: tx-size/), large.length);
  assert.deepEqual([fixture.scripts.runCount, fixture.pool.mempool.size], [0, 0]);
});

test('D09: a transaction that is standard and as dear as can be is judged in pieces', async (t) => {
  const world = await payments;
  const fixture = await startPaymentNode(t, world, { keepsDebug: false });
  const [honest, sender] = [await joinRelay(fixture), await joinRelay(fixture)];
  // Every input is good; what it costs is the looking.
  const payment = world.payment(
    Array.from({ length: 200 }, () => world.coin()),
    {
      outputs: outputsTo(world.wallet.address(0).scriptPubKey, 2_700, 1_000),
    },
  );
  assert.ok(payment.weightWu > 350_000 && payment.weightWu <= 400_000, String(payment.weightWu));
  await whilePinging(t, honest, async () => {
    sender.send(txMessage(payment));
    await sender.sync();
  });
  assert.ok(fixture.hasTransaction(payment));
});

test('many announcements of the same transaction by many peers: it is fetched once', async (t) => {
  const world = await payments;
  const fixture = await startPaymentNode(t, world);
  const peers = await Promise.all(Array.from({ length: 8 }, () => joinRelay(fixture)));
  const payment = world.payment([world.coin()]);
  for (const peer of peers) peer.send(announce(payment), inventory('inv', MSG_TX, [payment.txid]));
  await Promise.all(peers.map((peer) => peer.sync()));
  fixture.clock.shift(REQUEST_DELAY_SEC);
  await letTick(fixture, ...peers);
  const asked = peers.filter((peer) => peer.count('getdata') > 0);
  assert.equal(asked.length, 1);
  asked[0]!.send(txMessage(payment));
  await asked[0]!.sync();
  fixture.clock.shift(120);
  await letTick(fixture, ...peers);
  assert.equal(
    peers.reduce((sum, peer) => sum + peer.count('getdata'), 0),
    1,
  );
});
