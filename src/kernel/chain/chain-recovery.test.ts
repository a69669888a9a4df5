import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld, describeBlock, describeTip } from '../../../test/model/chain-world.ts';
import { CoinRef } from '../consensus/coin.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import type { Block } from '../primitives/block.ts';
import { equalBytes } from '../util/bytes.ts';
import { createRng, type Rng } from '../util/prng.ts';
import type { Chainstate } from './chainstate.ts';
import { CoinsStore } from './coins-store.ts';
import { coinKey } from './layout.ts';
import { type KvBatch, type KvStore, StorageError } from './ports.ts';

/** Two branches from height 105 in which coins are spent. */
function fork(): { left: BranchBuilder; right: BranchBuilder } {
  const base = new BranchBuilder();
  base.mineMany(100);
  while (base.height < 105) mineBusy(base);
  const [left, right] = [base.fork(), base.fork()];
  while (left.height < 112) mineBusy(left);
  while (right.height < 115) mineBusy(right);
  return { left, right };
}

function mineBusy(builder: BranchBuilder): void {
  builder.mine({ transactions: [builder.spendCoinbase(builder.height - 99, 3)] });
}

async function submitAll(chain: Chainstate, blocks: readonly Block[]): Promise<void> {
  for (const block of blocks) await chain.submitBlock(block, NOW_SEC);
}

/** All coins of a store, by outpoint. */
async function readCoins(store: KvStore): Promise<Map<string, { outpoint: Uint8Array; coin: CoinRef }>> {
  const coins = new Map<string, { outpoint: Uint8Array; coin: CoinRef }>();
  const opened = await CoinsStore.open(store, { curve: nobleSecp256k1 });
  await opened.forEachCoin((outpoint, ref) => {
    coins.set(outpoint.join(), { outpoint: outpoint.slice(), coin: new CoinRef().pointAtCopy(ref.toCoin()) });
  });
  return coins;
}

describe('recovery of the coins', () => {
  for (const [from, to] of [
    ['nothing', 'left'],
    ['left', 'right'],
    ['right', 'left'],
    ['middle', 'right'],
  ] as const) {
    it(`finishes a flush from ${from} to ${to} that was cut short, whatever part of it had been written (S01)`, async () => {
      const { left, right } = fork();
      const rng = createRng(11);
      const branches = { left, right, middle: right.fork(108), nothing: right.fork(0) };
      // What the coins are before and after, from a chain of its own.
      const after = new ChainWorld();
      const afterChain = await after.open();
      await submitAll(afterChain, branches[to].blocks);
      await afterChain.close(NOW_SEC);
      const coinsAfter = await readCoins(after.coinsStore);
      for (let round = 0; round < 6; round++) {
        const world = new ChainWorld();
        const chain = await world.open();
        await submitAll(chain, branches[from].blocks);
        if (from !== 'nothing') await chain.flush(NOW_SEC);
        // The index and the files know both branches; of the coins, nothing more was written.
        await submitAll(chain, left.blocks);
        await submitAll(chain, right.blocks);
        await chain.invalidateBlock(right.at(106).header.blockHash, NOW_SEC);
        await chain.reconsiderBlock(right.at(115).header.blockHash, NOW_SEC);
        const coinsBefore = from === 'nothing' ? new Map() : await readCoins(world.coinsStore);
        const snapshot = await snapshotOf(world.coinsStore);
        await chain.close(NOW_SEC);
        await restore(world.coinsStore, snapshot);
        const store = await CoinsStore.open(world.coinsStore, { curve: nobleSecp256k1 });
        const update = store.beginUpdate(branches[to].tip.header.blockHash, true);
        for (const [key, { outpoint, coin }] of coinsAfter) {
          if (!coinsBefore.has(key) && rng.below(2) === 0) update.putCoin(outpoint, 0, coin);
        }
        for (const [key, { outpoint }] of coinsBefore) {
          if (!coinsAfter.has(key) && rng.below(2) === 0) update.deleteCoin(outpoint, 0);
        }
        await update.writePart();
        const again = await world.open();
        assert.equal(again.height, branches[to].height);
        assert.ok(equalBytes(again.tipHash, branches[to].tip.header.blockHash));
        await assertCoinsEqualReplay(again);
        await again.activate(NOW_SEC);
        assert.equal(describeTip(again), describeBlock(right.tip, 115));
        await assertCoinsEqualReplay(again);
      }
    });
  }

  it('says what to do when the index does not know the block of the coins (S08)', async () => {
    const { left } = fork();
    const world = new ChainWorld();
    const chain = await world.open();
    await submitAll(chain, left.blocks.slice(0, 20));
    await chain.flush(NOW_SEC);
    const oldIndex = await snapshotOf(world.indexStore);
    await submitAll(chain, left.blocks);
    await chain.close(NOW_SEC);
    await restore(world.indexStore, oldIndex);
    await assert.rejects(world.open(), (error) => error instanceof StorageError && /-reindex/.test(error.message));
  });
});

async function snapshotOf(store: KvStore): Promise<KvBatch> {
  const puts: Uint8Array[] = [];
  for await (const entries of store.entries(new Uint8Array(0)))
    for (const [key, value] of entries) puts.push(key, value);
  return { puts: puts.map((bytes) => bytes.slice()), deletes: [] };
}

async function restore(store: KvStore, snapshot: KvBatch): Promise<void> {
  const deletes: Uint8Array[] = [];
  for await (const entries of store.entries(new Uint8Array(0))) for (const [key] of entries) deletes.push(key);
  await store.write({ puts: [], deletes }, true);
  await store.write(snapshot, true);
}

