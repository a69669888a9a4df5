// What connecting a block took away from the coins, so that disconnecting can put it back (Core undo.h CBlockUndo, in memory).
// The coins lie packed in input order; encoding them for a disk is a walk over both lists.

import type { SpentCoins } from './spent-coins.ts';

/** The coins that a connected block spent. */
export interface BlockUndo {
  /** Every coin that the inputs of the block's transactions spent, in the order of the inputs. */
  readonly coins: SpentCoins;
  /** For each transaction but the coinbase the position of its first coin in {@link coins}, and at the end their count. */
  readonly firstCoins: Uint32Array;
}

/** Number of transactions that the undo data speak of: all of the block but the coinbase. */
export function undoTxCount(undo: BlockUndo): number {
  return undo.firstCoins.length - 1;
}
