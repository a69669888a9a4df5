// The introduction over real sockets: too early, twice, too old, too long, too late, and with clocks from nowhere.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { writeU64BigInt } from '../../src/kernel/encoding/numbers.ts';
import { CLOCK_WARNING } from '../../src/node/p2p/time-offsets.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { MSG_BLOCK } from '../../src/node/wire/protocol.ts';
import { encodeMessage } from '../../src/node/wire/registry.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { makeVersion, RawListener, type RawPeer } from './raw-peer.ts';
import { blockMessage, fakeHash, headersOf, inventory, locatorMessage } from './requests.ts';

/** Where the time stands in a version message. */
const TIME_AT = 12;

/** A version message whose time is any 64-bit number. */
function versionAt(time: bigint): Uint8Array {
  const payload = encodeMessage(makeVersion()).slice();
  writeU64BigInt(payload, TIME_AT, BigInt.asUintN(64, time));
  return payload;
}

test('W06, E12: nothing is listened to before version, and nothing is said', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.connect();
  const early: readonly Message[] = [
    { type: 'verack' },
    { type: 'ping', nonce: 5n },
    { type: 'getaddr' },
    { type: 'wtxidrelay' },
    { type: 'feature', featureId: 'bip999', data: new Uint8Array(0) },
    inventory('inv', MSG_BLOCK, [fakeHash(1)]),
    locatorMessage('getheaders', []),
    headersOf(fixture.branch.tip),
    blockMessage(fixture.branch.tip),
  ];
  peer.send(...early);
  peer.sendPayload('notacommand', new Uint8Array(3));
  await fixture.logged(/non-version message before version handshake. Message "notacommand" from peer=0$/);
  assert.equal(fixture.countLines(/non-version message before version handshake/), early.length + 1);
  assert.equal(peer.bytesReceived, 0);
  // all the same it may still introduce itself
  await peer.handshake();
});

test('W06: between version and verack only the negotiation is listened to', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.connect();
  peer.send(makeVersion(), { type: 'ping', nonce: 5n }, { type: 'getaddr' }, locatorMessage('getheaders', []));
  await fixture.logged(/Unsupported message "getheaders" prior to verack from peer=0$/);
  await peer.expect('verack');
  assert.deepEqual(peer.types, ['version', 'wtxidrelay', 'sendaddrv2']);
  assert.equal(fixture.peers()[0]!.isEstablished, false);
  peer.send({ type: 'verack' });
  await peer.sync();
  assert.equal(fixture.peers()[0]!.isEstablished, true);
});

test('W06: a second version or verack is ignored', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join({ version: { userAgent: '/first/' } });
  peer.send(makeVersion({ userAgent: '/second/', version: 31_799 }), { type: 'verack' }, makeVersion());
  await peer.expectNothing(0, 'getheaders');
  assert.equal(fixture.countLines(/redundant version message from peer=0$/), 2);
  assert.equal(fixture.countLines(/ignoring redundant verack message from peer=0$/), 1);
  assert.equal(fixture.peers()[0]!.userAgent, '/first/');
});

test('W06: protocol version 31,799 is too old, 31,800 is not', async (t) => {
  const fixture = await NodeFixture.start(t);
  const old = await fixture.connect();
  old.send(makeVersion({ version: 31_799 }));
  await old.closed();
  assert.deepEqual(old.types, []);
  assert.equal(fixture.countLines(/peer using obsolete version 31799, disconnecting peer=0$/), 1);
  // such an old one pings without a nonce and gets no pong
  const notSoOld = await fixture.connect();
  notSoOld.send(makeVersion({ version: 31_800 }), { type: 'verack' });
  await notSoOld.expect('verack');
  assert.deepEqual(notSoOld.types, ['version']);
  await fixture.until(() => fixture.peers()[0]?.isEstablished === true, 'the connection is in use');
});

