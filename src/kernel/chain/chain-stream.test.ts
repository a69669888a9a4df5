import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import type { Block } from '../primitives/block.ts';
import { NO_ENTRY } from './block-index.ts';
import { type BlockStream, ChainStoppedError, type Chainstate } from './chainstate.ts';
import { openMemoryChain } from './memory-chain.ts';

interface Setup {
  readonly chain: Chainstate;
  readonly branch: BranchBuilder;
  /** What the chain tells, in order: names of signals, and outcomes of blocks. */
  readonly told: string[];
}

async function setUp(): Promise<Setup> {
  const branch = new BranchBuilder();
  branch.mineMany(8);
  const chain = await openMemoryChain(branch.network);
  await chain.activate(NOW_SEC);
  const told: string[] = [];
  for (const [name, signal] of Object.entries(chain.signals)) signal.subscribe(() => told.push(name));
  return { chain, branch, told };
}

/** A stream of blocks that are all there. */
function streamOf(blocks: readonly Block[], told: string[] = []): BlockStream {
  const waiting = [...blocks];
  return {
    next: () => {
      const block = waiting.shift();
      return block === undefined ? null : { block, arrival: {} };
    },
    onAccepted: (_block, { outcome }) => told.push(outcome),
  };
}

test('blocks of a stream are connected as they come, and each is answered once', async () => {
  const { chain, branch, told } = await setUp();
  await chain.submitStream(() => NOW_SEC, streamOf([...branch.blocks, branch.at(3)], told));
  assert.equal(chain.height, 8);
  assert.deepEqual(told.filter((name) => name === 'stored').length, 8);
  assert.equal(told.at(-1) === 'duplicate' || told.includes('duplicate'), true);
  assert.equal(told.filter((name) => name === 'blockConnected').length, 8);
});

test('the verdict on a block that is refused is told before the answer', async () => {
  const { chain, branch, told } = await setUp();
  const orphan = branch.at(5);
  await chain.submitStream(() => NOW_SEC, streamOf([orphan], told));
  assert.deepEqual(told, ['blockChecked', 'rejected']);
});

test('a stream that never dries up keeps no other command waiting', async () => {
  const { chain, branch } = await setUp();
  const waiting = [...branch.blocks];
  let streams = 0;
  let isDone = false;
  const feed = async (): Promise<void> => {
    // The stream always has a block: the same one again and again once all are in.
    while (!isDone) {
      streams++;
      await chain.submitStream(() => NOW_SEC, {
        next: () => ({ block: waiting.shift() ?? branch.tip, arrival: {} }),
        onAccepted: () => undefined,
      });
    }
  };
  const feeding = feed();
  const other = branch.fork(0);
  const result = await chain.submitBlock(other.mine(), NOW_SEC);
  assert.equal(result.outcome, 'stored');
  await chain.flush(NOW_SEC);
  while (chain.height < 8) await chain.activate(NOW_SEC);
  isDone = true;
  // One more command ends the last stream.
  await Promise.all([feeding, chain.activate(NOW_SEC)]);
  assert.ok(streams >= 2);
});

test('headers are taken in at once, telling of the best one and of nothing else', async () => {
  const { chain, branch, told } = await setUp();
  const headers = branch.blocks.map(({ header }) => header);
  const result = chain.acceptHeaders(headers.slice(0, 5), NOW_SEC);
  assert.deepEqual([result.acceptedCount, result.reject], [5, null]);
  assert.equal(result.last, chain.index.bestHeader);
  assert.deepEqual(told, ['headerTipChanged']);
  const again = chain.acceptHeaders(headers.slice(0, 5), NOW_SEC);
  assert.deepEqual([again.acceptedCount, again.last], [5, result.last]);
  assert.deepEqual(told, ['headerTipChanged'], 'what was known is no news');
});

test('headers up to the one that is refused are taken, those behind it are not looked at', async () => {
  const { chain, branch } = await setUp();
  const headers = branch.blocks.map(({ header }) => header);
  const result = chain.acceptHeaders([headers[0]!, headers[2]!, headers[1]!], NOW_SEC);
  assert.deepEqual([result.acceptedCount, result.last], [1, chain.index.find(branch.at(1).header.blockHash)]);
  assert.equal(result.reject?.reason, 'prev-blk-not-found');
  assert.equal(chain.index.find(branch.at(2).header.blockHash), NO_ENTRY);
});

test('D06: without enough work nothing new is stored, and what is known stays known', async () => {
  const { chain, branch } = await setUp();
  const [first, second] = branch.blocks.map(({ header }) => header);
  chain.acceptHeaders([first!], NOW_SEC);
  const count = chain.index.count;
  const result = chain.acceptHeaders([first!, second!], NOW_SEC, false);
  assert.deepEqual([result.acceptedCount, result.reject?.reason], [1, 'too-little-chainwork']);
  assert.equal(chain.index.count, count);
});

test('headers may come in the middle of any command, which goes on with what it holds', async () => {
  const { chain, branch } = await setUp();
  const fork = branch.fork(2);
  fork.mineMany(12);
  const headers = fork.blocks.map(({ header }) => header);
  let taken = 0;
  const running = chain.submitStream(() => NOW_SEC, streamOf(branch.blocks));
  for (const header of headers) {
    taken += chain.acceptHeaders([header], NOW_SEC).acceptedCount;
    await Promise.resolve();
  }
  await running;
  assert.deepEqual([taken, chain.height], [14, 8]);
  await chain.submitStream(() => NOW_SEC, streamOf(fork.blocks.slice(2)));
  assert.equal(chain.height, 14);
});

test('a closed chain takes neither headers nor blocks', async () => {
  const { chain, branch } = await setUp();
  await chain.close(NOW_SEC);
  assert.throws(() => chain.acceptHeaders([branch.at(1).header], NOW_SEC), ChainStoppedError);
  await assert.rejects(
    chain.submitStream(() => NOW_SEC, streamOf(branch.blocks)),
    ChainStoppedError,
  );
});
