// SHA-256 in the forms that Bitcoin uses: once, twice, tagged (BIP340), streamed with midstates, and batches of merkle pairs.
// Mirrors Core's CSHA256, CHash256, HashWriter, TaggedHash and SHA256D64. The compression itself is hash-kernel.ts.

import { assert } from '../util/assert.ts';
import { copyRangeLoosely } from '../util/range-copy.ts';
import { type HashKernel, hashKernel, INITIAL_STATE, STAGING_BYTES, writeDigest } from './hash-kernel.ts';

/** Bytes of a digest. */
export const SHA256_BYTES = 32;

/** Bytes that the compression function takes at once. */
const BLOCK_BYTES = 64;

/**
 * A hasher gathers so many bytes before it compresses any: most transactions and signature messages fit, and then cost one call
 * of the kernel and no transfer of state. More would only make copies dearer.
 */
const BUFFER_BYTES = 8 * BLOCK_BYTES;

/** A length in bytes as the two words of its length in bits. */
function bitsHigh(byteCount: number): number {
  return Math.floor(byteCount / 0x20000000);
}

function bitsLow(byteCount: number): number {
  return (byteCount * 8) >>> 0;
}

/** Absorbs a long range and stages what is left, at most what fits; returns how many bytes are staged. */
function stageEnd(kernel: HashKernel, bytes: Uint8Array, start: number, end: number): number {
  kernel.state.set(INITIAL_STATE);
  let at = start;
  while (end - at > STAGING_BYTES) {
    kernel.staging.set(bytes.subarray(at, at + STAGING_BYTES));
    kernel.compress(STAGING_BYTES / BLOCK_BYTES);
    at += STAGING_BYTES;
  }
  kernel.staging.set(bytes.subarray(at, end));
  return end - at;
}

/** SHA-256 of `bytes` from `start` to `end`, written to `out` at `outAt`. The ranges may overlap. */
export function sha256Into(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  const kernel = hashKernel();
  const length = end - start;
  if (length <= STAGING_BYTES) {
    copyRangeLoosely(bytes, start, end, kernel.staging, kernel.stagingView, 0);
    kernel.sha256(length);
  } else {
    kernel.finish(stageEnd(kernel, bytes, start, end), bitsHigh(length), bitsLow(length));
  }
  writeDigest(kernel.state, out, outAt);
}

/** SHA-256 of the SHA-256 of a range: the hash of blocks and transactions. The ranges may overlap. */
export function sha256dInto(bytes: Uint8Array, start: number, end: number, out: Uint8Array, outAt: number): void {
  const kernel = hashKernel();
  const length = end - start;
  if (length <= STAGING_BYTES) {
    copyRangeLoosely(bytes, start, end, kernel.staging, kernel.stagingView, 0);
    kernel.sha256dAt(0, length);
  } else {
    kernel.finishTwice(stageEnd(kernel, bytes, start, end), bitsHigh(length), bitsLow(length));
  }
  writeDigest(kernel.state, out, outAt);
}

/**
 * Double SHA-256 of three ranges of one array as if they lay one after another: a transaction without its witness is its
 * version, its body and its locktime.
 */
export function sha256dOfThreeInto(
  bytes: Uint8Array,
  firstStart: number,
  firstEnd: number,
  secondStart: number,
  secondEnd: number,
  thirdStart: number,
  thirdEnd: number,
  out: Uint8Array,
  outAt: number,
): void {
  const firstLength = firstEnd - firstStart;
  const secondLength = secondEnd - secondStart;
  const length = firstLength + secondLength + (thirdEnd - thirdStart);
  const kernel = hashKernel();
  if (length <= STAGING_BYTES) {
    const { staging, stagingView } = kernel;
    copyRangeLoosely(bytes, firstStart, firstEnd, staging, stagingView, 0);
    copyRangeLoosely(bytes, secondStart, secondEnd, staging, stagingView, firstLength);
    copyRangeLoosely(bytes, thirdStart, thirdEnd, staging, stagingView, firstLength + secondLength);
    kernel.sha256dAt(0, length);
    writeDigest(kernel.state, out, outAt);
  } else {
    new Sha256Hasher()
      .update(bytes, firstStart, firstEnd)
      .update(bytes, secondStart, secondEnd)
      .update(bytes, thirdStart, thirdEnd)
      .digestDoubleInto(out, outAt);
  }
}

/**
 * Double SHA-256 of many messages inside one array, 32 bytes each in `out`. Each is all bytes between its start and its end
 * but for two gaps, one behind its first four bytes and one before its last four: a transaction but for its witness.
 * `offsets` holds, ascending, four per message: start, end of the first gap, start of the second, end.
 */
