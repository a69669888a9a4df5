// The stream of the encrypted transport (BIP324): two ends of it, a plain one at the other end, and others that do what they please
// (D01, W01, W03).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTransportV2, PlayedSide } from '../../../test/model/encryption.ts';
import { concatBytes, EMPTY_BYTES, fromHex, joinBytes, toHex } from '../../kernel/util/bytes.ts';
import type { Received, Transport } from './transport.ts';
import { TransportV1 } from './transport-v1.ts';
import type { TransportV2 } from './transport-v2.ts';

/** Magic of the main network, and of signet. */
const MAGIC = fromHex('f9beb4d9');
const SIGNET = fromHex('0a03cf40');

/** What a plain stream of the main network begins with. */
const V1_PREFIX = 'f9beb4d976657273696f6e0000000000';

/** All that comes out, and nothing more than {@link stepsMax} times. */
function drain(transport: Transport, stepsMax = 10_000): Received[] {
  const all: Received[] = [];
  for (let next = transport.next(); next !== null; next = transport.next()) {
    all.push(next);
    assert.ok(all.length <= stepsMax, 'it comes to an end');
  }
  return all;
}

/** What comes out, short enough to compare; what is of the stream itself has no line. */
function summary(received: readonly Received[]): string[] {
  return received.flatMap((item) => {
    if (item.type === 'message') return [`${item.command} ${toHex(item.payload)}`];
    return item.logText === null ? [] : [item.logText];
  });
}

/** Carries bytes to and fro until nobody has any, a few at a time. */
function exchange(one: Transport, other: Transport, pieceBytes = Number.MAX_SAFE_INTEGER): string[][] {
  const heard: string[][] = [[], []];
  for (;;) {
    const bytes = [one, other].map((end) => joinBytes(end.takeBytesToSend()));
    if (bytes.every(({ length }) => length === 0)) return heard;
    for (const [i, end] of [other, one].entries()) {
      for (let at = 0; at < bytes[i]!.length; at += pieceBytes) {
        end.receive(bytes[i]!.slice(at, at + pieceBytes));
        heard[1 - i]!.push(...summary(drain(end)));
      }
    }
  }
}

/** Two ends that have shaken hands. */
function connected(): readonly [TransportV2, TransportV2] {
  const [one, other] = [createTransportV2(MAGIC, true, 1), createTransportV2(MAGIC, false, 2)];
  exchange(one, other);
  return [one, other];
}

/** An end that was called, and a played side that called it; the handshake is done up to what the caller says next. */
function called(seed = 3): readonly [TransportV2, PlayedSide] {
  const transport = createTransportV2(MAGIC, false, 4);
  const caller = new PlayedSide(MAGIC, true, seed);
  transport.receive(caller.opening);
  drain(transport);
  caller.meet(joinBytes(transport.takeBytesToSend()));
  return [transport, caller];
}

/** The same, with everything said that goes before messages. */
function ready(): readonly [TransportV2, PlayedSide] {
  const [transport, { cipher, keys }] = called();
  transport.receive(concatBytes(cipher.sendTerminator, cipher.seal(EMPTY_BYTES, EMPTY_BYTES, keys.garbage)));
  assert.deepEqual(summary(drain(transport)), []);
  assert.equal(transport.protocol, 'v2');
  return [transport, { cipher, keys } as PlayedSide];
}

const START = 'start sending v2 handshake to';

test('two ends find the same session, and messages that waited for it arrive in order', () => {
  const [one, other] = [createTransportV2(MAGIC, true, 1), createTransportV2(MAGIC, false, 2)];
  one.send('version', Uint8Array.of(1, 2, 3));
  one.send('ping', new Uint8Array(8));
  assert.deepEqual(
    [one.protocol, other.protocol, one.sessionId, other.sessionId],
    ['detecting', 'detecting', null, null],
  );
  assert.deepEqual(exchange(one, other), [[START], [START, 'version 010203', `ping ${'00'.repeat(8)}`]]);
  assert.deepEqual([one.protocol, other.protocol], ['v2', 'v2']);
  assert.equal(one.sessionId?.length, 32);
  assert.deepEqual(one.sessionId, other.sessionId);
  other.send('sendtxrcncl', Uint8Array.of(9));
  assert.deepEqual(exchange(one, other), [['sendtxrcncl 09'], []]);
});

