// Groups and reachability of addresses; the groups are those of Core's own tests, typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../../kernel/util/bytes.ts';
import { createInternalAddress, flipIpv6ToCjdns, type NetAddress, parseHost } from './net-address.ts';
import { netClass, netGroup, reachabilityFrom } from './net-group.ts';

const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
const I2P = 'ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p';

function parse(text: string): NetAddress {
  const address = parseHost(text, 8333);
  assert.ok(address !== null, `${text} is an address`);
  return address;
}

test('all addresses that cannot be reached are one group', () => {
  for (const text of ['127.0.0.1', '10.0.0.1', '169.254.1.1', '::', '::1', 'fc00::1']) {
    assert.deepEqual([...netGroup(parse(text))], [0], text);
  }
});

test('an IPv4 address belongs to its /16, however it is wrapped', () => {
  const wrapped = [
    '1.2.3.4',
    '::ffff:0:102:304', // RFC 6145
    '64:ff9b::102:304', // RFC 6052
    '2002:102:304:9999:9999:9999:9999:9999', // 6to4
    '2001:0:9999:9999:9999:9999:fefd:fcfb', // Teredo
  ];
  for (const text of wrapped) {
    assert.deepEqual([...netGroup(parse(text))], [1, 1, 2], text);
    assert.equal(netClass(parse(text)), 'ipv4', text);
  }
});

test('an IPv6 address belongs to its /32, and a tunnel of Hurricane Electric to its /36', () => {
  assert.deepEqual([...netGroup(parse('2001:2001:9999:9999:9999:9999:9999:9999'))], [2, 32, 1, 32, 1]);
  assert.deepEqual([...netGroup(parse('2001:470:abcd:9999:9999:9999:9999:9999'))], [2, 32, 1, 4, 112, 175]);
});

test('an address that is a key belongs to one of sixteen groups', () => {
  assert.deepEqual([...netGroup(parse(ONION))], [3, 0x7f]);
  assert.deepEqual([...netGroup(parse(I2P))], [4, 0xaf]);
  assert.deepEqual([...netGroup(flipIpv6ToCjdns(parse('fc12:3456::')))], [5, 0xfc, 0x1f]);
});

test('every internal address is a group of its own', () => {
  assert.deepEqual(netGroup(createInternalAddress('baz.net')), fromHex('0612929400eb4607c4ac07'));
});

test('of our addresses the best for a partner is told as Core tells it', () => {
  const teredo = '2001::1';
  const tunnel = '2002:102:304::1';
  const score = (ours: string, theirs: string): number => reachabilityFrom(parse(ours), parse(theirs));
  // from IPv4
  assert.deepEqual([score('1.2.3.4', '5.6.7.8'), score('2a00::1', '5.6.7.8'), score(ONION, '5.6.7.8')], [4, 1, 1]);
  // from IPv6
  assert.deepEqual(
    [score('2a00::1', '2a01::1'), score(tunnel, '2a01::1'), score(teredo, '2a01::1'), score('1.2.3.4', '2a01::1')],
    [5, 3, 2, 4],
  );
  // from Teredo
  assert.deepEqual([score(teredo, teredo), score('2a00::1', teredo), score('1.2.3.4', teredo)], [2, 3, 4]);
  // from onion services, I2P and CJDNS
  assert.deepEqual([score(ONION, ONION), score('1.2.3.4', ONION), score('2a00::1', ONION)], [6, 4, 1]);
  assert.deepEqual([score(I2P, I2P), score('1.2.3.4', I2P)], [6, 1]);
  const cjdns = flipIpv6ToCjdns(parse('fc00::1'));
  assert.deepEqual([reachabilityFrom(cjdns, cjdns), reachabilityFrom(parse('1.2.3.4'), cjdns)], [6, 1]);
  // from a place that nobody can tell
  assert.deepEqual(
    [score(teredo, '10.0.0.1'), score('2a00::1', '10.0.0.1'), score('1.2.3.4', '10.0.0.1'), score(ONION, '10.0.0.1')],
    [2, 3, 4, 6],
  );
  assert.equal(score(I2P, '10.0.0.1'), 1);
  // ours cannot be reached at all
  assert.equal(score('10.0.0.1', '5.6.7.8'), 0);
});
