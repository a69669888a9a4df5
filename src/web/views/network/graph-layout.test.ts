import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placePeers } from './graph-layout.ts';

const radius = ({ x, y }: { readonly x: number; readonly y: number }): number => Math.hypot(x, y);

test('who connected to us stands at the left, whom we connected to at the right', () => {
  const places = placePeers([
    { id: 1, isInbound: true, pingSec: 0.1 },
    { id: 2, isInbound: false, pingSec: 0.1 },
    { id: 3, isInbound: true, pingSec: 0.1 },
  ]);
  assert.deepEqual(
    places.map(({ id, x }) => [id, Math.sign(x)]),
    [
      [1, -1],
      [2, 1],
      [3, -1],
    ],
  );
});

test('the longer the round trip the farther the peer, within the picture', () => {
  const pings = [0.0001, 0.001, 0.01, 0.1, 1, 60, null];
  const radii = pings.map((pingSec) => radius(placePeers([{ id: 1, isInbound: false, pingSec }])[0]!));
  for (let i = 1; i < radii.length; i++) assert.ok(radii[i]! >= radii[i - 1]! - 1e-12);
  assert.ok(Math.abs(radii[0]! - 0.45) < 1e-12);
  assert.ok(Math.abs(radii.at(-1)! - 1) < 1e-12);
});

test('a hundred peers of a side have places of their own', () => {
  const peers = Array.from({ length: 100 }, (_, id) => ({ id, isInbound: true, pingSec: 0.05 }));
  const places = new Set(placePeers(peers).map(({ x, y }) => `${x.toFixed(6)} ${y.toFixed(6)}`));
  assert.equal(places.size, 100);
});

test('nobody is no trouble', () => {
  assert.deepEqual(placePeers([]), []);
});
