// Bytes in the order in which they came, taken out in runs of any length. Large chunks are kept as they are and copied once, into
// the run that is taken; small ones are gathered, so that a peer that sends single bytes costs what it sends (D01, W03). The
// memory held is at most the bytes inside, a gathering segment, and as much of the first chunk as was taken out already.

import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';

/** Shortest chunk that is kept as it is: below, what an array object costs would tell. Arbitrary. */
const KEPT_CHUNK_BYTES_MIN = 4096;

/** Bytes of a segment that gathers small chunks. Arbitrary: four pages. */
const GATHERED_BYTES = 16 * 1024;

/** Most bytes that are held of a chunk although they have been taken out: half of what a peer may cost beyond its bytes (D01). */
const STALE_BYTES_MAX = 128 * 1024;

/** A piece of the queue; the bytes from `start` to `end` are inside. */
interface Segment {
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Ours, to append to; what is taken out of it is copied. */
  readonly isGathering: boolean;
}

/** A queue of bytes. */
export class ByteQueue {
  readonly #segments: Segment[] = [];
  #length = 0;

  /** Bytes inside. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end. The array must not change afterwards. */
  append(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (chunk.length < KEPT_CHUNK_BYTES_MIN) this.#gather(chunk);
    else this.#segments.push({ bytes: asWholeBuffer(chunk), start: 0, end: chunk.length, isGathering: false });
  }

  #gather(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.length) {
      const segment = this.#gatheringSegment();
      const count = Math.min(chunk.length - position, segment.bytes.length - segment.end);
      if (count === 1) segment.bytes[segment.end] = chunk[position]!;
      else segment.bytes.set(chunk.subarray(position, position + count), segment.end);
      segment.end += count;
      position += count;
    }
  }

  /** The last segment, with room to append to. */
  #gatheringSegment(): Segment {
    const last = this.#segments.at(-1);
    if (last?.isGathering === true && last.end < last.bytes.length) return last;
    const segment: Segment = { bytes: new Uint8Array(GATHERED_BYTES), start: 0, end: 0, isGathering: true };
    this.#segments.push(segment);
    return segment;
  }

  /** Copies the first bytes into `target`, as many as it holds and no more than are inside. They stay inside. */
  peekInto(target: Uint8Array): void {
    let at = 0;
    for (const { bytes, start, end } of this.#segments) {
      const count = Math.min(target.length - at, end - start);
      target.set(bytes.subarray(start, start + count), at);
      at += count;
      if (at === target.length) return;
    }
  }

  /** Passes over the first `length` bytes, which must be inside. */
  skip(length: number): void {
    let rest = length;
    let emptied = 0;
    while (rest > 0) {
      const segment = this.#segments[emptied]!;
      const count = Math.min(rest, segment.end - segment.start);
      segment.start += count;
      rest -= count;
      if (segment.start === segment.end) emptied++;
    }
    this.#length -= length;
    this.#drop(emptied);
  }

  /** Removes the first segments, which are empty; a last one that gathers is used again. */
  #drop(emptied: number): void {
    const last = this.#segments.at(-1);
    const isReused = emptied === this.#segments.length && last?.isGathering === true;
    if (isReused) {
      last.start = 0;
      last.end = 0;
    }
    this.#segments.splice(0, isReused ? emptied - 1 : emptied);
  }

  /**
   * Takes out the first `length` bytes, which must be inside: a new array, or a view of a kept chunk that holds at most
   * `pinnedBytesMax` other bytes.
   */
  take(length: number, pinnedBytesMax: number): Uint8Array {
    if (length === 0) return EMPTY_BYTES;
    const first = this.#segments[0]!;
    const isWhole = !first.isGathering && first.end - first.start >= length;
    const taken =
      isWhole && first.bytes.length - length <= pinnedBytesMax
        ? first.bytes.subarray(first.start, first.start + length)
        : this.#copy(length);
    this.skip(length);
    return taken;
  }

  #copy(length: number): Uint8Array {
    const copy = new Uint8Array(length);
    this.peekInto(copy);
    return copy;
  }

  /** Lets go of bytes of the first chunk that were taken out, when they are many. To be called when the rest has to wait. */
  trim(): void {
    const first = this.#segments[0];
    if (first === undefined || first.isGathering || first.start <= STALE_BYTES_MAX) return;
    first.bytes = first.bytes.slice(first.start, first.end);
    first.end -= first.start;
    first.start = 0;
  }
}

/** The chunk itself when nothing else shares its buffer, else a copy: a view would pin more than it shows. */
function asWholeBuffer(chunk: Uint8Array): Uint8Array {
  return chunk.length === chunk.buffer.byteLength ? chunk : chunk.slice();
}
