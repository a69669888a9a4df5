// When a person is told that nobody can be reached.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PeerSearch, PeerWatch } from './peer-watch.ts';

const MINUTE_MS = 60_000;
const ANYBODY: PeerSearch = { connect: null, addNodes: [], isListening: true };

/** What is told, by the minute in which it is, when nobody is there. */
function tellAlone(search: PeerSearch, minutes: number): ReadonlyMap<number, string> {
  const watch = new PeerWatch(search);
  const told = new Map<number, string>();
  for (let ms = 0; ms <= minutes * MINUTE_MS; ms += 10_000) {
    const line = watch.look(0, ms);
    if (line !== null) told.set(ms / MINUTE_MS, line);
  }
  return told;
}

test('after a minute without a connection there is a line, then ever less often, at least every hour', () => {
  const told = tellAlone(ANYBODY, 4 * 60);
  assert.deepEqual([...told.keys()], [1, 2, 4, 8, 16, 32, 64, 124, 184]);
  assert.match(
    told.get(1) ?? '',
    /^No connections for a minute: no other node can be reached\. Check the connection to the Internet/,
  );
  assert.match(told.get(124) ?? '', /^No connections for 124 minutes: /);
});

test('the line names the nodes that were asked for', () => {
  const connect = ['10.0.0.1', 'b', 'c', 'd'];
  assert.match(
    tellAlone({ ...ANYBODY, connect }, 1).get(1) ?? '',
    /: 10\.0\.0\.1, b, c and others cannot be reached\. /,
  );
  assert.match(tellAlone({ ...ANYBODY, addNodes: ['x:1'] }, 1).get(1) ?? '', /: x:1 cannot be reached\. /);
});

test('a node that was told to connect to nobody is alone in peace', () => {
  assert.equal(tellAlone({ connect: [], addNodes: [], isListening: false }, 100).size, 0);
  assert.match(tellAlone({ connect: [], addNodes: [], isListening: true }, 1).get(1) ?? '', /nobody has connected yet/);
});

test('a connection ends it, and that is told once, but only to those who were told before', () => {
  const watch = new PeerWatch(ANYBODY);
  assert.equal(watch.look(1, 0), null);
  assert.equal(watch.look(0, MINUTE_MS), null);
  assert.equal(watch.look(1, 1.5 * MINUTE_MS), null);
  assert.equal(watch.look(0, 2 * MINUTE_MS), null);
  assert.notEqual(watch.look(0, 3 * MINUTE_MS), null);
  assert.equal(watch.look(2, 3.5 * MINUTE_MS), 'Connected to other nodes again');
  assert.equal(watch.look(2, 4 * MINUTE_MS), null);
  assert.equal(watch.look(0, 100 * MINUTE_MS), null);
});
