// Doing what prune.ts chooses: old pairs of block files go while the chain grows (Core FlushStateToDisk, PruneOneBlockFile,
// UnlinkPrunedFiles). The caller has flushed the coins before, so that nothing that is removed is needed after a crash: then the
// index is written without the blocks, then the files go. A crash in between leaves files that the next start removes.

import type { BlockFileInfo } from './block-file-info.ts';
import { flushIndex } from './chain-flush.ts';
import type { ChainState } from './chain-state.ts';
import { isReindexing, writeFlag } from './index-codec.ts';
import { findFilesToPrune } from './prune.ts';

/** Name of the flag of the index that says that blocks were removed; Core's. */
export const PRUNED_FLAG = 'prunedblockfiles';

/** Chooses files whenever the store has grown; `downloadHeight` as in {@link PruneTarget}, `heightMax` as in {@link PruneState}. */
export async function findFilesIfGrown(
  { store, active, params, indexStore }: ChainState,
  targetBytes: number,
  downloadHeight: number | null,
  heightMax: () => number,
): Promise<readonly number[]> {
  // While a reindex is under way the files are still being read.
  if (!store.hasGrown || (await isReindexing(indexStore))) return [];
  store.hasGrown = false;
  return findFilesToPrune(store.fileInfos, {
    tipHeight: active.height,
    heightMax: heightMax(),
    heightMin: 0,
    targetBytes,
    pruneAfterHeight: params.pruneAfterHeight,
    downloadHeight,
  });
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
