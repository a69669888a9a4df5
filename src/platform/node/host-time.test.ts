import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { hostClock, hostTimers } from './host-time.ts';

test('T02: the monotonic clock is not the wall clock', () => {
  const first = hostClock.monotonicMs();
  assert.ok(hostClock.monotonicMs() >= first);
  assert.ok(first < 1e12, 'it counts from the start of the program');
  assert.ok(Math.abs(hostClock.wallMs() - Date.now()) < 1000);
});

test('T04: a wait of sixty days is waited in pieces, and ends when it is over', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const dayMs = 86_400_000;
    let count = 0;
    hostTimers.after(60 * dayMs, () => count++);
    for (let day = 0; day < 59; day++) mock.timers.tick(dayMs);
    assert.equal(count, 0);
    // A piece begins when the mocked clock has made its step: each may cost a step more.
    for (let day = 0; day < 3; day++) mock.timers.tick(dayMs);
    assert.equal(count, 1);
    mock.timers.tick(100 * dayMs);
    assert.equal(count, 1);
  } finally {
    mock.timers.reset();
  }
});

test('a wait that was called off does not come, in whichever piece it was', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const dayMs = 86_400_000;
    let count = 0;
    const cancels = [5, 60 * dayMs, -3].map((delayMs) => hostTimers.after(delayMs, () => count++));
    cancels[0]!();
    cancels[2]!();
    for (let day = 0; day < 30; day++) mock.timers.tick(dayMs);
    cancels[1]!();
    cancels[1]!();
    for (let day = 0; day < 60; day++) mock.timers.tick(dayMs);
    assert.equal(count, 0);
  } finally {
    mock.timers.reset();
  }
});

test('the host has its turn before a yield comes back', async () => {
  let hadTurn = false;
  setImmediate(() => {
    hadTurn = true;
  });
  await hostTimers.yieldToHost();
  assert.ok(hadTurn);
});
