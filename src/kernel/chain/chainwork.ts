// Chainwork of many blocks in one array: eight words of 32 bits each, least significant first, exact up to 2^256 as in Core
// (arith_uint256). Addition and comparison run on the words and allocate nothing; only the work of bits that were not seen
// lately is computed with bigints.

import { computeWork } from '../consensus/target.ts';

/** Words of one sum of work. */
export const WORK_WORDS = 8;

const WORD_END = 0x1_0000_0000;

/** Writes the sum of entry `parent` (none when negative) and `work` as the sum of `entry`. Beyond 2^256 it wraps, as in Core. */
export function addWork(works: Uint32Array, entry: number, parent: number, work: Uint32Array): void {
  const to = entry * WORK_WORDS;
  if (parent < 0) {
    works.set(work, to);
    return;
  }
  const from = parent * WORK_WORDS;
  let carry = 0;
  for (let i = 0; i < WORK_WORDS; i++) {
    const sum = works[from + i]! + work[i]! + carry;
    carry = sum >= WORD_END ? 1 : 0;
    works[to + i] = sum;
  }
}

/** Negative, zero or positive as entry `a` has less, equal or more work than `b`. */
export function compareWork(works: Uint32Array, a: number, b: number): number {
  for (let i = WORK_WORDS - 1; i >= 0; i--) {
    const difference = works[a * WORK_WORDS + i]! - works[b * WORK_WORDS + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The sum of an entry as a number. */
export function readWork(works: Uint32Array, entry: number): bigint {
  let value = 0n;
  for (let i = WORK_WORDS - 1; i >= 0; i--) value = (value << 32n) | BigInt(works[entry * WORK_WORDS + i]!);
  return value;
}

/** Difficulties remembered at once; a chain has one for weeks, test networks alternate between two. */
const REMEMBERED_MAX = 64;

/** The work of bits, remembered. */
export class WorkTable {
  readonly #byBits: Map<number, Uint32Array> = new Map();

  wordsOf(bits: number): Uint32Array {
    const known = this.#byBits.get(bits);
    if (known !== undefined) return known;
    const words = new Uint32Array(WORK_WORDS);
    let rest = computeWork(bits);
    for (let i = 0; i < WORK_WORDS; i++) {
      words[i] = Number(rest & 0xffffffffn);
      rest >>= 32n;
    }
    if (this.#byBits.size === REMEMBERED_MAX) this.#byBits.clear();
    this.#byBits.set(bits, words);
    return words;
  }
}
