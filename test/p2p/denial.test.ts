// Peers over real sockets that want us to spend memory and time: what they cost is counted, and others are served meanwhile.
//
// Fairness is shown by counts: how much of the work that one asks for is done while another is answered. Times are moved, not waited
// for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeU32 } from '../../src/kernel/encoding/numbers.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { MSG_BLOCK, MSG_TX, MSG_WITNESS_BLOCK, MSG_WTX } from '../../src/node/wire/protocol.ts';
import { pay } from '../model/block-builder.ts';
import { NodeFixture, sharedBranch } from './node-fixture.ts';
import { frame, frames, PATIENCE_MS, type RawPeer } from './raw-peer.ts';
import { fakeHashes, getdataOf, inventory, locatorMessage } from './requests.ts';

/** What a peer may cost beyond the bytes that it sent (D01). */
const SLACK_BYTES: number = 256 * 1024;

/** Bytes to a peer that wait before it is left alone (D03, D05). */
const SEND_BUFFER_MAX = 1_000_000;

/** Seconds after which a connection without a sign of life ends. */
const TIMEOUT_SEC = 20 * 60;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Pings one after another; `each` is called after each pong. */
async function pingTimes(peer: RawPeer, count: number, each: () => void = () => undefined): Promise<void> {
  for (let i = 0; i < count; i++) {
    await peer.sync();
    each();
  }
}

/** Windows of idleness that are looked at: just after hard work a compiler or collector thread may still be busy. */
const IDLE_WINDOWS_MAX = 20;

/** The share of a core that this whole process uses, once it has come to rest, while nothing is asked of it. */
async function measureIdleShare(): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < IDLE_WINDOWS_MAX && lowest >= 0.5; i++) {
    const before = process.cpuUsage();
    const startMs = performance.now();
    await pause(300);
    const { user, system } = process.cpuUsage(before);
    lowest = Math.min(lowest, (user + system) / 1000 / (performance.now() - startMs));
  }
  return lowest;
}

/** The beginning of a message of four million bytes. */
function promise(command: string): Buffer {
  const header = frame(command, new Uint8Array(0));
  writeU32(header, 16, 4_000_000);
  return header;
}

// --- D01

test('D01: who promises four million bytes and sends few costs what it sent, and is gone when the time is over', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const honest = await fixture.join();
  const introduced: RawPeer[] = [];
  const strangers: RawPeer[] = [];
  for (let i = 0; i < 10; i++) {
    introduced.push(await fixture.joinQuiet({ ignoresPings: true }));
    strangers.push(await fixture.connect());
  }
  const slow = [...introduced, ...strangers];
  await fixture.until(() => fixture.peers().length === 21, 'all are connected');
  const costBefore = new Map(fixture.peers().map(({ id, memoryBytes }) => [id, memoryBytes]));
  const arraysBefore = process.memoryUsage().arrayBuffers;
  let sentEach = 0;
  const sendAll = async (bytes: Uint8Array): Promise<void> => {
    await Promise.all(slow.map((peer) => peer.sendBytes(bytes)));
    sentEach += bytes.length;
  };
  await sendAll(promise('block'));
  await sendAll(new Uint8Array(1000));
  for (let i = 0; i < 50; i++) {
    await sendAll(Uint8Array.of(i));
    fixture.clock.shift(1);
  }
  await honest.sync();
  for (const { id, memoryBytes } of fixture.peers()) {
    const cost = memoryBytes - costBefore.get(id)!;
    assert.ok(cost <= sentEach + SLACK_BYTES, `peer ${id} costs ${cost}`);
  }
  const arrays = process.memoryUsage().arrayBuffers - arraysBefore;
  assert.ok(arrays < slow.length * (sentEach + SLACK_BYTES), `${arrays} bytes of arrays`);

  // a minute is over: a byte a second is no handshake
  for (let i = 0; i < 12; i++) {
    await sendAll(Uint8Array.of(i));
    fixture.clock.shift(1);
  }
  await Promise.all(strangers.map((peer) => peer.closed()));
  await fixture.until(() => fixture.peers().length === 11, 'the others are there');
  // who has introduced itself may be slow, as long as something comes
  for (let i = 0; i < 4; i++) {
    await Promise.all(introduced.map((peer) => peer.sendBytes(Uint8Array.of(1))));
    await honest.sync();
    await pause(20);
    fixture.clock.shift(TIMEOUT_SEC / 2 - 60);
  }
  await honest.sync();
  await Promise.all(introduced.map((peer) => peer.closed()));
  await fixture.until(() => fixture.peers().length === 1, 'the honest one is there');
  await honest.sync();
});

