import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { computePercentiles } from './block-stats-figures.ts';

const GENESIS = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';
const ANYONE = 'raw(51)';

test('getindexinfo tells of each index, or of one', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['transactions', 'coin-stats', 'spenders', 'filters'] });
  await world.call('generatetodescriptor', 3, ANYONE);
  const synced = { synced: true, best_block_height: 3 };
  assert.deepEqual(await world.call('getindexinfo'), {
    txindex: synced,
    coinstatsindex: synced,
    txospenderindex: synced,
    'basic block filter index': synced,
  });
  assert.deepEqual(await world.call('getindexinfo', 'txindex'), { txindex: synced });
  assert.deepEqual(await world.call('getindexinfo', 'foo'), {});
});

test('getblockfilter shows the filter of the first block of regtest, and refuses in Core’s words', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['filters'] });
  const { filter, header } = await world.call('getblockfilter', GENESIS);
  assert.match(filter, /^01/);
  assert.equal(header.length, 64);
  assert.equal(await world.refusal('getblockfilter', '01'.repeat(32)), '-5 Block not found');
  assert.equal(await world.refusal('getblockfilter', GENESIS, 'other'), '-5 Unknown filtertype');
  const without = await RpcWorld.open(t);
  assert.equal(await without.refusal('getblockfilter', GENESIS), '-1 Index is not enabled for filtertype basic');
});

test('scanblocks finds the blocks that pay to a descriptor', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['filters'] });
  await world.call('generatetodescriptor', 3, ANYONE);
  const [hash] = await world.call('generatetodescriptor', 1, 'raw(52)');
  await world.call('generatetodescriptor', 2, ANYONE);
  const scan = (...rest: readonly unknown[]) => world.call('scanblocks', 'start', ['raw(52)'], ...rest);
  assert.deepEqual(await scan(), { from_height: 0, to_height: 6, relevant_blocks: [hash], completed: true });
  assert.deepEqual((await scan(5)).relevant_blocks, []);
  assert.deepEqual(await scan(2, 4, 'basic', { filter_false_positives: true }), {
    from_height: 2,
    to_height: 4,
    relevant_blocks: [hash],
    completed: true,
  });
  assert.equal(await world.call('scanblocks', 'status'), null);
  assert.equal(await world.call('scanblocks', 'abort'), false);
  assert.equal(await world.refusal('scanblocks', 'start', ['raw(52)'], 7), '-1 Invalid start_height');
  assert.equal(await world.refusal('scanblocks', 'start', ['raw(52)'], 3, 2), '-1 Invalid stop_height');
  assert.equal(await world.refusal('scanblocks', 'go'), "-8 Invalid action 'go'");
});

test('getdescriptoractivity lists what a block pays, from below up', async (t) => {
  const world = await RpcWorld.open(t);
  const [first, second] = await world.call('generatetodescriptor', 2, 'raw(52)');
  const { activity } = await world.call('getdescriptoractivity', [second, first, second], ['raw(52)']);
  assert.deepEqual(
    activity.map(({ type, blockhash, height, amount }: Record<string, unknown>) => [type, blockhash, height, amount]),
    [
      ['receive', first, 1, 50],
      ['receive', second, 2, 50],
    ],
  );
  assert.equal(await world.refusal('getdescriptoractivity', ['01'.repeat(32)], []), '-5 Block not found');
});

test('getblockstats of the first block, and of selected figures', async (t) => {
  const world = await RpcWorld.open(t);
  const stats = await world.call('getblockstats', 0);
  assert.equal(Object.keys(stats).length, 31);
  assert.deepEqual(
    [stats.blockhash, stats.utxo_increase, stats.utxo_size_inc, stats.utxo_increase_actual, stats.subsidy],
    [GENESIS, 1, 116, 0, 50_0000_0000],
  );
  assert.deepEqual(await world.call('getblockstats', GENESIS, ['txs', 'height', 'txs']), { height: 0, txs: 1 });
  assert.equal(await world.refusal('getblockstats', 0, ['txs', 'none']), "-8 Invalid selected statistic 'none'");
  assert.equal(await world.refusal('getblockstats', 0, ['__proto__']), "-8 Invalid selected statistic '__proto__'");
  assert.equal(await world.refusal('getblockstats', 1), '-8 Target block height 1 after current tip 0');
  assert.equal(await world.refusal('getblockstats', -1), '-8 Target block height -1 is negative');
  assert.equal(await world.refusal('getblockstats', '00'.repeat(32)), '-5 Block not found');
});

test('percentiles of feerates are by weight', () => {
  assert.deepEqual(computePercentiles([], [], 0), [0, 0, 0, 0, 0]);
  assert.deepEqual(computePercentiles([7], [400], 400), [7, 7, 7, 7, 7]);
  // 100 of 1000 pay 1, 400 pay 2, 500 pay 9
  assert.deepEqual(computePercentiles([9, 1, 2], [500, 100, 400], 1000), [1, 2, 2, 9, 9]);
});

test('getchaintxstats counts transactions within a window', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal((await world.call('getchaintxstats')).window_block_count, 0);
  const hashes = await world.call('generatetodescriptor', 10, ANYONE);
  const stats = await world.call('getchaintxstats', 5);
  assert.deepEqual(
    [stats.txcount, stats.window_block_count, stats.window_tx_count, stats.window_final_block_hash],
    [11, 5, 5, hashes[9]],
  );
  assert.equal((await world.call('getchaintxstats', 0, hashes[3])).window_final_block_height, 4);
  const refused = "-8 Invalid block count: should be between 0 and the block's height - 1";
  for (const count of [-1, 10, 11]) assert.equal(await world.refusal('getchaintxstats', count), refused);
  assert.equal(await world.refusal('getchaintxstats', 1, '01'.repeat(32)), '-5 Block not found');
});
