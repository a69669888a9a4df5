// A wallet at a glance, on a whole node in memory: the series ends at the balance, whatever way the money took.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

const COIN = 100_000_000;

/** A node with a wallet that has mined some blocks. */
async function open(t: TestContext, blockCount: number): Promise<RpcWorld> {
  const world = await RpcWorld.open(t, { hasWallets: true });
  await world.call('createwallet', 'anna');
  await world.call('generatetoaddress', blockCount, await world.call('getnewaddress'));
  return world;
}

test('an empty wallet has no points and has paid nobody', async (t) => {
  const world = await open(t, 0);
  assert.deepEqual(await world.call('getbalanceseries'), { transactionCount: 0, height: [], time: [], balanceSat: [] });
  assert.deepEqual(await world.call('listpayees'), []);
});

test('a series of a balance has at most so many points and ends at the balance', async (t) => {
  const world = await open(t, 103);
  const series = await world.call('getbalanceseries', 10);
  assert.equal(series.transactionCount, 103);
  // 103 transactions, 11 to a point; the last point stands for what is left.
  assert.deepEqual(series.height, [11, 22, 33, 44, 55, 66, 77, 88, 99, 103]);
  assert.deepEqual(
    series.balanceSat,
    [11, 22, 33, 44, 55, 66, 77, 88, 99, 103].map((count) => count * 50 * COIN),
  );
  const times = series.time as number[];
  assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]!));
  const one = await world.call('getbalanceseries', 1);
  assert.deepEqual([one.height, one.balanceSat], [[103], [103 * 50 * COIN]]);
});

test('a payment is in the series when a block has it, and its payee at once', async (t) => {
  const world = await open(t, 105);
  await world.call('createwallet', 'bert');
  const first = await world.callWallet('bert', 'getnewaddress');
  const second = await world.callWallet('bert', 'getnewaddress');
  const pay = (address: string) => world.callWallet('anna', 'sendtoaddress', address, 7);
  await pay(first);
  const txid = await pay(second);
  await pay(first);
  const before = await world.callWallet('anna', 'getbalanceseries', 2000);
  assert.equal(before.balanceSat.at(-1), 105 * 50 * COIN);
  assert.deepEqual(await world.callWallet('anna', 'listpayees'), [first, second]);
  assert.deepEqual(await world.callWallet('anna', 'listpayees', 1), [first]);
  assert.deepEqual(await world.callWallet('bert', 'listpayees'), []);
  assert.ok((await world.callWallet('anna', 'gettransaction', txid)).fee < 0);
  await world.callWallet('bert', 'generatetoaddress', 1, await world.callWallet('bert', 'getnewaddress'));
  const { mine } = await world.callWallet('anna', 'getbalances');
  const after = await world.callWallet('anna', 'getbalanceseries', 2000);
  assert.equal(after.balanceSat.at(-1), Math.round((mine.trusted + mine.immature) * COIN));
  assert.deepEqual([after.height.at(-1), after.transactionCount], [106, 108]);
});

test('what a reorganisation took away is in no series', async (t) => {
  const world = await open(t, 105);
  const [hash] = await world.call('generatetoaddress', 1, await world.call('getnewaddress'));
  assert.equal((await world.call('getbalanceseries')).transactionCount, 106);
  await world.call('invalidateblock', hash);
  const series = await world.call('getbalanceseries');
  assert.deepEqual([series.transactionCount, series.balanceSat.at(-1)], [105, 105 * 50 * COIN]);
});

test('a glance at a wallet has bounds', async (t) => {
  const world = await open(t, 0);
  assert.equal(await world.refusal('getbalanceseries', 0), '-8 points must be from 1 to 2000');
  assert.equal(await world.refusal('getbalanceseries', 2001), '-8 points must be from 1 to 2000');
  assert.equal(await world.refusal('listpayees', 0), '-8 count must be from 1 to 10000');
  assert.equal(await world.refusal('listpayees', 10_001), '-8 count must be from 1 to 10000');
});
