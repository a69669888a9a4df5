import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const ADDRESS = 'mjTkW3DjgyZck4KbiRusZsqTgaYTxdSz6z';
const OTHER = 'msX6jQXvxiNhx3Q62PKeLPrhrqZQdSimTg';

test('mining with the processor is off until somebody says where rewards go', async (t) => {
  const world = await RpcWorld.open(t);
  const info = await world.call('getminerinfo');
  assert.deepEqual(info, {
    on: false,
    share: 1,
    hashespersec: 0,
    hashes: 0,
    transactions: 0,
    reward: 0,
    blockswon: 0,
  });
  assert.equal(await world.refusal('setminer', true), '-8 An address is needed the first time');
  assert.equal(await world.refusal('setminer', true, 1, 'nobody'), '-5 Error: Invalid address');
  for (const share of [0, -1, 1.01]) {
    assert.equal(await world.refusal('setminer', true, share, ADDRESS), '-8 share must be above 0 and at most 1');
  }
  assert.equal((await world.call('setminer', false)).on, false);
});

test('the miner wins blocks that pay to its address, and stops when it is told to', async (t) => {
  const world = await RpcWorld.open(t);
  const started = await world.call('setminer', true, 0.25, ADDRESS);
  assert.deepEqual([started.on, started.share, started.address], [true, 0.25, ADDRESS]);
  await world.time.settle();
  const searching = await world.call('getminerinfo');
  assert.deepEqual([searching.height, searching.transactions, searching.reward], [1, 1, 50]);
  assert.equal(world.grinder.share, 0.25);

  world.grinder.find();
  await world.time.settle();
  const block = await world.call('getblock', await world.call('getbestblockhash'), 2);
  assert.equal(block.height, 1);
  assert.equal(block.tx[0].vout[0].scriptPubKey.address, ADDRESS);
  assert.equal((await world.call('getminerinfo')).blockswon, 1);

  const moved = await world.callNamed('setminer', { on: true, address: OTHER });
  assert.deepEqual([moved.share, moved.address], [0.25, OTHER]);
  await world.time.advance(1000);
  world.grinder.find();
  await world.time.settle();
  const next = await world.call('getblock', await world.call('getbestblockhash'), 2);
  assert.equal(next.tx[0].vout[0].scriptPubKey.address, OTHER);

  const stopped = await world.call('setminer', false);
  assert.deepEqual([stopped.on, stopped.hashespersec, stopped.blockswon], [false, 0, 2]);
  await world.time.advance(5000);
  assert.equal(world.grinder.isSearching, false);
});
