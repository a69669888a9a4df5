import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { encodeZmtpGreeting, encodeZmtpMessage } from './zmtp-frames.ts';
import { ZMTP_FRAME_BYTES_MAX, ZMTP_PREFIXES_MAX, ZmtpSubscriber } from './zmtp-subscriber.ts';

// Bytes typed by hand from the specification (rfc.zeromq.org/spec/37).
const SIGNATURE = 'ff00000000000000017f';
const NULL_31 = `${SIGNATURE}0301${'4e554c4c'}${'00'.repeat(16)}00${'00'.repeat(31)}`;
// flags 04, length 25: READY, Socket-Type, SUB
const READY_SUB = '0419055245414459' + '0b536f636b65742d54797065' + '00000003' + '535542';
// the same with PUB
const READY_PUB = '0419055245414459' + '0b536f636b65742d54797065' + '00000003' + '505542';
const RAWTX = '7261777478';
const HASHBLOCK = '68617368626c6f636b';

function opened(): ZmtpSubscriber {
  const subscriber = new ZmtpSubscriber();
  const { replies, fault } = subscriber.receive(fromHex(NULL_31 + READY_SUB));
  assert.deepEqual([replies.map(toHex), fault, subscriber.isOpen], [[READY_PUB], null, true]);
  return subscriber;
}

function faultOf(subscriber: ZmtpSubscriber, hex: string): string | null {
  return subscriber.receive(fromHex(hex)).fault;
}

