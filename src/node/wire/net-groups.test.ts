import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE_ASMAP, EXAMPLE_ASMAP_VERSION } from '../../../test/model/example-asmap.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { type NetAddress, parseHost } from './net-address.ts';
import { NetGroups, PREFIX_GROUPS } from './net-groups.ts';

const groups = new NetGroups(EXAMPLE_ASMAP);

function parse(text: string): NetAddress {
  const address = parseHost(text, 8333);
  assert.ok(address !== null, `${text} is an address`);
  return address;
}

test('a map has the version that Core shows for it, and groups without one have none', () => {
  assert.equal(toHex(reversedBytes(groups.version)), EXAMPLE_ASMAP_VERSION);
  assert.equal(toHex(PREFIX_GROUPS.version), '00'.repeat(32));
  assert.deepEqual([groups.hasMap, PREFIX_GROUPS.hasMap], [true, false]);
});

test('E03: an address has the system of its map, however its IPv4 address is wrapped', () => {
  const systems: readonly (readonly [string, number])[] = [
    ['250.0.0.1', 1000],
    ['250.255.3.4', 1000],
    ['101.1.0.0', 1],
    ['101.2.9.9', 2],
    ['101.8.255.255', 8],
    ['64:ff9b::101.3.0.1', 3], // RFC 6052
    ['2002:6504:102::1', 4], // 6to4
    ['2001:0:9999:9999:9999:9999:9afa:fefe', 5], // Teredo
  ];
  for (const [text, system] of systems) {
    assert.equal(groups.mappedAs(parse(text)), system, text);
    assert.equal(PREFIX_GROUPS.mappedAs(parse(text)), 0, text);
  }
});

test('what the map does not know, or cannot know, has the group of its prefix', () => {
  const onion = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
  for (const text of ['101.16.0.1', '9.9.9.9', '2a00:1450::1', onion, '127.0.0.1', '10.1.1.1', 'fc00::1']) {
    assert.equal(groups.mappedAs(parse(text)), 0, text);
    assert.deepEqual(groups.group(parse(text)), PREFIX_GROUPS.group(parse(text)), text);
  }
});

test('E03: one system is one group, by IPv4 and by IPv6', () => {
  // the class of IPv6, then 1000 with its lowest byte first
  assert.deepEqual([...groups.group(parse('250.1.1.1'))], [2, 0xe8, 0x03, 0, 0]);
  assert.deepEqual(groups.group(parse('250.77.1.1')), groups.group(parse('2002:fa09:102::1')));
  assert.notDeepEqual(groups.group(parse('101.1.1.1')), groups.group(parse('101.2.1.1')));
});
