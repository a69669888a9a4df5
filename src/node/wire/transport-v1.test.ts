// The stream of the plain transport: whole, in pieces, spoiled, and from peers that want us to spend memory or time (W01 to W03, D01).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { concatBytes, fromHex, joinBytes, toHex } from '../../kernel/util/bytes.ts';
import { encodeMessage } from './registry.ts';
import type { Received } from './transport.ts';
import { TransportV1, V1_HEADER_BYTES } from './transport-v1.ts';

/** Magic of the main network. */
const MAGIC = fromHex('f9beb4d9');

/** The `verack` of the main network, as the Bitcoin wiki shows it. */
const VERACK = 'f9beb4d976657261636b000000000000000000005df6e0e2';

/** The `version` of a node of 2012, as the Bitcoin wiki shows it. */
const VERSION_2012 =
  'f9beb4d976657273696f6e0000000000640000003b648d5a' +
  '62ea0000010000000000000011b2d050000000000100000000000000' +
  '00000000000000000000ffff000000000000' +
  '010000000000000000000000000000000000ffff000000000000' +
  '3b2eb35d8ce617650f2f5361746f7368693a302e372e322fc03e0300';

/** A header, with the command as hexadecimal text of twelve bytes. */
function header(commandHex: string, payloadBytes: number, checksumHex: string): Uint8Array {
  const length = toHex(Uint8Array.of(payloadBytes, payloadBytes >>> 8, payloadBytes >>> 16, payloadBytes >>> 24));
  return fromHex(`f9beb4d9${commandHex}${length}${checksumHex}`);
}

const PING = '70696e670000000000000000';
const BADMSG = '6261646d7367000000000000';

/** A whole message as bytes. */
function encode(command: string, payload: Uint8Array): Uint8Array {
  const transport = new TransportV1(MAGIC);
  transport.send(command, payload);
  return joinBytes(transport.takeBytesToSend());
}

/** All that comes out. */
function drain(transport: TransportV1): Received[] {
  const all: Received[] = [];
  for (let next = transport.next(); next !== null; next = transport.next()) all.push(next);
  return all;
}

/** What comes out, short enough to compare. */
function summary(received: readonly Received[]): string[] {
  return received.map((item) =>
    item.type === 'message' ? `${item.command} ${toHex(item.payload)}` : `${item.logText}`,
  );
}

test('the messages that everybody sends have the bytes that everybody knows', () => {
  assert.equal(toHex(encode('verack', new Uint8Array(0))), VERACK);
  const transport = new TransportV1(MAGIC);
  transport.receive(fromHex(VERSION_2012 + VERACK));
  const [version, verack] = drain(transport);
  assert.ok(version?.type === 'message' && verack?.type === 'message');
  assert.deepEqual([version.command, version.payload.length, verack.command], ['version', 100, 'verack']);
  assert.equal(toHex(encode('version', version.payload)), VERSION_2012);
});

test('W01: a wrong magic ends the connection, and nothing is taken in afterwards', () => {
  const transport = new TransportV1(MAGIC);
  transport.receive(concatBytes(fromHex('ffffffff'), fromHex(VERACK).subarray(4), fromHex(VERACK)));
  assert.deepEqual(drain(transport), [
    { type: 'fatal', reason: 'wrong-magic', logText: 'Header error: Wrong MessageStart ffffffff received' },
  ]);
  transport.receive(fromHex(VERACK));
  assert.deepEqual(drain(transport), []);
  assert.equal(transport.pendingBytes, 0);
});

test('W01: a length above 4,000,000 ends the connection from the header alone', () => {
  for (const length of [4_000_001, 0xffffffff]) {
    const transport = new TransportV1(MAGIC);
    transport.receive(header(BADMSG, length, '00000000'));
    assert.deepEqual(drain(transport), [
      { type: 'fatal', reason: 'too-large', logText: `Header error: Size too large (badmsg, ${length} bytes)` },
    ]);
  }
});

