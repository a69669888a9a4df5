// A whole node on one simulated disk, stopped at every boundary of a write of any of its parts: block and undo files, block index,
// coins, in flushes of many batches, over a reorganisation and a pruning. At each boundary the process is killed (what it wrote is
// there, the last write perhaps cut), and the power is cut (what was not durable is there, torn, or not), several times.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { describeChainCoins } from '../../../test/model/chain-world.ts';
import { CoinsModel, describeModel } from '../../../test/model/coins-model.ts';
import { SimKv } from '../../sim/sim-kv.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import type { Block } from '../primitives/block.ts';
import { type BlockHash, formatHash } from '../primitives/hashes.ts';
import { InputVerifier } from '../script/verify.ts';
import { createRng } from '../util/prng.ts';
import { NO_ENTRY } from './block-index.ts';
import { Chainstate } from './chainstate.ts';
import { stopAtChange } from './disk-faults.ts';
import { InlineVerifier } from './inline-verifier.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryFolder } from './memory-folder.ts';
import { StorageError } from './ports.ts';

/** Images of the disk after a power cut at each boundary; a nightly run may ask for more. */
const IMAGES = Number(process.env['TALLY_IMAGES'] ?? 2);

/** A flush every few blocks, in batches of about two coins; block files of a few blocks. */
const OPTIONS = {
  params: createRegtestParams(),
  flushPolicy: { intervalMinSec: 1000, intervalMaxSec: 1000, blocksMax: 4 },
  coinsBatchBytes: 150,
  fileBytesMax: 4096,
};

const base = new BranchBuilder();
base.mineMany(100);
const left = base.fork();
const right = base.fork();
while (left.height < 106) mineBusy(left);
while (right.height < 108) mineBusy(right);

function mineBusy(builder: BranchBuilder): void {
  builder.mine({ transactions: [builder.spendCoinbase(builder.height - 99, 3)] });
}

/** What the coins must be at each block, by the hash of the block; made when first asked for. */
const ledgers: Map<string, readonly string[]> = new Map();

function expectedCoins(tip: BlockHash): readonly string[] {
  const name = formatHash(tip);
  const known = ledgers.get(name);
  if (known !== undefined) return known;
  for (const branch of [left, right]) {
    const model = new CoinsModel();
    for (let height = 1; height <= branch.height; height++) {
      const block = branch.at(height);
      model.apply(block, height);
      if (formatHash(block.header.blockHash) !== name) continue;
      const lines = describeModel(model);
      ledgers.set(name, lines);
      return lines;
    }
  }
  assert.equal(name, formatHash(OPTIONS.params.consensus.genesisHash), 'a tip that was never valid');
  return [];
}

async function openOn(disk: MemoryDisk): Promise<Chainstate> {
  const ports = {
    indexStore: await SimKv.open(new MemoryFolder('index', disk)),
    coinsStore: await SimKv.open(new MemoryFolder('coins', disk)),
    blockFolder: new MemoryFolder('blocks', disk),
    verifier: new InlineVerifier(new InputVerifier(nobleSecp256k1)),
    secp: nobleSecp256k1,
    rng: createRng(7),
  };
  return Chainstate.open(OPTIONS, ports);
}

/** What a run on a disk came to. */
interface Life {
  /** The last tip that was reported durable. */
  durable: BlockHash | null;
  readonly flushHeights: number[];
}

/** What a node is to do. */
interface Story {
  readonly blocks: readonly Block[];
  /** Where it ends. */
  readonly tip: BlockHash;
  /** Files whose blocks are all below are pruned in the end. */
  readonly pruneHeight: number;
}

/** Opens a node, lets it take all blocks, prunes, and closes it. */
async function live(story: Story, disk: MemoryDisk, life: Life): Promise<void> {
  const chain = await openOn(disk);
  chain.signals.flushed.subscribe(({ tip, height }) => {
    life.durable = chain.index.blockHash(tip);
    life.flushHeights.push(height);
  });
  await submitAll(chain, story);
  const { fileInfos } = chain.state.store;
  const isOld = (file: number): boolean =>
    fileInfos[file]!.blockBytes > 0 && fileInfos[file]!.heightLast < story.pruneHeight;
  const files = [...fileInfos.keys()].filter(isOld);
  if (files.length > 0) await chain.prune(files, NOW_SEC);
  await chain.close(NOW_SEC);
}

