// A module that a benchmark loads into tallyd before the program begins (node --import): it watches the event loop, and tells the
// process that started it, when asked, the longest time for which nothing else had its turn: by the clock, and in processor time of
// the main thread, which does not grow because the machine has other work. The program knows nothing of it.

import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** What is answered to any message. */
export interface LoopReport {
  /** Longest delay since the last question, in milliseconds. */
  readonly longestMs: number;
  /** Most processor time of the main thread between two looks, in milliseconds; null where the system does not count it. */
  readonly longestCpuMs: number | null;
}

/** How often the loop is looked at; delays are what exceeds it. */
const RESOLUTION_MS = 1;

const NS_PER_MS = 1e6;

/** Linux counts the nanoseconds that a thread has run, in its first field. */
const SCHEDULER_FILE: string = `/proc/self/task/${process.pid}/schedstat`;

/** Processor time of the main thread; null where the system does not count it. */
function mainThreadMs(): number | null {
  try {
    return Number.parseInt(readFileSync(SCHEDULER_FILE, 'latin1'), 10) / NS_PER_MS;
  } catch {
    return null;
  }
}

/** Looks at the loop as often as it lets anybody look. */
class LoopWatch {
  #lookedMs: number = performance.now();
  #usedMs: number | null = mainThreadMs();
  #longestMs = 0;
  #longestCpuMs = 0;

  look(): void {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lookedMs - RESOLUTION_MS);
    this.#lookedMs = nowMs;
    const usedMs = mainThreadMs();
    if (usedMs !== null && this.#usedMs !== null) {
      this.#longestCpuMs = Math.max(this.#longestCpuMs, usedMs - this.#usedMs);
    }
    this.#usedMs = usedMs;
  }

  takeReport(): LoopReport {
    this.look();
    const report = { longestMs: this.#longestMs, longestCpuMs: this.#usedMs === null ? null : this.#longestCpuMs };
    this.#longestMs = 0;
    this.#longestCpuMs = 0;
    return report;
  }
}

// Threads inherit the option, and are not what is watched.
if (isMainThread && process.send !== undefined) {
  const watch = new LoopWatch();
  setInterval(() => watch.look(), RESOLUTION_MS).unref();
  process.on('message', () => process.send?.(watch.takeReport()));
  // Whoever asks does not keep the program from ending.
  process.channel?.unref();
}
