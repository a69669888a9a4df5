import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptWorld, EASY, FEE_SAT, type TestCoin } from '../../../test/model/accept-world.ts';
import { pay } from '../../../test/model/block-builder.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';

function hexes(transactions: readonly Transaction[]): string[] {
  return transactions.map(({ txid }) => formatHash(txid)).sort();
}

function check(world: AcceptWorld): void {
  world.mempool.sanityCheck(world.chain.state.coins, world.chain.height + 1);
}

test('M08: transactions of a disconnected block come back, with their children in the mempool behind them', async () => {
  const world = await AcceptWorld.open({ coinCount: 3 });
  const parent = world.payment([world.coin()], { outputCount: 2 });
  const middle = world.payment([world.coinOf(parent, 0)]);
  await world.mine([parent, middle]);
  const child = world.payment([world.coinOf(middle), world.coinOf(parent, 1)]);
  await world.add(child);
  await world.reorganise(1);
  assert.deepEqual(world.txids(), hexes([parent, middle, child]));
  const entry = world.mempool.get(child.txid)!;
  assert.equal(world.mempool.ancestors(entry).length, 3);
  assert.deepEqual(hexes(world.returned.map(({ transaction }) => transaction)), hexes([parent, middle]));
  for (const { sequence } of world.returned) assert.equal(sequence, 0);
  check(world);
});

test('M08: what the new chain contains does not come back, and what it contradicts leaves with its children', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const [a, b] = [world.coin(), world.coin()];
  const kept = world.payment([a]);
  const lost = world.payment([b], { feeSat: 2_000 });
  await world.mine([kept, lost]);
  const child = world.payment([world.coinOf(lost)]);
  await world.add(child);
  const winner = world.payment([b], { feeSat: 3_000 });
  await world.reorganise(1, [kept, winner]);
  assert.deepEqual(world.txids(), []);
  check(world);
});

test('M08: a coinbase that is gone takes its children along, one that is immature again its own', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  const rich = world.branch.mine({ rewardSat: 0, coinbaseOutputs: [pay(50_00000000, EASY.scriptPubKey)] });
  await world.chain.submitBlock(rich, world.nowSec);
  await world.mineEmpty(99);
  const spends = world.payment([world.coinOf(rich.transaction(0), 2)], { outputCount: 2 });
  await world.add(spends);
  const child = world.payment([world.coinOf(spends)]);
  await world.add(child);
  const other = world.payment([world.coin()]);
  await world.add(other);
  // the new chain is one block longer: still mature
  await world.reorganise(5);
  assert.equal(world.mempool.size, 3);
  check(world);
  // the coinbase itself goes with the block
  await world.reorganise(101);
  assert.deepEqual(world.txids(), hexes([other]));
  check(world);
});

test('M08: locks that hold again take transactions out, however they are written', async () => {
  const world = await AcceptWorld.open({ coinCount: 8 });
  const aged = world.payment([world.coin()], { outputCount: 3 });
  await world.mine([aged]);
  await world.mineEmpty(3);
  const height = world.chain.height;
  const final = world.payment([world.coin()], { locktime: height });
  const relative = world.payment([world.coinOf(aged, 0)], { sequence: 4 });
  const free = world.payment([world.coinOf(aged, 1)], { sequence: 0 });
  for (const transaction of [final, relative, free]) await world.add(transaction);
  const child = world.payment([world.coinOf(relative), world.coinOf(free)]);
  await world.add(child);
  // the next block is one higher: locked transactions stay
  await world.reorganise(2);
  assert.deepEqual(world.txids(), hexes([final, relative, free, child]));
  // `aged` is confirmed later by one block: four above it are three now
  await world.reorganise(world.chain.height - 102, []);
  // the block that had it is gone: it came back, and a relative lock on it holds
  assert.deepEqual(world.txids(), hexes([aged, final, free]));
  check(world);
});

test('M08: a shorter chain makes an absolute lock hold again', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  await world.mineEmpty(1);
  const locked = world.payment([world.coin()], { locktime: world.chain.height });
  await world.add(locked);
  // a lock of zero on a coin of the mempool never holds, whatever the height of the chain
  const parent = world.payment([world.coin()]);
  await world.add(parent);
  const child = world.payment([world.coinOf(parent)], { sequence: 0 });
  await world.add(child);
  const tip = world.branch.tip.header.blockHash;
  await world.chain.invalidateBlock(tip, world.nowSec);
  await world.settle();
  assert.deepEqual(world.txids(), hexes([parent, child]));
  check(world);
});

test('M08: what comes back enters whatever it pays, and leaves first when there is no room', async () => {
  const world = await AcceptWorld.open({ coinCount: 60, policy: { mempoolBytesMax: 20_000 } });
  const free = Array.from({ length: 20 }, () => world.payment([world.coin()], { feeSat: 0 }));
  await world.mine(free);
  const paying: Transaction[] = [];
  for (let i = 0; i < 5; i++) {
    paying.push(world.payment([world.coin()]));
    await world.add(paying[i]!);
  }
  await world.reorganise(1);
  assert(world.mempool.usedBytes <= 20_000);
  assert(world.mempool.size > 5);
  for (const transaction of paying) assert(world.has(transaction));
  check(world);
});

test('M08: a cluster that a reorganisation makes too large is cut to its limit', async () => {
  const world = await AcceptWorld.open({ coinCount: 1 });
  let coin = world.coin();
  const confirmed: Transaction[] = [];
  for (let i = 0; i < 10; i++) {
    confirmed.push(world.payment([coin], { feeSat: 1_000 }));
    coin = world.coinOf(confirmed[i]!);
  }
  await world.mine(confirmed);
  for (let i = 0; i < 60; i++) {
    const transaction = world.payment([coin], { feeSat: 1_000 });
    await world.add(transaction);
    coin = world.coinOf(transaction);
  }
  await world.reorganise(1);
  assert.equal(world.mempool.size, 64);
  for (const transaction of confirmed) assert(world.has(transaction));
  check(world);
});

