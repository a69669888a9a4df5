import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { MessageLoop, type TurnTaker } from './message-loop.ts';

/** Notes its turns; has work for so many. */
class Worker implements TurnTaker {
  readonly #name: string;
  readonly #turns: string[];
  left: number;

  constructor(name: string, turns: string[], left: number) {
    this.#name = name;
    this.#turns = turns;
    this.left = left;
  }

  takeTurn(): boolean {
    this.#turns.push(this.#name);
    this.left--;
    return this.left > 0;
  }
}

function setUp(): { time: ManualTime; turns: string[]; errors: unknown[]; loop: MessageLoop<TurnTaker> } {
  const time = new ManualTime(0);
  const errors: unknown[] = [];
  const loop = new MessageLoop<TurnTaker>(time, time, (error) => errors.push(error));
  return { time, turns: [], errors, loop };
}

test('D04, D19: whoever has much to do waits for its next turn like everybody else', async () => {
  const { time, turns, loop } = setUp();
  loop.wake(new Worker('flood', turns, 4));
  loop.wake(new Worker('b', turns, 2));
  loop.wake(new Worker('c', turns, 1));
  await time.settle();
  assert.deepEqual(turns, ['flood', 'b', 'c', 'flood', 'b', 'flood', 'flood']);
});

test('no turn begins within the call that wakes or lets go on', async () => {
  const { time, turns, loop } = setUp();
  loop.wake(new Worker('a', turns, 1));
  assert.deepEqual(turns, []);
  await time.settle();
  loop.hold(true);
  loop.wake(new Worker('b', turns, 1));
  loop.hold(false);
  assert.deepEqual(turns, ['a']);
  await time.settle();
  assert.deepEqual(turns, ['a', 'b']);
});

test('whoever is woken twice has one turn', async () => {
  const { time, turns, loop } = setUp();
  const worker = new Worker('a', turns, 1);
  loop.wake(worker);
  loop.wake(worker);
  await time.settle();
  assert.deepEqual(turns, ['a']);
});

test('the host has its turn every few milliseconds, however much there is to do', async () => {
  const { time, turns, loop } = setUp();
  time.tickMs = 1;
  loop.wake(new Worker('a', turns, 100));
  await time.settle();
  const before = turns.length;
  assert.ok(before >= 5 * (time.yieldCount - 1) && before <= 6 * time.yieldCount, `${before} in ${time.yieldCount}`);
  while (turns.length < 100) await time.settle();
  assert.ok(time.yieldCount >= 16);
});

test('while the loop is held nobody has a turn, and nobody is forgotten', async () => {
  const { time, turns, loop } = setUp();
  const holder: TurnTaker = {
    takeTurn: () => {
      turns.push('holder');
      loop.hold(true);
      return false;
    },
  };
  loop.wake(holder);
  loop.wake(new Worker('a', turns, 2));
  await time.settle();
  assert.deepEqual(turns, ['holder']);
  loop.hold(false);
  await time.settle();
  assert.deepEqual(turns, ['holder', 'a', 'a']);
});

test('after stop nobody has a turn, and stopping twice or when nothing runs is no matter', async () => {
  const { time, turns, loop } = setUp();
  time.tickMs = 1;
  loop.wake(new Worker('a', turns, 1000));
  await time.yieldToHost();
  await loop.stop();
  const count = turns.length;
  assert.ok(count < 1000);
  loop.wake(new Worker('b', turns, 1));
  loop.hold(false);
  await time.settle();
  assert.equal(turns.length, count);
  await loop.stop();
});

test('a turn may stop the loop', async () => {
  const { time, turns, loop } = setUp();
  let stopped: Promise<void> | null = null;
  loop.wake({
    takeTurn: () => {
      stopped = loop.stop();
      return true;
    },
  });
  loop.wake(new Worker('a', turns, 1));
  await time.settle();
  await stopped;
  assert.deepEqual(turns, []);
});

test('J01: what a turn throws is told once, and no turn follows', async () => {
  const { time, turns, errors, loop } = setUp();
  const broken: TurnTaker = {
    takeTurn: () => {
      throw new Error('a bug');
    },
  };
  loop.wake(broken);
  loop.wake(new Worker('a', turns, 1));
  await time.settle();
  loop.wake(broken);
  await time.settle();
  assert.deepEqual([errors.length, turns.length], [1, 0]);
  await loop.stop();
});
