// Doing what prune.ts chooses: old pairs of block files go while the chain grows (Core FlushStateToDisk, PruneOneBlockFile,
// UnlinkPrunedFiles). The caller has flushed the coins before, so that nothing that is removed is needed after a crash: then the
// index is written without the blocks, then the files go. A crash in between leaves files that the next start removes.

import type { BlockFileInfo } from './block-file-info.ts';
import { flushIndex } from './chain-flush.ts';
import type { ChainState } from './chain-state.ts';
import { isReindexing, writeFlag } from './index-codec.ts';
import { findFilesToPrune, type PruneState } from './prune.ts';

/** Name of the flag of the index that says that blocks were removed; Core's. */
export const PRUNED_FLAG = 'prunedblockfiles';

/** What a node prunes to. */
export interface PruneWish {
  /** As in {@link PruneTarget}. */
  readonly targetBytes: number;
  readonly downloadHeight: number | null;
  /** As in {@link PruneState}; asked when it matters. */
  readonly heightMax: () => number;
  /** The chains of the node, each with the blocks that it looks after. */
  readonly ranges: readonly Pick<PruneState, 'tipHeight' | 'heightMin'>[];
}

/** Of several chains each has its share of the target, and none may have less than this (Core MIN_DISK_SPACE_FOR_BLOCK_FILES). */
const SHARE_BYTES_MIN: number = 550 * 2 ** 20;

/** Chooses files whenever the store has grown. */
export async function findFilesIfGrown(
  { store, params, indexStore }: ChainState,
  { targetBytes, downloadHeight, heightMax, ranges }: PruneWish,
): Promise<readonly number[]> {
  // While a reindex is under way the files are still being read.
  if (!store.hasGrown || (await isReindexing(indexStore))) return [];
  store.hasGrown = false;
  const share = ranges.length === 1 ? targetBytes : Math.max(SHARE_BYTES_MIN, Math.floor(targetBytes / ranges.length));
  const common = {
    heightMax: heightMax(),
    targetBytes: share,
    pruneAfterHeight: params.pruneAfterHeight,
    downloadHeight,
  };
  const files = ranges.flatMap((range) => findFilesToPrune(store.fileInfos, { ...range, ...common }));
  return [...new Set(files)].sort((a, b) => a - b);
}

/** Removes pairs of files, and tells so. */
export async function removeBlockFiles(state: ChainState, files: readonly number[]): Promise<void> {
  const { index, store, indexStore, signals } = state;
  const isGone = new Set(files);
  const infos: readonly BlockFileInfo[] = files.map((file) => store.fileInfos[file]!);
  await writeFlag(indexStore, PRUNED_FLAG, true);
  for (let entry = 0; entry < index.count; entry++) {
    if (index.hasData(entry) && isGone.has(index.dataPosition(entry).file)) index.clearData(entry);
  }
  for (const file of files) store.markPruned(file);
  await flushIndex(state);
  await store.removeFiles(files);
  const heightLast = infos.reduce((most, info) => Math.max(most, info.heightLast), 0);
  signals.pruned.emit({ files, heightLast });
}
