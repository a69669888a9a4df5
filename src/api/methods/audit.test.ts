import assert from 'node:assert/strict';
import test from 'node:test';
import { mineCoins, PAYEE_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('an audit runs beside the node, tells how far it is, and ends with figures that gettxoutsetinfo confirms', async (t) => {
  const world = await RpcWorld.open(t);
  const coins = await mineCoins(world, 3);
  const payment = await pay(world, [coins[0]!], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', payment.hex);
  await world.call('generatetodescriptor', 1, 'raw(6a)');
  assert.equal(await world.refusal('getaudit'), '-1 There was no audit since the program was started');
  const begun = await world.call('startaudit');
  assert.deepEqual([begun.verdict, begun.stage, begun.pagesTotal], ['running', 'pages', 105]);
  assert.equal(await world.refusal('startaudit'), '-1 An audit is under way already');
  await world.audits.whenOver();
  const audit = await world.call('getaudit');
  assert.deepEqual([audit.verdict, audit.stage, audit.pagesDone], ['good', 'over', 105]);
  const set = await world.call('gettxoutsetinfo');
  assert.equal(audit.coins.hash_serialized_3, set.hash_serialized_3);
  assert.equal(audit.coins.coinCount, set.txouts);
  assert.equal(audit.coins.muhash, (await world.call('gettxoutsetinfo', 'muhash')).muhash);
  assert.equal(audit.figures.hash, await world.call('getbestblockhash'));
  assert.equal(audit.figures.scriptCount, 1);
  assert.equal(audit.figures.feesSat, 100_000);
  // The first page's reward was never a coin, and the last one's cannot be spent: its output is data.
  assert.equal(audit.figures.burntSat, 50_0000_0000 + 50_0010_0000);
  assert.equal(audit.figures.issuedSat, 105 * 50_0000_0000);
  assert.equal(audit.figures.scheduledSat, 105 * 50_0000_0000);
  assert.deepEqual([audit.marks.length, audit.marks[0].height], [1, 0]);
  assert.deepEqual((await world.call('getaudit', false)).marks, []);
  assert.equal(await world.call('abortaudit'), false);
});

test('an audit that is ended, or whose pages are taken away meanwhile, says so or begins anew', async (t) => {
  const world = await RpcWorld.open(t);
  await mineCoins(world, 1);
  await world.call('startaudit');
  assert.equal(await world.call('abortaudit'), true);
  await world.audits.whenOver();
  assert.equal((await world.call('getaudit')).verdict, 'aborted');
  await world.call('startaudit');
  await world.call('invalidateblock', await world.call('getblockhash', 60));
  await world.call('generatetodescriptor', 2, 'raw(52)');
  await world.audits.whenOver();
  const audit = await world.call('getaudit');
  // It was good at the tip that there was when the audit came to its end.
  assert.equal(audit.verdict, 'good');
  assert.ok(audit.figures.height >= 60);
  assert.equal(audit.figures.hash, await world.call('getblockhash', audit.figures.height));
});
