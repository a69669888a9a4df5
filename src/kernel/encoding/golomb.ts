// Golomb-Rice coded sets: the filters of BIP158, Core's GCSFilter. Each element is hashed to a number below count × M by a keyed
// hash; the sorted numbers are stored as differences, the part above 2^P in unary. A member always matches, a stranger one time
// in M. Which parts of a block are elements is not decided here. (It uses SipHash, so it lives above crypto.)

import { SipHash } from '../crypto/siphash.ts';
import { equalBytes } from '../util/bytes.ts';
import type { Result } from '../util/result.ts';
import { compactSizeLength, readCompactSizeAt, writeCompactSizeAt } from './compact-size.ts';
import { DecodeError, decodeResult } from './decode-error.ts';

/** P of the basic filter type: so many low bits of a difference are stored as they are (BIP158). */
export const BASIC_FILTER_P = 19;

/** M of the basic filter type: one stranger in so many matches (BIP158, where it minimises bandwidth for P). */
export const BASIC_FILTER_M = 784931;

/** What one kind of filter fixes. */
export interface GolombParameters {
  /** 0 to 31 */
  readonly p: number;
  /** Below 2^21, so that count × M stays exact. */
  readonly m: number;
}

/** The basic filter type. */
export const BASIC_FILTER: GolombParameters = Object.freeze({ p: BASIC_FILTER_P, m: BASIC_FILTER_M });

const TWO_16 = 0x10000;
const TWO_32 = 0x100000000;

/**
 * The high 64 bits of (high × 2^32 + low) × range: maps a 64-bit hash evenly onto 0 … range - 1 without division. Exact for a
 * range up to 2^53: every partial product below stays under 2^53.
 */
export function multiplyHigh(high: number, low: number, range: number): number {
  const rangeHigh = Math.floor(range / TWO_32); // below 2^21
  const rangeLow = range % TWO_32;
  const upper = Math.floor(rangeLow / TWO_16);
  const lower = rangeLow % TWO_16;
  // high × rangeLow and low × rangeLow as (upper half, lower half), by 16 bits of rangeLow at a time
  const highSum = high * upper + Math.floor((high * lower) / TWO_16);
  const highTop = Math.floor(highSum / TWO_16);
  const highBottom = (highSum % TWO_16) * TWO_16 + ((high * lower) % TWO_16);
  const lowTop = Math.floor((low * upper + Math.floor((low * lower) / TWO_16)) / TWO_16);
  const cross = low * rangeHigh;
  const middle = lowTop + highBottom + (cross % TWO_32);
  return high * rangeHigh + highTop + Math.floor(cross / TWO_32) + Math.floor(middle / TWO_32);
}

/** Writes bits, most significant first, into a buffer that grows. */
class BitWriter {
  #bytes: Uint8Array;
  #length: number;
  #pending = 0;
  #pendingBits = 0;

  /** Continues after the first `length` bytes of `bytes`. */
  constructor(bytes: Uint8Array, length: number) {
    this.#bytes = bytes;
    this.#length = length;
  }

  bit(value: number): void {
    this.#pending = (this.#pending << 1) | value;
    if (++this.#pendingBits === 8) this.#flush();
  }

  /** The low `count` bits of `value`. */
  bits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.bit((value >>> i) & 1);
  }

  /** Fills up the last byte with zeros and returns everything. */
  finish(): Uint8Array {
    while (this.#pendingBits > 0) this.bit(0);
    return this.#bytes.slice(0, this.#length);
  }

  #flush(): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = this.#pending;
    this.#pending = 0;
    this.#pendingBits = 0;
  }
}

/** Reads the differences of a coded set; every bit is read once, so the work is bounded by the bytes that are there. */
class DifferenceReader {
  readonly #bytes: Uint8Array;
  readonly #p: number;
  /** In bits from the start of the bytes. */
  #position: number;

  constructor(bytes: Uint8Array, start: number, p: number) {
    this.#bytes = bytes;
    this.#p = p;
    this.#position = 8 * start;
  }

