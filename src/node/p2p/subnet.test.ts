import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type NetAddress, parseHost } from '../wire/net-address.ts';
import {
  compareSubnets,
  formatSubnet,
  matchesSubnet,
  parseSubnet,
  type Subnet,
  singleAddressSubnet,
} from './subnet.ts';

const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
const OTHER_ONION = 'kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion';

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  assert.ok(parsed.ok, `${text} is a subnet`);
  return parsed.value;
}

function host(text: string): NetAddress {
  const address = parseHost(text, 8333);
  assert.ok(address !== null, `${text} is an address`);
  return address;
}

test('a prefix length and a netmask name the same subnet, written as Core writes it', () => {
  const table: readonly (readonly [string, string])[] = [
    ['1.2.3.4/32', '1.2.3.4/32'],
    ['1.2.3.4/255.255.255.255', '1.2.3.4/32'],
    ['1.2.3.4/255.255.255.254', '1.2.3.4/31'],
    ['1.2.3.4/255.255.255.248', '1.2.3.0/29'],
    ['1.2.3.4/255.255.252.0', '1.2.0.0/22'],
    ['1.2.3.4/255.254.0.0', '1.2.0.0/15'],
    ['1.2.3.4/8', '1.0.0.0/8'],
    ['1.2.3.4/128.0.0.0', '0.0.0.0/1'],
    ['1.2.3.4/0.0.0.0', '0.0.0.0/0'],
    ['1.2.3.4', '1.2.3.4/32'],
    ['127.1/255.0.0', '127.0.0.0/8'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/128'],
    ['[1:2:3:4:5:6:7:8]', '1:2:3:4:5:6:7:8/128'],
    ['1:2:3:4:5:6:7:8/ffff::', '1::/16'],
    ['1:2:3:4:5:6:7:8/::', '::/0'],
    ['1:2:3:4:5:6:7:8/33', '1:2::/33'],
    ['::ffff:127.0.0.1', '127.0.0.1/32'],
    [ONION, ONION],
  ];
  for (const [text, written] of table) assert.equal(formatSubnet(subnet(text)), written, text);
});

test('what is no subnet is refused', () => {
  const texts = [
    '',
    'bloop',
    'fuzzy',
    '1.2.3.4.5',
    '1.2.3.0/-1',
    '1.2.3.0/+24',
    '1.2.3.0/ 24',
    '1.2.3.0/33',
    '1.2.3.0/300',
  ];
  texts.push('1.2.3.0/', '1.2.3.0/24/24', '1:2:3:4:5:6:7:8/-1', '1:2:3:4:5:6:7:8/129', '1.2.3.4/255.255.232.0');
  texts.push('1.2.3.4/255.0.255.255', '1:2:3:4:5:6:7:8/ffff:ffff:ffff:fffe:ffff:ffff:ffff:ff0f', '1.1.1.1/ffff::');
  texts.push('::1/255.0.0.0', `${ONION}/32`, `${ONION}/255.0.0.0`, '1.2.3.4\0', '1.2.3.4/24\0', '8'.repeat(1_000_000));
  for (const text of texts) assert.equal(parseSubnet(text).ok, false, text.slice(0, 60));
});

test('an address lies in a subnet when the prefix is the same', () => {
  const inside: readonly (readonly [string, string])[] = [
    ['1.2.3.0/24', '1.2.3.4'],
    ['1.2.3.4/32', '1.2.3.4'],
    ['192.168.0.20/29', '192.168.0.18'],
    ['1.2.2.110/31', '1.2.2.111'],
    ['1.2.2.20/26', '1.2.2.63'],
    ['0.0.0.0/0', '8.8.8.8'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['1:2:3:4:5:6:7:0/112', '1:2:3:4:5:6:7:1234'],
    ['::/0', '1:2:3:4:5:6:7:1234'],
    [ONION, ONION],
  ];
  for (const [net, address] of inside)
    assert.equal(matchesSubnet(subnet(net), host(address)), true, `${address} in ${net}`);
  const outside: readonly (readonly [string, string])[] = [
    ['1.2.2.0/24', '1.2.3.4'],
    ['1.2.3.4', '5.6.7.8'],
    ['1.2.2.20/26', '1.2.2.64'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:9'],
    // another network, however wide
    ['::/0', '1.2.3.4'],
    ['0.0.0.0/0', '1:2:3:4:5:6:7:1234'],
    ['::/0', ONION],
    [ONION, OTHER_ONION],
    [ONION, '1.2.3.4'],
    // no addresses of machines
    ['::/0', '::'],
    ['0.0.0.0/0', '0.0.0.0'],
  ];
  for (const [net, address] of outside)
    assert.equal(matchesSubnet(subnet(net), host(address)), false, `${address} in ${net}`);
});

test('for any prefix a subnet holds exactly the addresses whose leading bits are its own', () => {
  const bits = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const byte = fc.integer({ min: 1, max: 254 });
  const address = fc.tuple(byte, byte, byte, byte);
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), fc.boolean(), (a, b, length, isNear) => {
      const other = isNear ? [...a.slice(0, 3), b[3]] : b;
      const expected = bits(Uint8Array.from(a)).slice(0, length) === bits(Uint8Array.from(other)).slice(0, length);
      assert.equal(matchesSubnet(subnet(`${a.join('.')}/${length}`), host(other.join('.'))), expected);
    }),
  );
});

test('whatever the text, reading it gives a subnet that reads back the same, or an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.ipV4(),
        fc.ipV6(),
        fc.tuple(fc.ipV4(), fc.nat(40)).map((pair) => pair.join('/')),
      ),
      (text) => {
        const parsed = parseSubnet(text);
        if (parsed.ok) assert.equal(compareSubnets(subnet(formatSubnet(parsed.value)), parsed.value), 0);
      },
    ),
    { numRuns: 500 },
  );
});

test('subnets are ordered by network, address and length', () => {
  const texts = ['1.2.0.0/16', '1.2.0.0/24', '1.3.0.0/16', '9.0.0.0/8', '1::/16', '2::/8', ONION];
  const sorted = texts.map(subnet).reverse().sort(compareSubnets).map(formatSubnet);
  // 2::/8 begins at ::
  assert.deepEqual(sorted, ['1.2.0.0/16', '1.2.0.0/24', '1.3.0.0/16', '9.0.0.0/8', '::/8', '1::/16', ONION]);
  assert.equal(formatSubnet(singleAddressSubnet(host('1.2.3.4'))), '1.2.3.4/32');
});
