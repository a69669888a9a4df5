import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { toByteText } from './byte-text.ts';
import { describeSamRequest, parseSamReply, quoteSam, readSamValue, SAM_REQUESTS, SamLines } from './sam.ts';

test('D01: a line may come in any pieces, and what is behind it is kept for whoever is next', () => {
  const text = 'HELLO REPLY RESULT=OK VERSION=3.1\nrest';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 6 }), (cuts) => {
      const lines = new SamLines();
      const places = [0, ...cuts, text.length].sort((a, b) => a - b);
      let line: string | null = null;
      let rest = '';
      for (let i = 1; i < places.length; i++) {
        const piece = text.slice(places[i - 1], places[i]);
        if (line !== null) {
          rest += piece;
          continue;
        }
        const step = lines.receive(encodeUtf8(piece));
        assert.notEqual(step.type, 'failed');
        if (step.type !== 'line') continue;
        line = step.text;
        rest = toByteText(step.rest);
      }
      assert.deepEqual([line, rest], ['HELLO REPLY RESULT=OK VERSION=3.1', 'rest']);
    }),
  );
});

test('D01: a line of 65,536 bytes is read, a longer one is not, however it comes', () => {
  const whole = new Uint8Array(65_537).fill(0x61);
  whole[65_536] = 0x0a;
  const step = new SamLines().receive(whole);
  assert.equal(step.type === 'line' && step.text.length, 65_536);
  assert.equal(new SamLines().receive(new Uint8Array(65_537)).type, 'failed');
  const dripped = new SamLines();
  for (let i = 0; i < 65_536; i++) assert.equal(dripped.receive(Uint8Array.of(0x61)).type, 'wait');
  assert.deepEqual(dripped.receive(Uint8Array.of(0x61)), {
    type: 'failed',
    reason: 'received too many bytes without a terminator (65536)',
  });
});

test('a reply is words with and without values; of one key the first counts', () => {
  const reply = parseSamReply('STREAM STATUS RESULT=OK VALUE=a=b= EMPTY= RESULT=I2P_ERROR');
  assert.deepEqual(
    [...reply],
    [
      ['STREAM', null],
      ['STATUS', null],
      ['RESULT', 'OK'],
      ['VALUE', 'a=b='],
      ['EMPTY', ''],
    ],
  );
  assert.deepEqual(readSamValue(reply, 'VALUE', 'x'), { ok: true, value: 'a=b=' });
  for (const key of ['STREAM', 'MESSAGE']) {
    const error = `Missing ${key}= in the reply to "NAMING LOOKUP NAME=x"`;
    assert.deepEqual(readSamValue(reply, key, 'NAMING LOOKUP NAME=x'), { ok: false, error });
  }
});

test('D01: of a reply with very many words the first are looked at', () => {
  const reply = parseSamReply(`${'A B '.repeat(10_000)}RESULT=OK`);
  assert.deepEqual([...reply.keys()], ['A', 'B']);
});

test('what a router says is repeated in short, and without what could play tricks', () => {
  assert.equal(quoteSam('STREAM STATUS RESULT=I2P_ERROR\x1b[2J\r\u0080'), '"STREAM STATUS RESULT=I2P_ERROR[2J"');
  assert.equal(quoteSam('x'.repeat(1000)), `"${'x'.repeat(200)}…"`);
});

test('requests are those of SAM 3.1 as Core makes them, and a key is never shown', () => {
  assert.equal(SAM_REQUESTS.hello, 'HELLO VERSION MIN=3.1 MAX=3.1');
  assert.equal(SAM_REQUESTS.generate, 'DEST GENERATE SIGNATURE_TYPE=7');
  assert.equal(
    SAM_REQUESTS.createPersistent('ab', 'KEY='),
    'SESSION CREATE STYLE=STREAM ID=ab DESTINATION=KEY= i2cp.leaseSetEncType=4,0 inbound.quantity=3 outbound.quantity=3',
  );
  assert.equal(
    SAM_REQUESTS.createTransient('ab'),
    'SESSION CREATE STYLE=STREAM ID=ab DESTINATION=TRANSIENT SIGNATURE_TYPE=7 i2cp.leaseSetEncType=4,0 inbound.quantity=1 outbound.quantity=1',
  );
  assert.equal(SAM_REQUESTS.lookUp('a.b32.i2p'), 'NAMING LOOKUP NAME=a.b32.i2p');
  assert.equal(SAM_REQUESTS.connect('ab', 'D'), 'STREAM CONNECT ID=ab DESTINATION=D SILENT=false');
  assert.equal(SAM_REQUESTS.accept('ab'), 'STREAM ACCEPT ID=ab SILENT=false');
  assert.equal(describeSamRequest(SAM_REQUESTS.createPersistent('ab', 'KEY=')), 'SESSION CREATE ...');
  assert.equal(describeSamRequest(SAM_REQUESTS.hello), SAM_REQUESTS.hello);
});
