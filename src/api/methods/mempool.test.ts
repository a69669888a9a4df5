import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeOutput,
  mineCoins,
  PAYEE_ADDRESS,
  PAYER_ADDRESS,
  PAYER_WIF,
  type Payment,
  pay,
} from '../../../test/model/rpc-payer.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

/** The key of the payee, and what is paid to it. */
const PAYEE_WIF = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87K7XCyj5v';
const PAYEE_SCRIPT = '001406afd46bcdfd22ef94ac122aa11f241244a37ecc';

/** A parent with a child, in the pool. */
async function sendFamily(
  world: RpcWorld,
): Promise<{ parent: Payment; child: Payment; coin: { txid: string; vout: number } }> {
  const [coin] = await mineCoins(world, 1);
  const parent = await pay(world, [coin], { [PAYER_ADDRESS]: 49.9999 });
  const child = await pay(world, [{ txid: parent.txid, vout: 0 }], { [PAYEE_ADDRESS]: 49.9989 }, [
    describeOutput(parent, 0, 49.9999),
  ]);
  for (const { hex } of [parent, child]) await world.call('sendrawtransaction', hex);
  return { parent, child, coin: coin! };
}

test('an empty pool has its figures', async (t) => {
  const world = await RpcWorld.open(t);
  const info = await world.call('getmempoolinfo');
  assert.equal(info.loaded, true);
  assert.equal(info.size, 0);
  assert.equal(info.maxmempool, 300_000_000);
  assert.equal(info.limitclustercount, 64);
  assert.equal(info.limitclustersize, 101_000);
  assert.deepEqual(await world.call('getmempoolfeeratediagram'), [{ weight: 0, fee: 0 }]);
  assert.deepEqual(await world.call('getrawmempool', true), {});
});

test('an entry knows its family', async (t) => {
  const world = await RpcWorld.open(t);
  const { parent, child } = await sendFamily(world);
  const entry = await world.call('getmempoolentry', parent.txid);
  assert.equal(entry.descendantcount, 2);
  assert.equal(entry.ancestorcount, 1);
  assert.deepEqual(entry.spentby, [child.txid]);
  assert.deepEqual(entry.depends, []);
  assert.equal(entry.fees.base, 0.0001);
  assert.equal(entry.fees.descendant, 0.0011);
  // The child pays for both: they are one chunk.
  assert.equal(entry.fees.chunk, 0.0011);
  assert.deepEqual(await world.call('getmempoolancestors', child.txid), [parent.txid]);
  assert.deepEqual(await world.call('getmempooldescendants', parent.txid), [child.txid]);
  assert.deepEqual((await world.call('getmempooldescendants', parent.txid, true))[child.txid].depends, [parent.txid]);
  assert.deepEqual(Object.keys(await world.call('getrawmempool', true)).sort(), [parent.txid, child.txid].sort());
});

test('a cluster is shown by chunks, and the pool by their sums', async (t) => {
  const world = await RpcWorld.open(t);
  const { parent, child } = await sendFamily(world);
  const cluster = await world.call('getmempoolcluster', child.txid);
  assert.equal(cluster.txcount, 2);
  assert.deepEqual(cluster.chunks, [
    { chunkfee: 0.0011, chunkweight: cluster.clusterweight, txs: [parent.txid, child.txid] },
  ]);
  assert.deepEqual(await world.call('getmempoolfeeratediagram'), [
    { weight: 0, fee: 0 },
    { weight: cluster.clusterweight, fee: 0.0011 },
  ]);
});