test('W03: bytes that come one by one make the same messages', () => {
  const [one, other] = [createTransportV2(MAGIC, true, 5), createTransportV2(MAGIC, false, 6)];
  one.send('verack', EMPTY_BYTES);
  assert.deepEqual(exchange(one, other, 1), [[START], [START, 'verack ']]);
});

test('nothing on the wire repeats: the same message is other bytes each time, and so is a handshake', () => {
  const [one] = connected();
  one.send('ping', new Uint8Array(8));
  one.send('ping', new Uint8Array(8));
  const [first, second] = one.takeBytesToSend();
  assert.notDeepEqual(first, second);
  // A byte for the type and eight of payload, with three of length, a flag and sixteen of tag.
  assert.deepEqual([first!.length, second!.length], [29, 29]);
  const openings = [7, 8].map((seed) => toHex(createTransportV2(MAGIC, true, seed).takeBytesToSend()[0]!));
  assert.notEqual(openings[0]!.slice(0, 128), openings[1]!.slice(0, 128));
});

test('keys change every 224 packets, in both directions alike', () => {
  const [one, other] = connected();
  for (let i = 0; i < 500; i++) {
    one.send('ping', Uint8Array.of(i % 256));
    if (i % 3 === 0) other.send('pong', Uint8Array.of(i % 256));
  }
  const [atOne, atOther] = exchange(one, other);
  assert.equal(atOther!.length, 500);
  assert.deepEqual([atOther!.at(-1), atOne!.length, atOne!.at(-1)], ['ping f3', 167, 'pong f2']);
});

test('bytes are counted by type as they go over the wire; those of the handshake belong to none', () => {
  const [one, other] = connected();
  const [sentBefore, receivedBefore] = [one.sent.totalBytes, other.received.totalBytes];
  // Key, garbage of the seed, its end, the empty packet.
  assert.ok(sentBefore >= 64 + 16 + 20 && sentBefore <= 64 + 4095 + 16 + 20);
  one.send('block', new Uint8Array(1000));
  one.send('version', new Uint8Array(100));
  exchange(one, other);
  assert.deepEqual(
    [...one.sent.bytesByType],
    [
      ['block', 1021],
      ['version', 133],
    ],
  );
  assert.deepEqual(
    [...other.received.bytesByType],
    [
      ['block', 1021],
      ['version', 133],
    ],
  );
  assert.deepEqual([one.sent.totalBytes - sentBefore, other.received.totalBytes - receivedBefore], [1154, 1154]);
});

test('who is called says nothing until the first byte that a plain stream would not have', () => {
  for (const sameBytes of [0, 1, 4, 15]) {
    const transport = createTransportV2(MAGIC, false, 4);
    transport.receive(fromHex(V1_PREFIX).slice(0, sameBytes));
    assert.deepEqual([drain(transport), transport.takeBytesToSend()], [[], []]);
    assert.equal(transport.protocol, 'detecting');
    transport.receive(Uint8Array.of(0x55));
    assert.deepEqual(summary(drain(transport)), [START]);
    assert.ok(transport.takeBytesToSend()[0]!.length >= 64);
  }
});

test('a plain stream is spoken plainly from its sixteenth byte on, and nothing of it is lost', () => {
  const plain = new TransportV1(MAGIC);
  const transport = createTransportV2(MAGIC, false, 4);
  transport.send('alert', Uint8Array.of(7));
  plain.send('version', Uint8Array.of(1, 2));
  plain.send('verack', EMPTY_BYTES);
  const bytes = joinBytes(plain.takeBytesToSend());
  transport.receive(bytes.slice(0, 15));
  drain(transport);
  assert.equal(transport.protocol, 'detecting');
  transport.receive(bytes.slice(15));
  assert.deepEqual(summary(drain(transport)), ['version 0102', 'verack ']);
  assert.deepEqual([transport.protocol, transport.sessionId, transport.isUnanswered], ['v1', null, false]);
  transport.send('pong', EMPTY_BYTES);
  plain.receive(joinBytes(transport.takeBytesToSend()));
  assert.deepEqual(summary(drain(plain)), ['alert 07', 'pong ']);
  assert.deepEqual([...transport.received.bytesByType.keys()], ['version', 'verack']);
  assert.deepEqual([...transport.sent.bytesByType.keys()], ['*other*', 'pong']);
});

test('who calls and hears nothing knows that nobody answered', () => {
  const transport = createTransportV2(MAGIC, true, 1);
  assert.ok(transport.isUnanswered);
  transport.receive(Uint8Array.of(0));
  assert.ok(!transport.isUnanswered);
  assert.ok(!createTransportV2(MAGIC, false, 1).isUnanswered);
});

