import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { IndexWorld, type OpenWorld, submitBlocks, whenSynced } from '../../../test/model/index-world.ts';
import { assertAddressesOfChain } from '../../../test/model/naive-addresses.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { hashScript } from './address-moves.ts';
import { BEST_BLOCK_KEY, JOURNAL_PREFIX, paymentKey } from './index-layout.ts';

/** Scripts that anyone can spend, each its own: a number that is dropped, and OP_TRUE. */
const PEOPLE: readonly Uint8Array[] = [1, 2, 3, 4, 5].map((who) => Uint8Array.of(0x50 + who, 0x75, 0x51));
/** Less than a miner may take: the rest is for people. */
const REWARD_SAT = 49_0000_0000;

const BURNED: Uint8Array = Uint8Array.of(0x6a, 1, 7);

/** A branch on which people pay each other, in chains within a block, and burn a little. */
function mineTrade(builder: BranchBuilder, height: number, rng: Rng): BranchBuilder {
  const person = (): Uint8Array => PEOPLE[rng.below(PEOPLE.length)]!;
  while (builder.height < height) {
    const transactions: Transaction[] = [];
    if (builder.height >= 100) {
      const first = builder.spendCoinbase(builder.height - 99, 2 + rng.below(3), person());
      const second = makeTx(
        [spend(outputOf(first, 0)), spend(outputOf(first, 1))],
        [pay(first.valueSat(0) - rng.below(5000), person()), pay(1000, person()), pay(10, BURNED)],
      );
      transactions.push(first, second);
      if (rng.below(2) === 0) {
        transactions.push(makeTx([spend(outputOf(second, 0))], [pay(second.valueSat(0) - 700, person())]));
      }
    }
    builder.mine({ transactions, coinbaseOutputs: [pay(rng.below(1000), person())], rewardSat: REWARD_SAT });
  }
  return builder;
}

async function assertTrue(world: IndexWorld, open: OpenWorld): Promise<void> {
  await whenSynced(open.indexes);
  await assertAddressesOfChain(open.chain, open.indexes);
  assert.deepEqual(world.fatal, []);
  assert.deepEqual(world.storage.removed, [], 'nothing had to be built anew');
}

async function journalSize(world: IndexWorld): Promise<number> {
  let count = 0;
  for await (const rows of world.storage.store('addresses').entries(JOURNAL_PREFIX)) count += rows.length;
  return count;
}

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`S16: balances, payments and coins are those of the chain after random reorganisations, kills and power cuts (seed ${seed})`, async () => {
    const rng = createRng(seed);
    const world = new IndexWorld();
    const base = mineTrade(new BranchBuilder(), 103, rng);
    const branches = [base.fork(), base.fork(101), base.fork(102)];
    for (let life = 0; life < 6; life++) {
      const open = await world.open(['addresses']);
      for (let step = rng.below(5); step >= 0; step--) {
        const branch = branches[rng.below(branches.length)]!;
        mineTrade(branch, Math.max(open.chain.height, branch.height) + 1 + rng.below(3), rng);
        await submitBlocks(open.chain, branch.blocks);
        assert.equal(open.chain.height, branch.height);
        if (rng.below(3) === 0) await open.chain.flush(NOW_SEC);
      }
      await assertTrue(world, open);
      world.crash(seed % 2 === 0 ? null : rng);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    const last = await world.open(['addresses']);
    await assertTrue(world, last);
    await world.close(last);
  });
}

