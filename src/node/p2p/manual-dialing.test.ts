import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NetAddress, parseNetAddress } from '../wire/net-address.ts';
import { AddedDialing, ConnectDialing, isNodeConnected, type ManualConnection } from './manual-dialing.ts';

function address(text: string): NetAddress {
  const parsed = parseNetAddress(text, 8333);
  assert.ok(parsed !== null);
  return parsed;
}

function named(name: string, addressText: string | null = null): ManualConnection {
  return { name, address: addressText === null ? null : address(addressText) };
}

test('a node is connected by the name that was given, or by its address', () => {
  const connections = [named('node.example', '8.8.8.8:8333'), { name: null, address: address('9.9.9.9:8333') }];
  assert.equal(isNodeConnected('node.example', connections, 8333), true);
  assert.equal(isNodeConnected('node.example:8333', connections, 8333), false);
  assert.equal(isNodeConnected('9.9.9.9', connections, 8333), true);
  assert.equal(isNodeConnected('9.9.9.9:8333', connections, 8333), true);
  assert.equal(isNodeConnected('9.9.9.9:8334', connections, 8333), false);
});

test('-connect dials its nodes in turn, with growing pauses of five seconds at most', () => {
  const dialing = new ConnectDialing(['one.example', '8.8.8.8'], 8333);
  const times: [string, number][] = [];
  for (let nowMs = 0; nowMs < 200_000; nowMs = Math.max(nowMs + 1, dialing.wakeAtMs)) {
    const name = dialing.next([], nowMs);
    if (name !== null) times.push([name, nowMs]);
  }
  // no pause within the first round, half a second after each round, and one half second more in each
  assert.deepEqual(times.slice(0, 6), [
    ['one.example', 0],
    ['8.8.8.8', 1],
    ['one.example', 501],
    ['8.8.8.8', 1001],
    ['one.example', 2001],
    ['8.8.8.8', 3001],
  ]);
  const last = times.slice(-3).map(([, nowMs]) => nowMs);
  assert.deepEqual(
    [last[1]! - last[0]!, last[2]! - last[1]!].sort((a, b) => a - b),
    [5000, 5500],
  );
});

test('-connect leaves connected nodes alone', () => {
  const dialing = new ConnectDialing(['one.example', '8.8.8.8'], 8333);
  const dialled = new Set<string>();
  for (let nowMs = 0; nowMs < 30_000; nowMs += 100) {
    const name = dialing.next([named('one.example')], nowMs);
    if (name !== null) dialled.add(name);
  }
  assert.deepEqual([...dialled], ['8.8.8.8']);
});

test('-addnode dials eight nodes half a second apart, and tries again after a minute', () => {
  const names = Array.from({ length: 12 }, (_, i) => `8.8.8.${i}`);
  const dialing = new AddedDialing(names, 8333);
  const connections: ManualConnection[] = [];
  const times: number[] = [];
  for (let nowMs = 0; nowMs < 59_000; nowMs = Math.max(nowMs + 1, dialing.wakeAtMs)) {
    const name = dialing.next(connections, connections, nowMs);
    if (name === null) continue;
    times.push(nowMs);
    connections.push(named(name, name));
  }
  assert.deepEqual(times, [0, 500, 1000, 1500, 2000, 2500, 3000, 3500]);
  // one is lost: the next on the list takes its place
  connections.shift();
  let name: string | null = null;
  for (let nowMs = 59_000; name === null; nowMs += 100) name = dialing.next(connections, connections, nowMs);
  assert.equal(name, '8.8.8.0');
});

test('-addnode tries a dead node once a minute', () => {
  const dialing = new AddedDialing(['8.8.8.8'], 8333);
  const times: number[] = [];
  for (let nowMs = 0; nowMs < 200_000; nowMs = Math.max(nowMs + 1, dialing.wakeAtMs)) {
    if (dialing.next([], [], nowMs) !== null) times.push(nowMs);
  }
  assert.deepEqual(times, [0, 60_500, 121_000, 181_500]);
});

test('a node is on the list once, however it is written, and can be taken off by its text', () => {
  const dialing = new AddedDialing(['node.example', '8.8.8.8'], 8333);
  assert.equal(dialing.add('node.example'), false);
  assert.equal(dialing.add('8.8.8.8:8333'), false);
  assert.equal(dialing.add('8.8.8.8:8334'), true);
  assert.equal(dialing.remove('8.8.8.8:8333'), false);
  assert.equal(dialing.remove('8.8.8.8'), true);
  assert.deepEqual(dialing.names, ['node.example', '8.8.8.8:8334']);
});

test('nodes of the list are dialled with encryption, but for those that were put there without', () => {
  const dialing = new AddedDialing(['8.8.8.8'], 8333);
  dialing.add('9.9.9.9', false);
  assert.deepEqual([dialing.wantsEncryption('8.8.8.8'), dialing.wantsEncryption('9.9.9.9')], [true, false]);
  dialing.remove('9.9.9.9');
  dialing.add('9.9.9.9', true);
  assert.equal(dialing.wantsEncryption('9.9.9.9'), true);
});

test('addresses on the list are recognized, unless it is long', () => {
  const dialing = new AddedDialing(['8.8.8.8', '[2404:6800::1]:8333', 'node.example'], 8333);
  assert.equal(dialing.contains(address('8.8.8.8:1')), true);
  assert.equal(dialing.contains(address('[2404:6800::1]:8333')), true);
  assert.equal(dialing.contains(address('[2404:6800::1]:8334')), false);
  assert.equal(dialing.contains(address('9.9.9.9:8333')), false);
  for (let i = 0; i < 21; i++) dialing.add(`9.9.9.${i}`);
  assert.equal(dialing.contains(address('8.8.8.8:1')), false);
});