  /** Bytes from which at least one bit has been read end here. */
  get end(): number {
    return Math.ceil(this.#position / 8);
  }

  next(): number {
    let quotient = 0;
    while (this.#bit() === 1) quotient++;
    let rest = 0;
    for (let i = 0; i < this.#p; i++) rest = rest * 2 + this.#bit();
    return quotient * 2 ** this.#p + rest;
  }

  #bit(): number {
    const at = Math.floor(this.#position / 8);
    if (at >= this.#bytes.length) {
      throw new DecodeError('SpanReader::read(): end of data', 'coded set', at, 0, 1);
    }
    return (this.#bytes[at]! >>> (7 - (this.#position++ % 8))) & 1;
  }
}

/** A decoded set that can be asked for members. */
export class GolombSet {
  /** Number of elements. */
  readonly count: number;
  /** The encoded set with its count; treat as frozen. */
  readonly bytes: Uint8Array;
  readonly #parameters: GolombParameters;
  readonly #hash: SipHash;

  /** For {@link decodeGolombSet}, which checks the bytes first. */
  constructor(key: Uint8Array, bytes: Uint8Array, count: number, parameters: GolombParameters) {
    this.count = count;
    this.bytes = bytes;
    this.#parameters = parameters;
    this.#hash = new SipHash(key);
  }

  /** True for every element of the set, and for one other in M. */
  match(element: Uint8Array): boolean {
    return this.matchAny([element]);
  }

  /** True when {@link match} is for at least one; a single pass over the set. */
  matchAny(elements: readonly Uint8Array[]): boolean {
    const { p, m } = this.#parameters;
    const wanted = new Float64Array(elements.length);
    elements.forEach((element, i) => {
      this.#hash.hash(element);
      wanted[i] = multiplyHigh(this.#hash.high, this.#hash.low, this.count * m);
    });
    wanted.sort();
    const reader = new DifferenceReader(this.bytes, compactSizeLength(this.count), p);
    let value = 0;
    let next = 0;
    for (let i = 0; i < this.count; i++) {
      value += reader.next();
      while (next < wanted.length && wanted[next]! < value) next++;
      if (next === wanted.length) return false;
      if (wanted[next] === value) return true;
    }
    return false;
  }
}

/** 64-bit hashes with what they are hashes of, as the encoder sorts them. */
interface HashedElement {
  readonly high: number;
  readonly low: number;
  readonly element: Uint8Array;
}

/** The elements hashed, in order of their hashes and each once. Equal elements have equal hashes, so they meet. */
function hashDistinct(key: Uint8Array, elements: readonly Uint8Array[]): HashedElement[] {
  const sip = new SipHash(key);
  const hashed = elements.map((element): HashedElement => {
    sip.hash(element);
    return { high: sip.high, low: sip.low, element };
  });
  hashed.sort((a, b) => a.high - b.high || a.low - b.low);
  const distinct: HashedElement[] = [];
  for (const candidate of hashed) {
    let known = false;
    for (let i = distinct.length - 1; i >= 0 && !known; i--) {
      const other = distinct[i]!;
      if (other.high !== candidate.high || other.low !== candidate.low) break;
      known = equalBytes(other.element, candidate.element);
    }
    if (!known) distinct.push(candidate);
  }
  return distinct;
}

/**
 * Encodes the set of `elements` (repeated ones count once) under a key of 16 bytes: the count as CompactSize, then the
 * differences.
 */
export function encodeGolombSet(
  key: Uint8Array,
  elements: readonly Uint8Array[],
  parameters: GolombParameters = BASIC_FILTER,
): Uint8Array {
  const { p, m } = parameters;
  const distinct = hashDistinct(key, elements);
  const range = distinct.length * m;
  // the order of the hashes is the order of their images
  const prefix = new Uint8Array(9 + 4 * distinct.length);
  const writer = new BitWriter(prefix, writeCompactSizeAt(prefix, 0, distinct.length));
  let last = 0;
  for (const { high, low } of distinct) {
    const value = multiplyHigh(high, low, range);
    const difference = value - last;
    for (let quotient = Math.floor(difference / 2 ** p); quotient > 0; quotient--) writer.bit(1);
    writer.bit(0);
    writer.bits(difference % 2 ** p, p);
    last = value;
  }
  return writer.finish();
}

/**
 * Decodes a set under a key of 16 bytes and checks that exactly its elements are there: nothing cut off, nothing left over. The
 * set keeps a reference to `bytes`.
 */
export function decodeGolombSet(
  key: Uint8Array,
  bytes: Uint8Array,
  parameters: GolombParameters = BASIC_FILTER,
): Result<GolombSet, DecodeError> {
  return decodeResult(() => {
    const count = readCompactSizeAt(bytes, 0, bytes.length, 'coded set count');
    const reader = new DifferenceReader(bytes, compactSizeLength(count), parameters.p);
    for (let i = 0; i < count; i++) reader.next();
    if (reader.end !== bytes.length) {
      throw new DecodeError('trailing bytes', 'coded set', reader.end, bytes.length - reader.end, 0);
    }
    return new GolombSet(key, bytes, count, parameters);
  });
}