test('W06: a version that cannot be read never completes the handshake, and 60 seconds end it', async (t) => {
  const fixture = await NodeFixture.start(t);
  const cut = await fixture.connect();
  cut.sendPayload('version', encodeMessage(makeVersion()).subarray(0, 20));
  await fixture.logged(/ProcessMessages\(version, 20 bytes\): Exception 'DataStream::read\(\): end of data' caught/);
  const talkative = await fixture.connect();
  talkative.send(makeVersion({ userAgent: 'x'.repeat(257) }));
  await fixture.logged(/ProcessMessages\(version, \d+ bytes\): Exception 'String length limit exceeded' caught/);
  const fits = await fixture.join({ version: { userAgent: 'y'.repeat(256) } });
  assert.equal(fixture.peers()[2]!.userAgent, 'y'.repeat(256));

  for (const peer of [cut, talkative]) peer.send({ type: 'verack' }, { type: 'ping', nonce: 1n });
  await fits.sync();
  fixture.clock.shift(59);
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.deepEqual([cut.isClosed, talkative.isClosed], [false, false]);
  fixture.clock.shift(2);
  await Promise.all([cut.closed(), talkative.closed()]);
  assert.deepEqual([cut.bytesReceived, talkative.bytesReceived], [0, 0]);
  const line = /socket no message in first 60 seconds, never sent to peer, disconnecting peer=[01]$/;
  assert.equal(fixture.countLines(line), 2);
  await fits.sync();
});

test('W06, D01: who says nothing at all is gone after 60 seconds', async (t) => {
  const fixture = await NodeFixture.start(t);
  const silent = await fixture.connect();
  await fixture.until(() => fixture.peers().length === 1, 'it is connected');
  fixture.clock.shift(61);
  await silent.closed();
  await fixture.logged(
    /socket no message in first 60 seconds, never received from peer, never sent to peer, disconnecting peer=0$/,
  );
});

test('W06: who has a version and no verack is gone after 60 seconds', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.connect();
  peer.send(makeVersion());
  await peer.expect('verack');
  fixture.clock.shift(61);
  await peer.closed();
  assert.equal(fixture.countLines(/version handshake timeout, disconnecting peer=0$/), 1);
});

test('W06: a start height of -1 and services of 64 ones are kept as they are', async (t) => {
  const fixture = await NodeFixture.start(t);
  await fixture.join({ version: { startHeight: -1, services: 2n ** 64n - 1n } });
  const [info] = fixture.peers();
  assert.deepEqual([info!.startHeight, info!.services], [-1, 18_446_744_073_709_551_615n]);
});

/** Sends messages after the handshake; the connection must end. */
async function expectEnd(t: TestContext, message: Message, line: RegExp): Promise<void> {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  peer.send(message);
  await peer.closed();
  assert.equal(fixture.countLines(line), 1, fixture.lines.join('\n'));
}

test('W07: wtxidrelay, sendaddrv2 and feature after verack end the connection', async (t) => {
  await expectEnd(t, { type: 'wtxidrelay' }, /wtxidrelay received after verack, disconnecting peer=0$/);
  await expectEnd(t, { type: 'sendaddrv2' }, /sendaddrv2 received after verack, disconnecting peer=0$/);
  const feature: Message = { type: 'feature', featureId: 'bip999', data: new Uint8Array(0) };
  await expectEnd(t, feature, /feature received after verack, disconnecting peer=0$/);
});

test('W07: sendtxrcncl is ignored at any time, since we do not offer reconciliation', async (t) => {
  const fixture = await NodeFixture.start(t);
  const offer: Message = { type: 'sendtxrcncl', version: 1, salt: 2n };
  const peer = await fixture.join({ negotiation: [offer] });
  peer.send(offer, { type: 'sendtxrcncl', version: 0, salt: 2n });
  await peer.expectNothing(0, 'getheaders');
  assert.equal(fixture.countLines(/sendtxrcncl from peer=0 ignored/), 3);
});