test('D01: four million bytes that really come are held, handled and let go', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const peer = await fixture.join({ ignoresPings: true });
  const before = fixture.peers()[0]!.memoryBytes;
  const bytes = frame('notacommand', new Uint8Array(4_000_000));
  await peer.sendBytes(bytes.subarray(0, 3_000_000));
  await fixture.until(() => fixture.peers()[0]!.memoryBytes - before > 2_900_000, 'they have come');
  assert.ok(fixture.peers()[0]!.memoryBytes - before <= 3_000_000 + SLACK_BYTES);
  peer.sendBytes(bytes.subarray(3_000_000));
  await peer.sync();
  assert.ok(fixture.peers()[0]!.memoryBytes - before < SLACK_BYTES);
});

// --- D02, W18
//
// A node that takes no transactions says so in its version message, and whoever announces or sends one all the same has not listened.
// What is to become of floods of announcements and of invalid transactions once there is a pool for them is shown with that pool.

test('D02, W18: announcements of transactions end the connection at the first, and leave nothing behind', async (t) => {
  const fixture = await NodeFixture.start(t);
  const honest = await fixture.join();
  const hashes = fakeHashes(50_000);
  for (let i = 0; i < 10; i++) {
    const attacker = await fixture.connect();
    const version = await attacker.handshake({ negotiation: i % 2 === 0 ? [] : [{ type: 'wtxidrelay' }] });
    assert.equal(version.relay, false, 'we said that we want none');
    attacker.send(inventory('inv', i % 2 === 0 ? MSG_TX : MSG_WTX, hashes));
    await attacker.closed();
    assert.equal(attacker.count('getdata'), 0);
  }
  assert.equal(
    fixture.countLines(/transaction \(\w{64}\) inv sent in violation of protocol, disconnecting peer=\d+$/),
    10,
  );
  await fixture.until(() => fixture.peers().length === 1, 'the honest one is there');
  assert.ok(fixture.peers()[0]!.memoryBytes < SLACK_BYTES);
  await honest.sync();
});

test('W18: a transaction that is sent unasked ends the connection, be it valid, invalid or no transaction at all', async (t) => {
  const fixture = await NodeFixture.start(t);
  const branch = sharedBranch(10);
  const valid = branch.spendCoinbase(1);
  const coinbase = branch.tip.transaction(0);
  for (const transaction of [valid, coinbase]) {
    const peer = await fixture.join();
    peer.send({ type: 'tx', transaction });
    await peer.closed();
  }
  assert.equal(fixture.countLines(/transaction sent in violation of protocol, disconnecting peer=[01]$/), 2);
  // what is none is an exception: a witness that is announced and empty, an unknown flag
  const peer = await fixture.join();
  const body = valid.serialized();
  const [version, rest] = [body.subarray(0, 4), body.subarray(4)];
  peer.sendPayload(
    'tx',
    concatBytes(version, Uint8Array.of(0, 1), rest.subarray(0, -4), Uint8Array.of(0), rest.subarray(-4)),
  );
  peer.sendPayload('tx', concatBytes(version, Uint8Array.of(0, 2), rest));
  await peer.sync();
  assert.equal(
    fixture.countLines(
      /ProcessMessages\(tx, \d+ bytes\): Exception '(Superfluous witness record|Unknown transaction optional data)' caught/,
    ),
    2,
  );
});

// --- D03

