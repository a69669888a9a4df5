// How much the node may send in a day (Core -maxuploadtarget; CConnman::OutboundTargetReached). Not a brake on what keeps the network
// going: when the day's amount runs out, blocks that are older than a week are served no more, since who fetches those can get them
// elsewhere, and so much is kept back that every block that is still to come in this day can be passed on once (D17).
//
// A day begins with the first byte after the last one is over, measured by monotonic time: setting the clock gives nobody more.

import { MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';

/** Length of a day (Core MAX_UPLOAD_TIMEFRAME). */
const CYCLE_MS: number = 24 * 60 * 60 * 1000;

/** Time in which a block is expected (Core: ten minutes, whatever the network). */
const BLOCK_INTERVAL_MS: number = 10 * 60 * 1000;

/** Largest block in bytes (Core MAX_BLOCK_SERIALIZED_SIZE). */
const BLOCK_BYTES_MAX: number = MAX_BLOCK_WEIGHT;

/** Counts what was sent. */
export class UploadTarget {
  /** Bytes in a day; 0: as many as there are. */
  readonly limitBytes: number;
  #cycleStartMs = Number.NEGATIVE_INFINITY;
  #sentBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Bytes sent in the current day. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Notes bytes that leave. */
  noteSent(bytes: number, nowMs: number): void {
    if (nowMs - this.#cycleStartMs > CYCLE_MS) {
      this.#cycleStartMs = nowMs;
      this.#sentBytes = 0;
    }
    this.#sentBytes += bytes;
  }

  /** Milliseconds until the day is over; a whole day before anything was sent. */
  leftMs(nowMs: number): number {
    if (this.#cycleStartMs === Number.NEGATIVE_INFINITY) return CYCLE_MS;
    return Math.max(0, this.#cycleStartMs + CYCLE_MS - nowMs);
  }

  /** Whether the day's amount is used up. */
  get isReached(): boolean {
    return this.limitBytes > 0 && this.#sentBytes >= this.limitBytes;
  }

  /** Whether what is left is needed for the blocks that are still to come. */
  isReachedForHistory(nowMs: number): boolean {
    if (this.limitBytes === 0) return false;
    const keptBytes = Math.floor(this.leftMs(nowMs) / BLOCK_INTERVAL_MS) * BLOCK_BYTES_MAX;
    return keptBytes >= this.limitBytes || this.#sentBytes >= this.limitBytes - keptBytes;
  }
}
