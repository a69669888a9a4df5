import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EASY, FEE_SAT } from '../../../test/model/accept-world.ts';
import { ANYONE } from '../../../test/model/block-builder.ts';
import { FakeGrinder } from '../../../test/model/fake-grinder.ts';
import { ServiceWorld, txidsOf } from '../../../test/model/service-world.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { MINING_DEFAULTS } from '../mining/assembler.ts';
import { MiningService, type MiningServiceParts } from './mining-service.ts';

/** A miner over a world, with what it tells. */
class Mine {
  readonly world: ServiceWorld;
  readonly grinder: FakeGrinder = new FakeGrinder();
  readonly service: MiningService;
  readonly fatal: unknown[] = [];
  /** How many grinders were made. */
  grinderCount = 0;
  /** Blocks that were handed in, with what became of them. */
  readonly outcomes: string[] = [];
  readonly blocks: Block[] = [];

  constructor(world: ServiceWorld, parts: Partial<MiningServiceParts> = {}, seed = 1) {
    this.world = world;
    this.service = new MiningService({
      chain: world.base.chain,
      node: { submitBlock: (block) => this.#submit(block) },
      mempool: world.service,
      options: MINING_DEFAULTS,
      version: null,
      logsFeerates: false,
      clock: world.time,
      timers: world.time,
      log: {
        info: (text) => world.lines.push(text),
        warn: () => undefined,
        error: () => undefined,
        debug: () => undefined,
      },
      rng: createRng(seed),
      createGrinder: () => {
        this.grinderCount++;
        return this.grinder;
      },
      threadCount: 1,
      onFatal: (error) => this.fatal.push(error),
      ...parts,
    });
  }

  async #submit(block: Block) {
    const result = await this.world.base.chain.submitBlock(block, this.world.base.nowSec);
    this.blocks.push(block);
    this.outcomes.push(result.outcome);
    return result;
  }

  async start(script: Uint8Array = ANYONE): Promise<void> {
    this.service.startMiner(script, 1);
    await this.world.time.settle();
  }
}

test('a template has the transactions of the mempool, an empty one none', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base } = world;
  const mine = new Mine(world);
  assert.equal(mine.service.lastSize, null);
  const parent = base.payment([base.coin()]);
  const child = base.payment([base.coinOf(parent)]);
  await world.add(parent, child);
  const template = await mine.service.createTemplate();
  assert.deepEqual(
    template.transactions.map(({ transaction }) => formatHash(transaction.txid)),
    [parent, child].map(({ txid }) => formatHash(txid)),
  );
  assert.deepEqual([template.height, template.feesSat], [world.height + 1, 2 * FEE_SAT]);
  assert.equal(mine.service.lastSize!.transactionCount, 2);
  const empty = await mine.service.createTemplate(false);
  assert.deepEqual([empty.transactions.length, empty.feesSat], [0, 0]);
  const without = await new Mine(world, { mempool: null }).service.createTemplate();
  assert.equal(without.transactions.length, 0);
});

test('-blockversion is the version of templates', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const { version } = await new Mine(world, { version: 0x20000007 }).service.createTemplate();
  assert.equal(version, 0x20000007);
});

test('a template that is asked for in the middle of a reorganisation is one for its end', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base } = world;
  const fork = base.branch.fork();
  const payment = base.payment([base.coin()]);
  await base.mine([payment]);
  const mine = new Mine(world);
  const made: Promise<string>[] = [];
  base.chain.signals.blockDisconnected.subscribe(() => {
    made.push(
      mine.service
        .createTemplate()
        .then(({ height, transactions }) => `${height}, ${transactions.length} transactions`),
    );
  });
  for (const block of fork.mineMany(2)) await world.submitBlock(block);
  assert.deepEqual(await Promise.all(made), [`${fork.height + 1}, 1 transactions`]);
});

test('a miner that was never started is idle, and costs no threads', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const mine = new Mine(world);
  assert.deepEqual([mine.service.minerStatus.isMining, mine.service.minerStatus.hashCount], [false, 0]);
  mine.service.stopMiner();
  await mine.service.close();
  mine.service.startMiner(ANYONE, 1);
  assert.deepEqual(
    [mine.grinderCount, mine.service.minerStatus.isMining],
    [0, false],
    'and after its end it is not started',
  );
});

