// A module that a benchmark loads into tallyd before the program begins (node --import): it watches the event loop, and tells the
// process that started it, when asked, the longest time for which nothing else had its turn. The program knows nothing of it.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** What is answered to any message. */
export interface LoopReport {
  /** Longest delay since the last question, in milliseconds. */
  readonly longestMs: number;
}

/** How often the loop is looked at; delays are what exceeds it. */
const RESOLUTION_MS = 1;

const NS_PER_MS = 1e6;

// Threads inherit the option, and are not what is watched.
if (isMainThread && process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  process.on('message', () => {
    const report: LoopReport = { longestMs: Math.max(0, delays.max / NS_PER_MS - RESOLUTION_MS) };
    delays.reset();
    process.send?.(report);
  });
  // Whoever asks does not keep the program from ending.
  process.channel?.unref();
}
