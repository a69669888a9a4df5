import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../../test/model/block-builder.ts';
import { deeds, fate, lines, ManagerWorld } from '../../../../test/model/manager-world.ts';

const TRANSACTION = makeTx([spend({ txid: fakeTxid(1), index: 0 })], [pay(1)]);

test('whoever sends a transaction to a node that wants none is disconnected', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const effects = world.say(peer, { type: 'tx', transaction: TRANSACTION });
  assert.equal(fate(effects, peer), 'disconnected');
  assert.deepEqual(lines(effects), [`transaction sent in violation of protocol, disconnecting peer=${peer.id}`]);
});

test('over connections for blocks alone no transaction is taken in any case; otherwise permissions and options decide', async () => {
  const relaying = { takesTransactions: true };
  const open = await ManagerWorld.open({ local: relaying });
  const tx = { type: 'tx', transaction: TRANSACTION } as const;
  const full = open.join({ kind: 'outbound-full-relay' });
  assert.deepEqual(deeds(open.say(full, tx)), []);
  const blocks = open.join({ kind: 'block-relay-only' });
  assert.equal(fate(open.say(blocks, tx), blocks), 'disconnected');
  const blocksOnly = await ManagerWorld.open({ local: { ...relaying, isBlocksOnly: true } });
  const trusted = blocksOnly.join({ permissions: ['relay'] });
  assert.deepEqual(deeds(blocksOnly.say(trusted, tx)), []);
  const stranger = blocksOnly.join();
  assert.equal(fate(blocksOnly.say(stranger, tx), stranger), 'disconnected');
});

test('W16: a fee filter that is no amount of money changes nothing', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  world.say(peer, { type: 'feefilter', feeRateSat: 1000 });
  for (const feeRateSat of [-1, 21e14 + 1, 2 ** 62, -(2 ** 62)]) {
    assert.deepEqual(deeds(world.say(peer, { type: 'feefilter', feeRateSat })), []);
    assert.equal(peer.feeFilterSat, 1000);
  }
  world.say(peer, { type: 'feefilter', feeRateSat: 21e14 });
  assert.equal(peer.feeFilterSat, 21e14);
});
