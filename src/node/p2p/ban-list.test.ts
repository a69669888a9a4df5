import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { type NetAddress, parseHost } from '../wire/net-address.ts';
import { BanList, computeBanEnd } from './ban-list.ts';
import { formatSubnet, parseSubnet, type Subnet } from './subnet.ts';

const NOW_SEC = 1_700_000_000;

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

function host(text: string): NetAddress {
  const address = parseHost(text, 8333);
  assert.ok(address !== null);
  return address;
}

function ipv6(number: number): NetAddress {
  const bytes = Uint8Array.of(0x24, 0x04, 0x68, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(8, number);
  return { network: 'ipv6', bytes, port: 8333 };
}

test('a ban holds for the addresses of its subnet, until it ends', () => {
  const list = new BanList(createRng(1));
  assert.equal(list.ban(subnet('8.8.0.0/16'), NOW_SEC + 100, NOW_SEC), true);
  assert.equal(list.isBanned(host('8.8.1.2'), NOW_SEC), true);
  assert.equal(list.isBanned(host('8.9.1.2'), NOW_SEC), false);
  assert.equal(list.isBanned(host('2404:6800::1'), NOW_SEC), false);
  assert.equal(list.isBanned(host('8.8.1.2'), NOW_SEC + 99), true);
  assert.equal(list.isBanned(host('8.8.1.2'), NOW_SEC + 100), false);
  assert.equal(list.isSubnetBanned(subnet('8.8.0.0/16'), NOW_SEC), true);
  assert.equal(list.isSubnetBanned(subnet('8.8.1.0/24'), NOW_SEC), false);
});

test('a shorter ban within a longer one, or one that is over, hides nothing', () => {
  const list = new BanList(createRng(1));
  list.ban(subnet('8.8.8.8/32'), NOW_SEC + 10, NOW_SEC);
  list.ban(subnet('8.8.0.0/16'), NOW_SEC + 1000, NOW_SEC);
  list.ban(subnet('0.0.0.0/0'), NOW_SEC + 5, NOW_SEC);
  assert.equal(list.isBanned(host('8.8.8.8'), NOW_SEC + 500), true);
  assert.equal(list.isBanned(host('9.9.9.9'), NOW_SEC + 4), true);
  assert.equal(list.isBanned(host('9.9.9.9'), NOW_SEC + 6), false);
  assert.equal(list.unban(subnet('8.8.0.0/16')), true);
  assert.equal(list.isBanned(host('8.8.8.8'), NOW_SEC + 500), false);
  assert.equal(list.isBanned(host('8.8.8.8'), NOW_SEC + 9), true);
});

test('a ban can be made longer but not shorter, and taken back', () => {
  const list = new BanList(createRng(1));
  const net = subnet('8.8.8.0/24');
  assert.equal(list.ban(net, NOW_SEC + 100, NOW_SEC), true);
  assert.equal(list.ban(net, NOW_SEC + 50, NOW_SEC), false);
  assert.equal(list.ban(net, NOW_SEC + 100, NOW_SEC), false);
  assert.equal(list.ban(net, NOW_SEC + 200, NOW_SEC), true);
  assert.equal(list.list(NOW_SEC)[0]!.untilSec, NOW_SEC + 200);
  assert.equal(list.unban(net), true);
  assert.equal(list.unban(net), false);
  assert.deepEqual(list.list(NOW_SEC), []);
});

test('T02: a clock that goes back ends no ban, and what is swept is over by the clock of the moment', () => {
  const list = new BanList(createRng(1));
  list.ban(subnet('8.8.8.0/24'), NOW_SEC + 1000, NOW_SEC);
  // back to 1970: the ban still holds and is still listed
  assert.equal(list.isBanned(host('8.8.8.8'), 0), true);
  assert.deepEqual(list.sweep(0), []);
  assert.deepEqual(list.sweep(NOW_SEC + 1000), []);
  assert.deepEqual(
    list.sweep(NOW_SEC + 1001).map((ban) => formatSubnet(ban.subnet)),
    ['8.8.8.0/24'],
  );
  assert.equal(list.isBanned(host('8.8.8.8'), NOW_SEC), false);
});

test('the list comes in order, without what is over, and says when its file is behind', () => {
  const list = new BanList(createRng(1), [{ subnet: subnet('9.9.9.9'), createdSec: 1, untilSec: NOW_SEC + 9 }]);
  assert.equal(list.isDirty, false);
  list.ban(subnet('8.8.8.0/24'), NOW_SEC + 9, NOW_SEC);
  list.ban(subnet('2404::/16'), NOW_SEC + 9, NOW_SEC);
  list.ban(subnet('1.1.1.1'), NOW_SEC + 2, NOW_SEC);
  assert.equal(list.isDirty, true);
  list.markSaved();
  assert.equal(list.isDirty, false);
  assert.deepEqual(
    list.list(NOW_SEC + 5).map((ban) => formatSubnet(ban.subnet)),
    ['8.8.8.0/24', '9.9.9.9/32', '2404::/16'],
  );
  list.clear();
  assert.equal(list.isDirty, true);
  assert.deepEqual(list.list(NOW_SEC), []);
});

test('the end of a ban is a day from now, so many seconds from now, or a moment', () => {
  assert.equal(computeBanEnd(0, false, NOW_SEC), NOW_SEC + 86_400);
  assert.equal(computeBanEnd(0, true, NOW_SEC), NOW_SEC + 86_400);
  assert.equal(computeBanEnd(0, false, NOW_SEC, 60), NOW_SEC + 60);
  assert.equal(computeBanEnd(100, false, NOW_SEC), NOW_SEC + 100);
  assert.equal(computeBanEnd(1_800_000_000, true, NOW_SEC), 1_800_000_000);
});

test('100,000 bans are looked up without going through them', () => {
  const list = new BanList(createRng(1));
  for (let i = 0; i < 100_000; i++) {
    const bytes = Uint8Array.of(20 + (i >>> 16), (i >>> 8) & 255, i & 255, 0);
    list.ban({ network: 'ipv4', bytes, prefixBits: 24 }, NOW_SEC + 10, NOW_SEC);
  }
  const begin = process.cpuUsage();
  let banned = 0;
  for (let i = 0; i < 20_000; i++) if (list.isBanned(host(`20.${i & 255}.${i >>> 8}.1`), NOW_SEC)) banned++;
  assert.equal(banned, 20_000);
  // 20,000 passes over the list would take a minute or more
  assert.ok(process.cpuUsage(begin).user < 5_000_000);
});

test('an address is discouraged whatever its port, and its neighbours are not', () => {
  const list = new BanList(createRng(1));
  list.discourage(host('8.8.8.8'));
  assert.equal(list.isDiscouraged({ ...host('8.8.8.8'), port: 1 }), true);
  assert.equal(list.isDiscouraged(host('8.8.8.9')), false);
  assert.equal(list.isBanned(host('8.8.8.8'), NOW_SEC), false);
});

test('D11: after two million discouraged addresses the last 50,000 are known, the first forgotten, and looking up takes constant time', () => {
  const list = new BanList(createRng(1));
  const lookUp = () => {
    const begin = process.cpuUsage();
    for (let i = 0; i < 2000; i++) list.isDiscouraged(ipv6(0x8000_0000 + i));
    return process.cpuUsage(begin).user;
  };
  lookUp();
  const count = 2_000_000;
  const attacker = ipv6(0);
  const number = new DataView(attacker.bytes.buffer);
  for (let i = 0; i < count; i++) {
    number.setUint32(8, i);
    list.discourage(attacker);
  }
  // the last 50,000 are known for certain, the first are forgotten
  for (let i = count - 50_000; i < count; i += 97) assert.equal(list.isDiscouraged(ipv6(i)), true);
  let known = 0;
  for (let i = 0; i < 100_000; i++) if (list.isDiscouraged(ipv6(i))) known++;
  assert.ok(known <= 5, `${known} of 100,000 forgotten addresses seem discouraged`);
  // a thousand addresses of `getaddr` cost milliseconds
  assert.ok(lookUp() < 500_000);
});
