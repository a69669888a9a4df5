import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mineCoins, PAYEE_ADDRESS, PAYER_ADDRESS, pay } from '../../../test/model/rpc-payer.ts';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { computeScheduledSupplySat, getBlockSubsidy } from '../../kernel/consensus/subsidy.ts';
import { readableText } from './ledger-blocks.ts';

const GENESIS = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';
const GENESIS_TEXT = 'The Times 03/Jan/2009 Chancellor on brink of second bailout for banks';
const COIN = 1_0000_0000;

/** A ledger of 102 blocks, the last with a payment of 49.999 and a fee of 0.001. */
async function openLedger(t: Parameters<typeof RpcWorld.open>[0], indexes: readonly 'addresses'[]) {
  const world = await RpcWorld.open(t, { indexes });
  const [coin] = await mineCoins(world, 1);
  const payment = await pay(world, [coin], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', payment.hex);
  await world.time.advance(1000);
  await world.call('generatetoaddress', 1, PAYER_ADDRESS);
  return { world, payment };
}

for (const [where, indexes] of [
  ['with an index of addresses', ['addresses']],
  ['out of the blocks', []],
] as const) {
  test(`getrecentblocks tells of the last blocks, ${where}`, async (t) => {
    const { world } = await openLedger(t, indexes);
    const blocks = await world.call('getrecentblocks', 3);
    assert.deepEqual(
      blocks.map(({ height, transactionCount, feesSat, rewardSat }: Plain) => [
        height,
        transactionCount,
        feesSat,
        rewardSat,
      ]),
      [
        [102, 2, 100_000, 50_0010_0000],
        [101, 1, 0, 50_0000_0000],
        [100, 1, 0, 50_0000_0000],
      ],
    );
    const { size, weight, time } = await world.call('getblock', blocks[0].hash);
    assert.deepEqual([blocks[0].size, blocks[0].weight, blocks[0].time], [size, weight, time]);
    assert.equal(blocks[0].previousHash, blocks[1].hash);
    const first = await world.call('getrecentblocks', 12, 2);
    assert.deepEqual(
      first.map(({ height }: Plain) => height),
      [1, 0],
    );
    assert.deepEqual([first[1].hash, first[1].previousHash, first[1].minerText], [GENESIS, undefined, GENESIS_TEXT]);
    assert.deepEqual(await world.call('getrecentblocks', 5, 0), []);
    assert.equal((await world.call('getrecentblocks')).length, 12);
  });
}

test('pages of the ledger have bounds', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(await world.refusal('getrecentblocks', 0), '-8 count must be from 1 to 100');
  assert.equal(await world.refusal('getrecentblocks', 101), '-8 count must be from 1 to 100');
  assert.equal(await world.refusal('getrecentblocks', 1, -1), '-8 before_height is negative');
  assert.equal(await world.refusal('getledgerseries', 0, 0, 2001), '-8 points must be from 1 to 2000');
  assert.equal(await world.refusal('getledgerseries', 1), '-8 from_height is after the current tip 0');
  assert.equal(await world.refusal('getnextblock', 2001), '-8 limit must be from 0 to 2000');
});

test('a page of blocks reads no block where there is an index, and none twice where there is none', async (t) => {
  for (const indexes of [['addresses'], []] as const) {
    const { world } = await openLedger(t, indexes);
    const { chain } = world;
    let readCount = 0;
    const readBlock = chain.readBlock.bind(chain);
    chain.readBlock = (entry) => {
      readCount++;
      return readBlock(entry);
    };
    await world.call('getrecentblocks', 50);
    assert.equal(readCount, indexes.length === 0 ? 50 : 0);
    await world.call('getrecentblocks', 50);
    assert.equal(readCount, indexes.length === 0 ? 50 : 0);
    await world.call('getledgerseries');
    assert.equal(readCount, indexes.length === 0 ? 50 : 0);
  }
});

test('a series reads a row for each point and one before them, however long the ledger is', async (t) => {
  const { world } = await openLedger(t, ['addresses']);
  const addresses = world.indexes.addresses!;
  const asked: number[] = [];
  const readSummaries = addresses.readSummaries.bind(addresses);
  addresses.readSummaries = (entries) => {
    asked.push(entries.length);
    return readSummaries(entries);
  };
  for (const points of [1, 10, 50]) await world.call('getledgerseries', 1, 102, points);
  await world.call('getrecentblocks', 7);
  assert.deepEqual(asked, [2, 11, 51, 7]);
});

test('getledgerseries tells how the ledger has developed', async (t) => {
  const { world } = await openLedger(t, ['addresses']);
  const series = await world.call('getledgerseries', 0, 102, 3);
  assert.deepEqual([series.from, series.to, series.isExact], [0, 102, true]);
  // Halving n until nothing is left sums up to 2n less the number of ones that n has in binary; 5,000,000,000 has 11.
  assert.equal(series.capSat, 15_000 * COIN - 150 * 11);
  assert.deepEqual(series.height, [33, 67, 102]);
  assert.deepEqual(series.rewardSat, [
    Math.round((33 * 50 * COIN) / 34),
    50 * COIN,
    Math.round(50 * COIN + 100_000 / 35),
  ]);
  assert.deepEqual(series.feesSat, [0, 0, Math.round(100_000 / 35)]);
  assert.deepEqual(series.supplySat, [33 * 50 * COIN, 67 * 50 * COIN, 102 * 50 * COIN]);
  assert.deepEqual(
    series.transactions.map((mean: number) => mean.toFixed(9)),
    ['1.000000000', '1.000000000', '1.028571429'],
  );
  assert.deepEqual([series.hashesPerSecond[0], series.intervalSec[0]], [null, null]);
  const times = [67, 102].map((height) => world.chain.index.timeSec(world.chain.active.at(height)));
  const [middle, last] = times as [number, number];
  assert.equal(series.intervalSec[2].toFixed(9), ((last - middle) / 35).toFixed(9));
  assert.equal(series.hashesPerSecond[2].toFixed(6), ((35 * 2) / (last - middle)).toFixed(6), 'two hashes a block');
  const part = await world.call('getledgerseries', 100);
  assert.deepEqual(
    [part.height, part.feesSat],
    [
      [100, 101, 102],
      [0, 0, 100_000],
    ],
  );
});

