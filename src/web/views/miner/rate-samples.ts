// What the line of the hash rate is drawn from: samples with their times, the oldest of which are forgotten.

/** The hash rate at a moment. */
export interface RateSample {
  readonly atSec: number;
  readonly hashesPerSecond: number;
}

/** Ten minutes, at one in a second. */
export const SAMPLE_COUNT_MAX = 600;

/** The samples with a new one; one of the same second takes the place of the last. */
export function addSample(samples: readonly RateSample[], sample: RateSample): readonly RateSample[] {
  const last = samples.at(-1);
  const kept = last !== undefined && sample.atSec <= last.atSec ? samples.slice(0, -1) : samples;
  return [...kept, sample].slice(-SAMPLE_COUNT_MAX);
}
