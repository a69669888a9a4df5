import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { BlockForm } from '../p2p/effects.ts';
import type { Message } from '../wire/messages.ts';
import { encodeMessage } from '../wire/registry.ts';
import { readAsMessage } from './block-reader.ts';

const BRANCH: BranchBuilder = new BranchBuilder();
BRANCH.mineMany(101);
const BLOCK = BRANCH.mine({ transactions: [BRANCH.spendCoinbase(1)], commits: true });
const ENTRY = 5 as BlockEntry;

function read(form: BlockForm): Promise<Message> {
  return readAsMessage({ readBlock: async () => BLOCK }, ENTRY, form, createRng(1));
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
  await assert.rejects(readAsMessage(reader, ENTRY, 'block', createRng(1)), failure);
});