test('a height below zero counts the blocks of a series back from its last one', async (t) => {
  const { world } = await openLedger(t, []);
  assert.deepEqual((await world.call('getledgerseries', -3)).height, [100, 101, 102]);
  assert.deepEqual((await world.call('getledgerseries', -2, 50)).height, [49, 50]);
  const all = await world.call('getledgerseries', -1000, 50, 1);
  assert.deepEqual([all.from, all.to], [0, 50]);
});

test('without an index the series tells what the schedule allows', async (t) => {
  const { world } = await openLedger(t, []);
  const series = await world.call('getledgerseries', 100, 102);
  assert.equal(series.isExact, false);
  assert.deepEqual(series.feesSat, [null, null, null]);
  assert.deepEqual(series.rewardSat, [50 * COIN, 50 * COIN, 50 * COIN]);
  assert.deepEqual(series.supplySat, [100 * 50 * COIN, 101 * 50 * COIN, 102 * 50 * COIN]);
});

test('the supply of a schedule is the sum of its subsidies', () => {
  const { consensus } = createRegtestParams();
  let sumSat = 0n;
  for (let height = 1; height <= 1000; height++) {
    sumSat += BigInt(getBlockSubsidy(height, consensus));
    assert.equal(computeScheduledSupplySat(height, consensus), sumSat, `at ${height}`);
  }
  assert.equal(computeScheduledSupplySat(0, consensus), 0n);
});

test('getnextblock tells of the block that forms', async (t) => {
  const world = await RpcWorld.open(t);
  const [one, other] = await mineCoins(world, 2);
  const empty = await world.call('getnextblock');
  assert.deepEqual([empty.height, empty.transactionCount, empty.feesSat, empty.transactions], [103, 0, 0, []]);
  assert.equal(empty.previousHash, await world.call('getbestblockhash'));
  const cheap = await pay(world, [one], { [PAYEE_ADDRESS]: 49.9999 });
  const dear = await pay(world, [other], { [PAYEE_ADDRESS]: 49.999 });
  for (const { hex } of [cheap, dear]) await world.call('sendrawtransaction', hex);
  await world.time.advance(10_000);
  const next = await world.call('getnextblock', 1);
  const { vsize } = await world.call('getmempoolentry', dear.txid);
  assert.deepEqual([next.transactionCount, next.feesSat, next.rewardSat], [2, 110_000, 50_0011_0000]);
  assert.deepEqual(
    next.transactions.map(({ chunkFeerate, ...rest }: Plain) => ({ ...rest, chunkFeerate: chunkFeerate.toFixed(3) })),
    [{ txid: dear.txid, feeSat: 100_000, vsize, chunkFeerate: (100_000 / vsize).toFixed(3) }],
  );
});

test('searchledger tells what a text may be', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['transactions'] });
  const [coin, spare] = await mineCoins(world, 2);
  const hash = await world.call('getblockhash', 1);
  const block = { kind: 'block', path: `/block/${hash}`, height: 1, hash };
  for (const text of ['1', ' #1 ', '0001']) assert.deepEqual(await world.call('searchledger', text), [block], text);
  assert.deepEqual(await world.call('searchledger', hash.toUpperCase()), [block]);
  assert.deepEqual(await world.call('searchledger', coin!.txid), [
    { kind: 'transaction', path: `/tx/${coin!.txid}`, txid: coin!.txid, height: 1, hash, isPending: false },
  ]);
  const payment = await pay(world, [spare], { [PAYEE_ADDRESS]: 49.999 });
  await world.call('sendrawtransaction', payment.hex);
  assert.deepEqual(await world.call('searchledger', payment.txid), [
    { kind: 'transaction', path: `/tx/${payment.txid}`, txid: payment.txid, isPending: true },
  ]);
  assert.deepEqual(await world.call('searchledger', PAYEE_ADDRESS), [
    { kind: 'address', path: `/address/${PAYEE_ADDRESS}`, address: PAYEE_ADDRESS },
  ]);
  for (const text of ['', 'nothing', '99999', '-1', '1e3', 'ab'.repeat(32), 'x'.repeat(101), '9'.repeat(14)]) {
    assert.deepEqual(await world.call('searchledger', text), [], text);
  }
});

test('what miners write is shown only as far as it is plain text', () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  assert.equal(readableText(bytes('\x03abc\x00/Pool/\x1b[31m\xffmined by anna\n')), '/Pool/ [31m mined by anna');
  assert.equal(readableText(new Uint8Array(0)), '');
  assert.equal(
    readableText(bytes('\x4c\x56LVTwo keep the books'.padEnd(88, '.'))),
    `LVTwo keep the books${'.'.repeat(66)}`,
  );
  assert.equal(readableText(bytes('\x01\x07\x05Pools/raw text')), 'Pools/raw text', 'lengths alone are left out');
});
