import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBlock } from '../../../test/model/block-builder.ts';
import { FakeGrinder } from '../../../test/model/fake-grinder.ts';
import { ManualTime } from '../../../test/model/manual-time.ts';
import type { SubmitResult } from '../../kernel/chain/chainstate.ts';
import { MemoryHeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { rejectBlock } from '../../kernel/consensus/reject.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { CpuMiner } from './cpu-miner.ts';

const SECOND_MS = 1000;

/** A miner whose work a test can watch, and make slow. */
class World {
  readonly time: ManualTime = new ManualTime(1_700_000_000);
  readonly grinder: FakeGrinder = new FakeGrinder();
  readonly lines: string[] = [];
  readonly fatal: unknown[] = [];
  readonly submitted: Block[] = [];
  /** Extra nonces of the work that was made, from the first on. */
  readonly made: number[] = [];
  result: (block: Block) => Promise<SubmitResult> = async () => ({ outcome: 'connected', entry: 1 as never });
  /** Waited for when work is made. */
  beforeWork: (() => Promise<void>) | null = null;
  hasWork = true;
  readonly miner: CpuMiner;
  readonly #block: Block;

  constructor(seed = 1) {
    const network = createRegtestParams();
    this.#block = makeBlock(new MemoryHeaderBranch([network.genesis.header]), network.consensus);
    const write = (text: string): number => this.lines.push(text);
    this.miner = new CpuMiner({
      clock: this.time,
      timers: this.time,
      log: { info: write, warn: write, error: (text) => write(`error: ${text}`), debug: () => undefined },
      grinder: this.grinder,
      rng: createRng(seed),
      createWork: async (extraNonce) => {
        await this.beforeWork?.();
        if (!this.hasWork) return null;
        this.made.push(extraNonce);
        const header = this.#block.header.serialized().slice();
        return {
          header,
          height: 1,
          transactionCount: 3,
          rewardSat: 50_00000000,
          seal: () => this.#block,
        };
      },
      submit: (block) => {
        this.submitted.push(block);
        return this.result(block);
      },
      onFatal: (error) => this.fatal.push(error),
    });
  }

  /** How much work was made. */
  get madeCount(): number {
    return this.made.length;
  }

  async start(share = 1): Promise<void> {
    this.miner.start(share);
    await this.time.settle();
  }
}

test('a miner searches from its start to its stop', async () => {
  const world = new World();
  const { miner, grinder, time } = world;
  assert.equal(miner.status.isMining, false);
  await world.start(0.25);
  assert.deepEqual([grinder.isSearching, grinder.share, world.madeCount], [true, 0.25, 1]);
  const { isMining, share, height, transactionCount, rewardSat, blocksWon } = miner.status;
  assert.deepEqual(
    [isMining, share, height, transactionCount, rewardSat, blocksWon],
    [true, 0.25, 1, 3, 50_00000000, 0],
  );
  miner.start(0.5);
  await time.settle();
  assert.deepEqual([grinder.share, miner.status.share, world.madeCount], [0.5, 0.5, 1], 'the search goes on');
  miner.stop();
  assert.deepEqual(
    [grinder.isSearching, miner.status.isMining, miner.status.height, time.timerCount],
    [false, false, null, 0],
  );
  await time.advance(60 * SECOND_MS);
  assert.equal(world.madeCount, 1);
});

test('another tip ends the search at once, before anything else happens', async () => {
  const world = new World();
  await world.start();
  world.miner.tipChanged();
  assert.equal(world.grinder.isSearching, false);
  assert.equal(world.madeCount, 1, 'no work is made within the call');
  await world.time.settle();
  assert.deepEqual([world.grinder.isSearching, world.madeCount], [true, 2]);
});

test('transactions make new work, five seconds after the last at the earliest', async () => {
  const world = new World();
  const { miner, grinder, time } = world;
  await world.start();
  miner.transactionsChanged();
  await time.advance(4 * SECOND_MS);
  assert.equal(world.madeCount, 1);
  await time.advance(2 * SECOND_MS);
  assert.equal(world.madeCount, 2);
  assert.equal(grinder.startCount, 2, 'the search of before went on until then');
  await time.advance(10 * SECOND_MS);
  assert.equal(world.madeCount, 2, 'nothing came since');
  miner.transactionsChanged();
  await time.advance(SECOND_MS);
  assert.equal(world.madeCount, 3, 'the last work is old enough');
});

test('work is made anew every half minute', async () => {
  const world = new World();
  await world.start();
  await world.time.advance(29 * SECOND_MS);
  assert.equal(world.madeCount, 1);
  await world.time.advance(2 * SECOND_MS);
  assert.equal(world.madeCount, 2);
  await world.time.advance(62 * SECOND_MS);
  assert.equal(world.madeCount, 4);
});

test('a block that is found is handed in once, and counts when it became part of the chain', async () => {
  const world = new World();
  const { miner, grinder, time } = world;
  world.result = async () => {
    miner.tipChanged();
    return { outcome: 'connected', entry: 1 as never };
  };
  await world.start();
  grinder.find();
  await time.settle();
  assert.deepEqual([world.submitted.length, miner.status.blocksWon], [1, 1]);
  assert.match(world.lines[0]!, /^Mined block [0-9a-f]{64} at height 1 with 3 transactions$/);
  assert.deepEqual([grinder.isSearching, world.madeCount], [true, 2]);
});

test('a block that comes too late is no win, and the search goes on', async () => {
  for (const outcome of ['stored', 'duplicate', 'unwanted'] as const) {
    const world = new World();
    world.result = async () => ({ outcome, entry: 1 as never });
    await world.start();
    world.grinder.find();
    await world.time.settle();
    assert.match(world.lines[0]!, /^Mined block [0-9a-f]{64} at height 1, too late to win$/);
    assert.equal(world.miner.status.blocksWon, 0);
    await world.time.advance(SECOND_MS);
    assert.equal(world.grinder.isSearching, true);
  }
});

test('a block that is refused is logged, and not tried again in a circle', async () => {
  const world = new World();
  const reject = rejectBlock('consensus', 'bad-cb-amount', 'coinbase-amount', { debug: 'coinbase pays too much' });
  world.result = async () => ({ outcome: 'rejected', reject });
  await world.start();
  world.grinder.find();
  await world.time.settle();
  assert.deepEqual(world.lines, ['error: A block mined here was refused: bad-cb-amount, coinbase pays too much']);
  assert.deepEqual([world.grinder.isSearching, world.madeCount], [false, 1]);
  await world.time.advance(SECOND_MS);
  assert.deepEqual([world.grinder.isSearching, world.madeCount], [true, 2]);
});

test('when all nonces were tried there is work with another extra nonce', async () => {
  const world = new World();
  await world.start();
  for (let i = 0; i < 3; i++) {
    world.grinder.exhaust();
    await world.time.settle();
  }
  assert.deepEqual(new Set(world.made).size, 4);
  assert.equal(world.grinder.isSearching, true);
});

test('two miners for one address do not search the same headers', async () => {
  const [one, other] = [new World(1), new World(2)];
  await one.start();
  await other.start();
  assert.notEqual(one.made[0], other.made[0]);
  for (const extraNonce of [one.made[0]!, other.made[0]!]) assert.ok(extraNonce < 2 ** 47);
});

test('without anything to build on it is asked again every second', async () => {
  const world = new World();
  world.hasWork = false;
  await world.start();
  await world.time.advance(3 * SECOND_MS);
  assert.deepEqual([world.madeCount, world.grinder.isSearching, world.miner.status.height], [0, false, null]);
  world.hasWork = true;
  await world.time.advance(SECOND_MS);
  assert.deepEqual([world.madeCount, world.grinder.isSearching], [1, true]);
});

/** Lets no work be made until the function it returns is called. */
function holdWork(world: World): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.beforeWork = () => held;
  return () => {
    world.beforeWork = null;
    release();
  };
}

