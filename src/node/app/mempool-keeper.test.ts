import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EASY, FEE_SAT } from '../../../test/model/accept-world.ts';
import { pay } from '../../../test/model/block-builder.ts';
import type { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { ServiceWorld, txidsOf } from '../../../test/model/service-world.ts';
import type { BlockAcceptance } from '../../kernel/chain/block-acceptance.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { InputVerifier } from '../../kernel/script/verify.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { TransactionAcceptance } from '../mempool/accept.ts';
import { ActiveChainView } from '../mempool/accept-chain.ts';
import { MempoolKeeper } from './mempool-keeper.ts';

/** What is mined on `branch` is handed to the chain at once. */
async function mineOn(world: ServiceWorld, branch: BranchBuilder, transactions: readonly Transaction[] = []) {
  const block = branch.mine({ transactions });
  return { block, outcome: await world.submitBlock(block) };
}

test('blocks confirm entries, and take along what contradicts them', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base } = world;
  const coin = base.coin();
  const confirmed = base.payment([base.coin()]);
  const child = base.payment([base.coinOf(confirmed)]);
  const loser = base.payment([coin]);
  const winner = base.payment([coin], { feeSat: 2 * FEE_SAT });
  await world.add(confirmed, child, loser);
  await base.mine([confirmed, winner]);
  assert.deepEqual(world.txids(), txidsOf([child]));
  await world.check();
});

/** Payments of coins, of one another, and with a change that later ones may spend. */
function drawPayments(world: ServiceWorld, rng: Rng, count: number): Transaction[] {
  const { base } = world;
  const open = Array.from({ length: 6 }, () => base.coin());
  return Array.from({ length: count }, () => {
    const [coin] = open.splice(rng.below(open.length), 1);
    const payment = base.payment([coin!], { outputCount: 1 + rng.below(2), feeSat: FEE_SAT + rng.below(FEE_SAT) });
    for (let j = 0; j < payment.outputCount; j++) open.push(base.coinOf(payment, j));
    return payment;
  });
}

for (const depth of [1, 10, 25]) {
  test(`M08: after a reorganisation of ${depth} blocks the mempool is the one rebuilt from nothing`, async () => {
    for (let seed = 1; seed <= 2; seed++) {
      const world = await ServiceWorld.open({ coinCount: 40 });
      const rng = createRng(seed);
      const all: Transaction[] = [];
      let fork = world.base.branch;
      for (let i = 0; i <= depth; i++) {
        if (i === 1) fork = world.base.branch.fork();
        if (i % 5 === 0) all.push(...drawPayments(world, rng, 8));
        for (const payment of all) if (!world.has(payment)) await world.service.intake.submit(payment);
        // Parents come before children, so any beginning of what waits makes a block.
        const waiting = all.filter((payment) => world.has(payment));
        await world.base.mine(waiting.slice(0, rng.below(4)));
      }
      const before = world.mempool.size;
      // The new branch has some of what the old one had, from its beginning on.
      const old = fork.blocks.length;
      const confirmed = world.base.lastBlocks(depth).flatMap(({ transactions }) => transactions.slice(1));
      const again = confirmed.slice(0, rng.below(confirmed.length + 1));
      await mineOn(world, fork, again);
      for (let i = 0; i < depth; i++) await mineOn(world, fork);
      assert.equal(world.height, old + depth + 1);
      assert.equal(world.mempool.size, before + confirmed.length - again.length);
      world.base.branch = fork;
      await world.checkRebuilt(all);
    }
  });
}

test('M08: a coinbase that is gone, and one that is immature again, take their children along', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const { base } = world;
  const fork = base.branch.fork();
  const rich = base.branch.mine({ rewardSat: 0, coinbaseOutputs: [pay(50_00000000, EASY.scriptPubKey)] });
  await world.submitBlock(rich);
  await base.mineEmpty(99);
  const spends = base.payment([base.coinOf(rich.transaction(0), 2)]);
  const child = base.payment([base.coinOf(spends)]);
  const other = base.payment([base.coin()]);
  await world.add(spends, child, other);
  await world.chill();
  // One block less: the coin is too young, and has to be fetched to see that.
  await base.chain.invalidateBlock(base.branch.tip.header.blockHash, base.nowSec);
  assert.deepEqual(world.txids(), txidsOf([other]));
  await world.check();
  await base.chain.reconsiderBlock(base.branch.tip.header.blockHash, base.nowSec);
  await world.add(spends, child);
  for (let i = 0; i < 101; i++) await mineOn(world, fork);
  assert.equal(world.height, fork.height);
  assert.deepEqual(world.txids(), txidsOf([other]));
  await world.check();
});

