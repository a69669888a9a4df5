// A position over bytes with bounds: every read checks that the bytes are there and throws DecodeError when not.

import { compactSizeLength, readAnyCompactSizeAt, readCompactSizeAt } from './compact-size.ts';
import { DecodeError } from './decode-error.ts';
import { readI32, readI64, readU16, readU32, readU64BigInt } from './numbers.ts';

/** Reads little-endian fields one after another. Views share memory with `bytes`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  #position: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.#position = start;
    this.end = end;
  }

  get position(): number {
    return this.#position;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.end - this.#position;
  }

  /** Position of the next `length` bytes, which are then passed over. */
  skip(length: number, what: string): number {
    const at = this.#position;
    if (this.end - at < length) {
      throw new DecodeError('SpanReader::read(): end of data', what, at, this.end - at, length);
    }
    this.#position = at + length;
    return at;
  }

  u8(what: string): number {
    return this.bytes[this.skip(1, what)]!;
  }

  u16(what: string): number {
    return readU16(this.bytes, this.skip(2, what));
  }

  u32(what: string): number {
    return readU32(this.bytes, this.skip(4, what));
  }

  i32(what: string): number {
    return readI32(this.bytes, this.skip(4, what));
  }

  /** Signed 64-bit integer; exact within ±2^53, rounded beyond. */
  i64(what: string): number {
    return readI64(this.bytes, this.skip(8, what));
  }

  u64(what: string): bigint {
    return readU64BigInt(this.bytes, this.skip(8, what));
  }

  /** A canonical CompactSize of at most MAX_SIZE: a count or a length. */
  compactSize(what: string): number {
    const value = readCompactSizeAt(this.bytes, this.#position, this.end, what);
    this.#position += compactSizeLength(value);
    return value;
  }

  /** A canonical CompactSize without the limit, for values that are no lengths; rounded above 2^53. */
  compactSizeAny(what: string): number {
    const at = this.#position;
    const value = readAnyCompactSizeAt(this.bytes, at, this.end, what);
    this.#position += compactSizeLength(value);
    return value;
  }

  /** A count of items of at least `itemBytesMin` bytes each: refused when the remaining bytes cannot hold them. */
  count(itemBytesMin: number, what: string): number {
    const at = this.#position;
    const value = this.compactSize(what);
    if (value * itemBytesMin > this.remaining) {
      throw new DecodeError('SpanReader::read(): end of data', what, at, this.remaining, value * itemBytesMin);
    }
    return value;
  }

  /** The next `length` bytes as a view. */
  view(length: number, what: string): Uint8Array {
    const at = this.skip(length, what);
    return this.bytes.subarray(at, at + length);
  }

  /** The next `length` bytes as a copy. */
  copy(length: number, what: string): Uint8Array {
    const at = this.skip(length, what);
    return this.bytes.slice(at, at + length);
  }

  /** A byte string with its CompactSize length before it, as a view. */
  varBytes(what: string): Uint8Array {
    return this.view(this.compactSize(what), what);
  }

  /** Refuses bytes that are left over. */
  finish(what: string): void {
    if (this.#position !== this.end) {
      throw new DecodeError('trailing bytes', what, this.#position, this.remaining, 0);
    }
  }
}