test('W07: a feature that is malformed ends the connection, one that nobody knows does not', async (t) => {
  const fixture = await NodeFixture.start(t);
  const feature = (idLength: number, dataLength: number, rest = 0): Uint8Array => {
    const data = Buffer.concat([Buffer.of(0xfd, dataLength & 0xff, dataLength >>> 8), Buffer.alloc(dataLength)]);
    const size = dataLength < 0xfd ? Buffer.concat([Buffer.of(dataLength), Buffer.alloc(dataLength)]) : data;
    return Buffer.concat([Buffer.of(idLength), Buffer.alloc(idLength, 0x61), size, Buffer.alloc(rest)]);
  };
  const malformed = [
    feature(3, 0),
    feature(81, 0),
    feature(4, 513),
    feature(4, 0, 1),
    new Uint8Array(0),
    feature(4, 9).subarray(0, 7),
  ];
  for (const payload of malformed) {
    const peer = await fixture.connect();
    peer.send(makeVersion());
    peer.sendPayload('feature', payload);
    await peer.closed();
  }
  assert.equal(fixture.countLines(/invalid feature payload, disconnecting/), malformed.length);
  const peer = await fixture.connect();
  peer.send(makeVersion());
  for (const payload of [feature(4, 0), feature(80, 512)]) peer.sendPayload('feature', payload);
  peer.send({ type: 'verack' });
  await peer.sync();
});

test('W07: sendcmpct with an announce byte beyond 1 is an offence, with another version it is ignored', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  peer.send({ type: 'sendcmpct', announce: 1, version: 99n }, { type: 'sendcmpct', announce: 0, version: 1n });
  await peer.expectNothing(0, 'getheaders');
  peer.send({ type: 'sendcmpct', announce: 2, version: 2n });
  await peer.closed();
  assert.equal(fixture.countLines(/Misbehaving: peer=0: invalid sendcmpct announce field$/), 1);
});

test('W07: an offence from out on the network is remembered by its address', async (t) => {
  const fixture = await NodeFixture.start(t);
  const [bad, neighbour] = [await fixture.join({ from: '127.9.8.7' }), await fixture.join({ from: '127.9.8.7' })];
  const other = await fixture.join({ from: '127.9.8.6' });
  bad.send({ type: 'sendcmpct', announce: 2, version: 2n });
  await Promise.all([bad.closed(), neighbour.closed()]);
  await other.sync();
  assert.deepEqual(
    ['9.8.7.7', '9.8.6.6'].map((host) => fixture.node.isUnwelcome(host)),
    [true, false],
  );
});

test('W06: a connection to oneself is known by its nonce and ends', async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const fixture = await NodeFixture.start(t, { node: { connect: [`127.0.0.1:${listener.port}`] } });
  const called = fixture.adopt(await listener.accept());
  const { nonce } = await called.expect('version');
  const mirror = await fixture.connect();
  mirror.send(makeVersion({ nonce }));
  await mirror.closed();
  assert.deepEqual(mirror.types, []);
  assert.equal(fixture.countLines(/connected to self at 127.0.0.1:\d+, disconnecting$/), 1);
  // with any other nonce it is somebody else
  await fixture.join({ version: { nonce: nonce ^ 1n } });
});

// --- T01: times from nowhere

/** Far apart, and at the ends of 64 bits. */
const ODD_TIMES: readonly bigint[] = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];

test('T01: peers that connect to us may have any clock: nothing comes of it, and no rule of the chain notices', async (t) => {
  const fixture = await NodeFixture.start(t, { node: { connectionCountMax: 300 } });
  const nowSec = BigInt(fixture.nowSec);
  const times = [...ODD_TIMES, nowSec + 4200n, nowSec + 4200n, nowSec - 4200n];
  for (let i = 0; i < 200; i++) {
    const peer = await fixture.connect();
    peer.sendPayload('version', versionAt(times[i % times.length]!));
    peer.send({ type: 'verack' });
  }
  const established = (): number => fixture.peers().filter(({ isEstablished }) => isEstablished).length;
  await fixture.until(() => established() === 200, 'all have introduced themselves');
  assert.ok(fixture.peers().every(({ timeOffsetSec }) => Number.isFinite(timeOffsetSec)));
  assert.equal(fixture.lines.includes(`[warn] ${CLOCK_WARNING}`), false);

  // two hours ahead of the node's own clock, whatever others say
  const peer = await fixture.join();
  const branch = sharedBranch(fixture.branch.height);
  const tooNew = branch.fork().mine({ timeSec: fixture.nowSec + 7200 + 60 });
  peer.send(blockMessage(tooNew));
  await fixture.until(() => fixture.verdict(tooNew) === 'time-too-new', 'too new');
  const new2h = branch.mine({ timeSec: fixture.nowSec + 7200 - 60 });
  peer.send(blockMessage(new2h));
  await fixture.tipIs(new2h);
});

