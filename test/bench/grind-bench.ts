// A command: the miner's threads, as a node runs them: hashes per second for one and two threads and two shares of their time, beside
// the bare double SHA-256 of whole headers by the fastest backend here; and how long a thread goes on after the tip has moved.
// Rates are per second of processor time as well, which says the same on a busy machine.
//
//   node dist/test/bench/grind-bench.js

import { sha256dInto } from '../../src/kernel/crypto/sha256.ts';
import type { GrindEvents } from '../../src/node/mining/grinder.ts';
import { GrindThreads } from '../../src/platform/node/grind-threads.ts';
import { printRow } from './bench-chain.ts';
import { median } from './measure.ts';

/** To reach, from the project's goals. */
const GOALS = { ratio: 0.9, stopMs: 10 };

const WARM_UP_MS = 700;
const WINDOW_MS = 1_000;
const WINDOWS = 5;
const STOPS = 40;

/** Longer than any stop should take. */
const STOP_WATCH_MS = 60;

/** Least time between two looks at the count. */
const LOOK_MS = 0.1;

/** Bits whose target no hash will meet. */
const IMPOSSIBLE_BITS = 0x01000001;

const EVENTS: GrindEvents = {
  onFound() {
    throw new Error('a nonce for an impossible target');
  },
  onExhausted() {},
  onFailed(error) {
    throw error;
  },
};

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps without giving the thread away, so that nothing of this one competes with those that are measured. */
function sleep(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms);
}

function createHeader(seed: number): Uint8Array {
  const header = Uint8Array.from({ length: 80 }, (_, i) => (i * 7 + seed) & 0xff);
  new DataView(header.buffer).setUint32(72, IMPOSSIBLE_BITS, true);
  return header;
}

/** Hashes per second, and per second of processor time. */
interface Rate {
  readonly perSec: number;
  readonly perProcessorSec: number;
}

/** Counts what `work` or other threads do in one window. */
function measureWindow(hashesNow: () => number, work: () => void): Rate {
  const before = process.cpuUsage();
  const startMs = performance.now();
  const startCount = hashesNow();
  while (performance.now() - startMs < WINDOW_MS) work();
  const hashes = hashesNow() - startCount;
  const { user, system } = process.cpuUsage(before);
  return { perSec: (1000 * hashes) / (performance.now() - startMs), perProcessorSec: (1e6 * hashes) / (user + system) };
}

function medianRate(rates: readonly Rate[]): Rate {
  return {
    perSec: median(rates.map(({ perSec }) => perSec)),
    perProcessorSec: median(rates.map(({ perProcessorSec }) => perProcessorSec)),
  };
}

function measureBare(): Rate {
  const header = createHeader(0);
  const view = new DataView(header.buffer);
  const hash = new Uint8Array(32);
  let done = 0;
  const work = (): void => {
    for (let i = 0; i < 10_000; i++) {
      view.setUint32(76, done++, true);
      sha256dInto(header, 0, 80, hash, 0);
    }
  };
  return medianRate(Array.from({ length: WINDOWS }, () => measureWindow(() => done, work)));
}

/** Milliseconds from stopping until the count of hashes rises no more. */
function measureStop(threads: GrindThreads): number {
  threads.stop();
  const startMs = performance.now();
  let lastMs = startMs;
  let last = threads.hashCount;
  for (let nowMs = startMs; nowMs - startMs < STOP_WATCH_MS; nowMs = performance.now()) {
    sleep(LOOK_MS);
    const count = threads.hashCount;
    if (count !== last) lastMs = performance.now();
    last = count;
  }
  return lastMs - startMs;
}

async function benchThreads(threadCount: number, share: number, bare: Rate): Promise<void> {
  const threads = new GrindThreads(threadCount);
  threads.setShare(share);
  threads.start(createHeader(1), EVENTS);
  sleep(WARM_UP_MS);
  const rates = Array.from({ length: WINDOWS }, () =>
    measureWindow(
      () => threads.hashCount,
      () => sleep(WINDOW_MS),
    ),
  );
  const { perSec, perProcessorSec } = medianRate(rates);
  const stops = Array.from({ length: STOPS }, (_, i) => {
    threads.start(createHeader(i), EVENTS);
    sleep(20 + 3 * (i % 7));
    return measureStop(threads);
  });
  await threads.close();
  printRow(
    `${threadCount} thread${threadCount > 1 ? 's' : ''}, share ${share}`,
    (perSec / 1e6).toFixed(2),
    (perSec / (bare.perSec * threadCount * share)).toFixed(2),
    (perProcessorSec / 1e6).toFixed(2),
    (perProcessorSec / bare.perProcessorSec).toFixed(2),
    median(stops).toFixed(1),
    Math.max(...stops).toFixed(1),
  );
}

printRow('million hashes', 'per second', 'to bare', 'per cpu s', 'to bare', 'stop ms', 'worst ms');
const bare = measureBare();
printRow('bare loop', (bare.perSec / 1e6).toFixed(2), '1.00', (bare.perProcessorSec / 1e6).toFixed(2), '1.00');
for (const threadCount of [1, 2]) {
  for (const share of [1, 0.5]) await benchThreads(threadCount, share, bare);
}
printRow('goal', '', GOALS.ratio, '', GOALS.ratio, GOALS.stopMs, GOALS.stopMs);
