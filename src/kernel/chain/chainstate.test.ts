import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANYONE, makeTx, outputOf, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { assertCoinsEqualReplay, ChainWorld, describeBlock, describeTip } from '../../../test/model/chain-world.ts';
import { createRegtestParams } from '../consensus/networks/regtest.ts';
import type { Block } from '../primitives/block.ts';
import { formatHash } from '../primitives/hashes.ts';
import { createRng } from '../util/prng.ts';
import type { Chainstate, SubmitResult } from './chainstate.ts';
import { openMemoryChain } from './memory-chain.ts';

async function submit(chain: Chainstate, block: Block): Promise<string> {
  return outcomeOf(await chain.submitBlock(block.serialized(), NOW_SEC));
}

function outcomeOf(result: SubmitResult): string {
  return result.outcome === 'rejected' ? `rejected: ${result.reject.reason}` : result.outcome;
}

async function submitAll(chain: Chainstate, blocks: readonly Block[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const block of blocks) outcomes.push(await submit(chain, block));
  return outcomes;
}

function tipOf(builder: BranchBuilder): string {
  return describeBlock(builder.tip, builder.height);
}

/** A branch of `height` blocks in which coins are spent, old ones and some of the same block. */
function busyBranch(height: number): BranchBuilder {
  const builder = new BranchBuilder();
  builder.mineMany(Math.min(height, 100));
  while (builder.height < height) mineBusy(builder);
  return builder;
}

function mineBusy(builder: BranchBuilder): Block {
  const first = builder.spendCoinbase(builder.height - 99, 3);
  const second = makeTx([spend(outputOf(first, 1))], [pay(first.valueSat(1), ANYONE)]);
  return builder.mine({ transactions: [first, second] });
}

