// Facts of regtest and of Core's answers, typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const ADDRESS = 'mjTkW3DjgyZck4KbiRusZsqTgaYTxdSz6z';
const FROM_THE_FIRST_BLOCK = { type: 'buried', active: true, height: 1 };

test('buried changes are told by height, and what miners signal with its state, statistics and blocks', async (t) => {
  const world = await RpcWorld.open(t);
  const first = await world.call('getdeploymentinfo');
  assert.equal(first.height, 0);
  assert.deepEqual(first.script_flags, ['NULLDUMMY', 'P2SH', 'TAPROOT', 'WITNESS']);
  assert.deepEqual(Object.keys(first.deployments), ['bip34', 'bip66', 'bip65', 'csv', 'segwit', 'testdummy']);
  assert.deepEqual(first.deployments.bip34, FROM_THE_FIRST_BLOCK);
  assert.deepEqual(first.deployments.segwit, { type: 'buried', active: true, height: 0 });
  assert.deepEqual(first.deployments.testdummy, {
    type: 'bip9',
    active: false,
    bip9: {
      start_time: 0,
      timeout: 9_223_372_036_854_776_000,
      min_activation_height: 0,
      status: 'defined',
      since: 0,
      status_next: 'defined',
    },
  });

  await world.call('generatetoaddress', 145, ADDRESS);
  const started = await world.call('getdeploymentinfo');
  assert.deepEqual(started.script_flags, [
    'CHECKLOCKTIMEVERIFY',
    'CHECKSEQUENCEVERIFY',
    'DERSIG',
    'NULLDUMMY',
    'P2SH',
    'TAPROOT',
    'WITNESS',
  ]);
  const { bip9 } = started.deployments.testdummy;
  assert.deepEqual([bip9.bit, bip9.status, bip9.since, bip9.status_next], [28, 'started', 144, 'started']);
  assert.deepEqual(bip9.statistics, { period: 144, elapsed: 2, count: 2, threshold: 108, possible: true });
  assert.equal(bip9.signalling, '##');

  const earlier = await world.call('getdeploymentinfo', await world.call('getblockhash', 1));
  assert.deepEqual([earlier.height, earlier.deployments.testdummy.bip9.status], [1, 'defined']);
  assert.equal(await world.refusal('getdeploymentinfo', '00'.repeat(32)), '-5 Block not found');
});

test('there is one chain, and every block of it was verified', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('generatetoaddress', 2, ADDRESS);
  const { headers, chainstates } = await world.call('getchainstates');
  assert.equal(headers, 2);
  assert.equal(chainstates.length, 1);
  const [{ blocks, bestblockhash, validated, coins_db_cache_bytes }] = chainstates;
  assert.deepEqual([blocks, validated, coins_db_cache_bytes], [2, true, 8_388_608]);
  assert.equal(bestblockhash, await world.call('getbestblockhash'));
});

test('warnings stand in every method of information, and in the old form the last one alone', async (t) => {
  const world = await RpcWorld.open(t);
  world.warnings.set('large-invalid-chain', 'a long chain');
  world.warnings.set('unknown-rules', 'bit 3');
  for (const method of ['getnetworkinfo', 'getmininginfo', 'getblockchaininfo']) {
    assert.deepEqual((await world.call(method)).warnings, ['bit 3', 'a long chain'], method);
  }
});
