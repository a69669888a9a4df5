// Bringing the state of the chain to the disk, so that a crash at any instant loses work and never truth (Core FlushStateToDisk).
//
// Three things are written, in this order and each durable before the next begins, because each speaks of the one before:
//
//   1. block and undo files. Nothing speaks of their new bytes yet: after a crash here they lie beyond the recorded length of
//      their file and are overwritten.
//   2. the block index. It names places in files that are surely there. After a crash here it knows blocks above the block whose
//      coins are stored: they are connected again, from the files.
//   3. the coins. They name the block they belong to, which the index surely has, with its block and undo data and those of all
//      blocks between it and the block of the last flush. A flush of several batches marks the store as between the two blocks
//      first; after a crash in the middle, chain-recovery.ts takes back and applies the blocks between, for which the index and
//      the files have all that is needed.
//
// So the coins never belong to a block that the index lacks, and the index never names bytes that a file lacks. The tip that is
// reported as durable is the one of the last flush that came to an end.

import type { Rng } from '../util/prng.ts';
import type { BlockFileInfo } from './block-file-info.ts';
import type { BlockEntry } from './block-index.ts';
import type { ChainState } from './chain-state.ts';
import type { FlushMode } from './coins-cache.ts';
import { type IndexChanges, writeIndexChanges } from './index-codec.ts';

/** When to flush, besides when the cache is full. */
export interface FlushPolicy {
  /** Shortest time between two flushes (Core DATABASE_WRITE_INTERVAL_MIN: 50 minutes). */
  readonly intervalMinSec: number;
  /** Longest time between two flushes (Core DATABASE_WRITE_INTERVAL_MAX: 70 minutes). */
  readonly intervalMaxSec: number;
  /** Most blocks that may be connected or taken off between two flushes. */
  readonly blocksMax: number;
}

/** Core's intervals. Replaying blocks costs about as much as connecting them did, so their count needs no bound of its own. */
export const FLUSH_POLICY: FlushPolicy = {
  intervalMinSec: 50 * 60,
  intervalMaxSec: 70 * 60,
  blocksMax: Number.POSITIVE_INFINITY,
};

/** Says when it is time. The moment is drawn, so that the nodes of a network do not all pause at once. */
export class FlushClock {
  readonly #policy: FlushPolicy;
  readonly #rng: Rng;
  #lastSec = 0;
  #nextSec = -1;
  #blocks = 0;

  constructor(policy: FlushPolicy, rng: Rng) {
    this.#policy = policy;
    this.#rng = rng;
  }

  /** Counts blocks that were connected or taken off. */
  countBlocks(count: number): void {
    this.#blocks += count;
  }

  /** True when a flush is due. A clock that was set back counts as late: else it might never be late again (T02). */
  isDue(nowSec: number): boolean {
    if (this.#nextSec < 0) this.restart(nowSec);
    return this.#blocks >= this.#policy.blocksMax || nowSec >= this.#nextSec || nowSec < this.#lastSec;
  }

  /** A flush has come to an end. */
  restart(nowSec: number): void {
    const { intervalMinSec, intervalMaxSec } = this.#policy;
    this.#lastSec = nowSec;
    this.#nextSec = nowSec + intervalMinSec + this.#rng.below(intervalMaxSec - intervalMinSec + 1);
    this.#blocks = 0;
  }
}

/** Writes everything; the tip is durable when the promise resolves. */
export async function flushChain(state: ChainState, mode: FlushMode): Promise<void> {
  const { active, index, coins, signals } = state;
  await flushIndex(state);
  const tip = active.tip;
  await coins.flush(index.blockHash(tip), mode, true);
  signals.flushed.emit({ tip, height: index.height(tip) });
}

/** Writes files and block index, and leaves the coins. */
export async function flushIndex({ store, index, indexStore }: ChainState): Promise<void> {
  await store.sync();
  await writeIndexChanges(indexStore, takeIndexChanges(index, store));
}

function takeIndexChanges(index: ChainState['index'], store: ChainState['store']): IndexChanges {
  const infos = store.fileInfos;
  const files: Map<number, BlockFileInfo> = new Map();
  for (const number of store.takeChangedFiles()) files.set(number, infos[number]!);
  const entries: readonly BlockEntry[] = index.takeDirty();
  return { index, entries, files, lastFile: infos.length - 1 };
}
