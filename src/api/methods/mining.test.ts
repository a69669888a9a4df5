import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';
import { createNetworkParams } from '../../kernel/consensus/networks/all.ts';

const ANYONE = 'raw(51)';
const RULES = { rules: ['segwit'] };
const START_SEC = 1_296_688_602;

/** Blocks ten minutes apart. */
async function mine(world: RpcWorld, blockCount: number): Promise<string[]> {
  const hashes: string[] = [];
  const height = await world.call('getblockcount');
  for (let i = 1; i <= blockCount; i++) {
    await world.call('setmocktime', START_SEC + 600 * (height + i));
    hashes.push(...(await world.call('generatetodescriptor', 1, ANYONE)));
  }
  return hashes;
}

/** A payment of 50 BTC from the coinbase of a block, less a fee. */
async function payFrom(world: RpcWorld, blockHash: string, feeSat: number): Promise<string> {
  const { tx } = await world.call('getblock', blockHash);
  const txid = tx[0].match(/../g).reverse().join('');
  const value = Buffer.alloc(8);
  value.writeBigInt64LE(BigInt(5_000_000_000 - feeSat));
  // The second output, 0 to OP_RETURN, makes it larger than 64 bytes.
  const outputs = `02${value.toString('hex')}0151${'00'.repeat(8)}016a`;
  return `0200000001${txid}0000000000ffffffff${outputs}00000000`;
}

test('getmininginfo tells of the tip and of the next block', async (t) => {
  const world = await RpcWorld.open(t);
  const before = await world.call('getmininginfo');
  assert.equal(before.currentblocktx, undefined);
  assert.equal(before.networkhashps, 0);
  await mine(world, 20);
  const info = await world.call('getmininginfo');
  assert.deepEqual(Object.keys(info), [
    'blocks',
    'currentblockweight',
    'currentblocktx',
    'bits',
    'difficulty',
    'target',
    'networkhashps',
    'pooledtx',
    'blockmintxfee',
    'chain',
    'next',
    'warnings',
  ]);
  assert.equal(info.blocks, 20);
  assert.equal(info.currentblockweight, 8000);
  assert.equal(info.currentblocktx, 0);
  assert.equal(info.bits, '207fffff');
  assert.equal(info.target, `7fffff${'0'.repeat(58)}`);
  assert.equal(info.difficulty.toPrecision(4), '4.657e-10');
  // Two hashes for each block, 600 seconds apart.
  assert.equal(info.networkhashps.toFixed(5), '0.00333');
  assert.equal(info.blockmintxfee, 0.00000001);
  assert.equal(info.chain, 'regtest');
  assert.deepEqual(info.next, {
    height: 21,
    bits: '207fffff',
    difficulty: info.difficulty,
    target: info.target,
  });
});

test('the hash rate of the network is estimated over as many blocks as are asked for', async (t) => {
  const world = await RpcWorld.open(t);
  await mine(world, 3);
  assert.equal((await world.call('getnetworkhashps')).toFixed(5), '0.00333');
  assert.equal((await world.call('getnetworkhashps', 1, 2)).toFixed(5), '0.00333');
  assert.equal(await world.call('getnetworkhashps', 120, 0), 0);
  for (const count of [0, -2]) {
    assert.equal(
      await world.refusal('getnetworkhashps', count),
      '-8 Invalid nblocks. Must be a positive number or -1.',
    );
  }
  for (const height of [-2, 4]) {
    assert.equal(await world.refusal('getnetworkhashps', 1, height), '-8 Block does not exist at specified height');
  }
});

test('a template has the fields of BIP22 in the order of Core', async (t) => {
  const world = await RpcWorld.open(t);
  const [, hash] = await mine(world, 2);
  const template = await world.call('getblocktemplate', RULES);
  assert.deepEqual(Object.keys(template), [
    'capabilities',
    'version',
    'rules',
    'vbavailable',
    'vbrequired',
    'previousblockhash',
    'transactions',
    'coinbaseaux',
    'coinbasevalue',
    'longpollid',
    'target',
    'mintime',
    'mutable',
    'noncerange',
    'sigoplimit',
    'sizelimit',
    'weightlimit',
    'curtime',
    'bits',
    'height',
    'default_witness_commitment',
  ]);
  assert.equal(template.version, 0x20000000);
  assert.deepEqual(template.rules, ['csv', '!segwit', 'taproot']);
  assert.deepEqual(template.vbavailable, {});
  assert.equal(template.previousblockhash, hash);
  assert.equal(template.coinbasevalue, 5_000_000_000);
  assert.equal(template.longpollid, `${hash}0`);
  assert.equal(template.curtime, START_SEC + 1200);
  assert.equal(template.mintime, START_SEC + 601);
  assert.equal(template.height, 3);
  assert.deepEqual([template.sigoplimit, template.sizelimit, template.weightlimit], [80_000, 4_000_000, 4_000_000]);
  assert.equal(
    template.default_witness_commitment,
    // The commitment of a block without transactions.
    '6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9',
  );
});

test('transactions of a template name what they depend on, and their fees in satoshis', async (t) => {
  const world = await RpcWorld.open(t, { requiresStandard: false });
  const [first] = await mine(world, 101);
  const raw = await payFrom(world, first!, 10_000);
  const txid = await world.call('sendrawtransaction', raw, 0);
  const template = await world.call('getblocktemplate', RULES);
  assert.deepEqual(template.transactions, [
    { data: raw, txid, hash: txid, depends: [], fee: 10_000, sigops: 0, weight: 2 * raw.length },
  ]);
  assert.equal(template.coinbasevalue, 5_000_010_000);
  assert.equal((await world.call('getmininginfo')).currentblocktx, 1);
});