/** A node that connects to peers whose versions have these times, in this order; each is introduced before the next. */
async function callOut(
  t: TestContext,
  times: (nowSec: bigint) => readonly bigint[],
  each: (fixture: NodeFixture, peer: RawPeer, i: number) => void,
): Promise<void> {
  const branch = sharedBranch(10);
  const count = times(0n).length;
  const listeners = await Promise.all(Array.from({ length: count }, () => RawListener.open()));
  t.after(() => {
    for (const listener of listeners) listener.close();
  });
  const connect = listeners.map(({ port }) => `127.0.0.1:${port}`);
  const fixture = await NodeFixture.start(t, { branch, node: { connect } });
  const all = times(BigInt(fixture.nowSec));
  for (const [i, listener] of listeners.entries()) {
    const peer = fixture.adopt(await listener.accept());
    await peer.expect('version');
    peer.sendPayload('version', versionAt(all[i]!));
    peer.send({ type: 'verack' });
    await peer.sync();
    each(fixture, peer, i);
  }
}

test('T01: when the clocks of most peers that we chose differ by 70 minutes, the operator is warned, once', async (t) => {
  const warnings: number[] = [];
  const offsets: number[] = [];
  await callOut(
    t,
    (nowSec) => [nowSec + 4200n, nowSec + 4200n, nowSec - 4200n, nowSec + 4200n, nowSec, 2n ** 63n - 1n, nowSec],
    (fixture, _peer, i) => {
      warnings.push(fixture.lines.filter((line) => line === `[warn] ${CLOCK_WARNING}`).length);
      offsets.push(Math.round(fixture.peers()[i]!.timeOffsetSec / 60));
    },
  );
  // five are needed for an opinion: their median is 70 minutes
  assert.deepEqual(warnings, [0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual(offsets.slice(0, 5), [70, 70, -70, 70, 0]);
});

test('T01: times at the ends of 64 bits from peers that we chose are offsets like others', async (t) => {
  const offsets: number[] = [];
  const expected: number[] = [];
  await callOut(
    t,
    () => [...ODD_TIMES, ...ODD_TIMES],
    (fixture, _peer, i) => {
      offsets.push(fixture.peers()[i]!.timeOffsetSec);
      // before 1970 is 1970; the other end is so far away that a number has no single seconds there
      expected.push((ODD_TIMES[i % 4] === 2n ** 63n - 1n ? 2 ** 63 : 0) - fixture.nowSec);
    },
  );
  assert.equal(offsets.length, 8);
  for (const [i, sec] of offsets.entries())
    assert.ok(Math.abs(sec - expected[i]!) < 5000, `${sec}, not ${expected[i]}`);
});

test('T02: jumps of the wall clock end no connection and keep nobody out', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peers = [await fixture.joinQuiet(), await fixture.joinQuiet({ from: '127.8.8.8' })];
  const startSec = fixture.nowSec;
  const hour = 3600;
  for (const sec of [startSec + 3 * hour, startSec - 3 * hour, startSec + 10 * 365 * 24 * hour, 5, 0, startSec]) {
    fixture.clock.shiftWall(sec - fixture.nowSec);
    await new Promise((resolve) => setTimeout(resolve, 120));
    for (const peer of peers) await peer.sync();
    const late = await fixture.join();
    late.close();
  }
  const established = fixture.peers().filter(({ isEstablished }) => isEstablished);
  assert.ok(established.length >= 2);
});
