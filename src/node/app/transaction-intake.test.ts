import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEE_SAT, type TestCoin } from '../../../test/model/accept-world.ts';
import { fakeTxid } from '../../../test/model/block-builder.ts';
import { ServiceWorld, txidsOf } from '../../../test/model/service-world.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { IntakeClosedError } from './transaction-intake.ts';

/** So many coins that no other step of the test has. */
function takeCoins({ base }: ServiceWorld, count: number): TestCoin[] {
  return Array.from({ length: count }, () => base.coin());
}

/** A coin that is not there, but for that like another. */
function missingCoin(like: TestCoin): TestCoin {
  return { ...like, prevout: { txid: fakeTxid(1), index: 0 } };
}

/** Inputs of the largest transaction that these tests make: as many as a standard one may have of usual ones. */
const MANY = 1_400;

test('transactions are judged in the order in which they were handed in', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base, service } = world;
  const parent = base.payment([base.coin()]);
  const child = base.payment([base.coinOf(parent)]);
  const grandchild = base.payment([base.coinOf(child)]);
  await world.chill();
  const order: number[] = [];
  const verdicts = await Promise.all(
    [parent, child, grandchild].map(async (transaction, i) => {
      const { outcome } = await service.intake.submit(transaction);
      order.push(i);
      return outcome;
    }),
  );
  assert.deepEqual(verdicts, ['accepted', 'accepted', 'accepted']);
  assert.deepEqual(order, [0, 1, 2]);
  await world.check();
});

test('what is only tried is not added, and is judged by the time of its turn', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base, time } = world;
  const payment = base.payment([base.coin()]);
  assert.equal(await world.verdict(payment, { isTest: true }), 'accepted');
  assert.equal(world.mempool.size, 0);
  time.wallMsNow += 5_000;
  const [entry] = await world.add(payment);
  assert.equal(entry!.timeSec, base.nowSec + 5);
});

test('packages are judged and tried with all their coins fetched', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base, service } = world;
  const parent = base.payment([base.coin(), base.coin()], { feeSat: 0 });
  const child = base.payment([base.coinOf(parent), base.coin()], { feeSat: 4 * FEE_SAT });
  await world.chill();
  const tried = await service.intake.testPackage([parent, child]);
  assert.notEqual(tried.reject, null, 'tried one by one the parent pays too little');
  assert.equal(world.mempool.size, 0);
  world.coins.reads = [];
  const submitted = await service.intake.submitPackage([parent, child]);
  assert.deepEqual(
    submitted.results.map((one) => one?.outcome),
    ['accepted', 'accepted'],
  );
  assert.deepEqual(
    world.coins.reads,
    [4],
    'one batch: three coins, and the output of the parent, which may have been mined',
  );
  await world.check();
});

test('the coins of a transaction are fetched in batches, and stay when it is accepted', async () => {
  const world = await ServiceWorld.open({ coinCount: 150 });
  const { base, service, coins } = world;
  const payment = base.payment(takeCoins(world, 150));
  await world.chill();
  const before = base.chain.state.coins.entryCount;
  assert.equal(await world.verdict(payment), 'accepted');
  assert.deepEqual(coins.reads, [64, 64, 22]);
  assert.equal(base.chain.state.coins.entryCount, before + 150);
  coins.reads = [];
  await base.mine([payment]);
  assert.ok(
    coins.reads.every((count) => count < 10),
    'the block finds them in memory',
  );
  assert.equal(service.mempool.size, 0);
});

test('M10: of a transaction that is refused nothing stays in the cache of coins', async () => {
  const world = await ServiceWorld.open({ coinCount: MANY });
  const { base, coins } = world;
  const mine = takeCoins(world, MANY - 1);
  const payment = base.payment([...mine, missingCoin(mine[0]!)]);
  await world.chill();
  const before = base.chain.state.coins.entryCount;
  assert.equal(await world.verdict(payment), 'missing-inputs: bad-txns-inputs-missingorspent');
  assert.deepEqual(coins.reads, [64, 64, 128, 256, 512, 376], 'every coin was read once');
  assert.equal(base.chain.state.coins.entryCount, before);
});

test('M10: a missing coin among the first ends it, and the others are not read', async () => {
  const world = await ServiceWorld.open({ coinCount: MANY });
  const { base, coins } = world;
  const mine = takeCoins(world, MANY - 1);
  const payment = base.payment([missingCoin(mine[0]!), ...mine]);
  await world.chill();
  for (let i = 0; i < 3; i++) {
    coins.reads = [];
    assert.equal(await world.verdict(payment), 'missing-inputs: bad-txns-inputs-missingorspent');
    assert.deepEqual(coins.reads, [64]);
  }
});

test('a flush between the fetch of coins and the judgement: they are fetched again', async () => {
  const world = await ServiceWorld.open({ coinCount: 100 });
  const { base, coins } = world;
  const payment = base.payment(takeCoins(world, 100));
  await world.chill();
  let flushes = 0;
  coins.beforeRead = async () => {
    // Whenever the second batch is on its way.
    if (coins.reads.length < 2 || flushes > 0) return;
    flushes++;
    await base.chain.flush(base.nowSec, 'empty');
  };
  assert.equal(await world.verdict(payment), 'accepted');
  assert.equal(flushes, 1);
  // The second batch was asked for again, and then the first.
  assert.ok(coins.reads.reduce((sum, count) => sum + count, 0) > 100);
  await world.check();
});

test('a coin that a block spends while it is being fetched is spent', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base, coins } = world;
  const coin = base.coin();
  const loser = base.payment([coin]);
  const winner = base.payment([coin], { feeSat: 2 * FEE_SAT });
  await world.chill();
  const release = coins.hold();
  const verdict = world.verdict(loser);
  await world.time.settle();
  coins.beforeRead = null;
  await base.mine([winner]);
  release();
  assert.equal(await verdict, 'missing-inputs: bad-txns-inputs-missingorspent');
  assert.equal(world.mempool.size, 0);
});

