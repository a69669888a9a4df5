// Addresses as text, their kinds and their forms; the vectors are those of BIP155 and of Core's own tests, typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import {
  ADDRESS_BYTES,
  addressKey,
  compareAddresses,
  createInternalAddress,
  encodeAddressKey,
  equalAddresses,
  equalHosts,
  flipIpv6ToCjdns,
  formatHost,
  formatNetAddress,
  fromLegacyIpv6,
  hostKey,
  isAddrV1Compatible,
  isBindAny,
  isLocal,
  isPrivacyNet,
  isRoutable,
  isValid,
  type NetAddress,
  type Network,
  parseHost,
  parseNetAddress,
  routableNetwork,
  splitHostPort,
  toLegacyIpv6,
  unspecifiedAddress,
  withPort,
} from './net-address.ts';

const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
const I2P = 'ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p';

function parse(text: string, port = 8333): NetAddress {
  const address = parseHost(text, port);
  assert.ok(address !== null, `${text} is an address`);
  return address;
}

test('an IPv4 address is one to four numbers as C writes them, the last for all bytes that are left', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['12.34.56.78', '12.34.56.78'],
    ['127.1', '127.0.0.1'],
    ['1.2.3', '1.2.0.3'],
    ['1.2.65535', '1.2.255.255'],
    ['10.16777215', '10.255.255.255'],
    ['2130706433', '127.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['0', '0.0.0.0'],
    ['0177.0.0.01', '127.0.0.1'],
    ['0x7f.0X0.0x0.0xFf', '127.0.0.255'],
    ['0x7f000001', '127.0.0.1'],
  ];
  for (const [text, expected] of texts) assert.equal(formatHost(parse(text)), expected, text);
  for (const text of [
    '1.2.3.4.5',
    '256.0.0.1',
    '1.2.3.256',
    '1.2.65536',
    '1.16777216',
    '4294967296',
    '08.0.0.1',
    '0x.0.0.1',
    '0x',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1..3.4',
    '1.',
    '.1',
    '',
    '1.2.3.-4',
    '1e3',
    '+1.2.3.4',
    '9'.repeat(1000),
  ]) {
    assert.equal(parseHost(text, 1), null, text);
  }
  for (const text of ['::ffff:127.1', '::ffff:0177.0.0.1', '::1.2.3.4.', '::1.2.3.4.5']) {
    assert.equal(parseHost(text, 1), null, text);
  }
});