test('weight is what stands in the bytes; whoever counts signature operations adds them to chunks and clusters', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const raw: string = await world.call('createrawtransaction', [coin], { [PAYEE_ADDRESS]: 49.999 });
  // One of one key, as bare multisig: 20 operations of cost 4, one more that opens the coin, 20 weight units for each.
  const multisig = `5121${'0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'}51ae`;
  const paying = raw.replace(/16(0014.{40})/, `25${multisig}`);
  const { hex } = await world.call('signrawtransactionwithkey', paying, [PAYER_WIF]);
  const { weight } = await world.call('decoderawtransaction', hex);
  assert.ok(weight < 600);
  const txid = await world.call('sendrawtransaction', hex);
  const entry = await world.call('getmempoolentry', txid);
  assert.deepEqual([entry.weight, entry.chunkweight, entry.vsize], [weight, 1620, 405]);
  const cluster = await world.call('getmempoolcluster', txid);
  assert.equal(cluster.clusterweight, 1620);
  assert.deepEqual(cluster.chunks, [{ chunkfee: 0.001, chunkweight: 1620, txs: [txid] }]);
  assert.deepEqual((await world.call('getmempoolfeeratediagram')).at(-1), { weight: 1620, fee: 0.001 });
});

test('the sequence goes with ids only', async (t) => {
  const world = await RpcWorld.open(t);
  await sendFamily(world);
  const { txids, mempool_sequence } = await world.call('getrawmempool', false, true);
  assert.equal(txids.length, 2);
  assert.ok(mempool_sequence >= 3);
  assert.equal(
    await world.refusal('getrawmempool', true, true),
    '-8 Verbose results cannot contain mempool sequence values.',
  );
});

test('what is not in the pool is not found', async (t) => {
  const world = await RpcWorld.open(t);
  for (const method of ['getmempoolentry', 'getmempoolancestors', 'getmempooldescendants', 'getmempoolcluster']) {
    assert.equal(await world.refusal(method, '00'.repeat(32)), '-5 Transaction not in mempool');
  }
  assert.equal(await world.refusal('getmempoolentry', '00'), "-8 txid must be of length 64 (not 2, for '00')");
});

test('who spends an output in the pool is told', async (t) => {
  const world = await RpcWorld.open(t);
  const { parent, child, coin } = await sendFamily(world);
  assert.deepEqual(await world.call('gettxspendingprevout', [coin, { txid: child.txid, vout: 0 }]), [
    { ...coin, spendingtxid: parent.txid },
    { txid: child.txid, vout: 0 },
  ]);
  const [shown] = await world.call('gettxspendingprevout', [coin], { return_spending_tx: true });
  assert.equal(shown.spendingtx, parent.hex);
  assert.equal(await world.refusal('gettxspendingprevout', []), '-8 Invalid parameter, outputs are missing');
  assert.equal(
    await world.refusal('gettxspendingprevout', [{ txid: parent.txid, vout: -1 }]),
    '-8 Invalid parameter, vout cannot be negative',
  );
  assert.equal(await world.refusal('gettxspendingprevout', [{ txid: parent.txid }]), '-3 Missing vout');
  assert.equal(
    await world.refusal('gettxspendingprevout', [{ txid: parent.txid, vout: 0, x: 1 }]),
    '-3 Unexpected key x',
  );
  assert.equal(
    await world.refusal('gettxspendingprevout', [{ txid: 1, vout: 0 }]),
    '-3 JSON value of type number for field txid is not of expected type string',
  );
  assert.equal(
    await world.refusal('gettxspendingprevout', [{ txid: child.txid, vout: 0 }], { mempool_only: false }),
    '-1 Mempool lacks a relevant spend, and txospenderindex is unavailable.',
  );
});

test('who spends an output in the chain is told where that is indexed', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['spenders'] });
  const { parent, coin } = await sendFamily(world);
  const [hash] = await world.call('generatetodescriptor', 1, 'raw(51)');
  assert.deepEqual(await world.call('gettxspendingprevout', [coin]), [
    { ...coin, spendingtxid: parent.txid, blockhash: hash },
  ]);
  assert.deepEqual(await world.call('gettxspendingprevout', [coin], { mempool_only: true }), [coin]);
});