/** Makes stores and disk fail from a certain change on: the process is dead. */
class Death {
  changes = 0;
  at = Number.POSITIVE_INFINITY;

  isDead(): boolean {
    this.changes++;
    return this.changes >= this.at;
  }

  guard(store: KvStore): KvStore {
    return {
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      entries: (prefix) => store.entries(prefix),
      verify: () => store.verify(),
      close: () => store.close(),
      write: async (batch, durable) => {
        if (this.isDead()) throw new StorageError('failed', 'kv', 'the power is gone');
        await store.write(batch, durable);
      },
    };
  }
}

describe('restart', () => {
  it('goes on from the last flush after the process was killed without closing (S01)', async () => {
    const { left, right } = fork();
    const world = new ChainWorld();
    const chain = await world.open();
    await submitAll(chain, left.blocks);
    await chain.flush(NOW_SEC);
    await submitAll(chain, right.blocks);
    world.kill();
    const again = await world.open();
    assert.equal(describeTip(again), describeBlock(left.tip, 112));
    await assertCoinsEqualReplay(again);
    await submitAll(again, right.blocks);
    assert.equal(describeTip(again), describeBlock(right.tip, 115));
    await assertCoinsEqualReplay(again);
  });

  it('opens at once after an orderly end, with the tip it had, ties included', async () => {
    const { left, right } = fork();
    const world = new ChainWorld();
    let chain = await world.open();
    await submitAll(chain, [...left.blocks, ...right.blocks.slice(0, 112)]);
    for (let i = 0; i < 3; i++) {
      assert.equal(describeTip(chain), describeBlock(left.tip, 112));
      await chain.close(NOW_SEC);
      chain = await world.open();
      await chain.activate(NOW_SEC);
    }
  });

  it('recovers from a power cut at any change of disk or stores (S01, S02)', async () => {
    const { left, right } = fork();
    const blocks = [...left.blocks, ...right.blocks.slice(105)];
    const total = await countChanges(blocks);
    for (let at = 1; at <= total; at++) await crashAt(at, at % 2, blocks, right);
  });
});

const FLUSHING = { intervalMinSec: 1000, intervalMaxSec: 1000, blocksMax: 9 };

async function countChanges(blocks: readonly Block[]): Promise<number> {
  const death = new Death();
  const { world, ports } = mortalWorld(death);
  world.disk.inject = () => null;
  const chain = await new ChainWorld({ flushPolicy: FLUSHING }, ports).open();
  await submitAll(chain, blocks);
  return death.changes;
}

function mortalWorld(death: Death): { world: ChainWorld; ports: { indexStore: KvStore; coinsStore: KvStore } } {
  const world = new ChainWorld({ flushPolicy: FLUSHING });
  world.disk.inject = ({ change }) =>
    change > 0 && death.isDead() ? { kind: 'fail', code: 'failed', message: 'the power is gone' } : null;
  return { world, ports: { indexStore: death.guard(world.indexStore), coinsStore: death.guard(world.coinsStore) } };
}

async function crashAt(at: number, seed: number, blocks: readonly Block[], best: BranchBuilder): Promise<void> {
  const rng: Rng = createRng(at * 1000 + seed);
  const death = new Death();
  const { world, ports } = mortalWorld(death);
  death.at = at;
  let durable: Uint8Array | null = null;
  let chain: Chainstate | null = null;
  try {
    const mortal = new ChainWorld({ flushPolicy: FLUSHING }, ports);
    mortal.disk = world.disk;
    chain = await mortal.open();
    chain.signals.flushed.subscribe(({ tip }) => {
      durable = chain!.index.blockHash(tip);
    });
    await submitAll(chain, blocks);
  } catch (error) {
    assert.ok(error instanceof StorageError, String(error));
  }
  world.disk.inject = null;
  world.cutPower(rng);
  world.disk.inject = null;
  const again = await world.open();
  if (durable !== null) {
    const entry = again.index.find(durable);
    assert.ok(
      entry >= 0 && again.index.compareWork(again.active.tip, entry) >= 0,
      `change ${at}: durable work is there`,
    );
  }
  for (let entry = 0; entry < again.index.count; entry++) assert.ok(!again.index.isFailed(entry));
  await assertCoinsEqualReplay(again);
  await submitAll(again, blocks);
  assert.equal(describeTip(again), describeBlock(best.tip, best.height), `change ${at}`);
  await assertCoinsEqualReplay(again);
}

it('S07: coins that have rotted on the disk stop the chain and condemn no block', async () => {
  const { left } = fork();
  const world = new ChainWorld();
  const first = await world.open();
  await submitAll(first, left.blocks.slice(0, -1));
  await first.close(NOW_SEC);
  // A coin that the last block spends is gone from the store, as if a bit of its key had changed.
  const last = left.blocks.at(-1)!;
  const spent = last.transaction(1).bytes.slice(last.transaction(1).prevoutStart(0));
  await world.coinsStore.write({ puts: [], deletes: [coinKey(spent, 0)] }, true);
  const rotten = new StorageError('corrupt', 'coins', 'a table is damaged');
  world.coinsStore.verify = () => Promise.reject(rotten);
  const chain = await world.open();
  await assert.rejects(chain.submitBlock(last, NOW_SEC), (error) => error === rotten);
  assert.equal(chain.index.isFailed(chain.index.find(last.header.blockHash)), false);
  assert.equal(chain.height, left.height - 1);
});