async function submitAll(chain: Chainstate, { blocks }: Story): Promise<void> {
  for (const block of blocks) {
    const entry = chain.index.find(block.header.blockHash);
    if (entry === NO_ENTRY || !chain.index.isLinked(entry)) await chain.submitBlock(block, NOW_SEC);
  }
}

/** Lives until a change of the disk, which is not done, or is a write that is cut. */
async function liveUntil(change: number, story: Story, disk: MemoryDisk): Promise<Life> {
  const life: Life = { durable: null, flushHeights: [] };
  disk.inject = stopAtChange(change, change % 2 === 0 ? createRng(change) : null);
  await live(story, disk, life).then(
    () => assert.fail(`change ${change} was never reached`),
    (error: unknown) => assert.ok(error instanceof StorageError, String(error)),
  );
  return life;
}

/** A node starts by itself on what is left, has lost nothing that was reported durable, and gets to the end. */
async function checkRestart(disk: MemoryDisk, story: Story, life: Life, label: string): Promise<void> {
  const chain = await openOn(disk);
  const { index, active } = chain;
  for (let entry = 0; entry < index.count; entry++) assert.ok(!index.isFailed(entry), label);
  assert.deepEqual(await describeChainCoins(chain), expectedCoins(chain.tipHash), label);
  // A flush in the middle of a reorganisation is of a lower tip: the blocks above are stored, and one step away.
  await chain.activate(NOW_SEC);
  if (life.durable !== null) {
    const durable = index.find(life.durable);
    assert.ok(durable !== NO_ENTRY && index.compareWork(active.tip, durable) >= 0, `${label}: durable work is there`);
  }
  await submitAll(chain, story);
  assert.equal(formatHash(chain.tipHash), formatHash(story.tip), label);
  assert.deepEqual(await describeChainCoins(chain), expectedCoins(chain.tipHash), label);
}

/** Tells the story once to its end, and then up to each of its changes of the disk. */
async function crashEverywhere(story: Story, start: MemoryDisk, context: TestContext): Promise<void> {
  const whole = start.kill();
  const life: Life = { durable: null, flushHeights: [] };
  await live(story, whole, life);
  const total = whole.changeCount;
  for (let change = 1; change <= total; change++) {
    const disk = start.kill();
    const found = await liveUntil(change, story, disk);
    await checkRestart(disk.kill(), story, found, `killed at change ${change}`);
    for (let image = 0; image < IMAGES; image++) {
      const rest = disk.crash(createRng(1000 * change + image));
      await checkRestart(rest, story, found, `power cut at change ${change}, image ${image}`);
    }
  }
  const heights = life.flushHeights.join(' ');
  context.diagnostic(`${total} boundaries, ${1 + IMAGES} restarts at each, flushes at heights ${heights}`);
}

describe('a node stopped at every write boundary', () => {
  it('starts again from its very first start on (S01, S02)', async (context) => {
    const blocks = base.blocks.slice(0, 10);
    const story = { blocks, tip: blocks.at(-1)!.header.blockHash, pruneHeight: 0 };
    await crashEverywhere(story, new MemoryDisk(), context as TestContext);
  });

  it('starts again in flushes of many batches, a reorganisation and a pruning (S01, S02)', async (context) => {
    const disk = new MemoryDisk();
    const chain = await openOn(disk);
    for (const block of base.blocks) await chain.submitBlock(block, NOW_SEC);
    await chain.close(NOW_SEC);
    const blocks = [...left.blocks.slice(100), ...right.blocks.slice(100)];
    await crashEverywhere({ blocks, tip: right.tip.header.blockHash, pruneHeight: 40 }, disk, context as TestContext);
  });
});