test('work that takes long to make is used when it is there, and not made anew for having taken long', async () => {
  const world = new World();
  const release = holdWork(world);
  await world.start();
  await world.time.advance(7 * SECOND_MS);
  release();
  await world.time.settle();
  assert.deepEqual([world.madeCount, world.grinder.isSearching], [1, true]);
});

test('a tip that comes while work is being made: that work is not searched', async () => {
  const world = new World();
  const release = holdWork(world);
  await world.start();
  world.miner.tipChanged();
  release();
  await world.time.settle();
  assert.deepEqual([world.madeCount, world.grinder.startCount], [2, 1]);
});

test('stop and start while work is being made', async () => {
  const world = new World();
  const release = holdWork(world);
  await world.start();
  world.miner.stop();
  await world.start();
  release();
  await world.time.settle();
  assert.deepEqual([world.madeCount, world.grinder.startCount], [2, 1]);
  world.miner.stop();
  const again = holdWork(world);
  await world.start();
  world.miner.stop();
  again();
  await world.time.settle();
  assert.deepEqual([world.grinder.startCount, world.grinder.isSearching], [1, false]);
});

test('close() waits for the work that is being made and the block that is being handed in', async () => {
  const world = new World();
  let settleBlock = (): void => undefined;
  world.result = () =>
    new Promise((resolve) => {
      settleBlock = () => resolve({ outcome: 'connected', entry: 1 as never });
    });
  await world.start();
  world.grinder.find();
  await world.time.settle();
  const release = holdWork(world);
  world.miner.tipChanged();
  await world.time.settle();
  let isClosed = false;
  const closing = world.miner.close().then(() => {
    isClosed = true;
  });
  settleBlock();
  await world.time.settle();
  assert.equal(isClosed, false);
  release();
  await closing;
  assert.deepEqual([world.grinder.isClosed, world.grinder.isSearching, world.time.timerCount], [true, false, 0]);
  assert.equal(world.miner.status.blocksWon, 1);
});

test('what breaks is told: the search, the making of work, the chain', async () => {
  const search = new World();
  await search.start();
  search.grinder.fail(new Error('a thread is dead'));
  assert.deepEqual(search.fatal.map(String), ['Error: a thread is dead']);

  const work = new World();
  work.beforeWork = () => Promise.reject(new Error('the chain has stopped'));
  await work.start();
  assert.deepEqual(work.fatal.map(String), ['Error: the chain has stopped']);
  await work.miner.close();

  const chain = new World();
  chain.result = () => Promise.reject(new Error('the disk is full'));
  await chain.start();
  chain.grinder.find();
  await chain.time.settle();
  assert.deepEqual(chain.fatal.map(String), ['Error: the disk is full']);
  await chain.miner.close();
});

test('the hash rate is that of the last seconds', async () => {
  const world = new World();
  const { miner, grinder, time } = world;
  await world.start();
  assert.equal(miner.status.hashRate, 0);
  for (let i = 0; i < 20; i++) {
    grinder.hashCount += 1_000;
    await time.advance(SECOND_MS);
  }
  assert.equal(Math.round(miner.status.hashRate), 1_000);
  for (let i = 0; i < 20; i++) {
    grinder.hashCount += 3_000;
    await time.advance(SECOND_MS);
  }
  assert.equal(Math.round(miner.status.hashRate), 3_000);
  assert.equal(miner.status.hashCount, 80_000);
  miner.stop();
  assert.equal(miner.status.hashRate, 0);
});
