import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEE_SAT } from '../../../test/model/accept-world.ts';
import type { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { ServiceWorld } from '../../../test/model/service-world.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type TopicSocket, ZMQ_TOPICS, ZmqPublisher, type ZmqTopic } from './zmq-publisher.ts';

/** What went out, as texts: topic, body, number. */
class Heard implements TopicSocket {
  readonly messages: string[] = [];
  isDeaf = false;

  isWanted(): boolean {
    return !this.isDeaf;
  }

  publish(topicHex: string, [topic, body, number]: readonly Uint8Array[]): void {
    assert.equal(toHex(topic!), topicHex);
    this.messages.push(`${Buffer.from(topic!).toString()} ${toHex(body!)} ${toHex(number!)}`);
  }

  /** What was said since the last call, without the numbers. */
  take(): string[] {
    return this.messages.splice(0).map((message) => message.slice(0, message.lastIndexOf(' ')));
  }
}

async function open(topics: readonly ZmqTopic[]) {
  const world = await ServiceWorld.open({ coinCount: 3 });
  const { chain } = world.base;
  // The first download is over.
  world.base.nowSec = chain.index.timeSec(chain.active.tip) + 3600;
  await chain.activate(world.base.nowSec);
  const heard = new Heard();
  const notifiers = topics.map((topic) => ({ topic, address: 'tcp://127.0.0.1:1', socket: heard }));
  const lines: string[] = [];
  const publisher = new ZmqPublisher(notifiers, {
    chain,
    mempool: world.mempool,
    keeper: world.service.keeper,
    log: { debug: (category, text) => lines.push(`${category}: ${text()}`) },
  });
  return { world, base: world.base, heard, publisher, lines };
}

const coinbaseOf = (block: Block): Transaction => block.transaction(0);
const hashOf = (block: Block): string => formatHash(block.header.blockHash);

async function mineOn(world: ServiceWorld, branch: BranchBuilder, transactions: readonly Transaction[] = []) {
  const block = branch.mine({ transactions });
  await world.submitBlock(block);
  return block;
}

test('a transaction is told of when it comes, and again in its block; the block is told of when it is the tip', async () => {
  const { world, base, heard, lines } = await open(ZMQ_TOPICS);
  const payment = base.payment([base.coin()]);
  await world.add(payment);
  const id = formatHash(payment.txid);
  const raw = toHex(payment.serialized());
  assert.deepEqual(heard.take(), [`hashtx ${id}`, `rawtx ${raw}`, `sequence ${id}41${'0100000000000000'}`]);
  assert.deepEqual(lines.slice(0, 1), [`zmq: Publish hashtx ${id} to tcp://127.0.0.1:1`]);
  const block = await base.mine([payment]);
  const coinbase = coinbaseOf(block);
  assert.deepEqual(heard.take(), [
    `hashtx ${formatHash(coinbase.txid)}`,
    `rawtx ${toHex(coinbase.serialized())}`,
    `hashtx ${id}`,
    `rawtx ${raw}`,
    `sequence ${hashOf(block)}43`,
    `hashblock ${hashOf(block)}`,
    `rawblock ${toHex(block.serialized())}`,
  ]);
});

test('each notifier counts its own messages, also those that nobody wanted', async () => {
  const { base, heard } = await open(['hashblock', 'sequence']);
  heard.isDeaf = true;
  await base.mine();
  heard.isDeaf = false;
  const block = await base.mine();
  assert.deepEqual(heard.messages, [`sequence ${hashOf(block)}43 01000000`, `hashblock ${hashOf(block)} 01000000`]);
});

test('what leaves the mempool without a block is told of with its sequence number, before the block that drove it out', async () => {
  const { world, base, heard } = await open(['sequence']);
  const coin = base.coin();
  const loser = base.payment([coin]);
  const confirmed = base.payment([base.coin()]);
  await world.add(loser, confirmed);
  heard.take();
  const winner = base.payment([coin], { feeSat: 2 * FEE_SAT });
  const block = await base.mine([winner, confirmed]);
  assert.deepEqual(heard.take(), [
    `sequence ${formatHash(loser.txid)}52${'0300000000000000'}`,
    `sequence ${hashOf(block)}43`,
  ]);
  assert.equal(world.mempool.sequence, 5);
});

test('in a reorganisation what comes back to the mempool is told of before the new blocks, and the last of these alone is a tip', async () => {
  const { world, base, heard } = await open(['hashblock', 'hashtx', 'sequence']);
  const payment = base.payment([base.coin()]);
  await world.add(payment);
  const fork = base.branch.fork();
  const old = await base.mine([payment]);
  heard.take();
  const first = await mineOn(world, fork);
  assert.deepEqual(heard.take(), [], 'a branch that is not longer');
  const second = await mineOn(world, fork);
  const id = formatHash(payment.txid);
  const [oldCoinbase, firstCoinbase, secondCoinbase] = [old, first, second].map((block) =>
    formatHash(coinbaseOf(block).txid),
  );
  assert.deepEqual(heard.take(), [
    `hashtx ${oldCoinbase}`,
    `hashtx ${id}`,
    `sequence ${hashOf(old)}44`,
    `hashtx ${id}`,
    `sequence ${id}41${'0300000000000000'}`,
    `hashtx ${firstCoinbase}`,
    `sequence ${hashOf(first)}43`,
    `hashtx ${secondCoinbase}`,
    `sequence ${hashOf(second)}43`,
    `hashblock ${hashOf(second)}`,
  ]);
});

test('a block that is taken off leaves no tip to tell of', async () => {
  const { base, heard } = await open(['hashblock', 'sequence']);
  const block = await base.mine();
  heard.take();
  await base.chain.invalidateBlock(block.header.blockHash, base.nowSec);
  assert.deepEqual(heard.take(), [`sequence ${hashOf(block)}44`]);
});

test('a longer branch than is kept back is told of in whole, in order', async () => {
  const { world, base, heard } = await open(['sequence']);
  const fork = base.branch.fork();
  const olds: Block[] = [];
  for (let i = 0; i < 70; i++) olds.push(await base.mine());
  heard.take();
  const news: Block[] = [];
  for (let i = 0; i < 71; i++) news.push(await mineOn(world, fork));
  assert.deepEqual(heard.take(), [
    ...olds.reverse().map((block) => `sequence ${hashOf(block)}44`),
    ...news.map((block) => `sequence ${hashOf(block)}43`),
  ]);
});

test('in the first download blocks are no tips yet', async () => {
  const world = await ServiceWorld.open({ coinCount: 1 });
  const socket = new Heard();
  const topics = ['hashblock', 'sequence'] as const;
  new ZmqPublisher(
    topics.map((topic) => ({ topic, address: '', socket })),
    { chain: world.base.chain, mempool: world.mempool, keeper: world.service.keeper, log: { debug: () => undefined } },
  );
  const block = await world.base.mine();
  assert.equal(world.base.chain.isInitialDownload, true);
  assert.deepEqual(socket.take(), [`sequence ${hashOf(block)}43`]);
});

test('nothing is told any more after the end', async () => {
  const { world, base, heard, publisher } = await open(ZMQ_TOPICS);
  publisher.close();
  await world.add(base.payment([base.coin()]));
  await base.mine();
  assert.deepEqual(heard.take(), []);
});
