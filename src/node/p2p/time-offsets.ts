// How far the clocks of our outbound peers are from ours (Core node/timeoffsets.cpp). For a warning only: no rule of the ledger and
// no timer ever uses the time of a peer (T01). Inbound peers are not asked, since anybody can be one.

import { assert } from '../../kernel/util/assert.ts';

/** Samples remembered; the oldest goes first (Core). */
const OFFSET_COUNT_MAX = 50;
/** Samples without which nothing is concluded (Core). */
const OFFSET_COUNT_MIN = 5;
/** Difference from which the operator is warned (Core, ten minutes). */
const WARN_SEC = 600;

/** Core's warning, for the log and for RPC. */
export const CLOCK_WARNING: string =
  "Your computer's date and time appear to be more than 10 minutes out of sync with the network, this may lead to consensus " +
  "failure. After you've confirmed your computer's clock, this message should no longer appear when you restart your node. " +
  "Without a restart, it should stop showing automatically after you've connected to a sufficient number of new outbound peers, " +
  'which may take some time. You can inspect the `timeoffset` field of the `getpeerinfo` and `getnetworkinfo` RPC methods to get ' +
  'more info.';

/**
 * Their clock minus ours, in seconds, whatever 64-bit number a peer calls its time: negative ones count as 0 (Core), large ones
 * lose digits, and nothing overflows (T01; CVE-2024-52912 was such an overflow).
 */
export function computeTimeOffset(peerTimeSec: number | bigint, nowSec: number): number {
  return Math.max(0, Number(peerTimeSec)) - nowSec;
}

/** The last offsets of outbound peers. */
export class TimeOffsets {
  #offsetsSec: number[] = [];

  /** Notes the offset of one more outbound peer. */
  add(offsetSec: number): void {
    assert(Number.isFinite(offsetSec), 'an offset of two times');
    if (this.#offsetsSec.length === OFFSET_COUNT_MAX) this.#offsetsSec.shift();
    this.#offsetsSec.push(offsetSec);
  }

  /** Offsets that are remembered. */
  get count(): number {
    return this.#offsetsSec.length;
  }

  /** The middle one, the upper of two, and 0 while there are too few. */
  get medianSec(): number {
    if (this.#offsetsSec.length < OFFSET_COUNT_MIN) return 0;
    const sorted = [...this.#offsetsSec].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
  }

  /** Whether to show {@link CLOCK_WARNING}. */
  get isOutOfSync(): boolean {
    return Math.abs(this.medianSec) > WARN_SEC;
  }
}
