import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionMessage } from '../../../test/model/fake-network.ts';
import { deeds, fate, lines, ManagerWorld } from '../../../test/model/manager-world.ts';
import type { Message } from '../wire/messages.ts';

test('W06: before verack nothing but the negotiation is listened to', async () => {
  const world = await ManagerWorld.open();
  const { peer } = world.connect();
  world.say(peer, versionMessage());
  const negotiation: readonly Message[] = [
    { type: 'sendheaders' },
    { type: 'sendcmpct', announce: 0, version: 2n },
    { type: 'wtxidrelay' },
    { type: 'sendaddrv2' },
    { type: 'sendtxrcncl', version: 1, salt: 0n },
    { type: 'feature', featureId: 'abcd', data: new Uint8Array(0) },
  ];
  for (const message of negotiation) {
    assert.ok(!lines(world.say(peer, message)).some((line) => line.startsWith('Unsupported')), message.type);
  }
  for (const message of [{ type: 'ping', nonce: 1n }, { type: 'getaddr' }, { type: 'mempool' }] as const) {
    const effects = world.say(peer, message);
    assert.deepEqual(deeds(effects), []);
    assert.deepEqual(lines(effects), [`Unsupported message "${message.type}" prior to verack from peer=${peer.id}`]);
  }
});

test('W16: a message that nobody knows is told of and nothing else; alert and reject are such', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  for (const command of ['alert', 'reject', 'submitorder', 'ev\u0001l\n']) {
    const effects = world.manager.messageUnknown(peer.id, command, world.now);
    assert.deepEqual(deeds(effects), []);
    assert.deepEqual(lines(effects), [
      `Unknown message type "${command.replace('\u0001', '').replace('\n', '')}" from peer=${peer.id}`,
    ]);
  }
  const { peer: early } = world.connect();
  assert.match(
    lines(world.manager.messageUnknown(early.id, 'alert', world.now))[0]!,
    /^non-version message before version/,
  );
});

test('W04: a message that cannot be decoded costs nothing, whatever it was', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  for (const command of ['ping', 'headers', 'version', 'block', 'addr']) {
    assert.deepEqual(deeds(world.manager.messageUndecodable(peer.id, command, world.now)), [], command);
  }
  const { peer: early } = world.connect();
  assert.deepEqual(deeds(world.manager.messageUndecodable(early.id, 'feature', world.now)), [], 'before version');
  assert.equal(fate(world.manager.messageUndecodable(peer.id, 'feature', world.now), peer), 'disconnected');
});

test('answers to services that we never ask for are passed over', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const hash = world.branch.tip.header.blockHash;
  assert.ok(hash.length === 32);
  for (const type of ['merkleblock', 'cfilter', 'cfheaders', 'cfcheckpt'] as const) {
    assert.deepEqual(world.say(peer, { type } as unknown as Message), []);
  }
});
