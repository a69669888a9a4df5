// Timing for the benchmarks: medians of rounds, and rounds of different candidates interleaved, so that a noisy neighbour
// hurts all of them alike. Ratios of such medians mean something on a busy machine; the times alone do not.

/** Milliseconds that `work` takes. */
export function timeMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.slice().sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** Median milliseconds of each candidate over `rounds` interleaved rounds, after one round that does not count. */
export function compareMs(rounds: number, candidates: readonly (() => void)[]): number[] {
  const times: number[][] = candidates.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    candidates.forEach((candidate, i) => {
      const ms = timeMs(candidate);
      if (round > 0) times[i]!.push(ms);
    });
  }
  return times.map(median);
}

/**
 * Bytes that `work` leaves behind on the heap each time, over `times` runs without a collection, or null when that cannot be
 * seen: it needs `node --expose-gc` and a young generation large enough that nothing is collected meanwhile
 * (--max-semi-space-size). Many runs, since looking at the heap and compiling leave some kilobytes themselves.
 */
export function garbageBytes(times: number, work: () => void): number | null {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) return null;
  for (let i = 0; i < times; i++) work();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < times; i++) work();
  const after = process.memoryUsage().heapUsed;
  return (after - before) / times;
}