test('W01: a message of 4,000,000 bytes of an unknown type is read', () => {
  const payload = new Uint8Array(4_000_000);
  const transport = new TransportV1(MAGIC);
  transport.receive(encode('badmsg', payload));
  const [received, ...others] = drain(transport);
  assert.ok(received?.type === 'message' && others.length === 0);
  assert.deepEqual([received.command, received.payload.length], ['badmsg', 4_000_000]);
});

test('W02: a wrong checksum drops the message, and the next one is read', () => {
  const transport = new TransportV1(MAGIC);
  transport.receive(concatBytes(header(BADMSG, 2, 'ffffffff'), fromHex('6464'), fromHex(VERACK)));
  const checksum = toHex(sha256d(fromHex('6464')).subarray(0, 4));
  assert.deepEqual(summary(drain(transport)), [
    `Header error: Wrong checksum (badmsg, 2 bytes), expected ${checksum} was ffffffff`,
    'verack ',
  ]);
  assert.deepEqual(
    [...transport.received.bytesByType],
    [
      ['*other*', 26],
      ['verack', 24],
    ],
  );
});

test('W02: a command with a zero inside or unreadable bytes drops the message, and the next one is read', () => {
  for (const commandHex of [
    '70696e6700000000000000ff',
    '700069006e00670000000000',
    '7f696e670000000000000000',
    'c3a900000000000000000000',
    '1f0000000000000000000000',
  ]) {
    const transport = new TransportV1(MAGIC);
    transport.receive(concatBytes(header(commandHex, 0, '5df6e0e2'), fromHex(VERACK)));
    const [ignored, verack] = drain(transport);
    assert.ok(ignored?.type === 'ignored' && ignored.reason === 'invalid-command', commandHex);
    assert.match(ignored.logText, /^Header error: Invalid message type \([a-z]*, 0 bytes\)$/);
    assert.ok(verack?.type === 'message');
  }
});

test('W02: odd but readable commands are messages that nobody knows', () => {
  const transport = new TransportV1(MAGIC);
  transport.receive(concatBytes(header('00'.repeat(12), 0, '5df6e0e2'), header('7e'.repeat(12), 0, '5df6e0e2')));
  assert.deepEqual(summary(drain(transport)), [' ', '~~~~~~~~~~~~ ']);
  assert.deepEqual([...transport.received.bytesByType], [['*other*', 48]]);
});

/** Messages of several kinds and sizes, a bad one among them, and what must come out of them. */
function mixedStream(): { readonly bytes: Uint8Array; readonly expected: readonly string[] } {
  const ping = encodeMessage({ type: 'ping', nonce: 1n });
  const bytes = concatBytes(
    encode('ping', ping),
    encode('verack', new Uint8Array(0)),
    header(PING, 1, '00000000'),
    fromHex('07'),
    encode('tx', new Uint8Array(300).fill(7)),
    encode('ping', ping),
  );
  const checksum = toHex(sha256d(fromHex('07')).subarray(0, 4));
  const expected = [
    'ping 0100000000000000',
    'verack ',
    `Header error: Wrong checksum (ping, 1 bytes), expected ${checksum} was 00000000`,
    `tx ${'07'.repeat(300)}`,
    'ping 0100000000000000',
  ];
  return { bytes, expected };
}

test('W03: a stream cut at every byte gives the same messages', () => {
  const { bytes, expected } = mixedStream();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const transport = new TransportV1(MAGIC);
    transport.receive(bytes.slice(0, cut));
    const before = drain(transport);
    transport.receive(bytes.slice(cut));
    assert.deepEqual(summary([...before, ...drain(transport)]), expected, `cut at ${cut}`);
  }
});

