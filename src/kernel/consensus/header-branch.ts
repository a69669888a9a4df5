// The branch that a header extends, read by height, and what consensus computes from it. An interface, so that the block index,
// a run of headers in a file and a test can each be one; a plain one in memory is beside it.

import type { BlockHash } from '../primitives/hashes.ts';
import type { BlockHeader } from '../primitives/header.ts';
import { assert } from '../util/assert.ts';

/** A chain of headers up to a tip. Heights outside of it must not be asked for. */
export interface HeaderBranch {
  /** Height of the tip, -1 before the genesis block. */
  readonly height: number;
  /** uint32 */
  timeSec(height: number): number;
  /** uint32 */
  bits(height: number): number;
  /** int32 */
  version(height: number): number;
  blockHash(height: number): BlockHash;
}

/** Blocks whose times the median is taken of (Core nMedianTimeSpan). */
const MEDIAN_TIME_SPAN = 11;

/**
 * Median of the times of the block at `height` and up to ten blocks before it (Core GetMedianTimePast, BIP113): the clock of
 * the chain, which never runs backwards.
 */
export function computeMedianTimePast(branch: HeaderBranch, height: number = branch.height): number {
  const first = Math.max(0, height - MEDIAN_TIME_SPAN + 1);
  const sorted: number[] = [];
  for (let h = first; h <= height; h++) {
    const timeSec = branch.timeSec(h);
    let at = sorted.length;
    while (at > 0 && sorted[at - 1]! > timeSec) {
      sorted[at] = sorted[at - 1]!;
      at--;
    }
    sorted[at] = timeSec;
  }
  const median = sorted[sorted.length >>> 1];
  assert(median !== undefined, 'a height on the branch');
  return median;
}

/**
 * A branch in memory. It may begin above the genesis block, as a run of headers in a file does: what lies before does not
 * exist for it, and asking for it is a bug.
 */
export class MemoryHeaderBranch implements HeaderBranch {
  readonly firstHeight: number;
  readonly #headers: BlockHeader[] = [];

  /** `headers` follow one another from `firstHeight` on; nothing is checked. */
  constructor(headers: Iterable<BlockHeader> = [], firstHeight = 0) {
    this.firstHeight = firstHeight;
    for (const header of headers) this.#headers.push(header);
  }

  get height(): number {
    return this.firstHeight + this.#headers.length - 1;
  }

  /** The header at a height of the branch. */
  header(height: number): BlockHeader {
    const header = this.#headers[height - this.firstHeight];
    assert(header !== undefined, 'a height on the branch');
    return header;
  }

  timeSec(height: number): number {
    return this.header(height).timeSec;
  }

  bits(height: number): number {
    return this.header(height).bits;
  }

  version(height: number): number {
    return this.header(height).version;
  }

  blockHash(height: number): BlockHash {
    return this.header(height).blockHash;
  }

  /** Adds a header on top; nothing is checked. */
  append(header: BlockHeader): void {
    this.#headers.push(header);
  }

  /** Takes away every header above `height`. */
  truncate(height: number): void {
    assert(height >= this.firstHeight - 1 && height <= this.height, 'a height on the branch');
    this.#headers.length = height - this.firstHeight + 1;
  }
}
