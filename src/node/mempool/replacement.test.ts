import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptWorld, describeResult, EASY, type TestCoin } from '../../../test/model/accept-world.ts';
import { pay } from '../../../test/model/block-builder.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';

/** Virtual bytes of a payment of one easy coin to one. */
const VSIZE = 96;

function hex({ txid }: Transaction): string {
  return formatHash(txid);
}

test('M03: a replacement for the same fee is refused', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const coin = world.coin();
  const first = world.payment([coin], { feeSat: 1_000 });
  await world.add(first);
  const second = world.payment([coin], { feeSat: 1_000, sequence: 0 });
  assert.equal(
    await world.verdict(second),
    `reconsiderable: insufficient fee, rejecting replacement ${hex(second)}, not enough additional fees to relay; 0.00 < 0.0000001`,
  );
  const cheaper = world.payment([coin], { feeSat: 999 });
  assert.equal(
    await world.verdict(cheaper),
    `reconsiderable: insufficient fee, rejecting replacement ${hex(cheaper)}, less fees than conflicting txs; 0.00000999 < 0.00001`,
  );
  assert.deepEqual(world.txids(), [hex(first)]);
});

test('M03: a replacement pays for its own relay at the incremental rate, to the satoshi', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const coin = world.coin();
  await world.add(world.payment([coin], { feeSat: 1_000 }));
  // 96 virtual bytes at 100 satoshis per 1,000: 9.6, rounded up
  assert.match(await world.verdict(world.payment([coin], { feeSat: 1_009 })), /^reconsiderable: insufficient fee, /);
  const good = world.payment([coin], { feeSat: 1_010 });
  const result = await world.accept(good);
  assert(result.outcome === 'accepted');
  assert.deepEqual(
    result.replaced.map(({ feeSat }) => feeSat),
    [1_000],
  );
  assert.deepEqual(world.txids(), [hex(good)]);
  world.mempool.sanityCheck();
});

test('M03: descendants are replaced too, and are to be paid for', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const coin = world.coin();
  const parent = world.payment([coin], { feeSat: 1_000, outputCount: 2 });
  await world.add(parent);
  const child = world.payment([world.coinOf(parent)], { feeSat: 2_000 });
  await world.add(child);
  const grandchild = world.payment([world.coinOf(child), world.coinOf(parent, 1)], { feeSat: 3_000 });
  await world.add(grandchild);
  const cheap = world.payment([coin], { feeSat: 5_999 });
  assert.match(await world.verdict(cheap), /less fees than conflicting txs; 0\.00005999 < 0\.00006$/);
  const told: string[] = [];
  world.mempool.signals.removed.subscribe(({ entry, reason }) => told.push(`${reason} ${hex(entry.transaction)}`));
  const good = world.payment([coin], { feeSat: 6_010 });
  const result = await world.accept(good);
  assert(result.outcome === 'accepted', describeResult(result));
  assert.deepEqual(
    result.replaced.map(({ transaction }) => hex(transaction)).sort(),
    [parent, child, grandchild].map(hex).sort(),
  );
  assert.deepEqual(told.sort(), [parent, child, grandchild].map((tx) => `replaced ${hex(tx)}`).sort());
  assert.deepEqual(world.txids(), [hex(good)]);
});

test('M03: a replacement that leaves the mempool worse for miners is refused, though it pays more in all', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const [small, other] = [world.coin(), world.coin()];
  // 96 virtual bytes at a high rate
  await world.add(world.payment([small], { feeSat: 9_600 }));
  // pays more, but over 40 times the size: worse in the first 96 bytes
  const large = world.payment([small, other], { feeSat: 20_000, outputCount: 90 });
  const result = await world.accept(large);
  assert.equal(
    describeResult(result),
    'reconsiderable: replacement-failed, insufficient feerate: does not improve feerate diagram',
  );
  assert(result.outcome === 'rejected' && result.judged?.feerate.feeSat === 20_000);
});

test('M03: more than 100 clusters are not replaced at once, 100 are', async () => {
  const world = await AcceptWorld.open({ coinCount: 101 });
  const coins = world.coins.splice(0);
  for (const coin of coins) await world.add(world.payment([coin], { feeSat: 100 }));
  const all = world.payment(coins, { feeSat: 1_000_000 });
  assert.equal(
    await world.verdict(all),
    `mempool-policy: too many potential replacements, rejecting replacement ${hex(all)}; too many conflicting clusters (101 > 100)`,
  );
  const most = world.payment(coins.slice(1), { feeSat: 1_000_000 });
  const result = await world.accept(most);
  assert(result.outcome === 'accepted' && result.replaced.length === 100);
  assert.equal(world.mempool.size, 2);
  world.mempool.sanityCheck();
});

