import assert from 'node:assert/strict';
import test from 'node:test';
import { MockableClock, MockableTimers } from './mock-time.ts';

/** A host whose time is moved by hand. */
class Host {
  wall = 1_700_000_000_000;
  mono = 5000;
  readonly #pending: { dueMs: number; run: () => void; isOver: boolean }[] = [];

  wallMs(): number {
    return this.wall;
  }

  monotonicMs(): number {
    return this.mono;
  }

  after(delayMs: number, run: () => void): () => void {
    const one = { dueMs: this.mono + delayMs, run, isOver: false };
    this.#pending.push(one);
    return () => {
      one.isOver = true;
    };
  }

  yieldToHost(): Promise<void> {
    return Promise.resolve();
  }

  pass(ms: number): void {
    this.wall += ms;
    this.mono += ms;
    for (const one of this.#pending) {
      if (one.isOver || one.dueMs > this.mono) continue;
      one.isOver = true;
      one.run();
    }
  }
}

test('a clock shows the time of the host until one is set, which stands still', () => {
  const host = new Host();
  const clock = new MockableClock(host);
  assert.equal(clock.wallMs(), 1_700_000_000_000);
  assert.equal(clock.monotonicMs(), 1_700_000_000_000);
  clock.setMockTime(1_700_000_003);
  host.pass(10_000);
  assert.equal(clock.wallMs(), 1_700_000_003_000);
  assert.equal(clock.monotonicMs(), 1_700_000_003_000);
  assert.equal(clock.nowSec(), 1_700_000_003);
  clock.setMockTime(0);
  assert.equal(clock.wallMs(), 1_700_000_010_000);
});

test('durations do not jump when the host sets its clock, and follow a mock time in small steps', () => {
  const host = new Host();
  const clock = new MockableClock(host);
  const before = clock.monotonicMs();
  host.wall -= 3_600_000;
  assert.equal(clock.monotonicMs(), before);
});

test('calls that wait come earlier when the scheduler is moved, once each, and cancelled ones never', () => {
  const host = new Host();
  const timers = new MockableTimers(host, host);
  const calls: string[] = [];
  timers.after(60_000, () => calls.push('minute'));
  timers.after(1000, () => calls.push('second'));
  const cancel = timers.after(30_000, () => calls.push('never'));
  host.pass(1000);
  assert.deepEqual(calls, ['second']);
  timers.advance(58_000);
  cancel();
  host.pass(500);
  assert.deepEqual(calls, ['second']);
  host.pass(500);
  assert.deepEqual(calls, ['second', 'minute']);
  timers.advance(1_000_000);
  host.pass(1_000_000);
  assert.deepEqual(calls, ['second', 'minute']);
});
