import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('an output is shown until it is spent', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const shown = await world.call('gettxout', coin!.txid, 0);
  assert.equal(shown.value, 50);
  assert.equal(shown.coinbase, true);
  assert.equal(shown.confirmations, 101);
  assert.equal(shown.scriptPubKey.address, PAYER_ADDRESS);
  assert.equal(await world.call('gettxout', coin!.txid, 1), null);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', hex);
  assert.equal(await world.call('gettxout', coin!.txid, 0), null);
  assert.equal((await world.call('gettxout', coin!.txid, 0, false)).value, 50);
  assert.equal((await world.call('gettxout', txid, 0)).confirmations, 0);
  assert.equal(await world.call('gettxout', txid, 0, false), null);
  assert.equal(await world.call('gettxout', txid, 7), null);
});

test('figures of all outputs are told', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('generatetodescriptor', 5, 'raw(51)');
  const info = await world.call('gettxoutsetinfo');
  assert.equal(info.height, 5);
  assert.equal(info.txouts, 5);
  assert.equal(info.transactions, 5);
  assert.equal(info.total_amount, 250);
  assert.equal(info.hash_serialized_3.length, 64);
  assert.equal((await world.call('gettxoutsetinfo', 'muhash')).muhash.length, 64);
  assert.equal((await world.call('gettxoutsetinfo', 'none')).hash_serialized_3, undefined);
  assert.equal(await world.refusal('gettxoutsetinfo', 'x'), "-8 'x' is not a valid hash_type");
  assert.equal(
    await world.refusal('gettxoutsetinfo', 'none', 1),
    '-8 Querying specific block heights requires coinstatsindex',
  );
});

test('with an index, figures of any block are told', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['coin-stats'] });
  await world.call('generatetodescriptor', 5, 'raw(51)');
  const walked = await world.call('gettxoutsetinfo', 'muhash', null, false);
  const indexed = await world.call('gettxoutsetinfo', 'muhash');
  assert.equal(indexed.muhash, walked.muhash);
  assert.equal(indexed.transactions, undefined);
  assert.equal(indexed.block_info.coinbase, 50);
  const earlier = await world.call('gettxoutsetinfo', 'none', 2);
  assert.equal(earlier.txouts, 2);
  assert.equal(earlier.total_unspendable_amount, 50);
  assert.equal(await world.refusal('gettxoutsetinfo', 'none', 6), '-8 Target block height 6 after current tip 5');
  assert.match(
    await world.refusal('gettxoutsetinfo', 'hash_serialized_3', 2),
    /^-8 hash_serialized_3 hash type cannot/,
  );
});

test('outputs are found by descriptors', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const found = await world.call('scantxoutset', 'start', [`addr(${PAYER_ADDRESS})`, { desc: 'raw(52)' }]);
  assert.equal(found.success, true);
  assert.equal(found.txouts, 101);
  assert.equal(found.height, 101);
  assert.equal(found.total_amount, 50);
  assert.equal(found.unspents.length, 1);
  const [one] = found.unspents;
  assert.equal(one.txid, coin!.txid);
  assert.equal(one.height, 1);
  assert.equal(one.confirmations, 101);
  assert.match(one.desc, /^addr\(bcrt1qw508/);
  assert.equal(await world.call('scantxoutset', 'status'), null);
  assert.equal(await world.call('scantxoutset', 'abort'), false);
  assert.equal(await world.refusal('scantxoutset', 'x'), "-8 Invalid action 'x'");
  assert.equal(
    await world.refusal('scantxoutset', 'start'),
    '-1 scanobjects argument is required for the start action',
  );
  assert.equal(
    await world.refusal('scantxoutset', 'start', [1]),
    '-8 Scan object needs to be either a string or an object',
  );
  assert.equal(await world.refusal('scantxoutset', 'start', [{}]), '-8 Descriptor needs to be provided in scan object');
});

test('there is one scan at a time, and it can be ended', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('generatetodescriptor', 3, 'raw(51)');
  const first = world.call('scantxoutset', 'start', ['raw(51)']);
  assert.equal(
    await world.refusal('scantxoutset', 'start', ['raw(51)']),
    '-8 Scan already in progress, use action "abort" or "status"',
  );
  assert.equal(typeof (await world.call('scantxoutset', 'status')).progress, 'number');
  assert.equal((await first).unspents.length, 3);
  assert.equal(await world.call('scantxoutset', 'status'), null);
});

test('a block is proved to hold a transaction', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', hex);
  assert.equal(await world.refusal('gettxoutproof', [txid]), '-5 Transaction not yet in block');
  const [hash] = await world.call('generatetodescriptor', 1, 'raw(51)');
  const proof = await world.call('gettxoutproof', [txid]);
  assert.equal(await world.call('gettxoutproof', [txid], hash), proof);
  assert.deepEqual(await world.call('verifytxoutproof', proof), [txid]);
  const both = await world.call('gettxoutproof', [txid, (await world.call('getblock', hash)).tx[0]]);
  assert.equal((await world.call('verifytxoutproof', both)).length, 2);
  // Another count of transactions than the block has.
  assert.deepEqual(await world.call('verifytxoutproof', `${proof.slice(0, 160)}03000000${proof.slice(168)}`), []);
  await world.call('invalidateblock', hash);
  assert.equal(await world.refusal('verifytxoutproof', proof), '-5 Block not found in chain');
});

test('proofs that cannot be made are refused', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { txid } = coin!;
  assert.equal(await world.refusal('gettxoutproof', []), "-8 Parameter 'txids' cannot be empty");
  assert.equal(await world.refusal('gettxoutproof', [txid, txid]), `-8 Invalid parameter, duplicated txid: ${txid}`);
  assert.equal(
    await world.refusal('gettxoutproof', [txid, '00'.repeat(32)]),
    '-5 Not all transactions found in specified or retrieved block',
  );
  assert.match(await world.refusal('verifytxoutproof', '00'), /^-1 /);
});