test('M08: invalidateblock brings transactions back, reconsiderblock confirms them again', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base } = world;
  const parent = base.payment([base.coin()]);
  const child = base.payment([base.coinOf(parent)]);
  const later = base.payment([base.coinOf(child)]);
  const first = await base.mine([parent]);
  await base.mine([child]);
  await world.add(later);
  assert.equal(await base.chain.invalidateBlock(first.header.blockHash, base.nowSec), 'done');
  assert.deepEqual(world.txids(), txidsOf([parent, child, later]));
  await world.checkRebuilt([parent, child, later]);
  await base.chain.reconsiderBlock(first.header.blockHash, base.nowSec);
  assert.deepEqual(world.txids(), txidsOf([later]));
  await world.checkRebuilt([parent, child, later]);
});

test('M08: of more than ten invalidated blocks only the last ten give their transactions back', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base } = world;
  const parent = base.payment([base.coin()]);
  const other = base.payment([base.coin()]);
  const child = base.payment([base.coinOf(parent)]);
  const first = await base.mine([parent]);
  await base.mine([other]);
  for (let i = 0; i < 9; i++) await base.mine([]);
  await world.add(child);
  assert.equal(await base.chain.invalidateBlock(first.header.blockHash, base.nowSec), 'done');
  // The block of the parent was the eleventh, and took along what depends on it.
  assert.deepEqual(world.txids(), txidsOf([other]));
  await world.check();
});

test('a branch that turns out bad leaves everything as it was, and nobody waits for ever', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base } = world;
  const fork = base.branch.fork();
  const parent = base.payment([base.coin()]);
  await base.mine([parent]);
  const child = base.payment([base.coinOf(parent)]);
  await world.add(child);
  const tip = base.chain.tipHash;
  await mineOn(world, fork);
  const bad = fork.mineMissing();
  let isInStep = true;
  base.chain.signals.blockDisconnected.subscribe(() => {
    isInStep &&= world.service.keeper.isInStep;
  });
  assert.equal(await world.submitBlock(bad), 'rejected');
  assert.equal(isInStep, false, 'it was tried');
  assert.deepEqual(base.chain.tipHash, tip);
  assert.deepEqual(world.txids(), txidsOf([child]));
  assert.equal(await world.verdict(base.payment([base.coin()])), 'accepted');
  await world.checkRebuilt([child, ...[...world.mempool.entries()].map(({ transaction }) => transaction)]);
});

test('a bad block in the middle of a branch: what the good ones of it had does not stay confirmed', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base } = world;
  const fork = base.branch.fork();
  const [ours, theirs] = [base.payment([base.coin()]), base.payment([base.coin()])];
  await base.mine([ours]);
  await base.mine();
  await world.add(theirs);
  await mineOn(world, fork, [theirs, ours]);
  await mineOn(world, fork);
  fork.mineMissing();
  assert.equal(await world.submitBlock(fork.tip), 'rejected');
  assert.deepEqual(world.txids(), txidsOf([theirs]));
  await world.checkRebuilt([ours, theirs]);
});

test('a transaction submitted in the middle of a reorganisation waits for its end', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base, service } = world;
  const parent = base.payment([base.coin()]);
  const fork = base.branch.fork();
  await base.mine([parent]);
  const child = base.payment([base.coinOf(parent)]);
  const news: string[] = [];
  let submitted: Promise<unknown> = Promise.resolve();
  base.chain.signals.blockDisconnected.subscribe(() => {
    submitted = world.verdict(child).then((verdict) => news.push(`${verdict} at ${world.height}`));
  });
  base.chain.signals.tipChanged.subscribe(({ height }) => news.push(`tip ${height}, ${service.keeper.isInStep}`));
  await mineOn(world, fork);
  await mineOn(world, fork);
  await submitted;
  assert.deepEqual(news, [`tip ${fork.height}, true`, `accepted at ${fork.height}`]);
  assert.deepEqual(world.txids(), txidsOf([parent, child]));
});

test('who hears of a new tip finds the mempool in step with it', async () => {
  const world = await ServiceWorld.open({ coinCount: 12 });
  const { base, service, mempool } = world;
  const payments = drawPayments(world, createRng(4), 10);
  await world.add(...payments);
  const fork = base.branch.fork();
  let tips = 0;
  base.chain.signals.tipChanged.subscribe(({ height }) => {
    tips++;
    assert.ok(service.keeper.isInStep);
    mempool.sanityCheck(base.chain.state.coins, height + 1);
  });
  await base.mine(payments.slice(0, 3));
  await base.mine(payments.slice(3, 6));
  for (let i = 0; i < 4; i++) await mineOn(world, fork, i === 1 ? payments.slice(0, 2) : []);
  assert.deepEqual([tips, mempool.size], [4, 8]);
});

