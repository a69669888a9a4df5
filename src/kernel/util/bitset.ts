// Sets of the numbers 0 to 63, many of them in one typed array: row by row, two words of 32 bits each. For graphs of at most 64
// nodes (clusters of the mempool), where a union, an intersection or a test of a whole set costs two machine operations.

import { assert } from './assert.ts';

/** Numbers that a set can hold: 0 to 63. */
export const BIT_ROW_SIZE = 64;

/** Words of 32 bits in one set. */
export const BIT_ROW_WORDS = 2;

/** The place of the lowest bit of a word that is not 0. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** How many bits of a word are set (Warren, "Hacker's Delight", figure 5-2). */
function countWord(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  bits = (bits + (bits >>> 4)) & 0x0f0f0f0f;
  return Math.imul(bits, 0x01010101) >>> 24;
}

/** A list of sets of the numbers 0 to 63, each called by its row. Operations with another list name its row beside it. */
export class BitRows {
  /** Row `r` is words 2r (numbers 0 to 31) and 2r + 1. */
  readonly words: Int32Array;

  constructor(rowCount: number) {
    this.words = new Int32Array(rowCount * BIT_ROW_WORDS);
  }

  has(row: number, bit: number): boolean {
    return ((this.words[2 * row + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1;
  }

  add(row: number, bit: number): void {
    const at = 2 * row + (bit >>> 5);
    this.words[at] = this.words[at]! | (1 << (bit & 31));
  }

  /** Makes the row empty. */
  clear(row: number): void {
    this.words[2 * row] = 0;
    this.words[2 * row + 1] = 0;
  }

  /** Makes the row hold 0 to `count` - 1. */
  fill(row: number, count: number): void {
    assert(count <= BIT_ROW_SIZE, 'a set holds 64 numbers');
    this.words[2 * row] = count >= 32 ? -1 : (1 << count) - 1;
    this.words[2 * row + 1] = count <= 32 ? 0 : count === 64 ? -1 : (1 << (count - 32)) - 1;
  }

  copy(row: number, from: BitRows, fromRow: number): void {
    this.words[2 * row] = from.words[2 * fromRow]!;
    this.words[2 * row + 1] = from.words[2 * fromRow + 1]!;
  }

  /** Adds what the other set holds. */
  unite(row: number, from: BitRows, fromRow: number): void {
    this.words[2 * row] = this.words[2 * row]! | from.words[2 * fromRow]!;
    this.words[2 * row + 1] = this.words[2 * row + 1]! | from.words[2 * fromRow + 1]!;
  }

  /** Keeps what the other set holds too. */
  intersect(row: number, from: BitRows, fromRow: number): void {
    this.words[2 * row] = this.words[2 * row]! & from.words[2 * fromRow]!;
    this.words[2 * row + 1] = this.words[2 * row + 1]! & from.words[2 * fromRow + 1]!;
  }

  /** Takes out what the other set holds. */
  subtract(row: number, from: BitRows, fromRow: number): void {
    this.words[2 * row] = this.words[2 * row]! & ~from.words[2 * fromRow]!;
    this.words[2 * row + 1] = this.words[2 * row + 1]! & ~from.words[2 * fromRow + 1]!;
  }

  /** Sets the row from two words, with every number raised by `by`; none may then exceed 63. */
  setRaised(row: number, low: number, high: number, by: number): void {
    let lowWord = low;
    let highWord = high;
    if (by >= 32) {
      highWord = by === 64 ? 0 : low << (by - 32);
      lowWord = 0;
    } else if (by > 0) {
      highWord = (high << by) | (low >>> (32 - by));
      lowWord = low << by;
    }
    this.words[2 * row] = lowWord;
    this.words[2 * row + 1] = highWord;
  }

  /** True when some number is in both. */
  overlaps(row: number, other: BitRows, otherRow: number): boolean {
    return (
      ((this.words[2 * row]! & other.words[2 * otherRow]!) |
        (this.words[2 * row + 1]! & other.words[2 * otherRow + 1]!)) !==
      0
    );
  }

  /** True when all of this is in the other. */
  isSubset(row: number, other: BitRows, otherRow: number): boolean {
    return (
      ((this.words[2 * row]! & ~other.words[2 * otherRow]!) |
        (this.words[2 * row + 1]! & ~other.words[2 * otherRow + 1]!)) ===
      0
    );
  }

  isEqual(row: number, other: BitRows, otherRow: number): boolean {
    return (
      this.words[2 * row] === other.words[2 * otherRow] && this.words[2 * row + 1] === other.words[2 * otherRow + 1]
    );
  }

  isEmpty(row: number): boolean {
    return (this.words[2 * row]! | this.words[2 * row + 1]!) === 0;
  }

  /** How many numbers the row holds. */
  count(row: number): number {
    return countWord(this.words[2 * row]!) + countWord(this.words[2 * row + 1]!);
  }

  /** The smallest number of the row above `after` (-1 for the first of all), or -1: `for (i = next(r, -1); i >= 0; i = next(r, i))`. */
  next(row: number, after: number): number {
    const from = after + 1;
    if (from < 32) {
      const word = this.words[2 * row]! & (-1 << from);
      if (word !== 0) return lowestBit(word);
    }
    if (from >= BIT_ROW_SIZE) return -1;
    const word = this.words[2 * row + 1]! & (from > 32 ? -1 << (from - 32) : -1);
    return word === 0 ? -1 : 32 + lowestBit(word);
  }
}
