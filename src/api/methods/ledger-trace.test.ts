import assert from 'node:assert/strict';
import test from 'node:test';
import { describeOutput, mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('a coin is traced back through its payments to the rewards that it was issued as', async (t) => {
  const world = await RpcWorld.open(t);
  const coins = await mineCoins(world, 3);
  const first = await pay(world, coins.slice(0, 2), { [PAYER_ADDRESS]: 60, [PAYEE_ADDRESS]: 39.999 });
  await world.call('sendrawtransaction', first.hex);
  await world.call('generatetodescriptor', 1, 'raw(51)');
  const second = await pay(world, [{ txid: first.txid, vout: 0 }], { [PAYEE_ADDRESS]: 59.999 }, [
    describeOutput(first, 0, 60),
  ]);
  await world.call('sendrawtransaction', second.hex);
  await world.call('generatetodescriptor', 1, 'raw(51)');
  const trace = await world.call('tracecoin', second.txid, 0);
  assert.deepEqual([trace.complete, trace.rewards, trace.rewardsSat], [true, 2, 100_0000_0000]);
  assert.deepEqual(
    trace.transactions.map(({ txid, height, reward }: { txid: string; height: number; reward: boolean }) => [
      txid,
      height,
      reward,
    ]),
    [
      [second.txid, 105, false],
      [first.txid, 104, false],
      [coins[0]!.txid, 1, true],
      [coins[1]!.txid, 2, true],
    ],
  );
  assert.deepEqual(trace.transactions[0].inputs, [{ txid: first.txid, vout: 0, height: 104, valueSat: 60_0000_0000 }]);
  const cut = await world.call('tracecoin', second.txid, 0, 2);
  assert.deepEqual([cut.complete, cut.transactions.length], [false, 2]);
  // A coin that was spent is found by the height of its block.
  assert.match(await world.refusal('tracecoin', first.txid, 0), /^-5 There is no such unspent coin/);
  assert.equal((await world.call('tracecoin', first.txid, 0, 100, 104)).rewards, 2);
  assert.match(await world.refusal('tracecoin', first.txid, 2, 100, 104), /^-8 The transaction has 2 outputs$/);
  assert.match(await world.refusal('tracecoin', first.txid, 0, 100, 103), /is not in block 103$/);
  assert.match(await world.refusal('tracecoin', first.txid, 0, 100, 106), /^-8 Block height out of range$/);
});
