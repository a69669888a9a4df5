import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const ADDRESS = 'mjTkW3DjgyZck4KbiRusZsqTgaYTxdSz6z';
const OTHER = 'msX6jQXvxiNhx3Q62PKeLPrhrqZQdSimTg';

test('mining with the processor is off until somebody says where rewards go', async (t) => {
  const world = await RpcWorld.open(t);
  const info = await world.call('getminerinfo');
  assert.deepEqual(info, {
    isOn: false,
    share: 1,
    threads: 2,
    hashesPerSecond: 0,
    hashes: 0,
    hashesAtHeight: 0,
    height: 1,
    transactionCount: 0,
    rewardSat: 0,
    bits: '207fffff',
    target: '7fffff'.padEnd(64, '0'),
    difficulty: 4.656542373906925e-10,
    networkHashesPerSecond: 0,
    networkShare: 0,
    pagesWon: 0,
    pages: [],
  });
  assert.equal(await world.refusal('setminer', true), '-8 An address is needed the first time');
  assert.equal(await world.refusal('setminer', true, 1, 'nobody'), '-5 Error: Invalid address');
  for (const share of [0, -1, 1.01]) {
    assert.equal(await world.refusal('setminer', true, share, ADDRESS), '-8 share must be from 0.01 to 1');
  }
  for (const threads of [0, 1025]) {
    assert.equal(await world.refusal('setminer', true, 1, ADDRESS, threads), '-8 threads must be from 1 to 1024');
  }
  assert.equal((await world.call('setminer', false)).isOn, false);
});

test('what is said while the miner is off holds when it is switched on', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal((await world.callNamed('setminer', { share: 0.5 })).share, 0.5);
  const prepared = await world.callNamed('setminer', { address: ADDRESS });
  assert.deepEqual([prepared.isOn, prepared.share, prepared.address], [false, 0.5, ADDRESS]);
  const started = await world.callNamed('setminer', { on: true });
  assert.deepEqual([started.isOn, started.share, started.address], [true, 0.5, ADDRESS]);
  await world.time.settle();
  assert.equal(world.grinder.share, 0.5);
});

test('the miner wins blocks that pay to its address, and stops when it is told to', async (t) => {
  const world = await RpcWorld.open(t);
  const started = await world.call('setminer', true, 0.25, ADDRESS);
  assert.deepEqual([started.isOn, started.share, started.address], [true, 0.25, ADDRESS]);
  await world.time.settle();
  const searching = await world.call('getminerinfo');
  assert.deepEqual([searching.height, searching.transactionCount, searching.rewardSat], [1, 1, 50_0000_0000]);
  assert.equal(world.grinder.share, 0.25);

  world.grinder.find();
  await world.time.settle();
  const block = await world.call('getblock', await world.call('getbestblockhash'), 2);
  assert.equal(block.height, 1);
  assert.equal(block.tx[0].vout[0].scriptPubKey.address, ADDRESS);
  const { pagesWon, pages } = await world.call('getminerinfo');
  assert.equal(pagesWon, 1);
  assert.deepEqual(pages, [{ height: 1, hash: block.hash, time: block.time, rewardSat: 50_0000_0000 }]);

  const moved = await world.callNamed('setminer', { on: true, address: OTHER });
  assert.deepEqual([moved.share, moved.address], [0.25, OTHER]);
  await world.time.advance(1000);
  world.grinder.find();
  await world.time.settle();
  const next = await world.call('getblock', await world.call('getbestblockhash'), 2);
  assert.equal(next.tx[0].vout[0].scriptPubKey.address, OTHER);

  const stopped = await world.call('setminer', false);
  assert.deepEqual([stopped.isOn, stopped.hashesPerSecond, stopped.pagesWon], [false, 0, 2]);
  assert.deepEqual(
    stopped.pages.map(({ height }: { height: number }) => height),
    [2, 1],
  );
  await world.time.advance(5000);
  assert.equal(world.grinder.isSearching, false);
});

test('the picture of a search: hashes of this height, the lowest of them, and how long it may take', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('setminer', true, 1, ADDRESS);
  await world.time.settle();
  world.grinder.find();
  await world.time.settle();
  const before = world.grinder.hashCount;
  world.grinder.hashCount += 1000;
  world.grinder.tellRecord(new Uint8Array(32).fill(0xff, 0, 31));
  world.grinder.tellRecord(new Uint8Array(32).fill(0x77, 0, 30));
  world.grinder.tellRecord(new Uint8Array(32).fill(0x55, 0, 31));
  await world.time.advance(1000);
  const info = await world.call('getminerinfo');
  assert.deepEqual([info.hashes, info.hashesAtHeight, info.hashesPerSecond], [before + 1000, 1000, 1000 + before]);
  assert.equal(info.bestHash, `0000${'77'.repeat(30)}`);
  assert.equal(Math.round(info.expectedSec * info.hashesPerSecond), 2, 'every other hash wins on regtest');
});

test('another number of threads goes on with the count of those before', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('setminer', true, 0.5, ADDRESS);
  await world.time.settle();
  const first = world.grinder;
  first.hashCount = 700;
  const changed = await world.callNamed('setminer', { threads: 3 });
  assert.deepEqual([changed.threads, changed.hashes, changed.isOn], [3, 700, true]);
  await world.time.settle();
  assert.notEqual(world.grinder, first);
  assert.deepEqual([first.isClosed, world.grinder.isSearching, world.grinder.share], [true, true, 0.5]);
  world.grinder.hashCount = 50;
  assert.equal((await world.call('getminerinfo')).hashes, 750);
});