test('an IPv6 address is read in every form and written in the one of RFC 5952', () => {
  const canonical: readonly (readonly [string, string])[] = [
    ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8:85a3:0000:0000:8a2e:0370:7334', '2001:db8:85a3::8a2e:370:7334'],
    ['2001:db8:0000:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:DB8:0:0:aaaa::1', '2001:db8::aaaa:0:0:1'],
    ['2001:db8:aaaa:bbbb:cccc:dddd::1', '2001:db8:aaaa:bbbb:cccc:dddd:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ];
  for (const [text, expected] of canonical) assert.equal(formatHost(parse(text)), expected);
  for (const text of [
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    ':1::',
  ]) {
    assert.equal(parseHost(text, 1), null, text);
  }
});

test('IPv4 in IPv6 is IPv4, and a dead onion service in IPv6 is no address', () => {
  assert.equal(formatNetAddress(parse('::ffff:192.168.1.1')), '192.168.1.1:8333');
  const torV2 = parse('fd87:d87e:eb43:102:304:506:708:90a');
  assert.equal(formatHost(torV2), '::');
  assert.equal(isValid(torV2), false);
});

test('scopes and names are no numeric addresses', () => {
  for (const text of ['fe80::1%32', 'localhost', 'example.com', '127.0.0.1\0', '127.0.0.1\0example.com']) {
    assert.equal(parseHost(text, 1), null, text);
  }
});

test('the address of an onion service carries its checksum and version', () => {
  const address = parse(ONION);
  assert.equal(address.network, 'onion');
  assert.equal(toHex(address.bytes), '79bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f');
  assert.equal(formatNetAddress(address), `${ONION}:8333`);
  assert.equal(formatHost(parse(`${ONION.slice(0, 56).toUpperCase()}.onion`)), ONION);
  const wrong = [
    'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscsad.onion', // checksum
    'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrye.onion', // version
    'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd\0wtf.onion',
    '6hzph5hv6337r6p2.onion', // version 2
    'mfrggzak.onion',
    'mf*g zak.onion',
    '.onion',
  ];
  for (const text of wrong) assert.equal(parseHost(text, 1), null, text);
});

test('an I2P address is 52 digits in either case', () => {
  const address = parse(I2P, 0);
  assert.equal(address.network, 'i2p');
  assert.equal(toHex(address.bytes), 'a2894dabaec08c0051a481a6dac88b64f98232ae42d4b6fd2fa81952dfe36a87');
  assert.equal(formatNetAddress(address), `${I2P}:0`);
  assert.equal(
    formatHost(parse('UDHDrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna.b32.I2P')),
    'udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna.b32.i2p',
  );
  const wrong = [
    'udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jn=.b32.i2p',
    'udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna=.b32.i2p',
    'udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jnb.b32.i2p', // bits left over that are not zero
    'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscsad.b32.i2p',
    'tp*szydbh4dp.b32.i2p',
  ];
  for (const text of wrong) assert.equal(parseHost(text, 1), null, text);
});

test('an internal address stands for a name and cannot be typed in', () => {
  const address = createInternalAddress('esffpp');
  assert.equal(formatHost(address), 'esffpvrt3wpeaygy.internal');
  assert.equal(isValid(address), false);
  assert.equal(routableNetwork(address), 'internal');
  assert.equal(toHex(toLegacyIpv6(createInternalAddress('a'))), 'fd6b88c08724ca978112ca1bbdcafac2');
  assert.equal(parseHost('fd6b:88c0:8724:ca97:8112:ca1b:bdca:fac2', 1), null);
  assert.equal(parseHost('esffpvrt3wpeaygy.internal', 1), null);
});

test('host and port are told apart as Core does it', () => {
  const cases: readonly (readonly [string, string, number | null])[] = [
    ['www.bitcoincore.org', 'www.bitcoincore.org', null],
    ['[www.bitcoincore.org]', 'www.bitcoincore.org', null],
    ['www.bitcoincore.org:80', 'www.bitcoincore.org', 80],
    ['127.0.0.1:8333', '127.0.0.1', 8333],
    ['[127.0.0.1]:8333', '127.0.0.1', 8333],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1', null],
    ['[::ffff:127.0.0.1]:8333', '::ffff:127.0.0.1', 8333],
    ['[::]:8333', '::', 8333],
    ['::8333', '::8333', null],
    [':8333', '', 8333],
    ['[]:8333', '', 8333],
    ['', '', null],
    [':65535', '', 65535],
    ['127.0.0.1:0', '127.0.0.1', 0],
  ];
  for (const [text, host, port] of cases) assert.deepEqual(splitHostPort(text), { host, port }, text);
  for (const text of [
    ':65536',
    ':-1',
    '[]:70001',
    '[]:-0',
    '[]:1/2',
    '[]:1E2',
    '127.0.0.1:65536',
    '127.0.0.1:',
    'a:99999999999999999999',
  ]) {
    assert.equal(splitHostPort(text), null, text);
  }
});

test('an address is read with its port, or with the default', () => {
  assert.equal(formatNetAddress(parseNetAddress('1.2.3.4', 18444)!), '1.2.3.4:18444');
  assert.equal(formatNetAddress(parseNetAddress('1.2.3.4:5', 18444)!), '1.2.3.4:5');
  assert.equal(formatNetAddress(parseNetAddress('[2001:db8::1]:5', 18444)!), '[2001:db8::1]:5');
  assert.equal(formatNetAddress(parseNetAddress(`${ONION}:5`, 18444)!), `${ONION}:5`);
  assert.equal(parseNetAddress('1.2.3.4:x', 18444), null);
  assert.equal(parseNetAddress('seed.example.org', 18444), null);
});

test('every address that text can say comes back from its text', () => {
  const address = fc.constantFrom<Network>('ipv4', 'ipv6', 'onion', 'i2p').chain((network) =>
    fc.record({
      network: fc.constant(network),
      bytes: fc.uint8Array({ minLength: ADDRESS_BYTES[network], maxLength: ADDRESS_BYTES[network] }),
      port: fc.nat(0xffff),
    }),
  );
  fc.assert(
    fc.property(address, (original) => {
      const again = parseNetAddress(formatNetAddress(original), 1)!;
      assert.equal(addressKey(again), addressKey(original));
      assert.ok(equalAddresses(again, original));
    }),
    { seed: 155 },
  );
});

test('local, private, documentation and tunnel ranges are what Core says they are', () => {
  const unroutable = [
    '127.0.0.1',
    '0.1.2.3',
    '10.0.0.1',
    '172.16.0.0',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.0',
    '198.19.255.255',
    '169.254.1.1',
    '100.64.0.0',
    '100.127.255.255',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.255',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::',
    '2001:db8::',
    'fc00::',
    'fdff::1',
    '2001:10::',
    '2001:1f::',
    '2001:20::',
    '2001:2f::',
    'fe80::',
    'fe80::1',
  ];
  for (const text of unroutable) assert.equal(routableNetwork(parse(text)), 'unroutable', text);
  const routable = [
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '192.0.3.1',
    '2001::1',
    '2001::8888',
    '2002::1',
    '64:ff9b::1',
    '::ffff:0:102:304',
    '2001:30::',
    'fe80:0:0:1::',
    ONION,
    I2P,
  ];
  for (const text of routable) assert.equal(isRoutable(parse(text)), true, text);
});

test('valid is what could name a machine, local is this one, and any is for listening', () => {
  const valid = (text: string): boolean => isValid(parse(text));
  assert.deepEqual(['0.0.0.0', '255.255.255.255', '::', '2001:db8::1'].map(valid), [false, false, false, false]);
  assert.deepEqual(['127.0.0.1', '10.0.0.1', '::1', 'fe80::1', ONION].map(valid), [true, true, true, true, true]);
  assert.deepEqual(
    ['127.9.9.9', '0.0.0.0', '::1', '::2', '128.0.0.1'].map((text) => isLocal(parse(text))),
    [true, true, true, false, false],
  );
  assert.deepEqual(
    ['0.0.0.0', '::', '127.0.0.1', ONION].map((text) => isBindAny(parse(text))),
    [true, true, false, false],
  );
  assert.deepEqual(
    [ONION, I2P, '1.2.3.4'].map((text) => isPrivacyNet(parse(text))),
    [true, true, false],
  );
});

test('a CJDNS address is IPv6 in the range fc00::/8, and only where it is used', () => {
  const address = flipIpv6ToCjdns(parse('fc00:1:2:3:4:5:6:7'));
  assert.equal(address.network, 'cjdns');
  assert.equal(formatNetAddress(address), '[fc00:1:2:3:4:5:6:7]:8333');
  assert.equal(isRoutable(address), true);
  assert.equal(isAddrV1Compatible(address), false);
  assert.equal(flipIpv6ToCjdns(parse('fd00::1')).network, 'ipv6');
  assert.equal(isValid({ ...address, bytes: fromHex('aa000001000200030004000500060007') }), false);
});

test('the 16-byte form holds IPv4, IPv6 and internal addresses, and nothing of the others', () => {
  const legacy = (text: string): string => toHex(toLegacyIpv6(parse(text)));
  assert.equal(legacy('::'), '00000000000000000000000000000000');
  assert.equal(legacy('1.2.3.4'), '00000000000000000000ffff01020304');
  assert.equal(legacy('1a1b:2a2b:3a3b:4a4b:5a5b:6a6b:7a7b:8a8b'), '1a1b2a2b3a3b4a4b5a5b6a6b7a7b8a8b');
  assert.equal(legacy(ONION), '00000000000000000000000000000000');
  assert.equal(formatHost(fromLegacyIpv6(fromHex('fd6b88c08724ca978112ca1bbdcafac2'), 0)), 'zklycewkdo64v6wc.internal');
});

test('keys are equal for equal addresses alone', () => {
  const a = parse('1.2.3.4');
  assert.equal(addressKey(a), addressKey(parse('::ffff:1.2.3.4')));
  assert.notEqual(addressKey(a), addressKey(withPort(a, 8334)));
  assert.equal(hostKey(a), hostKey(withPort(a, 8334)));
  assert.ok(equalHosts(a, withPort(a, 1)) && !equalAddresses(a, withPort(a, 1)));
  assert.notEqual(hostKey(parse('fc00::1')), hostKey(flipIpv6ToCjdns(parse('fc00::1'))));
  assert.equal(toHex(encodeAddressKey(parse('250.1.1.1'))), '00000000000000000000fffffa010101208d');
  assert.equal(toHex(encodeAddressKey(parse(ONION, 1))).slice(-8), '2f1f0001');
});

test('addresses are ordered by network, bytes and port', () => {
  const sorted = [
    parse('2.0.0.0', 1),
    parse('2.0.0.0', 2),
    parse('10.0.0.0', 1),
    parse('::1', 0),
    parse(ONION),
    parse(I2P),
  ];
  const shuffled = [sorted[3]!, sorted[5]!, sorted[1]!, sorted[0]!, sorted[4]!, sorted[2]!];
  assert.deepEqual(shuffled.sort(compareAddresses), sorted);
  assert.equal(compareAddresses(unspecifiedAddress(), unspecifiedAddress()), 0);
});
