import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mineCoins, PAYEE_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import type { NodeOptions } from '../../node/app/node-options.ts';

const TOR: Pick<NodeOptions, 'proxies'> = {
  proxies: {
    byNetwork: new Map([['onion', { endpoint: { host: '127.0.0.1', port: 9050 }, isRandomized: true }]]),
    forNames: null,
  },
};
const PRIVATELY: Partial<NodeOptions> = { broadcastsPrivately: true, ...TOR };

test('a transaction is put on the list and not into the memory pool, and can be taken off again', async (t) => {
  const world = await RpcWorld.open(t, { network: PRIVATELY });
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  const { hash: wtxid } = await world.call('decoderawtransaction', hex);
  assert.deepEqual(await world.call('getprivatebroadcastinfo'), { transactions: [] });
  for (let i = 0; i < 2; i++) assert.equal(await world.call('sendrawtransaction', hex), txid, 'again is no error');
  assert.deepEqual(await world.call('getrawmempool'), []);
  const { transactions } = await world.call('getprivatebroadcastinfo');
  const addedSec = Math.floor(world.time.wallMs() / 1000);
  assert.deepEqual(transactions, [{ txid, wtxid, hex, time_added: addedSec, peers: [] }]);
  const none = '-5 Transaction not in private broadcast queue. Check getprivatebroadcastinfo.';
  assert.equal(await world.refusal('abortprivatebroadcast', '00'.repeat(32)), none);
  assert.deepEqual(await world.call('abortprivatebroadcast', txid), { removed_transactions: [{ txid, wtxid, hex }] });
  assert.equal(await world.refusal('abortprivatebroadcast', txid), none);
  await world.call('sendrawtransaction', hex);
  assert.equal((await world.call('abortprivatebroadcast', wtxid)).removed_transactions.length, 1);
});

test('only what the memory pool would take is sent', async (t) => {
  const world = await RpcWorld.open(t, { network: PRIVATELY });
  const [coin] = await mineCoins(world, 1);
  const first = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  const orphan = await world.call('createrawtransaction', [{ txid: first.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.99 });
  for (const maxfeerate of [0, 0.1]) {
    assert.equal(await world.refusal('sendrawtransaction', orphan, maxfeerate), '-25 bad-txns-inputs-missingorspent');
  }
  const unsigned = await world.call('createrawtransaction', [coin], { [PAYEE_ADDRESS]: 49.999 });
  assert.match(await world.refusal('sendrawtransaction', unsigned, 0), /^-26 mempool-script-verify-flag-failed/);
  const dear = await pay(world, [coin], { [PAYEE_ADDRESS]: 49 });
  assert.match(await world.refusal('sendrawtransaction', dear.hex), /^-25 Fee exceeds maximum configured by user/);
  assert.equal(await world.call('sendrawtransaction', dear.hex, 0), dear.txid);
  const { transactions } = await world.call('getprivatebroadcastinfo');
  assert.equal(transactions.length, 1);
});

test('a transaction of the memory pool is sent privately again', async (t) => {
  const world = await RpcWorld.open(t, { network: PRIVATELY });
  const [coin] = await mineCoins(world, 1);
  const { hex, txid } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('submitpackage', [hex]);
  assert.deepEqual(await world.call('getrawmempool'), [txid]);
  assert.equal(await world.call('sendrawtransaction', hex, 0.00001), txid);
  assert.equal((await world.call('getprivatebroadcastinfo')).transactions.length, 1);
});

test('M13: without a way to send it privately a transaction is refused, and told to nobody', async (t) => {
  const world = await RpcWorld.open(t, { network: { broadcastsPrivately: true } });
  const [coin] = await mineCoins(world, 1);
  const { hex } = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  assert.match(
    await world.refusal('sendrawtransaction', hex),
    /^-1 -privatebroadcast is enabled, but none of the Tor or I2P networks is reachable\./,
  );
  assert.deepEqual(await world.call('getrawmempool'), []);
  assert.deepEqual(await world.call('getprivatebroadcastinfo'), { transactions: [] });
});

test('a node that was not started for it says so', async (t) => {
  const world = await RpcWorld.open(t, { network: TOR });
  const words = /^-32601 Private broadcast is not enabled\. .* start tallyd with -privatebroadcast=1\.$/;
  assert.match(await world.refusal('getprivatebroadcastinfo'), words);
  assert.match(await world.refusal('abortprivatebroadcast', '00'.repeat(32)), words);
});
