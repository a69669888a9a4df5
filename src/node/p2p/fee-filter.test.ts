import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRelayPool } from '../../../test/model/relay-pool.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { FeeFilter } from './fee-filter.ts';
import { asPeerId } from './peer-id.ts';

const PEER = asPeerId(1);
const HIGHEST_SAT = 9_936_506;

class World {
  readonly pool = new FakeRelayPool();
  readonly filter: FeeFilter;
  nowMs = 5_000;
  isInitialDownload = false;

  constructor(seed = 1) {
    this.filter = new FeeFilter(this.pool, createRng(seed));
  }

  tick(id = PEER): number | null {
    return this.filter.tick(id, { nowMs: this.nowMs, nowSec: 0, isInitialDownload: this.isInitialDownload });
  }

  /** Milliseconds until the peer is told something, 0: within the day it is not. */
  waitForNext(): number {
    const startMs = this.nowMs;
    for (const endMs = startMs + 86_400_000; this.nowMs < endMs; this.nowMs += 1_000) {
      if (this.tick() !== null) return this.nowMs - startMs;
    }
    return 0;
  }
}

test('a peer is told the minimum of an empty mempool once, and nothing more as long as it does not change', () => {
  const world = new World();
  assert.equal(world.tick(), 100);
  assert.equal(world.waitForNext(), 0);
  assert.equal(world.tick(asPeerId(2)), 100, 'each peer by itself');
});

test('a mempool that takes everything for nothing has nothing to tell', () => {
  const world = new World();
  world.pool.options = { minRelayFeerate: 0 };
  assert.equal(world.tick(), null);
});

test('a minimum is told rounded, and not below what is asked for in any case', () => {
  const told = new Set<number | null>();
  for (let seed = 0; seed < 50; seed++) {
    const world = new World(seed);
    world.pool.minimumFeerateSat = 1_000;
    told.add(world.tick());
  }
  // 50 × 1.1^31 is 959.7, and × 1.1^32 is 1,055.7
  assert.deepEqual([...told].sort(), [1_055, 959]);
  const low = new World();
  low.pool.minimumFeerateSat = 60;
  assert.equal(low.tick(), 100);
});

test('far behind peers are told to send nothing, and when the chain has caught up the minimum at once', () => {
  const world = new World();
  world.isInitialDownload = true;
  assert.equal(world.tick(), HIGHEST_SAT);
  assert.equal(world.waitForNext(), 0);
  world.isInitialDownload = false;
  assert.equal(world.tick(), 100);
  assert.equal(world.tick(), null);
});

test('changes of the minimum are told at random moments, ten minutes apart on average', () => {
  const world = new World(2);
  world.tick();
  const waits: number[] = [];
  for (let i = 0; i < 3_000; i++) {
    // between three quarters and four thirds of what was told, so that nothing hastens it
    world.pool.minimumFeerateSat = 10_000 + 500 * (i % 2);
    world.pool.options = { minRelayFeerate: 10_000 + 500 * (i % 2) };
    const waitedMs = world.waitForNext();
    if (waitedMs > 0 && i > 0) waits.push(waitedMs);
  }
  const mean = waits.reduce((sum, one) => sum + one, 0) / waits.length;
  assert.ok(waits.length > 2_900 && mean > 570_000 && mean < 660_000, `${waits.length} ${mean}`);
});

test('a change beyond three quarters or four thirds is told within five minutes', () => {
  for (const [minimumSat, isHastened] of [
    [74, true],
    [75, false],
    [133, false],
    [134, true],
  ] as const) {
    const waits: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const world = new World(seed);
      assert.equal(world.tick(), 100);
      world.pool.minimumFeerateSat = minimumSat;
      world.pool.options = { minRelayFeerate: 1_000 };
      waits.push(world.waitForNext());
    }
    const isAlways = waits.every((waited) => waited <= 301_000);
    assert.equal(isAlways, isHastened, `${minimumSat}`);
  }
});

test('nothing is remembered of a peer that has gone', () => {
  const world = new World();
  assert.equal(world.tick(), 100);
  world.filter.peerLeft(PEER);
  assert.equal(world.tick(), 100);
});
