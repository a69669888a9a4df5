// What an index is to the driver that keeps it in step with the chain (indexer.ts): something that takes blocks in, one after another,
// and gives the last one back. Everything it stores goes through batches that the driver writes, so that an index is at every instant
// the index of one block and all before it.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import type { IndexBatch } from './index-batch.ts';
import type { Pacer } from './pacer.ts';

/** A block as an index sees it. */
export interface IndexedBlock {
  readonly entry: BlockEntry;
  readonly height: number;
  readonly blockHash: BlockHash;
  /** The block before it; of no meaning for the first one. */
  readonly parent: BlockEntry;
  readonly block: Block;
  /** The coins that it spent; null when the index did not ask for them, and for the first block. */
  readonly undo: BlockUndo | null;
}

/** A block by its place. */
export type BlockPlace = Pick<IndexedBlock, 'entry' | 'height' | 'blockHash' | 'parent'>;

/** One index. The driver calls one method at a time and waits for it. */
export interface ChainIndex {
  /** As getindexinfo names it. */
  readonly name: string;
  /** Blocks come with the coins that they spent. */
  readonly needsUndo: boolean;
  /** Its rows are sums over all blocks before: a block must not be taken in twice, and the checkpoint goes with every batch. */
  readonly isCumulative?: boolean;
  /** Called before everything else: takes back what was stored of blocks that the chain has lost in a crash. Throws `corrupt`. */
  recover?(): Promise<void>;
  /** Takes up the state as it was saved with {@link saveState}, at block `best`; null: the index is empty. Throws `corrupt`. */
  load(best: BlockPlace | null): Promise<void>;
  /** Takes in the block after the last one. */
  append(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void>;
  /** Gives the last block back. What was appended is written by then. */
  remove(block: IndexedBlock, batch: IndexBatch, pacer: Pacer): Promise<void>;
  /** Puts into a batch what {@link load} needs beside the rows, and what was held back until its end. What is outside of the store has survived a power cut by then. */
  saveState(batch: IndexBatch): Promise<void>;
}