test('M03: a replacement that spends what it replaces contradicts itself', async () => {
  const world = await AcceptWorld.open({ coinCount: 3 });
  const coin = world.coin();
  const parent = world.payment([coin], { feeSat: 1_000 });
  await world.add(parent);
  const child = world.payment([world.coinOf(parent)], { feeSat: 1_000 });
  await world.add(child);
  for (const [own, ancestor] of [
    [world.coinOf(parent), parent],
    [world.coinOf(child), parent],
  ] as [TestCoin, Transaction][]) {
    const replacement = world.payment([coin, own], { feeSat: 100_000 });
    assert.equal(
      await world.verdict(replacement),
      `consensus: bad-txns-spends-conflicting-tx, ${hex(replacement)} spends conflicting transaction ${hex(ancestor)}`,
    );
  }
  // conflicts with the child and spends the same output of the parent: an ordinary replacement
  assert.equal(await world.verdict(world.payment([world.coinOf(parent)], { feeSat: 10_000 })), 'accepted');
});

test('M03: 10,000 alternating replacements are each paid for, and the mempool stays as small as it was', async () => {
  const world = await AcceptWorld.open({ coinCount: 2, policy: { requiresStandard: true } });
  const coins = [world.coin(), world.coin()];
  let feeSat = 1_000;
  let accepted = 0;
  let relayedVsize = 0;
  await world.add(world.payment([coins[0]!], { feeSat }));
  const bytesBefore = world.mempool.usedBytes;
  for (let i = 0; i < 10_000; i++) {
    // one with one input, one with two; every third tries to pay too little
    const inputs = i % 2 === 0 ? coins : coins.slice(0, 1);
    const offer = feeSat + (i % 3 === 0 ? 5 : 20);
    const transaction = world.payment(inputs, { feeSat: offer });
    const result = world.acceptance.accept(transaction, { nowSec: world.nowSec });
    if (result.outcome !== 'accepted') continue;
    accepted++;
    relayedVsize += result.vsize;
    feeSat = offer;
    assert.equal(world.mempool.size, 1);
  }
  assert(accepted > 1_000);
  assert(feeSat - 1_000 >= (relayedVsize * 100) / 1_000, 'what was relayed is paid for at the incremental rate');
  assert(world.mempool.usedBytes < 2 * bytesBefore);
  world.mempool.sanityCheck();
});

test('M02: the root of a cluster of 64 is replaced with all of it, and one input is verified', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const coin = world.coin();
  const root = world.payment([coin], { feeSat: 1_000, outputCount: 63 });
  await world.add(root);
  for (let j = 0; j < 63; j++) await world.add(world.payment([world.coinOf(root, j)], { feeSat: 100 + j }));
  assert.equal(world.mempool.size, 64);
  const replacement = world.payment([coin], { feeSat: 100_000 });
  const before = world.verifiedInputCount;
  const result = world.acceptance.accept(replacement, { nowSec: world.nowSec });
  assert(result.outcome === 'accepted' && result.replaced.length === 64);
  assert(world.verifiedInputCount - before <= 2, 'once for each set of flags');
});

test('a replacement may become a child of what stays', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const [a, b] = [world.coin(), world.coin()];
  const stays = world.payment([a]);
  const goes = world.payment([b], { feeSat: 1_000 });
  await world.add(stays);
  await world.add(goes);
  const replacement = world.payment([b, world.coinOf(stays)], { feeSat: 50_000 });
  await world.add(replacement);
  assert.deepEqual(world.txids(), [stays, replacement].map(hex).sort());
  world.mempool.sanityCheck();
});

test('a fee that the operator raised protects a transaction, and helps another to replace', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const coin = world.coin();
  const first = world.payment([coin], { feeSat: 1_000 });
  await world.add(first);
  world.mempool.prioritise(first.txid, 9_000);
  const second = world.payment([coin], { feeSat: 5_000 });
  assert.match(await world.verdict(second), /less fees than conflicting txs; 0\.00005 < 0\.0001$/);
  world.mempool.prioritise(second.txid, 6_000);
  const result = await world.accept(second);
  assert(result.outcome === 'accepted');
  assert.deepEqual([result.feeSat, result.feerate], [5_000, { feeSat: 11_000, size: VSIZE }]);
});

