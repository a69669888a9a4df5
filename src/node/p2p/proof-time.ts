// Work as time (Core GetBlockProofEquivalentTime): how long it would take to redo the work between two blocks, at the pace of a
// third.

import type { BlockEntry, BlockIndex } from '../../kernel/chain/block-index.ts';
import { computeWork } from '../../kernel/consensus/target.ts';

/** Seconds that the work of `to` above `from` stands for; negative when `from` has more. */
export function proofEquivalentTime(
  index: BlockIndex,
  to: BlockEntry,
  from: BlockEntry,
  tip: BlockEntry,
  targetSpacingSec: number,
): number {
  const difference = index.chainWork(to) - index.chainWork(from);
  return Number((difference * BigInt(targetSpacingSec)) / computeWork(index.bits(tip)));
}