test('D03: 50,000 unknown blocks in an inv lead to one getheaders at most, and a peer that does not read is left alone', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const honest = await fixture.join();
  const peer = await fixture.joinQuiet();
  let asked = 0;
  for (let i = 0; i < 4; i++) {
    peer.send(inventory('inv', MSG_BLOCK, fakeHashes(50_000, 50_000 * i)));
    await peer.sync();
    asked += peer.takeOf('getheaders').length;
    assert.ok(asked <= i + 1, `${asked} questions`);
    // a question that was not answered is not repeated for two minutes
    fixture.clock.shift(121);
  }
  assert.ok(asked >= 3, `${asked} questions`);

  const deaf = await fixture.join();
  deaf.stopReading();
  const before = fixture.peers().at(-1)!;
  for (let i = 0; i < 4; i++) deaf.send(inventory('inv', MSG_BLOCK, fakeHashes(50_000, 300_000 + 50_000 * i)));
  await fixture.until(() => fixture.peers().at(-1)!.bytesReceived > 4 * 1_800_000, 'all was read');
  // the last of them may have been read and not yet been dealt with
  await fixture.until(
    () => fixture.peers().at(-1)!.memoryBytes - before.memoryBytes < SLACK_BYTES,
    'nothing of it is kept',
  );
  const sentBytes = fixture.peers().at(-1)!.bytesSent - before.bytesSent;
  assert.ok(sentBytes < 10_000, `${sentBytes} bytes`);
  await honest.sync();
});

// --- D04

test('D04: 50,000 requests for what there is not are answered at once or not at all, and then there is peace', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const peer = await fixture.joinQuiet();
  const hashes = fakeHashes(50_000);
  peer.send(inventory('getdata', MSG_TX, hashes));
  await peer.sync();
  const answers = peer.takeOf('notfound').map(({ items }) => items.count);
  assert.deepEqual([...new Set(answers)], [5_000], 'so many a turn, that others have theirs');
  assert.equal(answers.length, 10);
  for (const type of [0, 0x1234, 0xffffffff, MSG_WITNESS_BLOCK]) peer.send(inventory('getdata', type, hashes));
  await peer.sync();
  assert.deepEqual(peer.types, []);
  const share = await measureIdleShare();
  assert.ok(share < 0.5, `${Math.round(100 * share)} % of a core for nothing`);
});

test('D04, D05: 50,000 requests for blocks do not keep others waiting', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const greedy = await fixture.joinQuiet();
  const honest = await fixture.join();
  const blocks = Array.from({ length: 50_000 }, (_, i) => fixture.branch.at(1 + (i % 10)));
  greedy.send(getdataOf(...blocks));
  await greedy.expect('block');
  let last = 0;
  let mostBetween = 0;
  await pingTimes(honest, 30, () => {
    const served = greedy.count('block');
    mostBetween = Math.max(mostBetween, served - last);
    last = served;
  });
  // a loop that knew no turns would have served all of them before the first pong
  assert.ok(last < 40_000, `${last} blocks were served during 30 pings`);
  assert.ok(mostBetween < 10_000, `${mostBetween} blocks were served during one ping`);
  greedy.close();
  await fixture.until(() => fixture.peers().length === 1, 'it is gone');
  assert.ok((await measureIdleShare()) < 0.5, 'what it asked for is forgotten');
});

// --- D05

test('D05: a peer that asks for 16 GB and does not read is left alone at a megabyte, and ended after 20 minutes', async (t) => {
  const branch = sharedBranch(10);
  const big = branch.mine({ coinbaseOutputs: [pay(0, new Uint8Array(990_000).fill(0x6a))] });
  const fixture = await NodeFixture.start(t, { branch, keepsDebug: false });
  const honest = await fixture.joinQuiet();
  const deaf = await fixture.joinQuiet();
  deaf.stopReading();
  const [, before] = fixture.peers();
  deaf.send(getdataOf(...Array.from({ length: 16_000 }, () => big)), { type: 'ping', nonce: 1n });
  // the request itself is kept until it is answered
  const requestBytes = 16_000 * 36;
  // what the system takes into its own buffers is gone from ours; then nothing moves any more
  let sent = -1;
  await fixture.until(
    () => fixture.peers()[1]!.memoryBytes - before!.memoryBytes > SEND_BUFFER_MAX + requestBytes,
    'it is clogged',
  );
  for (;;) {
    await pause(100);
    const { bytesSent } = fixture.peers()[1]!;
    if (bytesSent === sent) break;
    sent = bytesSent;
    assert.ok(sent < 64_000_000, `${sent} bytes, and no end`);
  }
  const cost = fixture.peers()[1]!.memoryBytes - before!.memoryBytes;
  assert.ok(cost <= requestBytes + SEND_BUFFER_MAX + big.totalSize + SLACK_BYTES, `${cost} bytes`);
  assert.ok((await measureIdleShare()) < 0.5, 'to wait costs nothing');

  honest.send(getdataOf(big));
  assert.deepEqual((await honest.expect('block')).block.header.blockHash, big.header.blockHash);
  for (let i = 0; i < 2; i++) {
    fixture.clock.shift(TIMEOUT_SEC / 2 + 10);
    await honest.sync();
  }
  await fixture.until(() => fixture.peers().length === 1, 'it is gone');
  await honest.sync();
});

