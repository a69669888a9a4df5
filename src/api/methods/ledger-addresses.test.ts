import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOutput, mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';

const COIN = 1_0000_0000;

test('an address that nobody has heard of has nothing', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['addresses'] });
  assert.deepEqual(await world.call('getaddressbalance', PAYEE_ADDRESS), {
    address: PAYEE_ADDRESS,
    confirmedSat: 0,
    pendingSat: 0,
    historyCount: 0,
    unspentCount: 0,
    height: 0,
  });
  assert.deepEqual(await world.call('getaddresshistory', PAYEE_ADDRESS), {
    address: PAYEE_ADDRESS,
    total: 0,
    confirmed: [],
    pending: [],
  });
  assert.deepEqual((await world.call('getaddressunspent', PAYEE_ADDRESS)).unspent, []);
});

test('what the memory pool would change is told apart, and is of the chain when a block has confirmed it', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['addresses'] });
  const [coin] = await mineCoins(world, 1);
  const first = await pay(world, [coin], { [PAYEE_ADDRESS]: 20, [PAYER_ADDRESS]: 29.999 });
  await world.call('sendrawtransaction', first.hex);
  // It spends what is in the pool itself.
  const change = { txid: first.txid, vout: 1 };
  const second = await pay(world, [change], { [PAYEE_ADDRESS]: 29.998 }, [describeOutput(first, 1, 29.999)]);
  await world.call('sendrawtransaction', second.hex);

  const payer = await world.call('getaddressbalance', PAYER_ADDRESS);
  assert.deepEqual(
    [payer.confirmedSat, payer.pendingSat, payer.historyCount, payer.unspentCount],
    [50 * COIN, -50 * COIN, 1, 1],
  );
  const payee = await world.call('getaddressbalance', PAYEE_ADDRESS);
  assert.deepEqual([payee.confirmedSat, payee.pendingSat], [0, 49_9980_0000]);
  const before = await world.call('getaddresshistory', PAYER_ADDRESS);
  assert.deepEqual(
    new Map(before.pending.map(({ txid, changeSat, feeSat }: Plain) => [txid, [changeSat, feeSat]])),
    new Map([
      [first.txid, [29_9990_0000 - 50 * COIN, 100_000]],
      [second.txid, [-29_9990_0000, 100_000]],
    ]),
  );

  const [hash] = await world.call('generatetodescriptor', 1, 'raw(51)');
  const { height } = world.chain;
  const after = await world.call('getaddresshistory', PAYER_ADDRESS);
  assert.deepEqual(after.pending, []);
  assert.deepEqual([after.total, after.next], [3, undefined]);
  const { time } = await world.call('getblockheader', hash);
  assert.deepEqual(after.confirmed[0], {
    number: 2,
    txid: second.txid,
    height,
    blockHash: hash,
    time,
    changeSat: -29_9990_0000,
    receivedSat: 0,
    spentSat: 29_9990_0000,
    balanceAfterSat: 0,
  });
  assert.deepEqual(
    after.confirmed.map(({ balanceAfterSat }: Plain) => balanceAfterSat),
    [0, 29_9990_0000, 50 * COIN],
  );
  const { total, unspent } = await world.call('getaddressunspent', PAYEE_ADDRESS);
  assert.equal(total, 2);
  assert.deepEqual(
    new Map(unspent.map((one: Plain) => [one.txid, one])),
    new Map([
      [first.txid, { txid: first.txid, vout: 0, valueSat: 20 * COIN, height, isCoinbase: false }],
      [second.txid, { txid: second.txid, vout: 0, valueSat: 29_9980_0000, height, isCoinbase: false }],
    ]),
  );
});

test('a history is turned page by page', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['addresses'] });
  await world.call('generatetoaddress', 25, PAYEE_ADDRESS);
  const heights: number[] = [];
  let before: number | undefined;
  do {
    const page: Plain = await world.call(
      'getaddresshistory',
      PAYEE_ADDRESS,
      10,
      ...(before === undefined ? [] : [before]),
    );
    heights.push(...page.confirmed.map(({ height }: Plain) => height));
    before = page.next;
  } while (before !== undefined);
  assert.deepEqual(
    heights,
    Array.from({ length: 25 }, (_, i) => 25 - i),
  );
});

test('what is no address, or cannot be answered, is refused', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['addresses'] });
  assert.equal(
    await world.refusal('getaddressbalance', 'nobody'),
    '-5 Invalid address: Invalid checksum or length of Base58 address (P2PKH or P2SH)',
  );
  assert.equal(await world.refusal('getaddresshistory', PAYEE_ADDRESS, 1001), '-8 count must be from 1 to 1000');
  assert.equal(await world.refusal('getaddresshistory', PAYEE_ADDRESS, 1, -1), '-8 before is negative');
  assert.equal(await world.refusal('getaddressunspent', PAYEE_ADDRESS, 0), '-8 limit must be from 1 to 10000');
  const without = await RpcWorld.open(t);
  assert.equal(
    await without.refusal('getaddressbalance', PAYEE_ADDRESS),
    '-1 Addresses are not indexed. Use -addressindex to enable address queries',
  );
});
