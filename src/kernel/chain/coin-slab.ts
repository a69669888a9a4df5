// The coins of the cache, packed: no object per coin, and no dead space that is not used again. An entry is the outpoint
// (36 bytes), height and coinbase flag (uint32), one byte for its owner's state, and the serialized output, if there is one; it
// begins at a multiple of four bytes. Entries lie in segments of 1 MiB, so that growing copies nothing. The place of a removed
// entry goes to the next one of the same size: scripts come in few sizes, so nearly every place finds a taker.
//
// An entry is named by a reference, an integer above zero: the number of its segment and its place there in words.

import type { CoinRef } from '../consensus/coin.ts';
import { compactSizeWidth, readCompactSizeAt } from '../encoding/compact-size.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { assert } from '../util/assert.ts';
import { copyRange, equalRange } from '../util/bytes.ts';

const CODE_AT = OUTPOINT_BYTES;
const STATE_AT = CODE_AT + 4;
const OUTPUT_AT = STATE_AT + 1;
/** Offset of the length of the script. */
const SCRIPT_LENGTH_AT = OUTPUT_AT + 8;

/** State of a place without an entry. Owners' states are 1 to 127. */
const FREE = 0;
/** Bit of the state byte of an entry that has an output. */
const HAS_OUTPUT = 0x80;

const SEGMENT_WORDS_LOG2 = 18;
const SEGMENT_WORDS: number = 2 ** SEGMENT_WORDS_LOG2;
const SEGMENT_BYTES = 4 * SEGMENT_WORDS;
/** References fit 31 bits: 8 GiB. */
const SEGMENTS_MAX: number = 2 ** (31 - SEGMENT_WORDS_LOG2);

/** Places of up to so many words (those of the longest script that can be spent) are used again. */
const REUSED_WORDS_MAX = 2560;

/** A free place holds the reference of the next one of its size, and its own size in words. */
const NEXT_FREE_AT = 0;
const FREE_WORDS_AT = 4;

/** Packed entries. */
export class CoinSlab {
  readonly #segments: Uint8Array[] = [];
  /** Segments in use; those behind them are spare. */
  #segmentCount = 0;
  /** Words taken in each segment in use. */
  readonly #ends: number[] = [];
  /** The first free place of each size in words, or 0. */
  readonly #free: Int32Array = new Int32Array(REUSED_WORDS_MAX + 1);

  /** Bytes of the segments in use. */
  get usedBytes(): number {
    return this.#segmentCount * SEGMENT_BYTES;
  }

  /** Adds an entry and returns its reference; without a coin it only says something about its outpoint. */
  add(outpoints: Uint8Array, at: number, coin: CoinRef | null, state: number): number {
    const outputBytes = coin === null ? 0 : coin.end - coin.start;
    const ref = this.#claim((OUTPUT_AT + outputBytes + 3) >>> 2);
    const bytes = this.bytesOf(ref);
    const start = this.startOf(ref);
    copyRange(outpoints, at, bytes, start, OUTPOINT_BYTES);
    writeU32(bytes, start + CODE_AT, coin === null ? 0 : coin.code);
    bytes[start + STATE_AT] = coin === null ? state : state | HAS_OUTPUT;
    if (coin !== null) copyRange(coin.bytes, coin.start, bytes, start + OUTPUT_AT, outputBytes);
    return ref;
  }