test('W01: a plain peer of another network is told from chance', () => {
  const transport = createTransportV2(MAGIC, false, 4);
  transport.receive(concatBytes(SIGNET, fromHex(V1_PREFIX.slice(8)), new Uint8Array(8)));
  assert.deepEqual(summary(drain(transport)), [START, 'V2 transport error: V1 peer with wrong MessageStart 0a03cf40']);
  transport.receive(new Uint8Array(100));
  assert.deepEqual([drain(transport), transport.pendingBytes], [[], 0]);
});

test('an encrypted peer of another network finds no end of our garbage, nor we of its', () => {
  const [one, other] = [createTransportV2(MAGIC, true, 1), createTransportV2(SIGNET, false, 2)];
  exchange(one, other);
  assert.deepEqual([one.protocol, other.protocol], ['detecting', 'detecting']);
});

test('D01: garbage without an end is too much at 4111 bytes, however it comes', () => {
  for (const pieceBytes of [1, 700, 4111]) {
    const [transport] = called();
    const before = transport.pendingBytes;
    let taken = 0;
    const heard: string[] = [];
    while (heard.length === 0) {
      transport.receive(new Uint8Array(pieceBytes));
      taken += pieceBytes;
      heard.push(...summary(drain(transport)));
    }
    assert.deepEqual(heard, ['V2 transport error: missing garbage terminator']);
    assert.ok(before + taken >= 4111 && before + taken - pieceBytes < 4111);
  }
});

test('garbage of every length has its end found, also where a piece of that comes before', () => {
  for (const [seed, extra] of [
    [3, 0],
    [9, 5],
  ] as const) {
    const [transport, { cipher, keys }] = called(seed);
    const room = 4095 - keys.garbage.length;
    const more = new Uint8Array(Math.max(0, room - extra)).fill(cipher.sendTerminator[0]!);
    const garbage = concatBytes(keys.garbage, more);
    transport.receive(concatBytes(more, cipher.sendTerminator, cipher.seal(EMPTY_BYTES, EMPTY_BYTES, garbage)));
    drain(transport);
    assert.equal(transport.protocol, 'v2');
  }
});

test('the first packet answers for the garbage: other garbage, or none, ends it', () => {
  for (const claimed of [EMPTY_BYTES, fromHex('0011223344')]) {
    const [transport, { cipher }] = called();
    transport.receive(concatBytes(cipher.sendTerminator, cipher.seal(EMPTY_BYTES, EMPTY_BYTES, claimed)));
    assert.deepEqual(summary(drain(transport)), ['V2 transport error: packet decryption failure (0 bytes)']);
    assert.equal(transport.protocol, 'detecting');
  }
});

test('decoys come before, between and after, and mean nothing; each is a step of its own', () => {
  const [transport, { cipher, keys }] = called();
  const body = Uint8Array.of(1, 2, 3);
  const decoy = cipher.seal(EMPTY_BYTES, body, keys.garbage, true);
  const version = cipher.seal(EMPTY_BYTES, fromHex('ffff'), EMPTY_BYTES);
  const second = cipher.seal(Uint8Array.of(18), body, EMPTY_BYTES, true);
  const ping = cipher.seal(Uint8Array.of(18), body, EMPTY_BYTES);
  transport.receive(concatBytes(cipher.sendTerminator, decoy, version, second, ping));
  const received = drain(transport);
  assert.deepEqual(summary(received), ['ping 010203']);
  assert.deepEqual(
    received.map(({ type }) => type),
    ['progress', 'progress', 'progress', 'message'],
  );
});

test('W01: a packet that says that it is longer than any message may be is not waited for', () => {
  const [transport, { cipher }] = ready();
  // Contents of the most that there may be, and one byte more: only their lengths are sent.
  transport.receive(cipher.seal(EMPTY_BYTES, new Uint8Array(4_000_013), EMPTY_BYTES).slice(0, 3));
  assert.deepEqual(drain(transport), []);
  const [other, { cipher: otherCipher }] = ready();
  other.receive(otherCipher.seal(EMPTY_BYTES, new Uint8Array(4_000_014), EMPTY_BYTES).slice(0, 3));
  assert.deepEqual(summary(drain(other)), ['V2 transport error: packet too large (4000014 bytes)']);
});

