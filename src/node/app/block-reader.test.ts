import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { createRng, type Rng } from '../../kernel/util/prng.ts';
import { BloomFilter } from '../p2p/bloom-filter.ts';
import type { BlockForm } from '../p2p/effects.ts';
import type { Message } from '../wire/messages.ts';
import { encodeMessage } from '../wire/registry.ts';
import { readAsMessages } from './block-reader.ts';

const BRANCH: BranchBuilder = new BranchBuilder();
BRANCH.mineMany(101);
const BLOCK = BRANCH.mine({ transactions: [BRANCH.spendCoinbase(1)], commits: true });
const ENTRY = 5 as BlockEntry;

/** What a block is made with, and how often others had their turn meanwhile. */
class Host {
  readonly rng: Rng = createRng(1);
  turnCount = 0;
  readonly timers = {
    yieldToHost: async (): Promise<void> => {
      this.turnCount++;
    },
  };
}

async function readAll(block: Block, form: BlockForm, host: Host = new Host()): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of readAsMessages({ readBlock: async () => block }, ENTRY, form, host))
    messages.push(message);
  return messages;
}

async function read(form: BlockForm): Promise<Message> {
  const messages = await readAll(BLOCK, form);
  assert.equal(messages.length, 1);
  return messages[0]!;
}

test('a block goes out as it is stored, or without its witnesses', async () => {
  assert.deepEqual(encodeMessage(await read('block')), BLOCK.serialized());
  assert.equal(encodeMessage(await read('stripped-block')).length, BLOCK.strippedSize);
  assert.ok(BLOCK.strippedSize < BLOCK.totalSize);
});

test('a compact block names its header, the coinbase, and the rest by short names', async () => {
  const message = await read('compact-block');
  assert.ok(message.type === 'cmpctblock');
  assert.deepEqual(message.header.blockHash, BLOCK.header.blockHash);
});

test('single transactions come in the order in which they were asked for', async () => {
  const message = await read({ transactions: [1, 0] });
  assert.ok(message.type === 'blocktxn');
  assert.deepEqual(message.blockHash, BLOCK.header.blockHash);
  assert.deepEqual(
    [0, 1].map((i) => message.transactions.transaction(i).txid),
    [BLOCK.transaction(1).txid, BLOCK.transaction(0).txid],
  );
});

test('what the disk says goes on to whoever asked', async () => {
  const failure = new StorageError('corrupt', 'blk00000.dat', 'checksum');
  const reader = { readBlock: async () => Promise.reject(failure) };
  await assert.rejects(readAsMessages(reader, ENTRY, 'block', new Host()).next(), failure);
});

test('D04: a block through a filter comes as several messages, and others have their turn while it is matched', async () => {
  const bits = new Uint8Array(36_000).fill(0xff);
  const all = new BloomFilter({ filter: bits, hashFunctionCount: 50, tweak: 0, flags: 0 });
  const messages = await readAll(BLOCK, { filter: all });
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['merkleblock', 'tx', 'tx'],
  );
  const outputs = Array.from({ length: 2_000 }, (_, i) => pay(1, Uint8Array.of(2, i >>> 8, i & 0xff)));
  const large = new BranchBuilder().mine({ transactions: [makeTx([spend({ txid: fakeTxid(1), index: 0 })], outputs)] });
  const host = new Host();
  await readAll(large, { filter: all }, host);
  assert.ok(host.turnCount >= 4, `${host.turnCount}`);
});