  /** Removes an entry. Its reference may be given to another. */
  remove(ref: number): void {
    const bytes = this.bytesOf(ref);
    const start = this.startOf(ref);
    const words = this.#wordsAt(bytes, start);
    bytes[start + STATE_AT] = FREE;
    writeU32(bytes, start + FREE_WORDS_AT, words);
    if (words > REUSED_WORDS_MAX) return;
    writeU32(bytes, start + NEXT_FREE_AT, this.#free[words]!);
    this.#free[words] = ref;
  }

  /** The memory that the entry lies in. */
  bytesOf(ref: number): Uint8Array {
    return this.#segments[ref >>> SEGMENT_WORDS_LOG2]!;
  }

  /** Offset in {@link bytesOf} of the entry, which is that of its outpoint. */
  startOf(ref: number): number {
    return 4 * (ref & (SEGMENT_WORDS - 1));
  }

  /** True when the entry is about the outpoint at `at`. */
  matches(ref: number, outpoints: Uint8Array, at: number): boolean {
    return equalRange(this.bytesOf(ref), this.startOf(ref), outpoints, at, OUTPOINT_BYTES);
  }

  state(ref: number): number {
    return this.bytesOf(ref)[this.startOf(ref) + STATE_AT]! & ~HAS_OUTPUT;
  }

  setState(ref: number, state: number): void {
    const bytes = this.bytesOf(ref);
    const at = this.startOf(ref) + STATE_AT;
    bytes[at] = state | (bytes[at]! & HAS_OUTPUT);
  }

  /** Height of the block that made the entry's coin. */
  height(ref: number): number {
    return readU32(this.bytesOf(ref), this.startOf(ref) + CODE_AT) >>> 1;
  }

  /** Bytes that the entry takes. */
  sizeOf(ref: number): number {
    return 4 * this.#wordsAt(this.bytesOf(ref), this.startOf(ref));
  }

  /** Points `coin` at the coin of the entry, until the entry is removed. */
  read(ref: number, coin: CoinRef): CoinRef {
    const bytes = this.bytesOf(ref);
    const start = this.startOf(ref);
    return coin.point(bytes, start + OUTPUT_AT, outputEnd(bytes, start), readU32(bytes, start + CODE_AT));
  }

  /** Calls `visit` for every entry; it may remove that entry and change its state. */
  forEach(visit: (ref: number, state: number) => void): void {
    for (let segment = 0; segment < this.#segmentCount; segment++) {
      const bytes = this.#segments[segment]!;
      const end = this.#ends[segment]!;
      for (let word = firstWord(segment); word < end; ) {
        const state = bytes[4 * word + STATE_AT]!;
        const words = this.#wordsAt(bytes, 4 * word);
        if (state !== FREE) visit(segment * SEGMENT_WORDS + word, state & ~HAS_OUTPUT);
        word += words;
      }
    }
  }

  /**
   * Removes the entries that `keeps` says no to and moves the others together, so that whole segments become free. Calls `moved`
   * with the new reference of each that stays; `keeps` may change its state before.
   */
  compact(keeps: (ref: number, state: number) => boolean, moved: (ref: number) => void): void {
    const ends = this.#ends.slice(0, this.#segmentCount);
    this.clear();
    for (const [segment, end] of ends.entries()) {
      const bytes = this.#segments[segment]!;
      for (let word = firstWord(segment); word < end; ) {
        const start = 4 * word;
        const state = bytes[start + STATE_AT]!;
        const words = this.#wordsAt(bytes, start);
        const ref = segment * SEGMENT_WORDS + word;
        word += words;
        if (state === FREE || !keeps(ref, state & ~HAS_OUTPUT)) continue;
        // in the same order and without gaps: never behind where the entry was, so it goes over nothing that is still to move
        const target = this.#append(words);
        const targetBytes = this.bytesOf(target);
        if (targetBytes === bytes) bytes.copyWithin(this.startOf(target), start, start + 4 * words);
        else copyRange(bytes, start, targetBytes, this.startOf(target), 4 * words);
        moved(target);
      }
    }
  }

  /** Removes all entries. Keeps the segments for later ones. */
  clear(): void {
    this.#segmentCount = 0;
    this.#free.fill(0);
  }

  /** Size of the entry or free place at `start`. */
  #wordsAt(bytes: Uint8Array, start: number): number {
    const state = bytes[start + STATE_AT]!;
    if (state === FREE) return readU32(bytes, start + FREE_WORDS_AT);
    const end = (state & HAS_OUTPUT) === 0 ? start + OUTPUT_AT : outputEnd(bytes, start);
    return (end - start + 3) >>> 2;
  }

  /** A place of so many words. */
  #claim(words: number): number {
    const freed = words <= REUSED_WORDS_MAX ? this.#free[words]! : 0;
    if (freed !== 0) {
      this.#free[words] = readU32(this.bytesOf(freed), this.startOf(freed) + NEXT_FREE_AT);
      return freed;
    }
    return this.#append(words);
  }

  /** The next place of so many words behind all entries. */
  #append(words: number): number {
    assert(words < SEGMENT_WORDS, 'coin slab: an output of a megabyte');
    if (this.#segmentCount === 0 || this.#ends[this.#segmentCount - 1]! + words > SEGMENT_WORDS) this.#addSegment();
    const segment = this.#segmentCount - 1;
    const word = this.#ends[segment]!;
    this.#ends[segment] = word + words;
    return segment * SEGMENT_WORDS + word;
  }

  #addSegment(): void {
    const segment = this.#segmentCount++;
    assert(segment < SEGMENTS_MAX, 'coin slab: at most 8 GiB');
    if (segment === this.#segments.length) this.#segments.push(new Uint8Array(SEGMENT_BYTES));
    this.#ends[segment] = firstWord(segment);
  }
}

/** Reference 0 names no entry. */
function firstWord(segment: number): number {
  return segment === 0 ? 1 : 0;
}

function outputEnd(bytes: Uint8Array, start: number): number {
  const at = start + SCRIPT_LENGTH_AT;
  const scriptLength = readCompactSizeAt(bytes, at, bytes.length, 'scriptPubKey');
  return at + compactSizeWidth(bytes[at]!) + scriptLength;
}
