// Where a chain may move while the coins of a snapshot are not verified yet (ADR 16). The chain that began with them cannot go below
// their block, since what would undo the blocks there is missing; the chain that verifies them goes up to their block and no
// further (Core TryAddBlockIndexCandidate, Chainstate::TargetBlock).

import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';

/** Limits of one chain; none at first. */
export class ChainScope {
  /** Every tip is this block or stands on it; NO_ENTRY: no limit. */
  base: BlockEntry = NO_ENTRY;
  /** Every tip is this block or one before it; NO_ENTRY: no limit. */
  target: BlockEntry = NO_ENTRY;

  /** Whether an entry may become the tip. */
  allows(index: BlockIndex, entry: BlockEntry): boolean {
    if (this.base !== NO_ENTRY && !index.descendsFrom(entry, this.base)) return false;
    return this.target === NO_ENTRY || index.descendsFrom(this.target, entry);
  }
}