test('M04: a TRUC transaction may push out the only sibling, if it pays as a replacement does', async () => {
  const world = await AcceptWorld.open({ coinCount: 3 });
  const parent = world.payment([world.coin()], { version: 3, outputCount: 2, feeSat: 1_000 });
  await world.add(parent);
  const sibling = world.payment([world.coinOf(parent, 0)], { version: 3, feeSat: 1_000 });
  await world.add(sibling);
  const poor = world.payment([world.coinOf(parent, 1)], { version: 3, feeSat: 1_001 });
  assert.equal(
    await world.verdict(poor),
    `reconsiderable: insufficient fee (including sibling eviction), rejecting replacement ${hex(poor)}, not enough additional fees to relay; 0.00000001 < 0.0000001`,
  );
  const rich = world.payment([world.coinOf(parent, 1)], { version: 3, feeSat: 2_000 });
  const result = await world.accept(rich);
  assert(result.outcome === 'accepted');
  assert.deepEqual(
    result.replaced.map(({ transaction }) => hex(transaction)),
    [hex(sibling)],
  );
  assert.deepEqual(world.txids(), [parent, rich].map(hex).sort());
});

test('M04: the rules of TRUC', async () => {
  const world = await AcceptWorld.open({ coinCount: 12 });
  const named = (tx: Transaction): string => `${hex(tx)} (wtxid=${formatHash(tx.wtxid)})`;
  const truc = world.payment([world.coin()], { version: 3, outputCount: 3 });
  const plain = world.payment([world.coin()], { outputCount: 3 });
  await world.add(truc);
  await world.add(plain);
  const mixed = world.payment([world.coinOf(truc)]);
  assert.equal(
    await world.verdict(mixed),
    `mempool-policy: TRUC-violation, non-version=3 tx ${named(mixed)} cannot spend from version=3 tx ${named(truc)}`,
  );
  const inverse = world.payment([world.coinOf(plain)], { version: 3 });
  assert.equal(
    await world.verdict(inverse),
    `mempool-policy: TRUC-violation, version=3 tx ${named(inverse)} cannot spend from non-version=3 tx ${named(plain)}`,
  );
  const child = world.payment([world.coinOf(truc)], { version: 3 });
  await world.add(child);
  const grandchild = world.payment([world.coinOf(child)], { version: 3 });
  assert.equal(
    await world.verdict(grandchild),
    `mempool-policy: TRUC-violation, tx ${named(grandchild)} would have too many ancestors`,
  );
  // 43 virtual bytes for every output: 231 of them are too many
  const large = world.payment([world.coin()], { version: 3, outputCount: 232 });
  const largeVsize = Math.ceil(large.weightWu / 4);
  assert(largeVsize > 10_000 && largeVsize < 10_100);
  assert.equal(
    await world.verdict(large),
    `mempool-policy: TRUC-violation, version=3 tx ${named(large)} is too big: ${largeVsize} > 10000 virtual bytes`,
  );
  const fits = world.payment([world.coin()], { version: 3, outputCount: 23 });
  await world.add(fits);
  const heavyChild = world.payment([world.coinOf(fits)], { version: 3, outputCount: 23 });
  const childVsize = Math.ceil(heavyChild.weightWu / 4);
  assert.equal(
    await world.verdict(heavyChild),
    `mempool-policy: TRUC-violation, version=3 child tx ${named(heavyChild)} is too big: ${childVsize} > 1000 virtual bytes`,
  );
  world.mempool.sanityCheck();
});

test('dust that a parent left must be spent by whoever spends from it', async () => {
  const world = await AcceptWorld.open({ coinCount: 2, policy: { minRelayFeerate: 0 } });
  const coin = world.coin();
  const outputs = [pay(coin.valueSat - 100, EASY.scriptPubKey), pay(100, EASY.scriptPubKey)];
  const parent = world.payment([coin], { outputs });
  await world.add(parent);
  const child = world.payment([world.coinOf(parent, 0)]);
  assert.equal(
    await world.verdict(child),
    `mempool-policy: missing-ephemeral-spends, tx ${hex(child)} (wtxid=${formatHash(child.wtxid)}) did not spend parent's ephemeral dust`,
  );
  assert.equal(await world.verdict(world.payment([world.coinOf(parent, 0), world.coinOf(parent, 1)])), 'accepted');
});
