// The time of a transaction as shown (Core ComputeTimeSmart): when it was received, or for one that was first seen in a block that
// block's time, but not before the transaction that became known last, so that times follow the order of the list.

import type { WalletTransaction } from './wallet-transaction.ts';

/** A block's clock. */
export interface BlockTimes {
  readonly timeSec: number;
  /** Greatest time of it and its ancestors. */
  readonly maxTimeSec: number;
}

/** How far in the future the last transaction may lie and still hold the next one back (Core). */
const TOLERANCE_SEC = 300;

/**
 * The time of a new transaction. `block` has confirmed it; null: none. A rescan takes old blocks at their word. `ordered` are the
 * transactions that were known before.
 */
export function computeSmartTime(
  nowSec: number,
  block: BlockTimes | null,
  isRescan: boolean,
  ordered: readonly WalletTransaction[],
): number {
  if (block === null) return nowSec;
  if (isRescan) return block.maxTimeSec;
  let latestNow = nowSec;
  let latestEntry = 0;
  for (let i = ordered.length - 1; i >= 0; i--) {
    const { timeSmartSec } = ordered[i]!;
    if (timeSmartSec > nowSec + TOLERANCE_SEC) continue;
    latestEntry = timeSmartSec;
    latestNow = Math.max(latestNow, timeSmartSec);
    break;
  }
  return Math.max(latestEntry, Math.min(block.timeSec, latestNow));
}