test('D09: a large transaction is judged in pieces, between which the host has its turn', async () => {
  const world = await ServiceWorld.open({ coinCount: MANY });
  const { time, base } = world;
  const payment = base.payment(takeCoins(world, MANY));
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const before = time.yieldCount;
  assert.equal(await world.verdict(payment), 'accepted');
  isOver = true;
  const yields = time.yieldCount - before;
  // Each input has two turns; 64 of them at a stretch.
  assert.ok(yields >= MANY / 64, `${yields} pauses`);
  assert.ok(turns >= yields, 'others had as many turns');
  await world.check();
});

test('D09: the host has its turn between small transactions, too, however many are handed in at once', async () => {
  const world = await ServiceWorld.open({ coinCount: 60 });
  const { time, service, base } = world;
  // Every look at the clock costs a millisecond: four transactions or so at a stretch.
  time.tickMs = 1;
  const before = time.yieldCount;
  await Promise.all(takeCoins(world, 60).map((coin) => service.intake.submit(base.payment([coin]))));
  assert.ok(time.yieldCount - before >= 10, `${time.yieldCount - before} pauses`);
  assert.equal(world.mempool.size, 60);
});

/** Runs `action` when a large transaction has been paused for the third time. */
function whenPaused({ time }: ServiceWorld, action: () => void | Promise<void>): void {
  const plain = time.yieldToHost.bind(time);
  let pauses = 0;
  time.yieldToHost = async () => {
    if (++pauses === 3) await action();
    await plain();
  };
}

test('a block that spends a coin of a large transaction in the middle of its judgement: it is refused', async () => {
  const world = await ServiceWorld.open({ coinCount: 300 });
  const { base } = world;
  const coins = takeCoins(world, 300);
  const large = base.payment(coins);
  whenPaused(world, async () => {
    await base.mine([base.payment([coins[7]!])]);
  });
  assert.equal(await world.verdict(large), 'missing-inputs: bad-txns-inputs-missingorspent');
  assert.equal(world.mempool.size, 0);
});

test('a flush in the middle of a large judgement: its coins are fetched again', async () => {
  const world = await ServiceWorld.open({ coinCount: 300 });
  const { base, coins } = world;
  const large = base.payment(takeCoins(world, 300));
  await world.chill();
  whenPaused(world, async () => {
    coins.reads = [];
    await base.chain.flush(base.nowSec, 'empty');
  });
  assert.equal(await world.verdict(large), 'accepted');
  assert.ok(coins.reads.length > 0);
  await world.check();
});

test('a reorganisation in the middle of a large judgement: it goes on when the mempool is in step again', async () => {
  const world = await ServiceWorld.open({ coinCount: 301 });
  const { base } = world;
  const fork = base.branch.fork();
  const parent = base.payment([base.coin()]);
  await base.mine([parent]);
  const large = base.payment([...takeCoins(world, 300), base.coinOf(parent)]);
  await world.chill();
  whenPaused(world, async () => {
    for (const block of fork.mineMany(2)) await world.submitBlock(block);
  });
  assert.equal(await world.verdict(large), 'accepted');
  assert.deepEqual(world.txids(), txidsOf([parent, large]));
  await world.check();
});

test('close() lets what was handed in come to its end and takes no more', async () => {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { base, service, coins } = world;
  await world.chill();
  const release = coins.hold();
  const payments = takeCoins(world, 2).map((coin) => base.payment([coin]));
  const verdicts = payments.map((payment) => world.verdict(payment));
  let isClosed = false;
  const closing = service.intake.close().then(() => {
    isClosed = true;
  });
  await assert.rejects(service.intake.submit(base.payment([base.coin()])), IntakeClosedError);
  await assert.rejects(service.intake.submitPackage(payments), IntakeClosedError);
  await assert.rejects(
    service.intake.between(() => 1),
    IntakeClosedError,
  );
  await world.time.settle();
  assert.equal(isClosed, false);
  release();
  await closing;
  assert.deepEqual(await Promise.all(verdicts), ['accepted', 'accepted']);
  await service.intake.close();
});

test('an error of a port reaches the one whom it concerns', async () => {
  const world = await ServiceWorld.open({ coinCount: 4 });
  const { base, service, coins } = world;
  const [a, b, c] = takeCoins(world, 3).map((coin) => base.payment([coin])) as [Transaction, Transaction, Transaction];
  await world.chill();
  coins.beforeRead = async () => {
    if (coins.reads.length === 2) throw new StorageError('failed', 'coins', 'input/output error');
  };
  const submitted = await Promise.allSettled([a, b, c].map((payment) => world.verdict(payment)));
  assert.deepEqual(
    submitted.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason))),
    ['accepted', 'StorageError: input/output error', 'accepted'],
  );
  coins.beforeRead = null;
  assert.equal(await world.verdict(b), 'accepted');
  await assert.rejects(
    service.intake.between(() => {
      throw new RangeError('a bug');
    }),
    RangeError,
  );
  assert.equal(await service.intake.between(() => world.mempool.size), 3);
});

test('what is done between transactions happens when none is being judged', async () => {
  const world = await ServiceWorld.open({ coinCount: 300 });
  const { base, service } = world;
  const large = base.payment(takeCoins(world, 300));
  const news: string[] = [];
  await Promise.all([
    world.verdict(large).then(() => news.push('judged')),
    service.intake.between(() => news.push(`between, ${world.mempool.size}`)),
  ]);
  assert.deepEqual(news, ['judged', 'between, 1']);
});
