// The simulated world itself: time, order, rest, and what ends a run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineLife } from '../../src/sim/machine.ts';
import { SimClock } from '../../src/sim/sim-clock.ts';
import { SimTimers } from '../../src/sim/sim-timers.ts';
import { formatVirtualTime } from '../../src/sim/trace.ts';
import { SimFailure, World } from '../../src/sim/world.ts';
import { HOST } from './hosts.ts';

test('events happen in the order of their times, whoever asked first', async () => {
  const world = new World(1, HOST);
  const seen: number[] = [];
  for (const delayMs of [30, 10, 20, 0]) world.after(delayMs, 'event', 0, () => seen.push(world.nowMs));
  await world.run(100);
  assert.deepEqual(seen, [0, 10, 20, 30]);
  assert.equal(world.nowMs, 100);
});

test('events of one instant come in an order that the seed decides', async () => {
  const order = async (seed: number): Promise<string> => {
    const world = new World(seed, HOST);
    let text = '';
    for (const name of 'abcdef') world.after(5, name, 0, () => (text += name));
    await world.run(10);
    return text;
  };
  assert.equal(await order(1), await order(1));
  const orders = await Promise.all([1, 2, 3, 4, 5].map(order));
  assert.ok(new Set(orders).size > 1);
});

test('everything that an event has set free comes to rest before the next one', async () => {
  const world = new World(1, HOST);
  const seen: string[] = [];
  world.after(1, 'first', 0, () => {
    void (async (): Promise<void> => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      seen.push('rest');
    })();
  });
  world.after(1.5, 'second', 0, () => seen.push('second'));
  await world.run(2);
  assert.deepEqual(seen, ['rest', 'second']);
});

test('a cancelled event does not happen, and a machine that is off does nothing more', async () => {
  const world = new World(1, HOST);
  const life = new MachineLife(world, 0);
  const seen: string[] = [];
  world.after(1, 'cancelled', 0, () => seen.push('cancelled'))();
  life.after(2, 'early', () => seen.push('early'));
  life.after(4, 'late', () => seen.push('late'));
  void life.delay(5, 'waits').then(() => seen.push('waited'));
  world.after(3, 'off', 0, () => life.end());
  await world.run(10);
  assert.deepEqual(seen, ['early']);
});

test('the first failure ends the run after its event', async () => {
  const world = new World(1, HOST);
  world.after(1, 'bad', 0, () => world.fail('check', 'it is wrong'));
  world.after(2, 'never', 0, () => assert.fail('the run went on'));
  await assert.rejects(world.run(5), (error: unknown) => error instanceof SimFailure && error.check === 'check');
});

test('a circle in which time stands still is a failure and no endless loop', async () => {
  const world = new World(1, HOST);
  const again = (): void => {
    world.after(0, 'circle', 0, again);
  };
  again();
  await assert.rejects(world.run(1), /time stands still/);
});

test('what waits for something that cannot come is a failure', async () => {
  const world = new World(1, HOST);
  await assert.rejects(world.until(new Promise(() => {}), 'a promise'), /nothing is left/);
  const waited = await world.until(
    world.delay(7, 'waits', 0).then(() => world.nowMs),
    'a delay',
  );
  assert.equal(waited, 7);
});

test('T02 T04: the wall clock jumps, the monotonic one runs at its own rate and never goes back', async () => {
  const world = new World(1, HOST);
  const clock = new SimClock(world, { epochMs: 1_000_000, skewMs: -500, msPerSecond: 1100, monotonicStartMs: 50 });
  assert.deepEqual([clock.wallMs(), clock.monotonicMs()], [999_500, 50]);
  await world.run(10_000);
  assert.deepEqual([clock.wallMs(), clock.monotonicMs()], [1_009_500, 11_050]);
  clock.setSkew(-3_600_000);
  assert.deepEqual([clock.wallMs(), clock.monotonicMs(), clock.steadyMs()], [-2_590_000, 11_050, 1_009_500]);
});

test('T04: coarse timers ring late and never early', async () => {
  const world = new World(1, HOST);
  await world.run(130);
  const timers = new SimTimers(new MachineLife(world, 0), { granularityMs: 100, turnMs: 0 });
  const seen: number[] = [];
  timers.after(1, () => seen.push(world.nowMs));
  timers.after(70, () => seen.push(world.nowMs));
  timers.after(71, () => seen.push(world.nowMs));
  await world.run(1000);
  assert.deepEqual(seen, [200, 200, 300]);
});

test('times are written as people read them', () => {
  assert.equal(formatVirtualTime(0), '0d 00:00:00.000');
  assert.equal(formatVirtualTime(2 * 86_400_000 + 3_723_004), '2d 01:02:03.004');
});