test('the miner turns payments into pages, one after another', async () => {
  const world = await ServiceWorld.open({ coinCount: 4 });
  const { base, time } = world;
  const mine = new Mine(world);
  const first = base.payment([base.coin()]);
  await world.add(first);
  await mine.start();
  assert.equal(mine.service.minerStatus.transactionCount, 2);
  mine.grinder.find();
  await time.settle();
  assert.deepEqual([mine.outcomes, world.height, world.mempool.size], [['connected'], 103, 0]);
  assert.deepEqual(txidsOf([mine.blocks[0]!.transaction(1)]), txidsOf([first]));
  assert.equal(mine.service.minerStatus.height, 104, 'it is at the next one already');
  // Payments that come in are in the work within seconds.
  await world.add(base.payment([base.coin()]), base.payment([base.coin()]));
  await time.advance(6_000);
  const { transactionCount, rewardSat, blocksWon } = mine.service.minerStatus;
  assert.deepEqual([transactionCount, rewardSat, blocksWon], [3, 50_00000000 + 2 * FEE_SAT, 1]);
  mine.grinder.find();
  await time.settle();
  assert.deepEqual([mine.outcomes, world.height, world.mempool.size], [['connected', 'connected'], 104, 0]);
  await mine.service.close();
  assert.deepEqual([mine.fatal, time.timerCount, mine.grinderCount], [[], 1, 1], 'one timer is that of the fee file');
});

test('the reward goes where the miner was told last', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const mine = new Mine(world);
  await mine.start();
  assert.deepEqual(mine.service.minerScript, ANYONE);
  const before = mine.grinder.header;
  mine.service.startMiner(ANYONE, 0.5);
  assert.deepEqual(mine.grinder.header, before, 'the same address: the search goes on');
  mine.service.startMiner(EASY.scriptPubKey, 0.5);
  assert.equal(mine.grinder.isSearching, false, 'nothing more for the old one');
  await world.time.settle();
  mine.grinder.find();
  await world.time.settle();
  assert.deepEqual(mine.blocks[0]!.transaction(0).scriptPubKey(0), EASY.scriptPubKey);
  await mine.service.close();
});

test('two miners on one chain: the one that finds first wins, the other goes on with the next', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const [one, other] = [new Mine(world, {}, 1), new Mine(world, {}, 2)];
  await one.start();
  await other.start();
  const tipHash = world.base.chain.tipHash;
  assert.notDeepEqual(one.grinder.header, other.grinder.header, 'for one address, and yet not the same work');
  one.grinder.find();
  await world.time.settle();
  assert.notDeepEqual(world.base.chain.tipHash, tipHash);
  assert.deepEqual([one.service.minerStatus.height, other.service.minerStatus.height], [104, 104]);
  other.grinder.find();
  await world.time.settle();
  assert.deepEqual([one.outcomes, other.outcomes, world.height], [['connected'], ['connected'], 104]);
  await one.service.close();
  await other.service.close();
});

test('a block that another one came before is no win', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const mine = new Mine(world);
  await mine.start();
  // Both are handed in at the same moment.
  const rival = world.submitBlock(world.base.branch.mine());
  mine.grinder.find();
  await rival;
  await world.time.settle();
  assert.deepEqual([mine.outcomes, mine.service.minerStatus.blocksWon], [['stored'], 0]);
  assert.ok(world.lines.some((line) => line.endsWith('at height 103, too late to win')));
  assert.equal(mine.service.minerStatus.height, 104);
  await mine.service.close();
});

test('a chain that fails under the miner is told, and the miner can be closed', async () => {
  const world = await ServiceWorld.open({ coinCount: 2 });
  const { base, coins } = world;
  const mine = new Mine(world);
  const fork = base.branch.fork();
  await base.mine();
  await world.submitBlock(fork.mine({ transactions: [base.payment([base.coin()])] }));
  await mine.start();
  await world.chill();
  base.chain.signals.blockDisconnected.subscribe(() => {
    coins.beforeRead = () => Promise.reject(new StorageError('failed', 'coins', 'input/output error'));
    void mine.service.createTemplate().catch((error: unknown) => world.failures.push(error));
  });
  await assert.rejects(world.submitBlock(fork.mine()), StorageError);
  await world.time.settle();
  assert.match(String(world.failures[0]), /in the middle of a reorganisation/);
  await mine.service.close();
});