test('S16: blocks that the chain has lost in a power cut are taken back without them', async () => {
  const world = new IndexWorld();
  const rng = createRng(9);
  const first = await world.open(['addresses']);
  const branch = mineTrade(new BranchBuilder(), 104, rng);
  await submitBlocks(first.chain, branch.blocks);
  await first.chain.flush(NOW_SEC);
  await submitBlocks(first.chain, mineTrade(branch, 108, rng).blocks.slice(104));
  await whenSynced(first.indexes);
  assert.equal(await journalSize(world), 4, 'of the blocks since the flush');
  // The chain loses everything since the flush, the index nothing.
  world.chains.cutPower({ ...rng, below: () => 0 } as Rng);
  const again = await world.open(['addresses']);
  assert.ok(again.chain.height < 108, 'the chain has lost blocks');
  await assertTrue(world, again);
  await submitBlocks(again.chain, mineTrade(branch.fork(103), 109, rng).blocks);
  await assertTrue(world, again);
  await world.close(again);
});

test('the moves of blocks that the chain has for good are let go', async () => {
  const world = new IndexWorld();
  const rng = createRng(10);
  const open = await world.open(['addresses']);
  const branch = mineTrade(new BranchBuilder(), 105, rng);
  await submitBlocks(open.chain, branch.blocks);
  await open.chain.flush(NOW_SEC);
  await submitBlocks(open.chain, mineTrade(branch, 106, rng).blocks.slice(105));
  await whenSynced(open.indexes);
  assert.equal(await journalSize(world), 1);
  await world.close(open);
});

test('a page of payments is read without the others, the last ones first', async () => {
  const world = new IndexWorld();
  const open = await world.open(['addresses']);
  const branch = new BranchBuilder();
  const anna = PEOPLE[0]!;
  for (let i = 1; i <= 30; i++) branch.mine({ coinbaseOutputs: [pay(i, anna)], rewardSat: REWARD_SAT });
  await submitBlocks(open.chain, branch.blocks);
  const addresses = open.indexes.addresses!;
  assert.deepEqual(await addresses.readAccount(anna), { paymentCount: 30, unspentCount: 30, balanceSat: 465 });
  const store = world.storage.store('addresses');
  const asked: string[] = [];
  const { getMany } = store;
  store.getMany = (keys) => {
    asked.push(...keys.map(toHex));
    return getMany.call(store, keys);
  };
  const page = await addresses.readPayments(anna, 20, 3);
  assert.deepEqual(
    page.map(({ number, height, receivedSat, balanceSat }) => [number, height, receivedSat, balanceSat]),
    [
      [19, 20, 20, 210],
      [18, 19, 19, 190],
      [17, 18, 18, 171],
    ],
  );
  const keys = [19, 18, 17].map((number) => toHex(paymentKey(hashScript(anna), number)));
  assert.deepEqual(asked, keys);
  assert.deepEqual(await addresses.readPayments(anna, 0, 3), []);
  assert.deepEqual(
    (await addresses.readPayments(anna, 2, 9)).map(({ number }) => number),
    [1, 0],
  );
  assert.equal((await addresses.readUnspent(anna, 4)).length, 4);
  assert.deepEqual(await addresses.readUnspent(anna, 0), []);
  assert.deepEqual(await addresses.readAccount(Uint8Array.of(1)), { paymentCount: 0, unspentCount: 0, balanceSat: 0 });
  await world.close(open);
});

test('S16: an index of addresses whose rows are damaged is built anew', async () => {
  const world = new IndexWorld();
  const first = await world.open(['addresses']);
  const rng = createRng(11);
  const branch = mineTrade(new BranchBuilder(), 105, rng);
  await submitBlocks(first.chain, branch.blocks);
  await world.close(first);
  const store = world.storage.store('addresses');
  for (const value of [Uint8Array.of(1, 2), new Uint8Array(37).fill(1)]) {
    const key = value.length === 2 ? Uint8Array.of(0x61, ...hashScript(PEOPLE[0]!)) : BEST_BLOCK_KEY;
    await store.write({ puts: [key, value], deletes: [] }, true);
  }
  const again = await world.open(['addresses']);
  await whenSynced(again.indexes);
  await assertAddressesOfChain(again.chain, again.indexes);
  assert.deepEqual(world.storage.removed, ['addresses']);
  await world.close(again);
});
