// Which pairs of block and undo files may go when a node keeps only part of its blocks (Core FindFilesToPrune,
// FindFilesToPruneManual, GetPruneRange, CleanupBlockRevFiles). Pure: the store removes what these name, after the block index
// has been written without it. The last pair is never named, since new blocks go there.

import type { BlockFileInfo } from './block-file-info.ts';
import { formatBlockFileName, parseBlockFileName } from './block-file-name.ts';

/** Blocks below the tip that are kept whatever the target: enough for any reorganisation to be expected (Core MIN_BLOCKS_TO_KEEP). */
export const MIN_BLOCKS_TO_KEEP = 288;

/** Room for what is written before the next look (Core BLOCKFILE_CHUNK_SIZE + UNDOFILE_CHUNK_SIZE). */
const PRUNE_BUFFER_BYTES = 16 * 2 ** 20 + 2 ** 20;

/** While the chain is downloaded a pruning makes room for this much per block to come, so that there are few (as Core). */
const ASSUMED_BLOCK_BYTES = 1_000_000;

/** Where the chain stands. */
export interface PruneState {
  readonly tipHeight: number;
  /** Files with a block above this height stay: the lowest that somebody, such as an index, still needs. */
  readonly heightMax: number;
  /** Files with a block below this height stay; 0 unless a second chainstate looks after those. */
  readonly heightMin: number;
}

/** What decides about pruning to a target. */
export interface PruneTarget extends PruneState {
  /**
   * Bytes of blocks and undo data to stay below. How small a target makes sense is for whoever takes it from a person to say
   * (Core MIN_DISK_SPACE_FOR_BLOCK_FILES: 550 MiB).
   */
  readonly targetBytes: number;
  /** Nothing is pruned before the chain is longer (ChainParams.pruneAfterHeight). */
  readonly pruneAfterHeight: number;
  /** Height of the best header while blocks are still downloaded; null once the node has caught up. */
  readonly downloadHeight: number | null;
}

/** The highest block that may be pruned. */
function lastPrunable(state: PruneState): number {
  return Math.min(state.heightMax, Math.max(0, state.tipHeight - MIN_BLOCKS_TO_KEEP));
}

function isPrunable(info: BlockFileInfo, state: PruneState): boolean {
  return info.blockBytes > 0 && info.heightLast <= lastPrunable(state) && info.heightFirst >= state.heightMin;
}

/** Numbers of the files to remove so that what is left stays below the target; the oldest first. */
export function findFilesToPrune(infos: readonly BlockFileInfo[], target: PruneTarget): number[] {
  if (target.tipHeight <= target.pruneAfterHeight) return [];
  const { targetBytes } = target;
  let usedBytes = infos.reduce((sum, info) => sum + info.blockBytes + info.undoBytes, 0);
  let bufferBytes = PRUNE_BUFFER_BYTES;
  if (usedBytes + bufferBytes < targetBytes) return [];
  if (target.downloadHeight !== null && target.downloadHeight > target.tipHeight) {
    bufferBytes += ASSUMED_BLOCK_BYTES * (target.downloadHeight - target.tipHeight);
  }
  const files: number[] = [];
  for (let file = 0; file < infos.length - 1 && usedBytes + bufferBytes >= targetBytes; file++) {
    const info = infos[file]!;
    if (!isPrunable(info, target)) continue;
    files.push(file);
    usedBytes -= info.blockBytes + info.undoBytes;
  }
  return files;
}

/** Numbers of the files that hold only blocks up to `height` and may go (RPC pruneblockchain). */
export function findFilesBelow(infos: readonly BlockFileInfo[], height: number, state: PruneState): number[] {
  const limited = { ...state, heightMax: Math.min(state.heightMax, height) };
  return infos.flatMap((info, file) => (file < infos.length - 1 && isPrunable(info, limited) ? [file] : []));
}

/** Numbers of the files that were pruned, as far as the index knows, and may still be there after a crash. */
export function findPrunedFiles(infos: readonly BlockFileInfo[]): number[] {
  return infos.flatMap((info, file) => (file < infos.length - 1 && info.blockBytes === 0 ? [file] : []));
}

/**
 * Names of the files of a pruned folder that a reindex can do nothing with: all undo files, which it writes anew, and the block
 * files after the first gap in the numbers, which it would never reach.
 */
export function findFilesUselessForReindex(names: readonly string[]): string[] {
  const known = new Set(names);
  let contiguous = 0;
  while (known.has(formatBlockFileName('blk', contiguous))) contiguous++;
  return names.filter((name) => {
    const file = parseBlockFileName(name);
    return file !== null && (file.kind === 'rev' || file.number >= contiguous);
  });
}
