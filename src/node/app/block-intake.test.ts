import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder, NOW_SEC } from '../../../test/model/branch-builder.ts';
import { ManualTime } from '../../../test/model/manual-time.ts';
import type { BlockAcceptance } from '../../kernel/chain/block-acceptance.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { BlockStream } from '../../kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../kernel/chain/memory-chain.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { asPeerId } from '../p2p/peer-id.ts';
import { BlockIntake, type IntakeChain, type IntakeEvents } from './block-intake.ts';

const PEER = asPeerId(7);
const WANTED = { isRequested: true, hasEnoughWork: true };

interface Heard {
  readonly events: IntakeEvents;
  readonly accepted: string[];
  readonly settled: number[];
  readonly failures: unknown[];
  roomCount: number;
}

function listen(): Heard {
  const heard: Heard = {
    accepted: [],
    settled: [],
    failures: [],
    roomCount: 0,
    events: {
      onAccepted: (peer, _block, acceptance) => heard.accepted.push(`${peer} ${acceptance.outcome}`),
      onSettled: (peer) => {
        heard.settled.push(peer);
      },
      onRoom: () => {
        heard.roomCount++;
      },
      onFailed: (error) => heard.failures.push(error),
    },
  };
  return heard;
}

/** A block of which only the size matters; no two are the same. */
function blockOfSize(totalSize: number): Block {
  blockCount++;
  return { totalSize, header: { blockHash: Uint8Array.of(blockCount >> 8, blockCount) } } as unknown as Block;
}

let blockCount = 0;

const LINKED: BlockEntry = 1;

/** A chain that takes blocks when the test lets it. */
class SlowChain implements IntakeChain {
  readonly taken: Block[] = [];
  isInitialDownload = false;
  /** What the next taken blocks turn out as; the entry says whether they can be connected. */
  acceptance: BlockAcceptance = { outcome: 'unwanted' } as BlockAcceptance;
  readonly index = { isLinked: (entry: BlockEntry): boolean => entry === LINKED };
  streamCount = 0;
  stream: BlockStream | null = null;
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  submitStream(_clock: () => number, stream: BlockStream): Promise<void> {
    this.streamCount++;
    this.stream = stream;
    return new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
  }

  take(): Block | null {
    const next = this.stream!.next();
    if (next !== null) {
      this.taken.push(next.block);
      this.stream!.onAccepted(next.block, this.acceptance);
    }
    return next?.block ?? null;
  }

  finish(): void {
    this.#finish();
  }

  fail(error: unknown): void {
    this.#fail(error);
  }
}

test('blocks go into the chain in the order of their arrival, and whoever brought them is told of', async () => {
  const branch = new BranchBuilder();
  branch.mineMany(5);
  const chain = await openMemoryChain(branch.network);
  await chain.activate(NOW_SEC);
  const heard = listen();
  const intake = new BlockIntake(chain, () => NOW_SEC, heard.events);
  for (const block of branch.blocks) intake.add(PEER, block, WANTED);
  intake.add(asPeerId(8), branch.at(2), WANTED);
  await new ManualTime(0).settle();
  await intake.stop();
  assert.equal(chain.height, 5);
  assert.deepEqual(heard.accepted, [...Array(5).fill('7 stored'), '8 duplicate']);
  assert.deepEqual(heard.failures, []);
});

test('D05: sixteen megabytes of waiting blocks are full, and room is told of once', async () => {
  const time = new ManualTime(0);
  const chain = new SlowChain();
  const heard = listen();
  const intake = new BlockIntake(chain, () => NOW_SEC, heard.events);
  for (let i = 0; i < 4; i++) intake.add(PEER, blockOfSize(4_000_000), WANTED);
  assert.equal(intake.isFull, false);
  intake.add(PEER, blockOfSize(4_000_000), WANTED);
  intake.add(PEER, blockOfSize(4_000_000), WANTED);
  assert.ok(intake.isFull);
  chain.take();
  assert.deepEqual([intake.isFull, heard.roomCount], [true, 0]);
  chain.take();
  assert.deepEqual([intake.isFull, heard.roomCount], [false, 1]);
  while (chain.take() !== null);
  assert.deepEqual([intake.waitingBytes, heard.roomCount, heard.accepted.length], [0, 1, 6]);
  chain.finish();
  await time.settle();
});