test('a template stays as it is for five seconds, but for its time', async (t) => {
  const world = await RpcWorld.open(t, { requiresStandard: false });
  const [first] = await mine(world, 101);
  const count = async (): Promise<number> => (await world.call('getblocktemplate', RULES)).transactions.length;
  const nowSec = START_SEC + 600 * 101;
  assert.equal(await count(), 0);
  await world.call('sendrawtransaction', await payFrom(world, first!, 10_000), 0);
  await world.call('setmocktime', nowSec + 5);
  assert.equal(await count(), 0);
  assert.equal((await world.call('getblocktemplate', RULES)).curtime, nowSec + 5);
  await world.call('setmocktime', nowSec + 6);
  assert.equal(await count(), 1);
});

test('a client that does not know the rules gets no template', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(
    await world.refusal('getblocktemplate', {}),
    '-8 getblocktemplate must be called with the segwit rule set (call with {"rules": ["segwit"]})',
  );
  assert.equal(await world.refusal('getblocktemplate', { ...RULES, mode: 'dream' }), '-8 Invalid mode');
  assert.equal(await world.refusal('getblocktemplate', { ...RULES, mode: 1 }), '-8 Invalid mode');
  assert.match(await world.refusal('getblocktemplate', { rules: [1] }), /^-3 JSON value of type number is not of/);
});

test('on a signet the challenge is told, and must be known of', async (t) => {
  const params = createNetworkParams('signet');
  const world = await RpcWorld.open(t, { params });
  assert.equal(
    await world.refusal('getblocktemplate', RULES),
    '-8 getblocktemplate must be called with the signet rule set (call with {"rules": ["segwit", "signet"]})',
  );
  const template = await world.call('getblocktemplate', { rules: ['segwit', 'signet'] });
  assert.equal(template.signet_challenge, (await world.call('getmininginfo')).signet_challenge);
  assert.ok(template.rules.includes('!signet'));
});

test('on the main network nobody works alone or behind', async (t) => {
  const world = await RpcWorld.open(t, { params: createNetworkParams('main') });
  assert.equal(await world.refusal('getblocktemplate', RULES), '-9 Tallystick is not connected!');
});

/** Whether a call has been answered by now. */
async function isAnswered(world: RpcWorld, call: Promise<Plain>): Promise<boolean> {
  let isDone = false;
  void call.finally(() => {
    isDone = true;
  });
  await world.time.settle();
  return isDone;
}

test('a long poll ends with a new tip', async (t) => {
  const world = await RpcWorld.open(t);
  await mine(world, 1);
  const { longpollid } = await world.call('getblocktemplate', RULES);
  const { timerCount } = world.time;
  const poll = world.call('getblocktemplate', { ...RULES, longpollid });
  await world.time.advance(300_000);
  assert.equal(await isAnswered(world, poll), false);
  assert.equal(world.time.timerCount, timerCount + 1);
  const [hash] = await mine(world, 1);
  assert.equal((await poll).previousblockhash, hash);
  assert.equal(world.time.timerCount, timerCount);
});

test('a long poll ends when transactions came, at the first look after a minute or at one of those every ten seconds', async (t) => {
  const world = await RpcWorld.open(t, { requiresStandard: false });
  const [first] = await mine(world, 101);
  const { longpollid } = await world.call('getblocktemplate', RULES);
  const poll = world.call('getblocktemplate', { ...RULES, longpollid });
  await world.time.advance(65_000);
  await world.call('sendrawtransaction', await payFrom(world, first!, 10_000), 0);
  await world.time.advance(4_900);
  assert.equal(await isAnswered(world, poll), false);
  await world.time.advance(200);
  assert.equal(await isAnswered(world, poll), true);
});

test('a long poll ends when the program does, and its id must begin with a hash', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(
    await world.refusal('getblocktemplate', { ...RULES, longpollid: 'x' }),
    "-8 longpollid must be of length 64 (not 1, for 'x')",
  );
  const refusal = world.refusal('getblocktemplate', { ...RULES, longpollid: 0 });
  await world.time.settle();
  world.beginStop();
  assert.equal(await refusal, '-9 Shutting down');
});

test('proposals get the answers of BIP22, and change nothing', async (t) => {
  const world = await RpcWorld.open(t);
  await mine(world, 3);
  const propose = (data: string): Promise<Plain> =>
    world.call('getblocktemplate', { ...RULES, mode: 'proposal', data });
  const { hash, hex } = await world.callNamed('generateblock', { output: ANYONE, transactions: [], submit: false });
  assert.equal(await propose(hex), null);
  assert.equal(await propose(`${hex.slice(0, 2 * 76)}ffffffff${hex.slice(2 * 80)}`), null, 'a nonce that is none');
  assert.equal(
    await propose(`${hex.slice(0, 8)}${'22'.repeat(32)}${hex.slice(2 * 36)}`),
    'inconclusive-not-best-prevblk',
  );
  assert.equal(await propose(`${hex.slice(0, 2 * 36)}${'22'.repeat(32)}${hex.slice(2 * 68)}`), 'bad-txnmrklroot');
  assert.equal(await world.call('getblockcount'), 3);
  assert.equal(await world.call('submitblock', hex), null);
  assert.equal(await propose(hex), 'duplicate');
  await world.call('invalidateblock', hash);
  assert.equal(await propose(hex), 'duplicate-invalid');
  const request = { ...RULES, mode: 'proposal' };
  assert.equal(await world.refusal('getblocktemplate', request), '-3 Missing data String key for proposal');
  assert.equal(await world.refusal('getblocktemplate', { ...request, data: '00' }), '-22 Block decode failed');
});