export function sha256dGappedInto(bytes: Uint8Array, offsets: Uint32Array, out: Uint8Array): void {
  const kernel = hashKernel();
  const count = offsets.length / 4;
  for (let first = 0, next = 0; first < count; first = next) {
    const from = offsets[4 * first]!;
    while (next < count && offsets[4 * next + 3]! - from <= STAGING_BYTES) next++;
    if (next > first) {
      kernel.staging.set(bytes.subarray(from, offsets[4 * next - 1]!));
      // Last first: the padding of a message goes over what lies behind it.
      for (let i = next - 1; i >= first; i--) hashGapped(kernel, offsets, i, from, out);
    } else {
      const at = 4 * first;
      const end = offsets[at + 3]!;
      const [bodyStart, bodyEnd] = [offsets[at + 1]!, offsets[at + 2]!];
      sha256dOfThreeInto(bytes, from, from + 4, bodyStart, bodyEnd, end - 4, end, out, SHA256_BYTES * first);
      next++;
    }
  }
}

/** Closes the gaps of message `i` in staging, where what was at `from` now begins, and hashes it. */
function hashGapped(kernel: HashKernel, offsets: Uint32Array, i: number, from: number, out: Uint8Array): void {
  const { staging } = kernel;
  const start = offsets[4 * i]! - from;
  const bodyStart = offsets[4 * i + 1]! - from;
  const bodyEnd = offsets[4 * i + 2]! - from;
  const end = offsets[4 * i + 3]! - from;
  if (bodyStart !== start + 4) {
    for (let k = 3; k >= 0; k--) staging[bodyStart - 4 + k] = staging[start + k]!;
  }
  if (bodyEnd !== end - 4) {
    for (let k = 0; k < 4; k++) staging[bodyEnd + k] = staging[end - 4 + k]!;
  }
  kernel.sha256dAt(bodyStart - 4, bodyEnd - bodyStart + 8);
  writeDigest(kernel.state, out, SHA256_BYTES * i);
}

/** SHA-256. */
export function sha256(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(SHA256_BYTES);
  sha256Into(data, 0, data.length, out, 0);
  return out;
}

/** SHA-256 of the SHA-256. */
export function sha256d(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(SHA256_BYTES);
  sha256dInto(data, 0, data.length, out, 0);
  return out;
}

/**
 * One step up a merkle tree, in place: the first `count` pairs of 32-byte hashes become `count` hashes, each the double
 * SHA-256 of its pair.
 */
export function sha256dPairsInto(hashes: Uint8Array, count: number): void {
  const kernel = hashKernel();
  const batchMax = STAGING_BYTES / BLOCK_BYTES;
  for (let done = 0; done < count; done += batchMax) {
    const batch = Math.min(count - done, batchMax);
    const from = BLOCK_BYTES * done;
    copyRangeLoosely(hashes, from, from + BLOCK_BYTES * batch, kernel.staging, kernel.stagingView, 0);
    kernel.hashPairs(batch);
    hashes.set(kernel.staging.subarray(0, SHA256_BYTES * batch), SHA256_BYTES * done);
  }
}

/** States after the first block of a tagged hash, by tag. Tags are literals of the program: few. */
const tagStates: Map<string, Int32Array> = new Map();

/** The state after SHA-256(tag) twice, which is exactly one block. */
function tagState(tag: string): Int32Array {
  let state = tagStates.get(tag);
  if (state === undefined) {
    state = computeTagState(tag);
    tagStates.set(tag, state);
  }
  return state;
}

/** Apart from {@link tagState}, whose every call would otherwise leave an object for the closure here. */
function computeTagState(tag: string): Int32Array {
  const tagBytes = Uint8Array.from(tag, (character) => character.charCodeAt(0));
  assert(
    tagBytes.every((byte, i) => byte < 0x80 && byte === tag.charCodeAt(i)),
    'a tag is ASCII',
  );
  const tagDigest = sha256(tagBytes);
  const kernel = hashKernel();
  kernel.state.set(INITIAL_STATE);
  kernel.staging.set(tagDigest);
  kernel.staging.set(tagDigest, SHA256_BYTES);
  kernel.compress(1);
  return kernel.state.slice();
}

/**
 * SHA-256 of a message in parts. Reusable, and it allocates nothing per use; many can be under way at once, since each owns
 * its state. Taking a digest changes nothing: more may follow, and {@link copyFrom} continues from a shared beginning.
 */
export class Sha256Hasher {
  readonly #state: Int32Array = INITIAL_STATE.slice();
  readonly #buffer: Uint8Array = new Uint8Array(BUFFER_BYTES + 16);
  readonly #bufferView: DataView = new DataView(this.#buffer.buffer);
  /** Bytes in the buffer that the state does not have yet: always fewer than fit. */
  #buffered = 0;
  /** Bytes of the message so far. */
  #length = 0;

  /** Begins a new message. */
  reset(): this {
    this.#state.set(INITIAL_STATE);
    this.#buffered = 0;
    this.#length = 0;
    return this;
  }

