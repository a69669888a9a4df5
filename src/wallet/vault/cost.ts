// What scrypt may cost. Too little makes trying passphrases cheap; too much, out of a file from who knows where, would take all memory.

import type { ScryptCost } from '../ports.ts';

/** 128 MiB and a good part of a second: OWASP's first choice for scrypt, and the floor (K02). */
export const DEFAULT_COST: ScryptCost = Object.freeze({ n: 2 ** 17, r: 8, p: 1 });

/** Memory that is spent at most. Arbitrary: eight times the default, which a phone can still do without. */
const MEMORY_BYTES_MAX: number = 2 ** 30;

/** Rounds over the whole memory at most; more only cost time. Arbitrary. */
const PARALLEL_MAX = 16;

/** Whether a cost lies between the floor and what a machine can bear. */
export function isAcceptableCost({ n, r, p }: ScryptCost): boolean {
  const isWhole = Number.isInteger(Math.log2(n)) && Number.isInteger(r) && Number.isInteger(p);
  const isEnough = n >= DEFAULT_COST.n && r >= DEFAULT_COST.r && p >= DEFAULT_COST.p;
  return isWhole && isEnough && 128 * n * r <= MEMORY_BYTES_MAX && p <= PARALLEL_MAX;
}