describe('the other side of a publisher', () => {
  it('is greeted with version 3.1 and no encryption', () => {
    assert.equal(toHex(encodeZmtpGreeting()), NULL_31);
  });

  it('shakes hands, also when every byte comes alone', () => {
    const subscriber = new ZmtpSubscriber();
    const replies: string[] = [];
    for (const byte of fromHex(NULL_31 + READY_SUB)) {
      assert.equal(subscriber.isOpen, false);
      const outcome = subscriber.receive(Uint8Array.of(byte));
      assert.equal(outcome.fault, null);
      replies.push(...outcome.replies.map(toHex));
    }
    assert.deepEqual([replies, subscriber.isOpen], [[READY_PUB], true]);
  });

  it('subscribes by messages and by commands, and hears of topics that begin so', () => {
    const subscriber = opened();
    assert.equal(subscriber.wants(RAWTX), false);
    // a message of one frame: 01 and the prefix "raw"
    assert.equal(faultOf(subscriber, '0004' + '01726177'), null);
    assert.deepEqual([subscriber.wants(RAWTX), subscriber.wants(HASHBLOCK)], [true, false]);
    // a command: SUBSCRIBE, "hashblock"
    assert.equal(faultOf(subscriber, `041309535542534352494245${HASHBLOCK}`), null);
    assert.equal(subscriber.wants(HASHBLOCK), true);
    // CANCEL "raw" as a command, "hashblock" as a message
    assert.equal(faultOf(subscriber, `040a0643414e43454c726177000a00${HASHBLOCK}`), null);
    assert.deepEqual([subscriber.wants(RAWTX), subscriber.wants(HASHBLOCK)], [false, false]);
  });

  it('has to cancel as often as it has subscribed; the empty prefix is everything', () => {
    const subscriber = opened();
    assert.equal(faultOf(subscriber, '000101' + '000101'), null);
    assert.equal(faultOf(subscriber, '000100'), null);
    assert.equal(subscriber.wants(RAWTX), true);
    assert.equal(faultOf(subscriber, '000100' + '000100'), null);
    assert.equal(subscriber.wants(RAWTX), false);
    assert.equal(faultOf(subscriber, '000101'), null);
    assert.equal(subscriber.wants(HASHBLOCK), true);
  });

  it('is answered when it asks whether we are alive, and may say how long it will be silent', () => {
    const subscriber = opened();
    assert.equal(subscriber.ttlMs, null);
    // PING, 300 tenths of a second, context "abc"
    const { replies, fault } = subscriber.receive(fromHex('040a' + '0450494e47' + '012c' + '616263'));
    assert.deepEqual([replies.map(toHex), fault], [['0408' + '04504f4e47' + '616263'], null]);
    assert.equal(subscriber.ttlMs, 30_000);
    assert.equal(faultOf(subscriber, '0407' + '0450494e47' + '0000'), null);
    assert.equal(subscriber.ttlMs, null);
    assert.equal(faultOf(subscriber, '0408' + '04504f4e47' + '616263'), null);
  });

  it('may send messages and commands that mean nothing to a publisher', () => {
    const subscriber = opened();
    assert.equal(faultOf(subscriber, '000568656c6c6f' + '0404' + '03464f4f' + '0000'), null);
    // only the first frame of a message subscribes
    assert.equal(faultOf(subscriber, '01026162' + '000101'), null);
    assert.equal(subscriber.wants(RAWTX), false);
    assert.equal(faultOf(subscriber, '000101'), null);
    assert.equal(subscriber.wants(RAWTX), true);
  });

  it('is sent away for what is no ZMTP 3 without encryption, and no subscriber', () => {
    const cases: readonly [hex: string, fault: RegExp][] = [
      ['47'.repeat(64), /does not speak ZMTP/],
      [`${SIGNATURE}0100${'00'.repeat(52)}`, /before 3\.0/],
      [NULL_31.replace('4e554c4c', '504c4149'), /another mechanism/],
      [`${NULL_31.slice(0, 64)}01${NULL_31.slice(66)}`, /no server/],
      [`${NULL_31}${READY_PUB}`, /no subscriber/],
      [`${NULL_31}0406055245414459`, /no subscriber/],
      [`${NULL_31}04070552454144590b`, /cut off/],
      [`${NULL_31}040c0552454144590141ffffffff`, /cut off/],
      [`${NULL_31}0001ff`, /before READY/],
      [`${NULL_31}04070450494e470000`, /another command/],
      [`${NULL_31}0400`, /empty or cut off/],
      [`${NULL_31}08`, /unknown flags/],
      [`${NULL_31}0500`, /within a message/],
      [`${NULL_31}${READY_SUB}0100040403464f4f`, /within a message/],
      [`${NULL_31}${READY_SUB}04060450494e4700`, /malformed PING/],
      [`${NULL_31}${READY_SUB}04180450494e470000${'61'.repeat(17)}`, /malformed PING/],
      [`${NULL_31}${READY_SUB}0407054552524f5200`, /reports an error/],
      [`${NULL_31}${READY_SUB}02ffffffffffffffff`, /more than 8192 bytes/],
      [`${NULL_31}${READY_SUB}020000000000002001`, /more than 8192 bytes/],
    ];
    for (const [hex, fault] of cases) assert.match(faultOf(new ZmtpSubscriber(), hex) ?? '', fault, hex);
  });

  it('keeps a bounded number of prefixes, however many are sent', () => {
    const subscriber = opened();
    const prefix = (i: number): Uint8Array => concatBytes(Uint8Array.of(1), encodeUtf8(String(i)));
    const send = (i: number): string | null => subscriber.receive(concatBytes(...encodeZmtpMessage([prefix(i)]))).fault;
    for (let i = 0; i < ZMTP_PREFIXES_MAX; i++) assert.equal(send(i), null);
    assert.equal(send(7), null, 'one that is known');
    assert.match(send(ZMTP_PREFIXES_MAX) ?? '', /more than 1000 subscriptions/);
  });

  it('takes a frame of the longest length, in whatever pieces', () => {
    const subscriber = opened();
    const frame = fromHex(`020000000000002000${'01'.repeat(ZMTP_FRAME_BYTES_MAX)}`);
    for (let at = 0; at < frame.length; at += 1000) {
      assert.equal(subscriber.receive(frame.slice(at, at + 1000)).fault, null);
    }
    assert.equal(subscriber.wants('01'.repeat(ZMTP_FRAME_BYTES_MAX - 1)), true);
  });

  it('makes the same of bytes however they are cut, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), fc.nat(200), (tail, isGreeted, cut) => {
        const bytes = concatBytes(isGreeted ? fromHex(NULL_31 + READY_SUB) : new Uint8Array(0), tail);
        const whole = new ZmtpSubscriber();
        const expected = whole.receive(bytes);
        const pieces = new ZmtpSubscriber();
        const first = pieces.receive(bytes.slice(0, cut));
        const second = first.fault === null ? pieces.receive(bytes.slice(cut)) : first;
        assert.equal(second.fault, expected.fault);
        if (expected.fault === null) {
          assert.deepEqual([...first.replies, ...second.replies].map(toHex), expected.replies.map(toHex));
        }
      }),
    );
  });
});

describe('a message', () => {
  it('has a frame per part, and all but the last say that more follow', () => {
    const pieces = encodeZmtpMessage([encodeUtf8('rawtx'), new Uint8Array(256).fill(7), Uint8Array.of(1, 0, 0, 0)]);
    const expected = `0105${RAWTX}030000000000000100${'07'.repeat(256)}000401000000`;
    assert.equal(toHex(concatBytes(...pieces)), expected);
  });

  it('is not copied where it is long', () => {
    const block = new Uint8Array(70_000);
    const pieces = encodeZmtpMessage([encodeUtf8('rawblock'), block, Uint8Array.of(2, 0, 0, 0)]);
    assert.deepEqual(
      pieces.map((piece) => (piece === block ? 'block' : toHex(piece))),
      ['0108', '726177626c6f636b', '030000000000011170', 'block', '0004', '02000000'],
    );
  });
});
