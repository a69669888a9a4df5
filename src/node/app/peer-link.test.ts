import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeConnection } from '../../../test/model/fake-network.ts';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { asPeerId } from '../p2p/peer-id.ts';
import { TransportV1 } from '../wire/transport-v1.ts';
import { NODE_DEFAULTS } from './node-options.ts';
import { type LinkLimits, type LinkOwner, PeerLink } from './peer-link.ts';

const { magic } = createRegtestParams();

interface Setup {
  readonly time: ManualTime;
  readonly connection: FakeConnection;
  readonly link: PeerLink;
  readonly told: string[];
}

function setUp(limits: LinkLimits = NODE_DEFAULTS): Setup {
  const time = new ManualTime(0);
  const connection = new FakeConnection({ host: '1.2.3.4', port: 5 }, magic);
  const told: string[] = [];
  const owner: LinkOwner = {
    takeTurn: () => false,
    onReady: () => told.push('ready'),
    onClosed: (_link, reason) => told.push(`closed ${reason}`),
  };
  const link = new PeerLink({ id: asPeerId(1), connection, transport: new TransportV1(magic) }, limits, owner, time);
  link.start();
  return { time, connection, link, told };
}

test('D01: a peer that sends faster than we look is read no further above five megabytes, and read again below', () => {
  const { connection, link } = setUp();
  const payload = new Uint8Array(1_000_000);
  for (let i = 0; i < 5; i++) connection.sayRaw('junk', payload);
  assert.equal(connection.isReading, false);
  assert.equal(link.next()?.type, 'message');
  assert.ok(connection.isReading);
  connection.sayRaw('junk', payload);
  assert.equal(connection.isReading, false, 'again and again');
  for (let i = 0; i < 5; i++) assert.equal(link.next()?.type, 'message');
  assert.deepEqual([link.next(), connection.isReading, link.heldBytes], [null, true, 0]);
});

test('D01: a message of the greatest length fits below the bound: reading never stops for want of its end', () => {
  const { connection, link } = setUp();
  const bytes = new TransportV1(magic);
  bytes.send('junk', new Uint8Array(4_000_000));
  for (const piece of bytes.takeBytesToSend()) connection.giveBytes(piece.slice(0, piece.length));
  assert.ok(connection.isReading);
  assert.equal(link.next()?.type, 'message');
});

test('D01: with a small bound a message of any length is still read to its end, and what follows it waits', () => {
  const { connection, link } = setUp({ receiveBufferBytes: 1000, sendBufferBytes: 0 });
  const bytes = new TransportV1(magic);
  bytes.send('junk', new Uint8Array(3000));
  const [header, payload] = bytes.takeBytesToSend();
  connection.giveBytes(header!);
  connection.giveBytes(payload!.slice(0, 2000));
  assert.equal(connection.isReading, false, 'it might be several messages');
  assert.deepEqual([link.next(), connection.isReading], [null, true], 'it is the beginning of one');
  connection.giveBytes(payload!.slice(2000));
  connection.sayRaw('ping', new Uint8Array(1000));
  assert.equal(connection.isReading, false);
  assert.equal(link.next()?.type, 'message');
  assert.equal(connection.isReading, false, 'the second is above the bound by itself');
  assert.equal(link.next()?.type, 'message');
  assert.ok(connection.isReading);
  connection.takes = false;
  link.send('ping', new Uint8Array(8));
  assert.ok(link.isClogged, 'without room any byte that waits is too many');
});

test('D05: a peer that does not take what it asked for is clogged above a million bytes', () => {
  const { connection, link, told } = setUp();
  connection.takes = false;
  link.send('junk', new Uint8Array(999_976));
  assert.deepEqual([connection.queuedBytes, link.isClogged], [1_000_000, false]);
  link.send('ping', new Uint8Array(8));
  assert.ok(link.isClogged);
  connection.drain();
  assert.equal(link.isClogged, false);
  assert.deepEqual(told, ['ready'], 'and may have its turn again');
});

test('the last sign of life in each direction is noted, by both clocks', async () => {
  const { time, connection, link } = setUp();
  assert.deepEqual([link.lastReceivedMs, link.lastSentMs], [null, null]);
  assert.deepEqual([link.lastReceivedSec, link.lastSentSec], [0, 0]);
  time.nowMs += 5;
  connection.sayRaw('ping', new Uint8Array(8));
  const receivedMs = time.nowMs;
  time.nowMs += 7;
  link.send('ping', new Uint8Array(8));
  await time.settle();
  assert.deepEqual([link.lastReceivedMs, link.lastSentMs], [receivedMs, receivedMs + 7]);
  const nowSec = Math.floor(time.wallMs() / 1000);
  assert.deepEqual([link.lastReceivedSec, link.lastSentSec], [nowSec, nowSec]);
});

test('what comes or is sent after the end is nobody’s business, and the end is told once', async () => {
  const { time, connection, link, told } = setUp();
  link.close();
  assert.ok(link.isClosed, 'before the connection says so');
  connection.sayRaw('ping', new Uint8Array(8));
  assert.deepEqual([link.next(), told], [null, []]);
  link.send('ping', new Uint8Array(8));
  assert.equal(link.transport.sent.totalBytes, 0);
  link.close();
  await time.settle();
  assert.deepEqual(told, ['closed null']);
});

test('an end by the other side is told with its reason', () => {
  const { connection, link, told } = setUp();
  connection.cut('ECONNRESET');
  assert.deepEqual([told, link.isClosed], [['closed ECONNRESET'], true]);
});

test('bytes that leave at once count as sent, though no connection tells of them', () => {
  const { time, connection, link } = setUp();
  time.nowMs += 9;
  link.send('ping', new Uint8Array(8));
  assert.deepEqual([connection.queuedBytes, link.lastSentMs], [0, time.nowMs]);
  connection.takes = false;
  time.nowMs += 9;
  link.send('ping', new Uint8Array(8));
  assert.equal(link.lastSentMs, time.nowMs - 9, 'those that wait have not been sent');
});
