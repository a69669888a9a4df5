import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, deeds, fate, lines, ManagerWorld, sentOf } from '../../../../test/model/manager-world.ts';
import type { Message } from '../../wire/messages.ts';
import { AddressList } from '../../wire/packed-lists.ts';

const SERVICES = 9n;

/** So many addresses in as many groups. */
function addresses(world: ManagerWorld, count: number, timeSec = world.nowSec): AddressList {
  return AddressList.of(
    Array.from({ length: count }, (_, i) => ({
      timeSec,
      services: SERVICES,
      address: addressOf(`${20 + (i >>> 8)}.${i & 255}.1.1:8333`),
    })),
  );
}

test('W08: a thousand addresses are allowed, one more is not', async () => {
  const world = await ManagerWorld.open();
  for (const type of ['addr', 'addrv2'] as const) {
    const peer = world.join();
    assert.equal(fate(world.say(peer, { type, entries: addresses(world, 1000) }), peer), 'kept');
    const effects = world.say(peer, { type, entries: addresses(world, 1001) });
    assert.equal(fate(effects, peer), 'discouraged');
    assert.equal(lines(effects)[0], `Misbehaving: peer=${peer.id}: ${type} message size = 1001`);
  }
});

test('E08: a stranger may bring one address at a time, and what it brings is as old as it says at best', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  world.say(peer, { type: 'addr', entries: addresses(world, 1000) });
  assert.equal(world.addressManager.size(), 1, 'its bucket holds one token');
  const asked = world.join({ kind: 'outbound-full-relay' });
  world.say(asked, { type: 'addr', entries: addresses(world, 900, 0) });
  const found = world.addressManager.size();
  assert.ok(found > 500, `who was asked may bring a thousand: ${found}`);
  const future = world.join({ kind: 'outbound-full-relay' });
  const address = addressOf('99.99.9.9:8333');
  const entries = AddressList.of([{ timeSec: world.nowSec + 7200, services: SERVICES, address }]);
  world.say(future, { type: 'addr', entries });
  const storedSec = world.addressManager.info(address)?.timeSec;
  assert.ok(storedSec !== undefined && storedSec <= world.nowSec - 5 * 86_400, `${storedSec}`);
});

test('E08: getaddr is answered once, and only to those who came in', async () => {
  const world = await ManagerWorld.open();
  const giver = world.join({ kind: 'outbound-full-relay' });
  world.say(giver, { type: 'addr', entries: addresses(world, 1000) });
  const known = world.addressManager.size();
  const answerTo = (peer: ReturnType<typeof world.join>): number => {
    world.say(peer, { type: 'getaddr' });
    world.wait(60_000);
    return sentOf(world.tick(peer), 'addr').reduce((sum, { entries }) => sum + entries.count, 0);
  };
  const inbound = world.join();
  const told = answerTo(inbound);
  assert.ok(told > 0 && told <= Math.floor((known * 23) / 100) + 1, `${told} of ${known}`);
  assert.ok(answerTo(inbound) < 10, 'a second time it hears of news alone');
  const outbound = world.join({ kind: 'manual' });
  assert.ok(answerTo(outbound) < 10);
});

test('a connection that was made for addresses ends when they have come', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join({ kind: 'addr-fetch' });
  const own: Message = { type: 'addr', entries: addresses(world, 1) };
  assert.equal(fate(world.say(peer, own), peer), 'kept', 'one address is its own');
  const effects = world.say(peer, { type: 'addr', entries: addresses(world, 2) });
  assert.equal(fate(effects, peer), 'disconnected');
  assert.ok(lines(effects).includes(`addrfetch connection completed, disconnecting peer=${peer.id}`));
});

test('a connection that was made for addresses ends after five minutes without any', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join({ kind: 'addr-fetch' });
  world.wait(300_000);
  assert.equal(fate(world.tick(peer), peer), 'kept');
  world.wait(1);
  const effects = world.tick(peer);
  assert.deepEqual(lines(effects), [`addrfetch connection timeout, disconnecting peer=${peer.id}`]);
  assert.equal(fate(effects, peer), 'disconnected');
});

test('nobody hears of addresses over a connection for blocks alone', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join({ kind: 'block-relay-only' });
  assert.deepEqual(deeds(world.say(peer, { type: 'addr', entries: addresses(world, 5) })), []);
  assert.equal(world.addressManager.size(), 0);
});
