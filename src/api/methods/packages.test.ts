import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOutput, mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

test('a transaction is tried and sent', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  const [tried] = await world.call('testmempoolaccept', [hex]);
  assert.equal(tried.allowed, true);
  assert.equal(tried.fees.base, 0.001);
  assert.deepEqual(await world.call('getrawmempool'), []);
  assert.equal(await world.call('sendrawtransaction', hex), txid);
  assert.deepEqual(await world.call('getrawmempool'), [txid]);
  assert.equal((await world.call('getmempoolentry', txid)).unbroadcast, true);
  // Again: it is told to the peers again, which is no error.
  assert.equal(await world.call('sendrawtransaction', hex), txid);
  await world.call('generatetodescriptor', 1, 'raw(51)');
  assert.equal(await world.refusal('sendrawtransaction', hex), '-27 Transaction outputs already in utxo set');
  const [known] = await world.call('testmempoolaccept', [hex]);
  assert.equal(known['reject-reason'], 'txn-already-known');
});

test('what the chain or the pool has is told before anything is asked of the transaction', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  const tooHigh = '-25 Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)';
  assert.equal(await world.refusal('sendrawtransaction', hex, 0.00001), tooHigh);
  await world.call('sendrawtransaction', hex);
  assert.equal(await world.call('sendrawtransaction', hex, 0.00001), txid);
  // Without its witness: the id is what counts, and the one of the pool is told again.
  const bare = await world.call('createrawtransaction', [coin], { [PAYEE_ADDRESS]: 49.999 });
  assert.equal(await world.call('sendrawtransaction', bare), txid);
  await world.call('generatetodescriptor', 1, 'raw(51)');
  for (const one of [hex, bare]) {
    assert.equal(
      await world.refusal('sendrawtransaction', one, 0.00001),
      '-27 Transaction outputs already in utxo set',
    );
  }
});

test('refusals carry the codes and the words of Core', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49 });
  assert.equal(
    await world.refusal('sendrawtransaction', hex),
    '-25 Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)',
  );
  const [tried] = await world.call('testmempoolaccept', [hex]);
  assert.equal(tried['reject-reason'], 'max-fee-exceeded');
  assert.equal(
    await world.refusal('sendrawtransaction', hex, 1),
    '-8 Fee rates larger than or equal to 1BTC/kvB are not accepted',
  );
  assert.equal(
    await world.refusal('sendrawtransaction', `${hex}00`, 0),
    '-22 TX decode failed. Make sure the tx has at least one input.',
  );
  const missing = await world.call('createrawtransaction', [{ txid: 'aa'.repeat(32), vout: 0 }], {
    [PAYEE_ADDRESS]: 1,
  });
  assert.equal(await world.refusal('sendrawtransaction', missing), '-25 bad-txns-inputs-missingorspent');
  assert.equal((await world.call('testmempoolaccept', [missing]))[0]['reject-reason'], 'missing-inputs');
  const unsigned = await world.call('createrawtransaction', [coin], { [PAYEE_ADDRESS]: 49.999 });
  assert.match(await world.refusal('sendrawtransaction', unsigned), /^-26 mempool-script-verify-flag-failed/);
  const burning = await pay(world, [coin], [{ data: '00' }, { [PAYEE_ADDRESS]: 49.999 }]);
  assert.match(await world.refusal('testmempoolaccept', []), /^-8 Array must contain between 1 and 25 transactions\./);
  assert.equal((await world.call('testmempoolaccept', [burning.hex]))[0].allowed, true);
});

test('a fee of any height is sent when the caller says so', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49 });
  assert.equal(await world.call('sendrawtransaction', hex, 0), txid);
});

test('transactions are tried together, parents first', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const parent = await pay(world, [coin], { [PAYER_ADDRESS]: 49.999 });
  const child = await pay(world, [{ txid: parent.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.998 }, [
    describeOutput(parent, 0, 49.999),
  ]);
  const results = await world.call('testmempoolaccept', [parent.hex, child.hex]);
  assert.deepEqual(
    results.map((one: { allowed: boolean }) => one.allowed),
    [true, true],
  );
  const reversed = await world.call('testmempoolaccept', [child.hex, parent.hex]);
  assert.equal(reversed[0]['package-error'], 'package-not-sorted');
});

test('a child pays for its parent in a package', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const parent = await pay(world, [coin], { [PAYER_ADDRESS]: 50 });
  const child = await pay(world, [{ txid: parent.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.999 }, [
    describeOutput(parent, 0, 50),
  ]);
  assert.match(await world.refusal('sendrawtransaction', parent.hex), /^-26 min relay fee not met/);
  const result = await world.call('submitpackage', [parent.hex, child.hex]);
  assert.equal(result.package_msg, 'success');
  const { wtxid } = await world.call('getmempoolentry', parent.txid);
  assert.equal(result['tx-results'][wtxid].fees.base, 0);
  assert.equal(result['tx-results'][wtxid].fees['effective-includes'].length, 2);
  assert.deepEqual(result['replaced-transactions'], []);
  assert.equal((await world.call('getrawmempool')).length, 2);
  const again = await world.call('submitpackage', [parent.hex, child.hex]);
  assert.deepEqual(Object.keys(again['tx-results'][wtxid].fees), ['base']);
});

test('a package of strangers is refused', async (t) => {
  const world = await RpcWorld.open(t);
  const coins = await mineCoins(world, 2);
  const one = await pay(world, [coins[0]], { [PAYEE_ADDRESS]: 49.999 });
  const two = await pay(world, [coins[1]], { [PAYEE_ADDRESS]: 49.999 });
  const topology = '-25 package topology disallowed. not child-with-parents or parents depend on each other.';
  assert.equal(await world.refusal('submitpackage', [one.hex, two.hex]), topology);
  assert.equal(await world.refusal('submitpackage', [one.hex, one.hex]), topology);
  // The child spends from both, and one of these from the other; nobody looks whether they are signed.
  const parent = await pay(world, [coins[0]], [{ [PAYER_ADDRESS]: 25 }, { [PAYEE_ADDRESS]: 24.999 }]);
  const [left, right] = [0, 1].map((vout) => ({ txid: parent.txid, vout }));
  const middle = await pay(world, [left], { [PAYER_ADDRESS]: 24.999 });
  const child = await pay(world, [right, { txid: middle.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49 });
  assert.equal(await world.refusal('submitpackage', [parent.hex, middle.hex, child.hex]), topology);
  assert.equal(await world.refusal('submitpackage', [child.hex, parent.hex]), topology);
});
