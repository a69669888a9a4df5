import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deeds, fate, lines, ManagerWorld, sentOf } from '../../../../test/model/manager-world.ts';
import type { Effect } from '../effects.ts';
import type { Peer } from '../peer.ts';

const MINUTE_MS = 60_000;

/** A peer that has just been pinged. */
async function setUp(): Promise<{ world: ManagerWorld; peer: Peer; nonce: bigint }> {
  const world = await ManagerWorld.open();
  const peer = world.join();
  const [ping] = sentOf(world.tick(peer), 'ping');
  assert.ok(ping !== undefined && ping.nonce !== null && ping.nonce !== 0n);
  return { world, peer, nonce: ping.nonce };
}

test('a ping is answered with its nonce; one without a nonce is not', async () => {
  const world = await ManagerWorld.open();
  const peer = world.join();
  assert.deepEqual(sentOf(world.say(peer, { type: 'ping', nonce: 5n }), 'pong'), [{ type: 'pong', nonce: 5n }]);
  assert.deepEqual(deeds(world.say(peer, { type: 'ping', nonce: null })), []);
});

test('W16: peers from before BIP31 get pings without a nonce and no pongs', async () => {
  const world = await ManagerWorld.open();
  const old = world.join({ version: { version: 60_000 } });
  assert.deepEqual(deeds(world.say(old, { type: 'ping', nonce: 5n })), []);
  assert.deepEqual(sentOf(world.tick(old), 'ping'), [{ type: 'ping', nonce: null }]);
  assert.equal(old.pingNonce, null);
});

test('a ping goes out at once and then every two minutes, each with another nonce', async () => {
  const { world, peer, nonce } = await setUp();
  world.wait(30);
  assert.deepEqual(deeds(world.say(peer, { type: 'pong', nonce })), []);
  assert.deepEqual([peer.pingLastMs, peer.pingMinMs, peer.pingNonce], [30, 30, null]);
  world.wait(2 * MINUTE_MS - 30);
  assert.deepEqual(sentOf(world.tick(peer), 'ping'), []);
  world.wait(1);
  const [second] = sentOf(world.tick(peer), 'ping');
  assert.ok(second !== undefined && second.nonce !== nonce);
  world.wait(90);
  world.say(peer, { type: 'pong', nonce: second.nonce });
  assert.deepEqual([peer.pingLastMs, peer.pingMinMs], [90, 30]);
});

test('while an answer is due no other ping goes out, unless somebody wants one', async () => {
  const { world, peer } = await setUp();
  world.wait(5 * MINUTE_MS);
  assert.deepEqual(sentOf(world.tick(peer), 'ping'), []);
  peer.isPingQueued = true;
  assert.equal(sentOf(world.tick(peer), 'ping').length, 1);
  assert.deepEqual(sentOf(world.tick(peer), 'ping'), []);
});

test('W16: a wrong pong changes nothing, a zero or a short one ends the waiting', async () => {
  const { world, peer, nonce } = await setUp();
  const hex = nonce.toString(16);
  const wrong = world.say(peer, { type: 'pong', nonce: nonce ^ 1n });
  const got = (nonce ^ 1n).toString(16);
  assert.deepEqual(lines(wrong), [`pong peer=${peer.id}: Nonce mismatch, ${hex} expected, ${got} received, 8 bytes`]);
  assert.equal(peer.pingNonce, nonce);
  const zero = world.say(peer, { type: 'pong', nonce: 0n });
  assert.deepEqual(lines(zero), [`pong peer=${peer.id}: Nonce zero, ${hex} expected, 0 received, 8 bytes`]);
  assert.equal(peer.pingNonce, null);
  const unasked = world.say(peer, { type: 'pong', nonce: 0n });
  const sentence = 'Unsolicited pong without ping, 0 expected, 0 received, 8 bytes';
  assert.deepEqual(lines(unasked), [`pong peer=${peer.id}: ${sentence}`]);
  world.wait(3 * MINUTE_MS);
  world.tick(peer);
  assert.notEqual(peer.pingNonce, null);
  const short = world.say(peer, { type: 'pong', nonce: null });
  assert.match(lines(short)[0]!, /^pong peer=\d+: Short payload, [0-9a-f]+ expected, 0 received, 0 bytes$/);
  assert.equal(peer.pingNonce, null);
  assert.deepEqual(deeds([...wrong, ...zero, ...unasked, ...short]), []);
  assert.equal(peer.pingMinMs, null, 'none of them is a measurement');
});

test('twenty minutes without a pong are enough', async () => {
  const { world, peer } = await setUp();
  const look = (handshakeMs: number): readonly Effect[] => {
    const facts = { lastReceivedMs: world.now.ms, lastSentMs: world.now.ms };
    return world.manager.checkTimeout(peer.id, facts, handshakeMs, world.now);
  };
  world.wait(20 * MINUTE_MS);
  assert.equal(fate(look(MINUTE_MS), peer), 'kept');
  world.wait(1000);
  assert.equal(fate(look(60 * MINUTE_MS), peer), 'kept', 'a connection that is younger than -peertimeout');
  const effects = look(MINUTE_MS);
  assert.equal(fate(effects, peer), 'disconnected');
  assert.deepEqual(lines(effects), [`ping timeout: 1201.000000s, disconnecting peer=${peer.id}`]);
  assert.deepEqual(sentOf(effects, 'ping'), []);
});

test('T02: a jump of the wall clock neither times a ping out nor spoils its measure', async () => {
  const { world, peer, nonce } = await setUp();
  for (const jumpSec of [10_800, -10_800, 315_360_000, -world.nowSec]) {
    world.nowSec += jumpSec;
    assert.equal(fate(world.tick(peer), peer), 'kept');
  }
  world.wait(40);
  world.say(peer, { type: 'pong', nonce });
  assert.equal(peer.pingMinMs, 40);
});
