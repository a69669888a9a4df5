// Drawing from the tables of a profile. Whole numbers and plain division only, so that every machine draws the same.

import { OP } from '../../src/kernel/script/opcodes.ts';
import { encodePush } from '../../src/kernel/script/script.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import type { Rng } from '../../src/kernel/util/prng.ts';
import type { CountRange, Weighted } from './chain-profile.ts';

/** The weights of some choices together. */
export function sumWeights(choices: readonly Weighted[]): number {
  return choices.reduce((sum, { weight }) => sum + weight, 0);
}

/** One of some choices, whose weights together are `weight`. */
export function pick<T extends Weighted>(choices: readonly T[], weight: number, rng: Rng): T {
  let drawn = rng.below(weight);
  for (const choice of choices) {
    if (drawn < choice.weight) return choice;
    drawn -= choice.weight;
  }
  throw new Error('weights do not add up');
}

/** A number of the range. */
export function drawCount([min, max]: CountRange, rng: Rng): number {
  return min + rng.below(max - min + 1);
}

/** True once in `every` times on average; never for 0. */
export function isTurn(every: number, rng: Rng): boolean {
  return every > 0 && rng.below(every) === 0;
}

/** A value in so many parts of random sizes, the last of which takes what rounding left. */
export function splitValue(valueSat: number, count: number, rng: Rng): number[] {
  const shares = Array.from({ length: count }, () => 1 + rng.below(1000));
  const sum = shares.reduce((a, b) => a + b, 0);
  const partsSat = shares.map((share) => Math.floor(valueSat * (share / sum)));
  partsSat[count - 1]! += valueSat - partsSat.reduce((a, b) => a + b, 0);
  return partsSat;
}

/** A script that carries up to 80 bytes and can never be spent. */
export function dataScript(rng: Rng): Uint8Array {
  return concatBytes(Uint8Array.of(OP.OP_RETURN), encodePush(rng.bytes(8 + rng.below(73))));
}