test('a reorganisation within a stream of blocks: who submits between two blocks of it waits', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base, service } = world;
  const fork = base.branch.fork();
  const parent = base.payment([base.coin()]);
  await base.mine([parent]);
  await base.mineEmpty(2);
  const child = base.payment([base.coinOf(parent)]);
  const blocks: Block[] = fork.mineMany(8);
  const submitted: Promise<string>[] = [];
  const steps: boolean[] = [];
  const outcomes: string[] = [];
  await base.chain.submitStream(() => base.nowSec, {
    next: () => {
      steps.push(service.keeper.isInStep);
      if (!service.keeper.isInStep && submitted.length === 0) submitted.push(world.verdict(child));
      const block = blocks.shift();
      return block === undefined ? null : { block, arrival: {} };
    },
    onAccepted: (_block: Block, acceptance: BlockAcceptance) => outcomes.push(acceptance.outcome),
  });
  assert.equal(outcomes.length, 8);
  assert.ok(steps.includes(false), 'the stream was asked for more in the middle');
  assert.deepEqual(await Promise.all(submitted), ['accepted']);
  assert.equal(world.height, fork.height);
  assert.deepEqual(world.txids(), txidsOf([parent, child]));
  await world.checkRebuilt([parent, child]);
});

test('transactions of disconnected blocks beyond the bound are given up, with what depends on them', async () => {
  const world = await ServiceWorld.open({ coinCount: 8, starts: false });
  const { base, mempool } = world;
  const coins = new CoinsLookup(base.chain.state.coins);
  const acceptance = new TransactionAcceptance({
    mempool,
    chain: new ActiveChainView(base.chain, coins),
    verifier: new InputVerifier(nobleSecp256k1),
  });
  const disconnectedBytesMax = 2_500;
  const parts = {
    chain: base.chain,
    mempool,
    acceptance,
    coins,
    clock: world.time,
    timers: world.time,
    rng: createRng(1),
  };
  const keeper = new MempoolKeeper({ ...parts, disconnectedBytesMax });
  keeper.start();
  const fork = base.branch.fork();
  const payments = Array.from({ length: 4 }, () => base.payment([base.coin()]));
  for (const payment of payments) await base.mine([payment]);
  const child = base.payment([base.coinOf(payments[3]!)]);
  await base.fetchFor(() => acceptance.unknownOutpoints(child));
  assert.equal(acceptance.accept(child, { nowSec: base.nowSec }).outcome, 'accepted');
  for (let i = 0; i < 5; i++) await mineOn(world, fork);
  // Those nearest to the old tip go first, and their children with them: what is left is whole.
  assert.ok(world.has(payments[0]!) && !world.has(payments[3]!) && !world.has(child));
  assert.ok(keeper.isInStep);
  mempool.sanityCheck();
  keeper.stop();
});

test('a chain that fails in the middle of a reorganisation leaves nobody waiting, and the service stops', async () => {
  const world = await ServiceWorld.open({ coinCount: 3, isPersistent: true });
  const { base, service, coins } = world;
  const fork = base.branch.fork();
  await base.mine([base.payment([base.coin()])]);
  await mineOn(world, fork, [base.payment([base.coin()])]);
  await world.chill();
  let waiting: Promise<unknown> = Promise.resolve();
  base.chain.signals.blockDisconnected.subscribe(() => {
    coins.beforeRead = () => Promise.reject(new StorageError('failed', 'coins', 'input/output error'));
    waiting = service.intake.submit(base.payment([base.coin()]));
    waiting.catch(() => undefined);
  });
  await assert.rejects(mineOn(world, fork), /input\/output error/);
  await assert.rejects(waiting, { name: 'ChainStoppedError' });
  await assert.rejects(service.keeper.whenInStep(), { name: 'ChainStoppedError' });
  coins.beforeRead = null;
  await service.stop();
  assert.deepEqual(world.failures, []);
});

test('a keeper that follows no more lets nobody wait', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const { service, base } = world;
  await service.keeper.whenInStep();
  service.keeper.stop();
  await base.mine();
  await service.keeper.whenInStep();
  assert.equal(await world.verdict(base.payment([base.coin()])), 'accepted');
});
