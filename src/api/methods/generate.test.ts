import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../../test/model/rpc-world.ts';

/** An address of regtest whose key tests of Core mine to. */
const ADDRESS = 'mjTkW3DjgyZck4KbiRusZsqTgaYTxdSz6z';
/** An output that anybody may spend, as a descriptor. */
const ANYONE = 'raw(51)';

test('a hundred blocks a second after the first one are those that Core mines', async (t) => {
  const world = await RpcWorld.open(t);
  await world.call('setmocktime', 1_296_688_602 + 1);
  const hashes = await world.call('generatetoaddress', 100, ADDRESS);
  assert.equal(hashes.length, 100);
  // Core's rpc_dumptxoutset.py names the last of them.
  assert.equal(hashes.at(-1), '220aee93f0f5409631f35488898258f0930952bd620063cb4d7d87f7c28a8f50');
  assert.equal(await world.call('getbestblockhash'), hashes.at(-1));
});

test('what is mined to a descriptor pays to its script', async (t) => {
  const world = await RpcWorld.open(t);
  const hashes = await world.callNamed('generatetodescriptor', { num_blocks: 2, descriptor: ANYONE });
  const block = await world.call('getblock', hashes[1], 2);
  assert.equal(block.height, 2);
  assert.equal(block.tx[0].vout[0].scriptPubKey.hex, '51');
  assert.equal(block.tx[0].vout[0].value, 50);
  assert.equal(block.tx[0].locktime, 1);
});

test('tries count for all blocks of a call, and what was mined before they ran out is the answer', async (t) => {
  const world = await RpcWorld.open(t);
  assert.deepEqual(await world.call('generatetodescriptor', 5, ANYONE, 0), []);
  // On regtest every other nonce is one: so few tries never make fifty blocks.
  const hashes = await world.call('generatetodescriptor', 50, ANYONE, 3);
  assert.ok(hashes.length < 50);
  assert.equal(await world.call('getblockcount'), hashes.length);
  assert.match(await world.refusal('generatetodescriptor', 1, ANYONE, -1), /^-1 JSON integer out of range/);
  assert.equal((await world.call('generatetoaddress', 1, ADDRESS, -1)).length, 1);
});

test('mining ends when the program does', async (t) => {
  const world = await RpcWorld.open(t);
  const mining = world.call('generatetodescriptor', 1000, ANYONE);
  await world.time.settle();
  world.beginStop();
  const hashes = await mining;
  assert.ok(hashes.length > 0 && hashes.length < 1000, `${hashes.length} blocks`);
});

test('the host has a turn after every block', async (t) => {
  const world = await RpcWorld.open(t);
  const before = world.time.yieldCount;
  await world.call('generatetodescriptor', 20, ANYONE);
  assert.ok(world.time.yieldCount - before >= 20);
});

test('addresses and descriptors that are none are refused in the words of Core', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(await world.refusal('generatetoaddress', 1, 'nobody'), '-5 Error: Invalid address');
  assert.equal(await world.refusal('generateblock', 'nobody', []), '-5 Error: Invalid address or descriptor');
  assert.match(await world.refusal('generatetodescriptor', 1, 'nobody'), /^-5 /);
  assert.match(await world.refusal('generate'), /^-32601 generate\b.*has been replaced by the -generate cli option/s);
});

test('a block of chosen transactions is checked before it is mined, and shown without being handed in', async (t) => {
  const world = await RpcWorld.open(t);
  const shown = await world.callNamed('generateblock', { output: ANYONE, transactions: [], submit: false });
  assert.equal(await world.call('getblockcount'), 0);
  assert.equal(await world.call('submitblock', shown.hex), null);
  assert.equal(await world.call('getbestblockhash'), shown.hash);

  const unknown = '11'.repeat(32);
  assert.equal(await world.refusal('generateblock', ANYONE, [unknown]), `-5 Transaction ${unknown} not in mempool.`);
  assert.equal(
    await world.refusal('generateblock', ANYONE, ['00']),
    '-22 Transaction decode failed for 00. Make sure the tx has at least one input.',
  );
  const spendsNothing = `0200000001${unknown}00000000000000000001e80300000000000001510000000000`.slice(0, -2);
  assert.match(
    await world.refusal('generateblock', ANYONE, [spendsNothing]),
    /^-25 TestBlockValidity failed: bad-txns-inputs-missingorspent, CheckTxInputs: inputs missing\/spent/,
  );
  assert.equal(await world.call('getblockcount'), 1);
});

test('fees of chosen transactions are nobody’s', async (t) => {
  const world = await RpcWorld.open(t);
  const [first] = await world.call('generatetodescriptor', 101, ANYONE);
  const { tx } = await world.call('getblock', first);
  const txid = tx[0].match(/../g).reverse().join('');
  // Spends 50 BTC and pays 49.
  const payment = `0200000001${txid}0000000000ffffffff0100111024010000000151${'00'.repeat(4)}`;
  const { hash } = await world.call('generateblock', ANYONE, [payment]);
  const block = await world.call('getblock', hash, 2);
  assert.equal(block.tx.length, 2);
  assert.equal(block.tx[0].vout[0].value, 50);
});