  /** Begins a new tagged hash (BIP340): as if the hash of the tag had been written twice. The tag is ASCII. */
  resetTagged(tag: string): this {
    this.#state.set(tagState(tag));
    this.#buffered = 0;
    this.#length = BLOCK_BYTES;
    return this;
  }

  /** Takes over the message that `other` has so far. What both share is compressed once, however many copies are taken. */
  copyFrom(other: Sha256Hasher): this {
    if (other.#buffered >= BLOCK_BYTES) other.#absorb(other.#buffer, 0, 0);
    this.#state.set(other.#state);
    this.#buffer.set(other.#buffer);
    this.#buffered = other.#buffered;
    this.#length = other.#length;
    return this;
  }

  /** Appends `bytes` from `start` to `end`. */
  update(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    const count = end - start;
    this.#length += count;
    if (this.#buffered + count < BUFFER_BYTES) {
      copyRangeLoosely(bytes, start, end, this.#buffer, this.#bufferView, this.#buffered);
      this.#buffered += count;
    } else {
      this.#absorb(bytes, start, end);
    }
    return this;
  }

  updateU8(value: number): this {
    this.#length += 1;
    this.#push(value);
    return this;
  }

  /** Appends a 32-bit integer, signed or unsigned, little-endian. */
  updateU32(value: number): this {
    this.#length += 4;
    this.#pushU32(value);
    return this;
  }

  /** Appends a 64-bit integer within ±2^53, little-endian. */
  updateI64(value: number): this {
    const high = Math.floor(value / 0x100000000);
    this.#length += 8;
    this.#pushU32((value - high * 0x100000000) | 0);
    this.#pushU32(high);
    return this;
  }

  /** Appends a length in Bitcoin's variable form: 1, 3, 5 or 9 bytes. */
  updateCompactSize(value: number): this {
    if (value < 0xfd) return this.updateU8(value);
    if (value <= 0xffff) {
      this.#length += 3;
      this.#push(0xfd);
      this.#push(value & 0xff);
      this.#push(value >>> 8);
      return this;
    }
    return value <= 0xffffffff ? this.updateU8(0xfe).updateU32(value) : this.updateU8(0xff).updateI64(value);
  }

  /** Writes the SHA-256 of the message so far. */
  digestInto(out: Uint8Array, outAt: number): void {
    const kernel = hashKernel();
    this.#stage(kernel);
    kernel.finish(this.#buffered, bitsHigh(this.#length), bitsLow(this.#length));
    writeDigest(kernel.state, out, outAt);
  }

  /** Writes the SHA-256 of the SHA-256 of the message so far. */
  digestDoubleInto(out: Uint8Array, outAt: number): void {
    const kernel = hashKernel();
    this.#stage(kernel);
    kernel.finishTwice(this.#buffered, bitsHigh(this.#length), bitsLow(this.#length));
    writeDigest(kernel.state, out, outAt);
  }

  /** Hands state and buffer to the kernel. */
  #stage(kernel: HashKernel): void {
    kernel.state.set(this.#state);
    if (this.#buffered > 0) kernel.staging.set(this.#buffer);
  }

  /** Compresses the buffer and what follows it; what is left over of a block goes into the buffer. */
  #absorb(bytes: Uint8Array, start: number, end: number): void {
    const kernel = hashKernel();
    this.#stage(kernel);
    let staged = this.#buffered;
    let at = start;
    let rest = 0;
    do {
      const count = Math.min(end - at, STAGING_BYTES - staged);
      copyRangeLoosely(bytes, at, at + count, kernel.staging, kernel.stagingView, staged);
      at += count;
      staged += count;
      kernel.compress(Math.floor(staged / BLOCK_BYTES));
      rest = staged % BLOCK_BYTES; // none while more follows: the staging area holds whole blocks
      copyRangeLoosely(kernel.staging, staged - rest, staged, this.#buffer, this.#bufferView, 0);
      staged = 0;
    } while (at < end);
    this.#buffered = rest;
    this.#state.set(kernel.state);
  }

  #pushU32(value: number): void {
    this.#push(value & 0xff);
    this.#push((value >>> 8) & 0xff);
    this.#push((value >>> 16) & 0xff);
    this.#push((value >>> 24) & 0xff);
  }

  #push(byte: number): void {
    this.#buffer[this.#buffered++] = byte;
    if (this.#buffered === BUFFER_BYTES) this.#absorb(this.#buffer, 0, 0);
  }
}

/** The tagged hash of BIP340: SHA-256 over SHA-256(tag) twice and the parts one after another. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hasher = new Sha256Hasher().resetTagged(tag);
  for (const part of parts) hasher.update(part);
  const out = new Uint8Array(SHA256_BYTES);
  hasher.digestInto(out, 0);
  return out;
}