describe('chainstate', () => {
  it('opens in memory and follows 101 blocks, in tenths of a second of work', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(101);
    const start = process.cpuUsage();
    const chain = await openMemoryChain(createRegtestParams());
    const opening = process.cpuUsage(start).user;
    assert.deepEqual(new Set(await submitAll(chain, builder.blocks)), new Set(['connected']));
    const following = process.cpuUsage(start).user - opening;
    assert.equal(describeTip(chain), tipOf(builder));
    assert.ok(opening < 1_000_000 && following < 2_000_000, `${opening} and ${following} microseconds`);
    await assertCoinsEqualReplay(chain);
  });

  for (const depth of [1, 10, 144]) {
    it(`moves to a heavier branch that takes off ${depth} blocks, and back (C35)`, async () => {
      const base = busyBranch(110);
      const left = base.fork();
      const right = base.fork();
      for (let i = 0; i < depth; i++) mineBusy(left);
      for (let i = 0; i <= depth; i++) mineBusy(right);
      const chain = await openMemoryChain(createRegtestParams());
      await submitAll(chain, left.blocks);
      assert.equal(describeTip(chain), tipOf(left));
      const outcomes = await submitAll(chain, right.blocks.slice(110));
      assert.deepEqual(outcomes, [...Array(depth).fill('stored'), 'connected']);
      assert.equal(describeTip(chain), tipOf(right));
      await assertCoinsEqualReplay(chain);
      mineBusy(left);
      mineBusy(left);
      await submitAll(chain, left.blocks.slice(110 + depth));
      assert.equal(describeTip(chain), tipOf(left));
      await assertCoinsEqualReplay(chain);
    });
  }

  it('moves to a heavier branch that takes off 1,000 blocks (C35)', async () => {
    const left = new BranchBuilder();
    const right = new BranchBuilder();
    left.mineMany(1000);
    right.mineMany(1001);
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, left.blocks);
    await submitAll(chain, right.blocks);
    assert.equal(describeTip(chain), tipOf(right));
    await assertCoinsEqualReplay(chain);
  });

  it('stays with the block seen first when two have equal work (C35)', async () => {
    const base = new BranchBuilder();
    base.mineMany(5);
    const [left, right] = [base.fork(), base.fork()];
    left.mine();
    right.mine();
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, left.blocks);
    assert.equal(await submit(chain, right.tip), 'stored');
    assert.equal(describeTip(chain), tipOf(left));
    right.mine();
    assert.equal(await submit(chain, right.tip), 'connected');
    assert.equal(describeTip(chain), tipOf(right));
  });

  it('counts a block as seen when it can be connected, not when its header came', async () => {
    const base = new BranchBuilder();
    base.mineMany(3);
    const [left, right] = [base.fork(), base.fork()];
    left.mineMany(2);
    right.mineMany(2);
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, base.blocks);
    await chain.acceptHeaders(
      [...left.blocks.slice(3), ...right.blocks.slice(3)].map(({ header }) => header),
      NOW_SEC,
    );
    assert.equal(await submit(chain, left.tip), 'stored');
    await submitAll(chain, right.blocks.slice(3));
    await submit(chain, left.at(4));
    assert.equal(describeTip(chain), tipOf(right));
  });

  it('prefers a block by wish, as long as the tip has no more work (preciousblock)', async () => {
    const base = new BranchBuilder();
    base.mineMany(3);
    const branches = [base.fork(), base.fork(), base.fork()];
    for (const branch of branches) branch.mine();
    const [a, b, c] = branches as [BranchBuilder, BranchBuilder, BranchBuilder];
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, [...base.blocks, a.tip, b.tip, c.tip]);
    for (const wanted of [c, b, c, a, b]) {
      assert.equal(await chain.preciousBlock(wanted.tip.header.blockHash, NOW_SEC), 'done');
      assert.equal(describeTip(chain), tipOf(wanted));
    }
    c.mine();
    await submit(chain, c.tip);
    assert.equal(await chain.preciousBlock(a.tip.header.blockHash, NOW_SEC), 'done');
    assert.equal(describeTip(chain), tipOf(c));
    await assertCoinsEqualReplay(chain);
  });

  for (const [place, badHeight] of [
    ['first', 106],
    ['middle', 108],
    ['last', 111],
  ] as const) {
    it(`returns from a heavier branch whose ${place} block is invalid (C35)`, async () => {
      const base = busyBranch(105);
      const left = base.fork();
      while (left.height < 110) mineBusy(left);
      const right = base.fork();
      while (right.height < badHeight - 1) mineBusy(right);
      right.mineOverpaid();
      while (right.height < 111) right.mine();
      const chain = await openMemoryChain(createRegtestParams());
      await submitAll(chain, left.blocks);
      const outcomes = await submitAll(chain, right.blocks.slice(105));
      const reason = badHeight === 111 ? 'bad-cb-amount' : 'bad-prevblk';
      assert.equal(outcomes.at(-1), `rejected: ${reason}`);
      assert.equal(describeTip(chain), tipOf(left));
      await assertCoinsEqualReplay(chain);
      // What stands on the invalid block is invalid for good, and so is itself.
      right.mine();
      assert.equal(await submit(chain, right.tip), 'rejected: bad-prevblk');
      assert.equal(await submit(chain, right.at(badHeight)), 'rejected: duplicate-invalid');
      for (const height of [badHeight, 111]) {
        const entry = chain.index.find(right.at(height).header.blockHash);
        assert.ok(chain.index.isFailed(entry));
      }
      // The valid part of the branch may still win.
      const rescue = right.fork(badHeight - 1);
      while (rescue.height < 112) mineBusy(rescue);
      await submitAll(chain, rescue.blocks.slice(badHeight - 1));
      assert.equal(describeTip(chain), tipOf(rescue));
      await assertCoinsEqualReplay(chain);
    });
  }

  it('refuses headers on top of a block that turned out invalid (C35)', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(3);
    builder.mineOverpaid();
    builder.mineMany(3);
    const chain = await openMemoryChain(createRegtestParams());
    const headers = builder.blocks.map(({ header }) => header);
    const accepted = await chain.acceptHeaders(headers, NOW_SEC);
    assert.equal(accepted.acceptedCount, 7);
    assert.deepEqual((await submitAll(chain, builder.blocks)).slice(3), [
      'rejected: bad-cb-amount',
      'rejected: duplicate-invalid',
      'rejected: duplicate-invalid',
      'rejected: duplicate-invalid',
    ]);
    builder.mine();
    const more = await chain.acceptHeaders([builder.tip.header], NOW_SEC);
    assert.equal(more.reject?.reason, 'bad-prevblk');
    assert.equal(chain.height, 3);
    assert.equal(chain.index.height(chain.index.bestHeader), 3);
  });

  it('does not blame a header for bytes that are not its own', async () => {
    const builder = busyBranch(102);
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, builder.blocks.slice(0, 101));
    const altered = builder.tip.serialized().slice();
    altered[altered.length - 5]! ^= 1;
    const result = await chain.submitBlock(altered, NOW_SEC);
    assert.equal(outcomeOf(result), 'rejected: bad-txnmrklroot');
    assert.equal(await submit(chain, builder.tip), 'connected');
  });

  it('answers to bytes that are no block, to blocks it has, and to blocks that nobody asked for', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(10);
    const other = new BranchBuilder();
    other.mineMany(2);
    const chain = await openMemoryChain(createRegtestParams());
    assert.equal(outcomeOf(await chain.submitBlock(new Uint8Array(79), NOW_SEC)), 'undecodable');
    assert.equal(await submit(chain, builder.at(2)), 'rejected: prev-blk-not-found');
    await submitAll(chain, builder.blocks);
    assert.equal(await submit(chain, builder.at(4)), 'duplicate');
    assert.equal(await submit(chain, builder.network.genesis), 'duplicate');
    const unrequested = await chain.submitBlock(other.at(1), NOW_SEC, { isRequested: false });
    assert.equal(outcomeOf(unrequested), 'unwanted');
    const unproved = await chain.submitBlock(other.at(2), NOW_SEC, { hasEnoughWork: false });
    assert.equal(outcomeOf(unproved), 'rejected: too-little-chainwork');
    assert.equal(await submit(chain, other.at(1)), 'stored');
  });

  it('refuses a block from the future only until the clock gets there (C33, T02)', async () => {
    const builder = new BranchBuilder();
    const block = builder.mine({ timeSec: NOW_SEC + 7201 });
    const chain = await openMemoryChain(createRegtestParams());
    assert.equal(outcomeOf(await chain.submitBlock(block, NOW_SEC)), 'rejected: time-too-new');
    assert.equal(outcomeOf(await chain.submitBlock(block, NOW_SEC - 10 * 365 * 86_400)), 'rejected: time-too-new');
    assert.equal(outcomeOf(await chain.submitBlock(block, NOW_SEC + 1)), 'connected');
  });

  it('goes on through jumps of the clock (T02)', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(8);
    const chain = await openMemoryChain(createRegtestParams());
    const nows = [NOW_SEC, NOW_SEC + 10_800, NOW_SEC - 10_800, NOW_SEC + 315_360_000, NOW_SEC, 4_000_000_000, NOW_SEC];
    for (const [i, nowSec] of nows.entries()) {
      assert.equal(outcomeOf(await chain.submitBlock(builder.at(i + 1), nowSec)), 'connected');
    }
    await assertCoinsEqualReplay(chain);
  });

  it('takes a block off by wish, with all on top of it, and takes it back (invalidateblock, reconsiderblock)', async () => {
    const builder = busyBranch(120);
    const other = builder.fork(110);
    while (other.height < 115) mineBusy(other);
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, [...builder.blocks, ...other.blocks.slice(110)]);
    const wrong = builder.at(112).header.blockHash;
    assert.equal(await chain.invalidateBlock(wrong, NOW_SEC), 'done');
    assert.equal(describeTip(chain), tipOf(other));
    await assertCoinsEqualReplay(chain);
    assert.equal(await chain.invalidateBlock(other.at(111).header.blockHash, NOW_SEC), 'done');
    assert.equal(describeTip(chain), describeBlock(builder.at(111), 111));
    await assertCoinsEqualReplay(chain);
    assert.equal(await submit(chain, builder.at(120)), 'rejected: duplicate-invalid');
    assert.equal(await chain.reconsiderBlock(builder.at(115).header.blockHash, NOW_SEC), 'done');
    assert.equal(describeTip(chain), tipOf(builder));
    await assertCoinsEqualReplay(chain);
    assert.equal(chain.index.height(chain.index.bestHeader), 120);
  });

  it('cannot be wished away below its first block, nor about blocks it does not know', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(2);
    const chain = await openMemoryChain(createRegtestParams());
    await submit(chain, builder.at(1));
    assert.equal(await chain.invalidateBlock(builder.network.genesis.header.blockHash, NOW_SEC), 'first-block');
    assert.equal(await chain.invalidateBlock(builder.at(2).header.blockHash, NOW_SEC), 'unknown-block');
    assert.equal(await chain.invalidateBlock(builder.at(1).header.blockHash, NOW_SEC), 'done');
    assert.equal(chain.height, 0);
    assert.equal(await chain.reconsiderBlock(builder.at(1).header.blockHash, NOW_SEC), 'done');
    assert.equal(chain.height, 1);
  });

  it('tells its listeners everything, in order', async () => {
    const base = new BranchBuilder();
    base.mineMany(2);
    const [left, right] = [base.fork(), base.fork()];
    left.mine();
    right.mineMany(3);
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, left.blocks);
    const news: string[] = [];
    const { signals } = chain;
    signals.headerTipChanged.subscribe(({ height }) => news.push(`header ${height}`));
    signals.blockChecked.subscribe(({ reject }) => news.push(`checked ${reject?.reason ?? 'valid'}`));
    signals.blockDisconnected.subscribe(({ height }) => news.push(`off ${height}, tip ${chain.height}`));
    signals.blockConnected.subscribe(({ height, undo }) => news.push(`on ${height}, ${undo.coins.count} spent`));
    signals.tipChanged.subscribe(({ height, fork }) => news.push(`tip ${height} from ${chain.index.height(fork)}`));
    await submit(chain, right.at(3));
    await submit(chain, right.at(4));
    right.fork(4).mine();
    await submit(chain, right.fork(4).mineOverpaid());
    assert.deepEqual(news, [
      'header 4',
      'off 3, tip 2',
      'checked valid',
      'on 3, 0 spent',
      'checked valid',
      'on 4, 0 spent',
      'tip 4 from 2',
      'header 5',
      'checked bad-cb-amount',
      'header 4',
    ]);
  });

  it('waits for those who follow the tip before it tells of a new one', async () => {
    const base = new BranchBuilder();
    base.mineMany(2);
    const [left, right] = [base.fork(), base.fork()];
    left.mine();
    right.mineMany(3);
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, left.blocks);
    const news: string[] = [];
    const unfollow = chain.followTip({
      follow: async () => {
        news.push(`following at ${chain.height}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        news.push(`in step at ${chain.height}`);
      },
      chainStopped: () => assert.fail('the chain goes on'),
    });
    chain.signals.tipChanged.subscribe(({ height }) => news.push(`tip ${height}`));
    const submitted = [submit(chain, right.at(3)), submit(chain, right.at(4)), submit(chain, right.at(5))];
    await Promise.all(submitted);
    unfollow();
    right.mine();
    await submit(chain, right.at(6));
    assert.deepEqual(news, [
      'following at 4',
      'in step at 4',
      'tip 4',
      'following at 5',
      'in step at 5',
      'tip 5',
      'tip 6',
    ]);
  });

  it('has those who follow the tip follow it back when the other branch was no good, and tells of no new tip', async () => {
    const base = new BranchBuilder();
    base.mineMany(2);
    const [left, right] = [base.fork(), base.fork()];
    left.mineMany(2);
    right.mine();
    right.mineMissing();
    right.mine();
    const chain = await openMemoryChain(createRegtestParams());
    await submitAll(chain, left.blocks);
    const news: string[] = [];
    chain.signals.blockDisconnected.subscribe(({ height }) => news.push(`off ${height}`));
    chain.signals.tipChanged.subscribe(({ height }) => news.push(`tip ${height}`));
    chain.followTip({
      follow: async () => void news.push(`following at ${chain.height}`),
      chainStopped: () => assert.fail('the chain goes on'),
    });
    await submitAll(chain, right.blocks.slice(2));
    assert.equal(describeTip(chain), tipOf(left));
    assert.deepEqual(news, ['off 4', 'off 3', 'off 3', 'following at 4']);
  });

  it('tells those who follow the tip when it stops for an error', async () => {
    const builder = new BranchBuilder();
    const chain = await openMemoryChain(createRegtestParams());
    const news: string[] = [];
    chain.followTip({
      follow: () => Promise.reject(new Error('a follower that fails')),
      chainStopped: (cause) => news.push(`stopped: ${cause}`),
    });
    await assert.rejects(submit(chain, builder.mine()), /a follower that fails/);
    assert.deepEqual(news, ['stopped: Error: a follower that fails']);
    await assert.rejects(submit(chain, builder.mine()), /the chain has stopped/);
    assert.deepEqual(news, ['stopped: Error: a follower that fails']);
  });

  it('runs commands one after another, whoever calls', async () => {
    const builder = busyBranch(130);
    const chain = await openMemoryChain(createRegtestParams());
    const results = builder.blocks.map((block) => chain.submitBlock(block, NOW_SEC));
    const outcomes = (await Promise.all(results)).map(outcomeOf);
    assert.deepEqual(new Set(outcomes), new Set(['connected']));
    assert.equal(describeTip(chain), tipOf(builder));
  });

  it('stops connecting at a height on request (stopatheight)', async () => {
    const builder = new BranchBuilder();
    builder.mineMany(20);
    const chain = await openMemoryChain(createRegtestParams(), { heightMax: 12 });
    await submitAll(chain, builder.blocks);
    assert.equal(chain.height, 12);
  });

  it('connects many stored blocks at once with verdicts in windows', async () => {
    const builder = busyBranch(200);
    const chain = await openMemoryChain(createRegtestParams(), { windowLimits: { inputs: 10, blocks: 7, bytes: 1e6 } });
    await chain.acceptHeaders(
      builder.blocks.map(({ header }) => header),
      NOW_SEC,
    );
    for (const block of [...builder.blocks].reverse()) await submit(chain, block);
    assert.equal(describeTip(chain), tipOf(builder));
    await assertCoinsEqualReplay(chain);
  });

  it('ends with equal tips and coins whatever the order in which blocks arrive (C35)', async () => {
    const { blocks, best } = tree();
    const rng = createRng(5);
    const coins = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const chain = await new ChainWorld({ windowLimits: { inputs: 3, blocks: 1 + rng.below(5), bytes: 1e6 } }).open();
      const hasHeaders = round % 2 === 0;
      if (hasHeaders)
        await chain.acceptHeaders(
          blocks.map(({ header }) => header),
          NOW_SEC,
        );
      await submitShuffled(chain, blocks, rng);
      assert.equal(describeTip(chain), best);
      await assertCoinsEqualReplay(chain);
      coins.add(JSON.stringify(await stateOf(chain)));
    }
    assert.equal(coins.size, 1);
  });
});

/** A tree of some branches, with invalid blocks in two of them; the best tip is the only one of its work. */
function tree(): { blocks: Block[]; best: string } {
  const main = busyBranch(108);
  const blocks = [...main.blocks];
  const add = (builder: BranchBuilder, from: number): void => {
    blocks.push(...builder.blocks.slice(from));
  };
  const short = main.fork(104);
  mineBusy(short);
  mineBusy(short);
  add(short, 104);
  const bad = main.fork(106);
  mineBusy(bad);
  bad.mineMissing();
  bad.mineMany(6);
  add(bad, 106);
  const best = main.fork(105);
  while (best.height < 111) mineBusy(best);
  add(best, 105);
  const late = best.fork(110);
  late.mineOverpaid();
  late.mineMany(3);
  add(late, 110);
  return { blocks, best: tipOf(best) };
}

/** Hands blocks in, in random order, again and again until none of them is taken any more. */
async function submitShuffled(
  chain: Chainstate,
  blocks: readonly Block[],
  rng: ReturnType<typeof createRng>,
): Promise<void> {
  let left = [...blocks];
  for (let before = left.length + 1; left.length < before; ) {
    before = left.length;
    const waiting: Block[] = [];
    for (let i = left.length - 1; i > 0; i--) {
      const j = rng.below(i + 1);
      [left[i], left[j]] = [left[j]!, left[i]!];
    }
    for (const block of left) {
      if ((await submit(chain, block)) === 'rejected: prev-blk-not-found') waiting.push(block);
    }
    left = waiting;
  }
}

async function stateOf(chain: Chainstate): Promise<string[]> {
  return [formatHash(chain.tipHash)];
}