test('M08: a reorganisation that was given up only cleans the mempool', async () => {
  const world = await AcceptWorld.open({ coinCount: 2 });
  const confirmed = world.payment([world.coin()]);
  await world.mine([confirmed]);
  const child = world.payment([world.coinOf(confirmed)]);
  const other = world.payment([world.coin()]);
  await world.add(child);
  await world.add(other);
  await world.reorganise(1, [], { readds: false });
  assert.deepEqual(world.txids(), hexes([other]));
  check(world);
});

/** A random payment of a coin that may be in the chain, in the mempool, or spent by others. */
function randomPayment(world: AcceptWorld, coins: TestCoin[], rng: Rng): Transaction {
  const count = 1 + rng.below(2);
  const recent = coins.slice(-20);
  const chosen = new Set(Array.from({ length: count }, () => recent[rng.below(recent.length)]!));
  const sequence = rng.below(3) === 0 ? rng.below(4) : 0xfffffffd;
  const locktime = rng.below(4) === 0 ? world.chain.height - rng.below(3) : 0;
  const feeSat = 1_000 + rng.below(FEE_SAT);
  return world.payment([...chosen], { feeSat, outputCount: 1 + rng.below(3), sequence, locktime });
}

/** The mempool that is made from nothing out of these transactions, which may come in any order. */
async function rebuild(world: AcceptWorld, candidates: readonly Transaction[]): Promise<string[]> {
  const rebuilt = world.emptyTwin();
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const transaction of candidates) {
      if (rebuilt.has(transaction)) continue;
      const result = await rebuilt.accept(transaction, { bypassesLimits: true });
      if (result.outcome === 'accepted') isDone = false;
    }
  }
  return rebuilt.txids();
}

test('M08: after every reorganisation of a random history the mempool equals the one rebuilt from nothing', async () => {
  let returnedCount = 0;
  let droppedCount = 0;
  for (const seed of [1, 2, 3]) {
    const rng = createRng(seed);
    const world = await AcceptWorld.open({ coinCount: 25 });
    const coins = world.coins.splice(0);
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 12; i++) {
        const transaction = randomPayment(world, coins, rng);
        if ((await world.accept(transaction)).outcome !== 'accepted') continue;
        for (let j = 0; j < transaction.outputCount; j++) coins.push(world.coinOf(transaction, j));
      }
      // a block of what the mempool would mine first, sometimes of all
      const sorted = world.mempool.sorted().map(({ transaction }) => transaction);
      await world.mine(sorted.slice(0, rng.below(sorted.length + 1)));
      if (rng.below(2) === 0) continue;
      const depth = 1 + rng.below(Math.min(4, world.chain.height - 102));
      const lost = world.lastBlocks(depth).flatMap((block) => block.transactions.slice(1));
      const candidates = [...lost, ...world.mempool.sorted().map(({ transaction }) => transaction)];
      const kept = rng.below(3) === 0 ? takeRival(world, coins, lost) : takeSome(lost, rng);
      await world.reorganise(depth, kept);
      check(world);
      assert.deepEqual(world.txids(), await rebuild(world, candidates), `seed ${seed}, round ${round}`);
      returnedCount += world.returned.length;
      droppedCount += candidates.length - kept.length - world.mempool.size;
    }
  }
  assert(returnedCount > 50 && droppedCount > 10, `${returnedCount} returned, ${droppedCount} dropped`);
});

/** Some of the transactions of blocks that leave, such as any block may hold: no locks, and parents before children. */
function takeSome(lost: readonly Transaction[], rng: Rng): Transaction[] {
  const taken: Transaction[] = [];
  for (const tx of lost) {
    const parents = lost.filter((other) => inputsOf(tx).some(({ txid }) => equalBytes(txid, other.txid)));
    const hasLocks = tx.locktime !== 0 || tx.sequence(0) !== 0xfffffffd;
    if (!hasLocks && rng.below(2) === 0 && parents.every((parent) => taken.includes(parent))) taken.push(tx);
  }
  return taken;
}

/** A transaction of the new chain that spends a coin which another one spent in the old one, or none. */
function takeRival(world: AcceptWorld, coins: readonly TestCoin[], lost: readonly Transaction[]): Transaction[] {
  const isMade = ({ prevout }: TestCoin): boolean => lost.some(({ txid }) => equalBytes(txid, prevout.txid));
  for (const tx of lost) {
    const { txid, index } = tx.prevout(0);
    const coin = coins.find(({ prevout }) => prevout.index === index && equalBytes(prevout.txid, txid));
    if (coin !== undefined && !isMade(coin)) return [world.payment([coin], { feeSat: 77 })];
  }
  return [];
}

function inputsOf(tx: Transaction): Outpoint[] {
  return Array.from({ length: tx.inputCount }, (_, i) => tx.prevout(i));
}

test('M08: ten blocks of 300 transactions come back whole', async () => {
  const world = await AcceptWorld.open({ coinCount: 3_000 });
  const all: Transaction[] = [];
  for (let height = 0; height < 10; height++) {
    const transactions = Array.from({ length: 300 }, () => world.payment([world.coin()], { feeSat: 1_000 + height }));
    all.push(...transactions);
    await world.mine(transactions);
  }
  await world.reorganise(10);
  assert.deepEqual(world.txids(), hexes(all));
  check(world);
});
