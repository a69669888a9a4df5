import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManagerWorld } from '../../../test/model/manager-world.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { InventoryList } from '../wire/packed-lists.ts';
import { BlockServing, type ServedPeer } from './block-serving.ts';
import { asPeerId } from './peer-id.ts';
import { UploadTarget } from './upload-target.ts';

const PEER: ServedPeer = {
  id: asPeerId(1),
  localServices: 1033n,
  hasNoBan: false,
  isUnlimited: false,
  bloomFilter: null,
};
const TX = 1;
const WITNESS_TX = 0x4000_0001;
const WTX = 5;
const WITNESS_BLOCK = 0x4000_0002;

interface Setup {
  readonly world: ManagerWorld;
  readonly serving: BlockServing;
  hash(height: number): Uint8Array;
  entry(height: number): BlockEntry;
}

async function setUp(): Promise<Setup> {
  const world = await ManagerWorld.open();
  const serving = new BlockServing(world.manager.chain, world.branch.network.consensus);
  const hash = (height: number): Uint8Array => world.branch.at(height).header.blockHash;
  return { world, serving, hash, entry: (height) => world.chain.index.find(hash(height)) };
}

test('D04: each look shows all transactions up to the next block, or takes one other item', async () => {
  const { world, serving, hash, entry } = await setUp();
  const items = [TX, WTX, WITNESS_BLOCK, 77, WITNESS_TX, WITNESS_BLOCK].map((type, i) => ({ type, hash: hash(i % 4) }));
  serving.add(PEER.id, InventoryList.of(items));
  const take = () => serving.takeNext(PEER, world.nowSec, world.nowMs);
  assert.deepEqual(take(), { type: 'transactions', items: InventoryList.of(items.slice(0, 2)) });
  serving.skip(PEER.id, 1);
  assert.deepEqual(take(), { type: 'transactions', items: InventoryList.of(items.slice(1, 2)) });
  serving.skip(PEER.id, 1);
  assert.deepEqual(take(), { type: 'block', entry: entry(2), form: 'block' });
  assert.deepEqual(take(), { type: 'more' });
  assert.deepEqual(take(), { type: 'transactions', items: InventoryList.of(items.slice(4, 5)) });
  serving.skip(PEER.id, 1);
  assert.ok(serving.isBusy(PEER.id));
  assert.deepEqual(take(), { type: 'block', entry: entry(1), form: 'block' });
  assert.deepEqual([serving.isBusy(PEER.id), take()], [false, { type: 'done' }]);
});

test('an empty request keeps nobody busy', async () => {
  const { world, serving } = await setUp();
  serving.add(PEER.id, InventoryList.of([]));
  assert.equal(serving.isBusy(PEER.id), false);
  assert.deepEqual(serving.takeNext(PEER, world.nowSec, world.nowMs), { type: 'done' });
});

test('the tip is told between a block and the next request, and not to a peer that has gone', async () => {
  const { world, serving, hash } = await setUp();
  const take = () => serving.takeNext(PEER, world.nowSec, world.nowMs).type;
  serving.add(PEER.id, InventoryList.of([1, 2].map((height) => ({ type: WITNESS_BLOCK, hash: hash(height) }))));
  assert.equal(take(), 'block');
  serving.tellTipNext(PEER.id);
  assert.deepEqual([take(), take(), take()], ['tip', 'block', 'done']);
  serving.tellTipNext(PEER.id);
  assert.ok(serving.isBusy(PEER.id));
  serving.peerLeft(PEER.id);
  assert.deepEqual([serving.isBusy(PEER.id), take()], [false, 'done']);
});

test('a request for transactions alone is over when all are answered', async () => {
  const { serving, hash } = await setUp();
  serving.add(PEER.id, InventoryList.of([TX, WTX].map((type) => ({ type, hash: hash(1) }))));
  serving.skip(PEER.id, 2);
  assert.equal(serving.isBusy(PEER.id), false);
  serving.skip(PEER.id, 1);
});

test('D17: when the upload of the day runs short, blocks older than a week are for chosen peers only', async () => {
  const world = await ManagerWorld.open();
  const { chain } = world.manager;
  const target = new UploadTarget(1);
  const serving = new BlockServing(chain, world.branch.network.consensus, target);
  const old = world.branch.at(1).header.blockHash;
  const tip = world.branch.tip.header.blockHash;
  const items = InventoryList.of([
    { type: WITNESS_BLOCK, hash: tip },
    { type: WITNESS_BLOCK, hash: old },
  ]);
  const take = (peer: typeof PEER) => serving.takeNext(peer, world.nowSec, world.nowMs).type;
  serving.add(PEER.id, items);
  assert.equal(serving.queuedBytes(PEER.id), 72);
  const ageSec = world.branch.tip.header.timeSec - world.branch.at(1).header.timeSec;
  const expected = ageSec > 7 * 86_400 ? 'over-target' : 'block';
  assert.deepEqual([take(PEER), take(PEER)], ['block', expected]);
  serving.add(PEER.id, items);
  const chosen = { ...PEER, isUnlimited: true };
  assert.deepEqual([take(chosen), take(chosen)], ['block', 'block']);
});
