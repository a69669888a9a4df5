// The stream over real sockets: broken headers, spoiled messages, and every way in which a stream can be cut into packets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeU32 } from '../../src/kernel/encoding/numbers.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { NodeFixture } from './node-fixture.ts';
import { frame, frames, makeVersion, type RawPeer } from './raw-peer.ts';
import { locatorMessage } from './requests.ts';

/** A header of 24 bytes that promises `length` bytes; its checksum is never looked at. */
function header(command: string, length: number): Buffer {
  const bytes = frame(command, new Uint8Array(0));
  writeU32(bytes, 16, length);
  return bytes;
}

/** Lets what was written go out as a packet of its own. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('W01: a wrong magic and a length beyond 4,000,000 end the connection from the header alone', async (t) => {
  const fixture = await NodeFixture.start(t);
  const wrongMagic = frame('ping', new Uint8Array(8));
  wrongMagic[3] = 0xd9;
  const cases: readonly [Buffer, RegExp][] = [
    [wrongMagic, /Header error: Wrong MessageStart fabfb5d9 received, peer=0$/],
    [header('ping', 4_000_001), /Header error: Size too large \(ping, 4000001 bytes\), peer=1$/],
    [header('notacommand', 0xffffffff), /Header error: Size too large \(notacommand, 4294967295 bytes\), peer=2$/],
  ];
  for (const [bytes, line] of cases) {
    const peer = await fixture.join();
    peer.sendBytes(bytes);
    await peer.closed();
    assert.equal(fixture.countLines(line), 1);
  }
  assert.equal(fixture.peers().length, 0);
});

test('W01: the same before a word was said', async (t) => {
  const fixture = await NodeFixture.start(t);
  for (const bytes of [Buffer.alloc(24, 0x47), header('version', 0xffffffff)]) {
    const peer = await fixture.connect();
    peer.sendBytes(bytes);
    await peer.closed();
    assert.equal(peer.bytesReceived, 0);
  }
});

test('W01: a message of 4,000,000 bytes of a type that nobody knows is read and ignored', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  peer.sendPayload('notacommand', new Uint8Array(4_000_000));
  await peer.sync();
  assert.equal(fixture.countLines(/Unknown message type "notacommand" from peer=0$/), 1);
  assert.equal(peer.isClosed, false);
});

test('W02: a wrong checksum or a command that nobody can read costs the message, which is counted, and not the peer', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  const wrongChecksum = frame('ping', new Uint8Array(8));
  wrongChecksum[20]! ^= 1;
  const zeroInside = frame('ping', new Uint8Array(8));
  zeroInside[9] = 0x70;
  const notAscii = frame('ping', new Uint8Array(8));
  notAscii[6] = 0xff;
  const before = fixture.peers()[0]!.bytesReceived;
  for (const bytes of [wrongChecksum, zeroInside, notAscii]) peer.sendBytes(bytes);
  await peer.expectNothing(0, 'getheaders');
  assert.equal(
    fixture.countLines(/Header error: Wrong checksum \(ping, 8 bytes\), expected \w{8} was \w{8}, peer=0$/),
    1,
  );
  assert.equal(fixture.countLines(/Header error: Invalid message type \(/), 2);
  // three of 32 bytes, the ping of sync
  assert.equal(fixture.peers()[0]!.bytesReceived - before, 4 * 32);
});

/** A conversation of some messages whose answers are known. */
async function expectConversation(peer: RawPeer): Promise<void> {
  for (const nonce of [1n, 2n, 3n]) assert.equal((await peer.expect('pong')).nonce, nonce);
  assert.deepEqual(
    peer.types.filter((type) => type === 'pong'),
    [],
  );
}

const PINGS = frames(
  { type: 'ping', nonce: 1n },
  { type: 'sendheaders' },
  { type: 'ping', nonce: 2n },
  { type: 'ping', nonce: 3n },
);

test('W03: a stream cut at every byte is understood as when it is whole', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join({ ignoresPings: true });
  for (let at = 1; at < PINGS.length; at++) {
    await peer.sendBytes(PINGS.subarray(0, at));
    await nextTurn();
    await peer.sendBytes(PINGS.subarray(at));
    await expectConversation(peer);
  }
});

test('W03: a connection whose every packet is one byte is understood', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.connect({ ignoresPings: true });
  const bytes = Buffer.concat([frames(makeVersion(), { type: 'verack' }), PINGS]);
  for (const byte of bytes) {
    await peer.sendBytes(Uint8Array.of(byte));
    await nextTurn();
  }
  await expectConversation(peer);
  assert.equal(fixture.peers()[0]!.isEstablished, true);
});

test('W03: a message of 60,000 bytes in packets of random sizes costs what it is long', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join({ ignoresPings: true });
  const rng = createRng(3);
  const bytes = frame('notacommand', new Uint8Array(60_000));
  for (let at = 0; at < bytes.length; ) {
    const length = rng.below(4) === 0 ? 1 + rng.below(3000) : 1 + rng.below(20);
    peer.sendBytes(bytes.subarray(at, at + length));
    at += length;
    if (rng.below(8) === 0) await nextTurn();
  }
  await peer.sync();
  assert.equal(fixture.countLines(/Unknown message type "notacommand"/), 1);
});

test('W03: 10,000 messages in one packet are answered in order', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const peer = await fixture.join();
  const pings = Array.from({ length: 10_000 }, (_, i) => ({ type: 'ping', nonce: BigInt(i) }) as const);
  peer.send(...pings);
  await peer.sync();
  const nonces = peer.takeOf('pong').map(({ nonce }) => nonce);
  assert.deepEqual(
    nonces,
    pings.map(({ nonce }) => nonce),
  );
});

test('W03: a stream that ends inside a message ends the connection and does nothing', async (t) => {
  const fixture = await NodeFixture.start(t);
  const whole = frames(locatorMessage('getblocks', []));
  for (const length of [1, 23, 24, 30, whole.length - 1]) {
    const peer = await fixture.join({ ignoresPings: true });
    await peer.sendBytes(whole.subarray(0, length));
    peer.socket.end();
    await peer.closed();
  }
  await fixture.until(() => fixture.peers().length === 0, 'all are gone');
  assert.equal(fixture.countLines(/received: getblocks/), 0);
});
