import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import {
  isTorServiceKey,
  parseTorArguments,
  readTorAccess,
  readTorService,
  readTorSocksPlace,
  TOR_COMMANDS,
  TorReplies,
  type TorReply,
} from './tor-control.ts';

/** What is read of a text that comes in pieces of this length; or why it is not. */
function read(text: string, pieceLength = 1000, replies = new TorReplies()): readonly TorReply[] | string {
  const found: TorReply[] = [];
  const bytes = encodeUtf8(text);
  for (let at = 0; at < bytes.length; at += pieceLength) {
    const step = replies.receive(bytes.slice(at, at + pieceLength));
    if (!step.ok) return step.error;
    for (const reply of step.value) found.push(reply);
  }
  return found;
}

function parse(text: string): Record<string, string> {
  return Object.fromEntries(parseTorArguments(text));
}

test('replies are cut out of a stream, however it is cut', () => {
  const text = '250-ServiceID=abc\r\n250 OK\r\n510 Unrecognized\n\r\n25\r\n650 EVENT\r\n2x0 ?\r\n250+data=\r\n250 half';
  const whole = [
    { code: 250, lines: ['ServiceID=abc', 'OK'] },
    { code: 510, lines: ['Unrecognized'] },
    { code: 650, lines: ['EVENT'] },
    { code: 0, lines: ['?'] },
  ];
  for (const length of [1, 2, 3, 7, 1000]) assert.deepEqual(read(text, length), whole, `pieces of ${length}`);
});

test('D01: a line has at most 100,000 bytes and its end, whether it ends or not', () => {
  const replies = new TorReplies();
  assert.deepEqual(read(`250-${'A'.repeat(99_995)}\r\n`, 4096, replies), []);
  assert.equal(
    read(`250-${'A'.repeat(99_996)}\r\n`, 4096, replies),
    'Control port line exceeded its length, disconnecting',
  );
  assert.equal(read('A'.repeat(100_001)), 'Control port line exceeded its length, disconnecting');
});

test('D01: a reply has at most 1,000 lines, and a million characters', () => {
  const last = '250 OK\r\n';
  const longest = read(`${'250-A\r\n'.repeat(999)}${last}`);
  assert.ok(typeof longest !== 'string');
  assert.equal(longest[0]?.lines.length, 1000);
  assert.equal(read(`${'250-A\r\n'.repeat(1000)}${last}`), 'Control port reply exceeded 1000 lines, disconnecting');
  const long = `250-${'A'.repeat(90_000)}\r\n`;
  assert.equal(read(long.repeat(12)), 'Control port reply exceeded its length, disconnecting');
  // Whole replies do not add up.
  assert.ok(typeof read(`${long.repeat(9)}${last}`.repeat(3)) !== 'string');
});

test('arguments are read as Core reads them', () => {
  assert.deepEqual(parse('METHODS=COOKIE,SAFECOOKIE COOKIEFILE="/home/x/.tor/control_auth_cookie"'), {
    METHODS: 'COOKIE,SAFECOOKIE',
    COOKIEFILE: '/home/x/.tor/control_auth_cookie',
  });
  assert.deepEqual(parse('Foo="Bar=Baz Spam" x=a=b='), { Foo: 'Bar=Baz Spam', x: 'a=b=' });
  assert.deepEqual(parse('Foo=Bar OPTIONAL whatever'), { Foo: 'Bar' });
  for (const none of ['', 'ARGS', 'MORE ARGS', 'Foo="Bar', 'Foo="Bar\\"', 'Foo=Bar Spam', 'Foo="a\\']) {
    assert.deepEqual(parse(none), {}, none);
  }
  assert.deepEqual(parse('Foo= Bar=x'), { Foo: '', Bar: 'x' });
  assert.deepEqual(parse('Foo='), { Foo: '' });
  assert.deepEqual(parse('a="b"c=d'), { a: 'b', c: 'd' });
});

