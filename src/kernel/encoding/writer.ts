// A growing byte buffer that little-endian fields are appended to.

import { compactSizeLength, writeCompactSizeAt } from './compact-size.ts';
import { writeI64, writeU16, writeU32, writeU64BigInt } from './numbers.ts';

/** Appends fields; give the final size as `capacity` where it is known, then nothing is copied twice. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 128) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  #claim(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): this {
    const at = this.#claim(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#claim(2);
    writeU16(this.#bytes, at, value);
    return this;
  }

  /** A 32-bit integer, signed or unsigned. */
  u32(value: number): this {
    const at = this.#claim(4);
    writeU32(this.#bytes, at, value);
    return this;
  }

  /** A 64-bit integer within ±2^53. */
  i64(value: number): this {
    const at = this.#claim(8);
    writeI64(this.#bytes, at, value);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#claim(8);
    writeU64BigInt(this.#bytes, at, value);
    return this;
  }

  compactSize(value: number): this {
    const at = this.#claim(compactSizeLength(value));
    writeCompactSizeAt(this.#bytes, at, value);
    return this;
  }

  put(bytes: Uint8Array): this {
    const at = this.#claim(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A byte string with its length before it. */
  varBytes(bytes: Uint8Array): this {
    return this.compactSize(bytes.length).put(bytes);
  }

  /** What was written; exactly sized, and not to be written to afterwards. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}
