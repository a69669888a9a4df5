import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BranchBuilder } from '../../../test/model/branch-builder.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { toHex } from '../../kernel/util/bytes.ts';

const ANYONE = 'raw(51)';

/** A block that extends the tip, with its proof of work, and its hash. */
function makeBlock(world: RpcWorld): Promise<{ readonly hash: string; readonly hex: string }> {
  return world.callNamed('generateblock', { output: ANYONE, transactions: [], submit: false });
}

test('a block is taken once, and on a shorter branch nothing can be said of it yet', async (t) => {
  const world = await RpcWorld.open(t);
  const first = await makeBlock(world);
  await world.call('setmocktime', 1_296_688_602 + 7200);
  const rival = await makeBlock(world);
  assert.equal(await world.call('submitblock', first.hex), null);
  assert.equal(await world.call('submitblock', first.hex), 'duplicate');
  assert.equal(await world.call('submitblock', rival.hex, 'anything'), 'inconclusive');
  assert.equal(await world.call('getbestblockhash'), first.hash);
});

test('what is no block, or no good one, is refused in the words of Core', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(await world.refusal('submitblock', '00'), '-22 Block decode failed');
  assert.equal(await world.refusal('submitblock', 'zz'), '-22 Block decode failed');
  const { hex } = await makeBlock(world);
  // No block before it, no transactions, no proof of work.
  assert.equal(await world.call('submitblock', '00'.repeat(81)), 'high-hash');
  await world.call('submitblock', hex);
  const { hash } = await makeBlock(world);
  await world.call('generatetodescriptor', 1, ANYONE);
  await world.call('invalidateblock', await world.call('getbestblockhash'));
  const again = await makeBlock(world);
  assert.equal(again.hash, hash);
  assert.equal(await world.call('submitblock', again.hex), 'duplicate-invalid');
});

test('a coinbase that commits to witnesses and shows no reserved value is completed', async (t) => {
  const world = await RpcWorld.open(t);
  const { hash, hex } = await makeBlock(world);
  // Header and count, the version of the coinbase, then marker and flag; its witness stands before the locktime.
  const at = 2 * (80 + 1 + 4);
  const witness = `0120${'00'.repeat(32)}`;
  assert.equal(hex.slice(at, at + 4), '0001');
  const bare = hex.slice(0, at) + hex.slice(at + 4, -8 - witness.length) + hex.slice(-8);
  assert.equal(await world.call('submitblock', bare), null);
  assert.equal(await world.call('getbestblockhash'), hash);
  assert.equal(await world.call('getblock', hash, 0), hex);
});

test('headers are taken in, alone or in front of a whole block', async (t) => {
  const world = await RpcWorld.open(t);
  const { hash, hex } = await makeBlock(world);
  assert.equal(await world.call('submitheader', hex), null);
  assert.equal(await world.call('submitheader', hex.slice(0, 160)), null);
  assert.equal((await world.call('getchaintips'))[0].hash, hash);
  assert.equal(await world.refusal('submitheader', hex.slice(0, 158)), '-22 Block header decode failed');
  assert.equal(await world.refusal('submitheader', 'xx'.repeat(80)), '-22 Block header decode failed');
  const orphan = `${hex.slice(0, 8)}${'22'.repeat(32)}${hex.slice(72, 160)}`;
  assert.equal(
    await world.refusal('submitheader', orphan),
    `-25 Must submit previous header (${'22'.repeat(32)}) first`,
  );
});

test('a block that was pruned is stored again, which says nothing of it', async (t) => {
  const world = await RpcWorld.open(t, { chain: { fileBytesMax: 2_000 } });
  const [first] = await world.call('generatetodescriptor', 30, ANYONE);
  const hex = await world.call('getblock', first, 0);
  await world.chain.prune([0], 1_296_692_202);
  assert.match(await world.refusal('getblock', first, 0), /^-1 /);
  assert.equal(await world.call('submitblock', hex), 'inconclusive');
  assert.equal(await world.call('getblock', first, 0), hex);
  assert.equal(await world.call('submitblock', hex), 'duplicate');
});

test('a block that falls with the one before it is not judged itself, one on top of a known bad block is', async (t) => {
  const world = await RpcWorld.open(t);
  const submit = (block: Block): Promise<string | null> => world.call('submitblock', toHex(block.bytes));
  const base = new BranchBuilder();
  const good = base.fork();
  const bad = base.fork();
  assert.equal(await submit(good.mine()), null);
  // As much work as the tip: its coins are not looked at.
  assert.equal(await submit(bad.mineOverpaid()), 'inconclusive');
  const second = bad.mine();
  assert.equal(await submit(second), 'inconclusive');
  assert.equal(await submit(second), 'duplicate-invalid');
  assert.equal(await submit(bad.at(1)), 'duplicate-invalid');
  assert.equal(await submit(bad.mine()), 'bad-prevblk');
  assert.equal(await world.call('getblockcount'), 1);
});
