import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionMessage } from '../../../test/model/fake-network.ts';
import { deeds, ManagerWorld, sentOf, sentTo } from '../../../test/model/manager-world.ts';

test('nothing is sent by itself before the handshake is over', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect({ kind: 'outbound-full-relay' });
  assert.deepEqual(world.tick(peer), []);
  world.say(peer, versionMessage());
  assert.deepEqual(world.tick(peer), []);
  world.say(peer, { type: 'verack' });
  assert.deepEqual(
    sentTo(world.tick(peer)).map(({ type }) => type),
    ['ping', 'getheaders'],
  );
  assert.deepEqual(deeds(world.tick(peer)), [], 'and each thing once');
});

test('BIP130: we ask for headers when the chain of the peer is known to have more than the minimum work', async () => {
  const world = await ManagerWorld.open({ minimumChainWork: 5n });
  const peer = world.join({ kind: 'outbound-full-relay' });
  assert.deepEqual(sentOf(world.tick(peer), 'sendheaders'), []);
  // Each block of regtest has the work 2; the first two and the block before them have 6.
  world.say(peer, { type: 'headers', headers: world.branch.blocks.slice(0, 1).map(({ header }) => header) });
  assert.deepEqual(sentOf(world.tick(peer), 'sendheaders'), []);
  world.say(peer, { type: 'headers', headers: world.branch.blocks.slice(0, 2).map(({ header }) => header) });
  assert.deepEqual(sentOf(world.tick(peer), 'sendheaders'), [{ type: 'sendheaders' }]);
  assert.deepEqual(sentOf(world.tick(peer), 'sendheaders'), []);
});

test('BIP130: a peer from before it is not asked', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join({ version: { version: 70_011 } });
  world.say(peer, { type: 'headers', headers: world.branch.blocks.map(({ header }) => header) });
  assert.deepEqual(sentOf(world.tick(peer), 'sendheaders'), []);
});

test('a peer that wants compact blocks gets the recent one as it is, and another one from the disk', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  world.say(peer, { type: 'sendcmpct', announce: 1, version: 2n });
  world.say(peer, { type: 'headers', headers: world.branch.blocks.map(({ header }) => header) });
  const { entry } = await world.grow();
  const effects = deeds(world.manager.tipChanged(entry, world.chain.index.parent(entry), world.now));
  assert.deepEqual(effects, [{ type: 'serve-block', peer: peer.id, entry, form: 'compact-block' }]);
  const next = await world.grow();
  const early = world.manager.ownBlockStored(next.block, next.entry, world.now);
  assert.deepEqual(
    sentTo(early).map(({ type }) => type),
    ['cmpctblock'],
  );
  const late = world.manager.tipChanged(next.entry, entry, world.now);
  assert.deepEqual(deeds(late), [], 'whoever has it already hears nothing more');
});