test('types in full are read, also of messages that have a number; what is none is dropped', () => {
  const [transport, { cipher }] = ready();
  const inFull = (hex: string): Uint8Array => fromHex(`00${hex.padEnd(24, '0')}`);
  const bodies = [
    inFull('70696e67'), // ping
    inFull('736f6d657468696e67'), // something
    Uint8Array.of(37), // feature
    Uint8Array.of(29), // given to nothing that we know
    Uint8Array.of(38),
    Uint8Array.of(255),
    EMPTY_BYTES,
    fromHex('0070696e67'),
    inFull('70690170'),
    inFull('706900aa'),
  ];
  transport.receive(joinBytes(bodies.map((body) => cipher.seal(body, EMPTY_BYTES, EMPTY_BYTES))));
  const invalid = (bytes: number): string => `V2 transport error: invalid message type (${bytes} bytes contents)`;
  assert.deepEqual(summary(drain(transport)), [
    'ping ',
    'something ',
    'feature ',
    ' ',
    invalid(1),
    invalid(1),
    invalid(0),
    invalid(5),
    invalid(13),
    invalid(13),
  ]);
  assert.equal(transport.protocol, 'v2');
});

test('a payload holds no more bytes than its message has', () => {
  const [transport, { cipher }] = ready();
  const pings = [1, 2].map((byte) => cipher.seal(Uint8Array.of(18), new Uint8Array(6000).fill(byte), EMPTY_BYTES));
  transport.receive(joinBytes(pings));
  for (const item of drain(transport)) {
    assert.ok(item.type === 'message' && item.payload.length === 6000);
    assert.ok(item.payload.buffer.byteLength <= 6000 + 32);
  }
});

test('a bit that was turned anywhere in a packet ends the connection, and nothing of the packet comes out', () => {
  fc.assert(
    fc.property(fc.nat({ max: 30 * 8 - 1 }), (bit) => {
      const [transport, { cipher }] = ready();
      const packet = cipher.seal(Uint8Array.of(18), new Uint8Array(9), EMPTY_BYTES);
      packet[bit >> 3] = packet[bit >> 3]! ^ (1 << (bit & 7));
      transport.receive(concatBytes(packet, new Uint8Array(200_000)));
      const received = drain(transport);
      assert.deepEqual(
        received.filter(({ type }) => type === 'message'),
        [],
      );
      const isLengthChanged = bit < 24;
      assert.ok(isLengthChanged || received.at(-1)?.type === 'fatal');
    }),
    { numRuns: 60 },
  );
});

/** Every state that a stranger can bring a stream to. */
const STATES: Readonly<Record<string, () => Transport>> = {
  'just called': () => createTransportV2(MAGIC, false, 4),
  'has called': () => createTransportV2(MAGIC, true, 4),
  'nearly plain': () => {
    const transport = createTransportV2(MAGIC, false, 4);
    transport.receive(fromHex(V1_PREFIX).slice(0, 15));
    return transport;
  },
  plain: () => {
    const transport = createTransportV2(MAGIC, false, 4);
    transport.receive(fromHex(V1_PREFIX));
    drain(transport);
    return transport;
  },
  'garbage is coming': () => called()[0],
  'the first packet is coming': () => {
    const [transport, { cipher }] = called();
    transport.receive(cipher.sendTerminator);
    return transport;
  },
  'messages are coming': () => ready()[0],
  'half a packet has come': () => {
    const [transport, { cipher }] = ready();
    transport.receive(cipher.seal(Uint8Array.of(2), new Uint8Array(500), EMPTY_BYTES).slice(0, 100));
    return transport;
  },
};

for (const [name, reach] of Object.entries(STATES)) {
  test(`D01, W01: any bytes, in any pieces, are taken in bounded work and end in nothing or in an error: ${name}`, () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ minLength: 3000, maxLength: 5000 }),
      fc.constant(fromHex(V1_PREFIX)),
      fc.constant(fromHex(`${V1_PREFIX.slice(8)}00000000`)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const transport = reach();
        let fed = transport.pendingBytes;
        for (const bytes of pieces) {
          transport.receive(bytes);
          fed += bytes.length;
          // A step takes a byte at least, but for those of the handshake.
          const received = drain(transport, fed + 4);
          assert.ok(received.every(({ type }, i) => type !== 'fatal' || i === received.length - 1));
          assert.ok(transport.pendingBytes <= fed);
          if (transport.protocol !== 'v1') assert.ok(received.every(({ type }) => type !== 'message'));
        }
      }),
      { numRuns: 25 },
    );
  });
}