test('escapes are those of Core', () => {
  const escaped = (text: string): string | undefined => parse(`Foo="${text}"`).Foo;
  assert.equal(escaped('Bar\\ Baz'), 'Bar Baz');
  assert.equal(escaped('Bar\\@Baz\\"'), 'Bar@Baz"');
  assert.equal(escaped('\\n\\t\\r\\\\'), '\n\t\r\\');
  assert.equal(escaped('\\1a\\11\\1\\101\\0'), '\u0001a\t\u0001A\u0000');
  assert.equal(escaped('\\377\\378\\400\\81'), '\u00ff\u001f8 081');
});

test('what Tor says of itself is read', () => {
  const lines = ['PROTOCOLINFO 1', 'AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE="/a b"', 'VERSION Tor="0.4.8.1"', 'OK'];
  const access = readTorAccess({ code: 250, lines });
  assert.deepEqual(
    [[...access.methods], access.cookieFile, access.version],
    [['COOKIE', 'SAFECOOKIE'], '/a b', '0.4.8.1'],
  );
  assert.deepEqual([...readTorAccess({ code: 250, lines: [] }).methods], []);
});

test('of several places for SOCKS that on this machine is taken, else the last', () => {
  const place = (said: string): string | null =>
    readTorSocksPlace({ code: 250, lines: [`net/listeners/socks=${said}`] });
  assert.equal(place('"10.0.0.1:1" "127.0.0.1:2" "10.0.0.1:3"'), '127.0.0.1:2');
  assert.equal(place('"10.0.0.1:1"  \'10.0.0.1:3\''), '10.0.0.1:3');
  for (const none of ['', '""', ' ']) assert.equal(place(none), null);
  assert.equal(readTorSocksPlace({ code: 250, lines: ['OK'] }), null);
});

test('a key that is more than a key is not taken: it would be a command', () => {
  const key = (said: string) => readTorService({ code: 250, lines: ['ServiceID=a', `PrivateKey=${said}`] })?.key;
  assert.equal(key('ED25519-V3:AAA+/='), 'ED25519-V3:AAA+/=');
  for (const bad of [
    '"ED25519-V3:A\\r\\nQUIT"',
    '"ED25519-V3:A Port=1"',
    'ED25519-V3',
    `A:${'A'.repeat(1023)}`,
    'A:\u00e9',
  ]) {
    assert.equal(key(bad), null, bad);
  }
  assert.ok(isTorServiceKey('NEW:ED25519-V3'));
  assert.equal(readTorService({ code: 250, lines: ['OK'] }), null);
});

test('commands are what Tor expects, and a password is no more than one', () => {
  assert.equal(TOR_COMMANDS.authenticateByPassword('a"b\\c'), 'AUTHENTICATE "a\\"b\\\\c"');
  assert.equal(
    TOR_COMMANDS.addOnion('NEW:ED25519-V3', 8333, '127.0.0.1:8334', true),
    'ADD_ONION NEW:ED25519-V3 PoWDefensesEnabled=1 Port=8333,127.0.0.1:8334',
  );
  assert.equal(TOR_COMMANDS.addOnion('a:b', 8333, '[::1]:8334', false), 'ADD_ONION a:b Port=8333,[::1]:8334');
  assert.equal(TOR_COMMANDS.challenge(new Uint8Array([1, 255])), 'AUTHCHALLENGE SAFECOOKIE 01ff');
});

test('D18: no bytes whatever do harm', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary-ascii' }), (bytes, text) => {
      const step = new TorReplies().receive(bytes);
      assert.ok(step.ok);
      const reply = { code: 250, lines: [text, `AUTH ${text}`, `net/listeners/socks=${text}`] };
      readTorAccess(reply);
      readTorSocksPlace(reply);
      readTorService(reply);
    }),
  );
  // Long lines are read in a time that goes with their length.
  assert.deepEqual(parse(`a="${'\\'.repeat(99_990)}`), {});
  assert.equal(parse(`a="${'\\\\'.repeat(49_990)}"`).a?.length, 49_990);
  assert.equal(parseTorArguments('a=b '.repeat(25_000)).size, 1);
});
