// What is known of one pair of files blkNNNNN.dat and revNNNNN.dat (Core kernel::CBlockFileInfo): how far they are filled, and
// which heights and times their blocks span, so that pruning can tell what a pair holds without opening it. How a record is
// written to the index is in index-codec.ts.

/** Facts about one pair of block and undo files. */
export interface BlockFileInfo {
  /** Blocks in the file. */
  readonly blockCount: number;
  /** Bytes of the block file that are in use; 0: the pair does not exist, or was pruned. */
  readonly blockBytes: number;
  /** Bytes of the undo file that are in use. */
  readonly undoBytes: number;
  /** Lowest height of a block in the file. */
  readonly heightFirst: number;
  /** Highest height of a block in the file. */
  readonly heightLast: number;
  /** Earliest time of a block in the file. */
  readonly timeFirstSec: number;
  /** Latest time of a block in the file. */
  readonly timeLastSec: number;
}

/** A pair of files that holds nothing. */
export const EMPTY_BLOCK_FILE: BlockFileInfo = {
  blockCount: 0,
  blockBytes: 0,
  undoBytes: 0,
  heightFirst: 0,
  heightLast: 0,
  timeFirstSec: 0,
  timeLastSec: 0,
};

/** The facts with one more block, which ends at `endOffset` of the block file. */
export function addBlockToFile(
  info: BlockFileInfo,
  block: { readonly height: number; readonly timeSec: number; readonly endOffset: number },
): BlockFileInfo {
  const isFirst = info.blockCount === 0;
  return {
    blockCount: info.blockCount + 1,
    blockBytes: Math.max(info.blockBytes, block.endOffset),
    undoBytes: info.undoBytes,
    heightFirst: isFirst ? block.height : Math.min(info.heightFirst, block.height),
    heightLast: Math.max(info.heightLast, block.height),
    timeFirstSec: isFirst ? block.timeSec : Math.min(info.timeFirstSec, block.timeSec),
    timeLastSec: Math.max(info.timeLastSec, block.timeSec),
  };
}
