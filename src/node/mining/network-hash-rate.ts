// How many hashes per second a network seems to compute, from the work and the times of its blocks (Core GetNetworkHashPS, behind
// getnetworkhashps and getmininginfo).

import type { HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { computeWork } from '../../kernel/consensus/target.ts';

/**
 * Hashes per second over the last `blockCount` blocks up to `height`; -1: the blocks since the difficulty last changed. The first
 * block of a ledger has no time before it: 0, as where all times are the same.
 */
export function estimateNetworkHashRate(
  branch: HeaderBranch,
  periodBlocks: number,
  blockCount: number,
  height: number = branch.height,
): number {
  if (height <= 0) return 0;
  const wanted = blockCount === -1 ? (height % periodBlocks) + 1 : blockCount;
  const first = height - Math.min(wanted, height);
  let earliestSec = branch.timeSec(height);
  let latestSec = earliestSec;
  let work = 0n;
  for (let h = height; h > first; h--) {
    work += computeWork(branch.bits(h));
    const timeSec = branch.timeSec(h - 1);
    earliestSec = Math.min(earliestSec, timeSec);
    latestSec = Math.max(latestSec, timeSec);
  }
  return earliestSec === latestSec ? 0 : Number(work) / (latestSec - earliestSec);
}