test('a block that comes while the chain finishes is not forgotten', async () => {
  const time = new ManualTime(0);
  const chain = new SlowChain();
  const intake = new BlockIntake(chain, () => NOW_SEC, listen().events);
  intake.add(PEER, blockOfSize(1), WANTED);
  while (chain.take() !== null);
  intake.add(PEER, blockOfSize(2), WANTED);
  chain.finish();
  await time.settle();
  assert.equal(chain.streamCount, 2);
  assert.equal(chain.take()?.totalSize, 2);
  chain.take();
  chain.finish();
  await time.settle();
  intake.add(PEER, blockOfSize(3), WANTED);
  assert.equal(chain.streamCount, 3, 'and begins again after a rest');
});

test('stop drops what waits, waits for what the chain has in hand, and takes no more', async () => {
  const time = new ManualTime(0);
  const chain = new SlowChain();
  const heard = listen();
  const intake = new BlockIntake(chain, () => NOW_SEC, heard.events);
  intake.add(PEER, blockOfSize(1), WANTED);
  intake.add(PEER, blockOfSize(2), WANTED);
  chain.take();
  let isStopped = false;
  const stopped = intake.stop().then(() => {
    isStopped = true;
  });
  await time.settle();
  assert.equal(isStopped, false);
  assert.equal(chain.take(), null);
  intake.add(PEER, blockOfSize(3), WANTED);
  chain.finish();
  await stopped;
  assert.deepEqual([chain.taken.length, chain.streamCount, intake.waitingBytes], [1, 1, 0]);
  await intake.stop();
});

test('C36: a chain that fails is no fault of a block: it is told once, and nothing more is taken', async () => {
  const time = new ManualTime(0);
  const chain = new SlowChain();
  const heard = listen();
  const intake = new BlockIntake(chain, () => NOW_SEC, heard.events);
  intake.add(PEER, blockOfSize(1), WANTED);
  const error = new Error('no disk');
  chain.fail(error);
  await time.settle();
  intake.add(PEER, blockOfSize(2), WANTED);
  await time.settle();
  assert.deepEqual(heard.failures, [error]);
  assert.deepEqual([chain.streamCount, heard.accepted.length], [1, 0]);
  await intake.stop();
});

test('a block is settled when the chain has come to its end with it', async () => {
  const time = new ManualTime(0);
  const chain = new SlowChain();
  const heard = listen();
  const intake = new BlockIntake(chain, () => NOW_SEC, heard.events);
  const block = blockOfSize(1);
  intake.add(PEER, block, WANTED);
  intake.add(asPeerId(8), block, WANTED);
  while (chain.take() !== null);
  intake.blockChecked(block, true);
  await time.settle();
  assert.deepEqual(heard.settled, []);
  chain.finish();
  await time.settle();
  assert.deepEqual(heard.settled, [7, 8]);
});

test('while far behind a block is settled by its verdict, at once where there will be none soon, and all of them by a bad one', async () => {
  const time = new ManualTime(0);
  const chain = new SlowChain();
  const heard = listen();
  const intake = new BlockIntake(chain, () => NOW_SEC, heard.events);
  chain.isInitialDownload = true;
  const blocks = [blockOfSize(1), blockOfSize(1), blockOfSize(1), blockOfSize(1), blockOfSize(1)];
  for (const [i, block] of blocks.entries()) intake.add(asPeerId(i), block, WANTED);
  chain.take();
  assert.deepEqual(heard.settled.splice(0), [0], 'not stored');
  chain.acceptance = { outcome: 'stored', entry: LINKED + 1 };
  chain.take();
  assert.deepEqual(heard.settled.splice(0), [1], 'blocks before it are missing');
  chain.acceptance = { outcome: 'stored', entry: LINKED };
  while (chain.take() !== null);
  assert.deepEqual(heard.settled.splice(0), []);
  intake.blockChecked(blocks[2]!, true);
  assert.deepEqual(heard.settled.splice(0), [2]);
  intake.blockChecked(blocks[3]!, false);
  assert.deepEqual(heard.settled.splice(0), [3, 4]);
  chain.finish();
  await time.settle();
  assert.deepEqual(heard.settled, []);
});