test('W03: a stream in pieces of any size gives the same messages, asked for at any time', () => {
  const { bytes, expected } = mixedStream();
  const pieces = fc.array(fc.record({ length: fc.integer({ min: 1, max: 400 }), asks: fc.boolean() }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(pieces, (lengths) => {
      const transport = new TransportV1(MAGIC);
      const received: Received[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const { length, asks } = lengths[i % lengths.length]!;
        transport.receive(bytes.slice(at, at + length));
        at += length;
        if (asks) received.push(...drain(transport));
      }
      received.push(...drain(transport));
      assert.deepEqual(summary(received), expected);
      assert.equal(transport.pendingBytes, 0);
    }),
    { seed: 3 },
  );
});

test('W03: 10,000 messages in one piece come out one by one', () => {
  const one = encode('ping', encodeMessage({ type: 'ping', nonce: 2n }));
  const transport = new TransportV1(MAGIC);
  transport.receive(joinBytes(new Array<Uint8Array>(10_000).fill(one)));
  let count = 0;
  for (let next = transport.next(); next !== null; next = transport.next()) {
    assert.ok(next.type === 'message' && next.payload.buffer.byteLength === 8);
    count++;
  }
  assert.equal(count, 10_000);
});

test('W03: 10 MB byte by byte take time in proportion', () => {
  const message = encode('block', new Uint8Array(1_000_000));
  const transport = new TransportV1(MAGIC);
  const started = process.cpuUsage();
  let count = 0;
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < message.length; i++) {
      transport.receive(message.subarray(i, i + 1));
      if (transport.next() !== null) count++;
    }
  }
  assert.equal(count, 10);
  assert.ok(process.cpuUsage(started).user < 5_000_000, 'at most five seconds');
});

test('W03: a stream that ends inside a message gives nothing of it', () => {
  const transport = new TransportV1(MAGIC);
  transport.receive(fromHex(VERSION_2012).subarray(0, 123));
  assert.deepEqual(drain(transport), []);
  assert.equal(transport.pendingBytes, 123 - V1_HEADER_BYTES);
});

test('D01: an announced message costs the bytes that came, and not those that were promised', () => {
  const transport = new TransportV1(MAGIC);
  const before = process.memoryUsage().arrayBuffers;
  transport.receive(header(BADMSG, 4_000_000, '00000000'));
  assert.equal(transport.next(), null);
  assert.ok(process.memoryUsage().arrayBuffers - before <= 256 * 1024);
  const byte = Uint8Array.of(0);
  for (let i = 0; i < 1_000_000; i++) {
    transport.receive(byte);
    assert.equal(transport.next(), null);
  }
  assert.equal(transport.pendingBytes, 1_000_000);
  assert.ok(process.memoryUsage().arrayBuffers - before <= 1_000_000 + 256 * 1024);
});

test('D01: what comes in behind a message does not keep it in memory', () => {
  const large = encode('block', new Uint8Array(3_000_000));
  const transport = new TransportV1(MAGIC);
  transport.receive(concatBytes(large, header(BADMSG, 4_000_000, '00000000'), new Uint8Array(10_000)));
  const [block] = drain(transport);
  assert.ok(block?.type === 'message' && block.payload.buffer.byteLength === 3_000_000);
  transport.receive(new Uint8Array(3_990_000));
  const [badmsg] = drain(transport);
  assert.ok(badmsg?.type === 'ignored');
});

test('a payload pins no more than its message, and one that came alone is not copied', () => {
  const bytes = encode('block', new Uint8Array(100_000).fill(1));
  const alone = new TransportV1(MAGIC);
  alone.receive(bytes);
  const [first] = drain(alone);
  assert.ok(first?.type === 'message' && first.payload.buffer === bytes.buffer);

  const pool = new Uint8Array(1_000_000);
  pool.set(bytes, 500);
  const pooled = new TransportV1(MAGIC);
  pooled.receive(pool.subarray(500, 500 + bytes.length));
  const [second] = drain(pooled);
  assert.ok(second?.type === 'message' && second.payload.buffer.byteLength <= bytes.length);
});

test('messages go out in order, long payloads without a copy, and are counted with their headers', () => {
  const transport = new TransportV1(MAGIC);
  const payload = new Uint8Array(2000);
  transport.send('verack', new Uint8Array(0));
  transport.send('block', payload);
  const pieces = transport.takeBytesToSend();
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [24, 24, 2000],
  );
  assert.equal(pieces[2], payload);
  assert.deepEqual(transport.takeBytesToSend(), []);
  assert.deepEqual(
    [...transport.sent.bytesByType],
    [
      ['verack', 24],
      ['block', 2024],
    ],
  );
  assert.equal(transport.sent.totalBytes, 2048);
});