test('D05: a peer that begins to read again gets what it asked for', async (t) => {
  const branch = sharedBranch(10);
  const big = branch.mine({ coinbaseOutputs: [pay(0, new Uint8Array(990_000).fill(0x6a))] });
  const fixture = await NodeFixture.start(t, { branch, keepsDebug: false });
  const peer = await fixture.joinQuiet();
  peer.stopReading();
  peer.send(getdataOf(...Array.from({ length: 20 }, () => big)), { type: 'ping', nonce: 7n });
  await fixture.until(() => fixture.peers()[0]!.memoryBytes > SEND_BUFFER_MAX, 'it is clogged');
  peer.socket.resume();
  // in order: the pong is behind all blocks
  assert.equal((await peer.expect('pong')).nonce, 7n);
  assert.equal(peer.count('block'), 20);
});

// --- D19

test('D19: the cheapest questions with the dearest answers cost the same each, and do not keep others waiting', async (t) => {
  const fixture = await NodeFixture.start(t, { keepsDebug: false });
  const flooding = await fixture.joinQuiet();
  const honest = await fixture.join();
  const index = fixture.chain.index as { find(hash: Uint8Array): number };
  const find = index.find.bind(index);
  let finds = 0;
  index.find = (hash) => {
    finds++;
    return find(hash);
  };
  const question = frames(locatorMessage('getheaders', fakeHashes(101)), locatorMessage('getblocks', fakeHashes(101)));
  const count = 3000;
  flooding.sendBytes(Buffer.concat(Array.from({ length: count }, () => question)));
  await flooding.expect('headers');
  let answered = 0;
  await pingTimes(honest, 10, () => {
    answered = flooding.count('headers');
  });
  assert.ok(answered < count - 1, `${answered} of ${count} questions were answered during 10 pings`);
  await flooding.sync(3 * PATIENCE_MS);
  const answers = flooding.takeOf('headers');
  assert.equal(answers.length, count - 1);
  assert.ok(answers.every(({ headers }) => headers.length === 10));
  // each question looks up each of its hashes, and nothing else
  assert.ok(finds <= count * 2 * 103, `${finds} look-ups`);
  assert.equal(honest.isClosed, false);
});

test('D19: what we do not offer costs nothing: the connection ends', async (t) => {
  const fixture = await NodeFixture.start(t);
  const peer = await fixture.join();
  const stopHash = fakeHashes(1)[0]!;
  for (let i = 0; i < 1000; i++) peer.send({ type: 'getcfheaders', filterType: 0, startHeight: 0, stopHash });
  await peer.closed();
  assert.equal(fixture.countLines(/peer requested unsupported block filter type: 0/), 1);
});

// --- D18

test('D18: the number of inbound connections has an end, and who came first and is quick is not pushed out', async (t) => {
  // eleven of them are for connections that we make ourselves
  const fixture = await NodeFixture.start(t, { node: { connectionCountMax: 41 }, keepsDebug: false });
  const honest: RawPeer[] = [];
  for (let i = 0; i < 3; i++) honest.push(await fixture.joinQuiet({ from: `127.${20 + i}.1.1` }));
  let most = 0;
  for (let i = 0; i < 150; i++) {
    await fixture.connect({ from: '127.66.6.6' });
    most = Math.max(most, fixture.peers().length);
  }
  await honest[0]!.sync();
  await fixture.until(() => fixture.peers().length <= 30, 'those that were pushed out are gone');
  // one that has to go may still be there while the next is taken in
  assert.ok(most <= 40, `${most} connections`);
  for (const peer of honest) await peer.sync();
});
