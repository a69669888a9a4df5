import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { findHeader, HTTP_BODY_BYTES_MAX, type HttpEvent, HttpParser } from './http-parser.ts';

/** What comes of a text that arrives in pieces. */
function parse(text: string, pieceLength = text.length): HttpEvent[] {
  const parser = new HttpParser();
  const bytes = Buffer.from(text, 'latin1');
  const events: HttpEvent[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, pieceLength)) {
    for (const event of parser.feed(bytes.subarray(at, at + Math.max(1, pieceLength)))) {
      if (event.type !== 'head') events.push(event);
    }
  }
  return events;
}

/** One word for each event: the body of a request, or the status of an error. */
function outcome(text: string, pieceLength?: number): string {
  return parse(text, pieceLength)
    .map((event) =>
      event.type === 'request'
        ? Buffer.from(event.request.body).toString('latin1')
        : `!${event.type === 'error' ? event.status : ''}`,
    )
    .join('|');
}

const HEAD = 'POST / HTTP/1.1\r\n';

test('a request is read, however it is cut into pieces', () => {
  const text = `${HEAD}Host: a\r\nContent-Length: 5\r\n\r\nhelloGET /x HTTP/1.0\n\n`;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: text.length }), (pieceLength) => {
      assert.equal(outcome(text, pieceLength), 'hello|');
    }),
  );
  const [first] = parse(text);
  assert.ok(first?.type === 'request');
  assert.equal(first.request.method, 'POST');
  assert.equal(first.request.target, '/');
  assert.equal(findHeader(first.request, 'HOST'), 'a');
  assert.equal(first.request.minorVersion, 1);
});

test('chunks make a body, with extensions and trailers that are ignored', () => {
  const text = `${HEAD}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n`;
  for (const pieceLength of [1, 2, 3, 7, text.length]) assert.equal(outcome(text, pieceLength), 'abcde');
});

test('R08: where chunks and a length contradict each other, chunks count, and nothing is left over', () => {
  const text = `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n{"method":"getblockcount"}\r\n0\r\n\r\n`;
  assert.equal(outcome(text), '{"method":"getblockcount"}');
});

test('R08: a grammar that two readers could understand differently is refused', () => {
  for (const text of [
    `${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\n`,
    `${HEAD}Content-Length: +4\r\n\r\n`,
    `${HEAD}Content-Length: 4, 4\r\n\r\n`,
    `${HEAD}Content-Length: -1\r\n\r\n`,
    `${HEAD}Content-Length: 0x4\r\n\r\n`,
    `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n`,
    'POST /\0 HTTP/1.1\r\n\r\n',
    'POST / HTTP/9.9\r\n\r\n',
    'POST / HTTP/1.10\r\n\r\n',
    'POST / HTTP/2.0\r\n\r\n',
    'POST / http/1.1\r\n\r\n',
    'POST  / HTTP/1.1\r\n\r\n',
    'POST / x HTTP/1.1\r\n\r\n',
    'POST / HTTP/1.1 \r\n\r\n',
    'GET /\r\n\r\n',
    `${HEAD}A: b\r\n folded\r\n\r\n`,
    `${HEAD}A : b\r\n\r\n`,
    `${HEAD}: b\r\n\r\n`,
    `${HEAD}no colon\r\n\r\n`,
    `${HEAD}A: b\rc\r\n\r\n`,
    `${HEAD}A: b\0c\r\n\r\n`,
  ]) {
    assert.equal(outcome(text), '!400', JSON.stringify(text));
    assert.equal(outcome(text, 1), '!400', JSON.stringify(text));
  }
});

test('the same length twice is one length', () => {
  assert.equal(outcome(`${HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab`), 'ab');
});

test('R08: a head has at most 8,192 bytes, whether in one line or in many', () => {
  const withPath = (length: number): string => `GET /${'x'.repeat(length)} HTTP/1.1\r\n\r\n`;
  assert.equal(outcome(withPath(8192 - 18)), '');
  assert.equal(parse(withPath(8192 - 18)).length, 1);
  assert.equal(outcome(withPath(8193 - 18)), '!400');
  assert.equal(outcome(`GET /${'x'.repeat(100_000)}`), '!400');
  assert.equal(outcome(`${HEAD}${'a: b\r\n'.repeat(2000)}\r\n`), '!400');
  assert.equal(outcome(`${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(2000)}`), '!400');
  assert.equal(outcome(`${HEAD}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(10_000)}`), '!400');
});

test('R08: a body above 32 MiB is refused before it comes', () => {
  assert.equal(outcome(`${HEAD}Content-Length: ${HTTP_BODY_BYTES_MAX}\r\n\r\n`), '');
  assert.equal(outcome(`${HEAD}Content-Length: ${HTTP_BODY_BYTES_MAX + 1}\r\n\r\n`), '!413');
  assert.equal(outcome(`${HEAD}Content-Length: 99999999999999999999\r\n\r\n`), '!400');
  assert.equal(outcome(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2000001\r\n`), '!413');
  assert.equal(outcome(`${HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n`), '!413');
});

test('R08: no sequence of bytes makes the parser throw, or go on after an error', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'POST / HTTP/1.1\r\n',
          'A: b\r\n',
          '\r\n',
          'Content-Length: 3\r\n',
          '0\r\n',
          'x',
          '\n',
          '\0',
          'Transfer-Encoding: chunked\r\n',
        ),
        { maxLength: 12 },
      ),
      fc.integer({ min: 1, max: 9 }),
      (parts, pieceLength) => {
        const events = parse(parts.join(''), pieceLength);
        const errorAt = events.findIndex(({ type }) => type === 'error');
        assert.ok(errorAt < 0 || errorAt === events.length - 1);
      },
    ),
  );
});

test('a long body is what was sent, announced or in chunks, and takes no more room than it was announced with', () => {
  const body = Array.from({ length: 300_000 }, (_, i) => `${i},`).join('');
  assert.ok(body.length > 1_500_000);
  const events = parse(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`, 65_536);
  const [event] = events;
  assert.ok(events.length === 1 && event?.type === 'request');
  assert.equal(Buffer.from(event.request.body).toString('latin1'), body);
  assert.equal(event.request.body.buffer.byteLength, body.length);
  const chunks = body.match(/.{1,100000}/g) ?? [];
  const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  assert.ok(outcome(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${framed}0\r\n\r\n`, 65_536) === body);
});

test('a body that nobody wants is counted and not kept', () => {
  const parser = new HttpParser();
  const requests: number[] = [];
  const feed = (text: string): void => {
    for (const event of parser.feed(Buffer.from(text, 'latin1'))) {
      if (event.type === 'head') parser.discardBody();
      if (event.type === 'request') requests.push(event.request.body.length);
    }
  };
  feed(`${HEAD}Content-Length: 5\r\n\r\nab`);
  assert.deepEqual(requests, []);
  feed('cde');
  assert.deepEqual(requests, [0]);
  assert.ok(parser.isIdle);
});

test('R15: a header full of blanks takes no time to speak of', () => {
  const before = process.cpuUsage();
  for (let i = 0; i < 20; i++) assert.equal(outcome(`${HEAD}A: x${' '.repeat(8000)}y\r\n\r\n`), '');
  assert.ok(process.cpuUsage(before).user < 500_000, 'half a second');
});
