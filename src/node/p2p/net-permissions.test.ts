import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NetAddress, parseHost } from '../wire/net-address.ts';
import {
  computePermissions,
  createPermissions,
  listPermissions,
  NO_PERMISSIONS,
  parseWhitebind,
  parseWhitelist,
  type WhitelistEntry,
} from './net-permissions.ts';
import { formatSubnet } from './subnet.ts';

function host(text: string): NetAddress {
  const address = parseHost(text, 8333);
  assert.ok(address !== null);
  return address;
}

function whitelist(text: string): WhitelistEntry {
  const parsed = parseWhitelist(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function whitelistError(text: string): string {
  const parsed = parseWhitelist(text);
  assert.ok(!parsed.ok, text);
  return parsed.error.message;
}

function whitebindError(text: string): string {
  const parsed = parseWhitebind(text);
  assert.ok(!parsed.ok, text);
  return parsed.error.message;
}

function granted(text: string): string[] {
  const { grant } = whitelist(text);
  assert.notEqual(grant, 'implicit');
  return listPermissions(createPermissions(grant === 'implicit' ? [] : grant));
}

test('permissions imply others: noban download, forcerelay relay', () => {
  assert.deepEqual(granted('noban@1.2.3.4'), ['noban', 'download']);
  assert.deepEqual(granted('download@1.2.3.4'), ['download']);
  assert.deepEqual(granted('forcerelay@1.2.3.4'), ['forcerelay', 'relay']);
  assert.deepEqual(granted('relay@1.2.3.4'), ['relay']);
  assert.deepEqual(granted('bloom@1.2.3.4'), ['bloomfilter']);
  assert.deepEqual(granted('bloomfilter,addr,mempool@1.2.3.4'), ['bloomfilter', 'mempool', 'addr']);
  const all = ['bloomfilter', 'noban', 'forcerelay', 'relay', 'mempool', 'download', 'addr'];
  assert.deepEqual(granted('all@1.2.3.4'), all);
  assert.deepEqual(listPermissions(NO_PERMISSIONS), []);
});

test('repeated and empty permissions are taken, as in Core', () => {
  assert.deepEqual(granted('bloom,relay,noban,noban@1.2.3.4'), ['bloomfilter', 'noban', 'relay', 'download']);
  assert.deepEqual(granted('bloom,,relay@1.2.3.4'), ['bloomfilter', 'relay']);
  assert.deepEqual(granted('@1.2.3.4'), []);
  assert.deepEqual(granted(',,@1.2.3.4'), []);
});

test('a whitelist names a subnet and the directions that it means', () => {
  const entry = whitelist('in,out,relay@1.2.3.4/24');
  assert.equal(formatSubnet(entry.subnet), '1.2.3.0/24');
  assert.deepEqual([entry.appliesToInbound, entry.appliesToManual], [true, true]);
  assert.deepEqual([whitelist('relay@::1').appliesToInbound, whitelist('relay@::1').appliesToManual], [true, false]);
  const out = whitelist('out,bloom@1.2.3.4');
  assert.deepEqual([out.appliesToInbound, out.appliesToManual], [false, true]);
  assert.equal(whitelist('1.2.3.4').grant, 'implicit');
  assert.equal(whitelist('1.2.3.4').appliesToInbound, true);
});

test('what is wrong with an option is said in the words of Core', () => {
  assert.equal(whitelistError('bloom,oopsie@1.2.3.4'), "Invalid P2P permission: 'oopsie'");
  assert.equal(whitelistError('noban@1.2.3.4:32'), "Invalid netmask specified in -whitelist: '1.2.3.4:32'");
  assert.equal(whitelistError(''), "Invalid netmask specified in -whitelist: ''");
  assert.equal(whitelistError('in,out@1.2.3.4'), "Only direction was set, no permissions: 'in,out@1.2.3.4'");
  assert.equal(
    whitebindError('out,forcerelay@1.2.3.4:32'),
    'whitebind may only be used for incoming connections ("out" was passed)',
  );
  assert.equal(whitebindError(''), "Cannot resolve -whitebind address: ''");
  assert.equal(whitebindError('noban@nowhere:32'), "Cannot resolve -whitebind address: 'nowhere:32'");
  assert.equal(whitebindError('127.0.0.1'), "Need to specify a port with -whitebind: '127.0.0.1'");
  assert.equal(whitebindError('127.0.0.1:0'), "Need to specify a port with -whitebind: '127.0.0.1:0'");
});

test('a whitebind names where we listen', () => {
  const parsed = parseWhitebind('noban@[::1]:8444');
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.address, { ...host('::1'), port: 8444 });
  assert.deepEqual(parsed.value.grant, ['noban']);
});

test('a peer gets the permissions of all ranges that hold its address, and of the place where it came in', () => {
  const ranges = [whitelist('relay@8.8.0.0/16'), whitelist('noban@8.8.8.0/24')];
  assert.deepEqual(listPermissions(computePermissions(host('8.8.8.8'), ranges)), ['noban', 'relay', 'download']);
  assert.deepEqual(listPermissions(computePermissions(host('8.8.1.8'), ranges)), ['relay']);
  assert.equal(computePermissions(host('9.9.9.9'), ranges), NO_PERMISSIONS);
  const bind = parseWhitebind('mempool@127.0.0.1:8444');
  assert.ok(bind.ok);
  assert.deepEqual(listPermissions(computePermissions(host('8.8.1.8'), ranges, bind.value)), ['relay', 'mempool']);
  // through Tor the address says nothing about the peer
  assert.deepEqual(listPermissions(computePermissions(null, ranges, bind.value)), ['mempool']);
});

test('an option without permissions grants what -whitelistrelay and -whitelistforcerelay make of it', () => {
  const ranges = [whitelist('8.8.8.8')];
  const grantedWith = (relay: boolean, forceRelay: boolean) =>
    listPermissions(computePermissions(host('8.8.8.8'), ranges, null, { relay, forceRelay }));
  assert.deepEqual(listPermissions(computePermissions(host('8.8.8.8'), ranges)), [
    'noban',
    'relay',
    'mempool',
    'download',
  ]);
  assert.deepEqual(grantedWith(false, false), ['noban', 'mempool', 'download']);
  assert.deepEqual(grantedWith(false, true), ['noban', 'forcerelay', 'relay', 'mempool', 'download']);
});
