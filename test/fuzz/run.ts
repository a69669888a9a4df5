// Runs fuzz targets: good bytes, mutated, into every door of the kernel that takes bytes from outside. A target may accept or
// refuse; an exception, a decoded thing that does not encode to the same bytes, or an answer that takes too long is a fault.

import { createRng } from '../../src/kernel/util/prng.ts';
import { mutate } from './mutate.ts';

/** One door of the kernel. */
export interface FuzzTarget {
  readonly name: string;
  /** Good inputs to begin from. */
  readonly seeds: readonly Uint8Array[];
  /** True when the input was accepted, false when it was refused in the proper way. Throws otherwise. */
  run(input: Uint8Array): boolean;
}

/** An input that was answered wrongly. */
export interface Fault {
  readonly target: string;
  /** Number of the input: with the seed of the run it names the input. */
  readonly index: number;
  readonly input: Uint8Array;
  readonly error: unknown;
}

/** What a run came to. */
export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: ReadonlyMap<string, number>;
  readonly slowestMs: number;
  readonly fault: Fault | null;
}

/** Longest that one answer may take: far above the usual microseconds, far below what an attacker would want. */
const ANSWER_MS_MAX = 2000;

/** The input with this number, and whom it is for. */
export function createInput(
  targets: readonly FuzzTarget[],
  seed: number,
  index: number,
): { target: FuzzTarget; input: Uint8Array } {
  const rng = createRng(BigInt(seed) * 0x1_0000_0000n + BigInt(index));
  const target = targets[index % targets.length]!;
  return { target, input: mutate(target.seeds[rng.below(target.seeds.length)]!, rng) };
}

/** Runs `count` inputs from number `first` on; ends at the first fault. `onProgress` hears how many are done. */
export function runFuzz(
  targets: readonly FuzzTarget[],
  seed: number,
  count: number,
  first = 0,
  onProgress: (done: number) => void = () => {},
): FuzzReport {
  const accepted = new Map<string, number>(targets.map((target) => [target.name, 0]));
  let slowestMs = 0;
  for (let index = first; index < first + count; index++) {
    const { target, input } = createInput(targets, seed, index);
    const start = performance.now();
    try {
      if (target.run(input)) accepted.set(target.name, accepted.get(target.name)! + 1);
      const ms = performance.now() - start;
      slowestMs = Math.max(slowestMs, ms);
      if (ms > ANSWER_MS_MAX) throw new Error(`the answer took ${Math.round(ms)} ms`);
    } catch (error) {
      return { inputs: index - first + 1, accepted, slowestMs, fault: { target: target.name, index, input, error } };
    }
    if ((index - first) % 1000 === 999) onProgress(index - first + 1);
  }
  return { inputs: count, accepted, slowestMs, fault: null };
}