test('priorities change the order and are listed', async (t) => {
  const world = await RpcWorld.open(t);
  const { parent } = await sendFamily(world);
  assert.equal(await world.call('prioritisetransaction', parent.txid, null, 100_000), true);
  assert.deepEqual(await world.call('getprioritisedtransactions'), {
    [parent.txid]: { fee_delta: 100_000, in_mempool: true, modified_fee: 110_000 },
  });
  assert.equal((await world.call('getmempoolcluster', parent.txid)).chunks.length, 2);
  await world.call('prioritisetransaction', 'ff'.repeat(32), 0, -5);
  assert.deepEqual((await world.call('getprioritisedtransactions'))['ff'.repeat(32)], {
    fee_delta: -5,
    in_mempool: false,
  });
  assert.match(await world.refusal('prioritisetransaction', parent.txid, 1, 1), /^-8 Priority is no longer supported/);
});

test('a transaction with dust in the pool gets no priority, neither more nor less', async (t) => {
  const world = await RpcWorld.open(t);
  const [coin] = await mineCoins(world, 1);
  const parent = await pay(world, [coin], [{ [PAYER_ADDRESS]: 50 }, { [PAYEE_ADDRESS]: 0 }]);
  const dust = { ...describeOutput(parent, 1, 0), scriptPubKey: PAYEE_SCRIPT };
  const previous = [describeOutput(parent, 0, 50), dust];
  const half = await pay(world, previous, { [PAYEE_ADDRESS]: 49.999 }, previous);
  const sweep = await world.call('signrawtransactionwithkey', half.hex, [PAYEE_WIF], previous);
  // Before it is there nobody knows what it pays to.
  for (const delta of [5, -5]) assert.equal(await world.call('prioritisetransaction', parent.txid, 0, delta), true);
  // Dust needs a child that sweeps it, and may pay no fee.
  assert.equal((await world.call('submitpackage', [parent.hex, sweep.hex])).package_msg, 'success');
  for (const delta of [1, 0, -1]) {
    assert.equal(
      await world.refusal('prioritisetransaction', parent.txid, 0, delta),
      '-8 Priority is not supported for transactions with dust outputs.',
    );
  }
  assert.equal(await world.call('prioritisetransaction', half.txid, 0, -1), true);
});

test('the pool is saved, and a file that is not there is not imported', async (t) => {
  const world = await RpcWorld.open(t);
  assert.deepEqual(await world.call('savemempool'), { filename: 'mempool.dat' });
  await mineCoins(world, 1);
  assert.equal(
    await world.refusal('importmempool', 'nowhere.dat'),
    '-1 Unable to import mempool file, see debug log for details.',
  );
});

test('nobody waits for parents', async (t) => {
  const world = await RpcWorld.open(t);
  for (const verbosity of [0, 1, 2]) assert.deepEqual(await world.call('getorphantxs', verbosity), []);
  assert.equal(await world.refusal('getorphantxs', 3), '-8 Invalid verbosity value 3');
  assert.equal(await world.refusal('getorphantxs', true), '-3 Verbosity was boolean but only integer allowed');
});

test('fees cannot be estimated from nothing', async (t) => {
  const world = await RpcWorld.open(t);
  assert.deepEqual(await world.call('estimatesmartfee', 6), {
    errors: ['Insufficient data or no feerate found'],
    blocks: 0,
  });
  const raw = await world.call('estimaterawfee', 20);
  assert.deepEqual(Object.keys(raw), ['medium', 'long']);
  assert.equal(raw.medium.errors.length, 1);
  assert.equal(raw.medium.pass, undefined);
  assert.equal(raw.long.scale, 24);
  assert.equal(await world.refusal('estimatesmartfee', 0), '-8 Invalid conf_target, must be between 1 and 1008');
  assert.equal(
    await world.refusal('estimatesmartfee', 1, 'x'),
    '-8 Invalid estimate_mode parameter, must be one of: "unset", "economical", "conservative"',
  );
  assert.equal(await world.refusal('estimaterawfee', 1, 1.5), '-8 Invalid threshold');
});

test('where fees are not estimated, that is said', async (t) => {
  const world = await RpcWorld.open(t, { estimatesFees: false });
  for (const method of ['estimatesmartfee', 'estimaterawfee']) {
    assert.equal(await world.refusal(method, 2), '-32603 Fee estimation disabled');
  }
});
