// Keeps one index in step with the chain (Core index/base.cpp): takes blocks in up to the tip, gives them back when they leave the
// chain. The same loop does it years behind, after the index was switched on, and a block at a time at the tip.
//
// What is on the disk. Rows are written as blocks are taken in. The checkpoint says up to which block all rows are there, with what the
// index needs to go on from it; it is never ahead of what the chain itself has on the disk for good, and moves down in the same batch
// that takes a row below it away (S16). After a crash the index goes on from the checkpoint. Rows above it may be of blocks that are
// no more: they are written over as the chain grows, and until then whoever reads a row sees that it is of another block.
// An index of sums cannot be written over: its checkpoint goes with every batch, may be ahead of what the chain has for good, and the
// index itself takes back after a crash what the chain has lost (ChainIndex.recover).
//
// Blocks that were taken off the chain (RPC invalidateblock) are given back when another takes their place, as in Core: mostly they
// come back. Until then they are ahead of the tip and are answered with; whoever is answered is told the block.
//
// Who is to blame for an error: an index that is not what it wrote is broken, and is built anew by its owner; a chain that cannot be
// read, a full disk or a bug ends the program in order.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { type KvStore, StorageError } from '../../kernel/chain/ports.ts';
import type { Logger } from '../ports.ts';
import { corruptIndex } from './block-rows.ts';
import type { ChainIndex, IndexedBlock } from './chain-index.ts';
import type { ChainReader } from './chain-reader.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { IndexBatch } from './index-batch.ts';
import { BEST_BLOCK_KEY } from './index-layout.ts';
import type { Pacer } from './pacer.ts';

/** Memory of changes that wait to be written together, while the index is behind. */
const BATCH_BYTES_MAX: number = 4 * 1024 * 1024;

/** Blocks between two checkpoints, while the index is behind; what a crash then costs is to take them in again. */
const CHECKPOINT_BLOCKS = 1000;

/** Blocks between two lines of the log, while the index is behind. */
const LOG_BLOCKS = 10_000;

/** What an indexer is made with. */
export interface IndexerParts {
  readonly index: ChainIndex;
  readonly store: KvStore;
  readonly reader: ChainReader;
  readonly pacer: Pacer;
  readonly log: Logger;
  /** The index is not what was written: it is to be built anew. The indexer does nothing any more. */
  readonly onBroken: (error: StorageError) => void;
  /** The program is to end. The indexer does nothing any more. */
  readonly onFatal: (error: unknown) => void;
}

/** How far an index is, as getindexinfo tells. */
export interface IndexSummary {
  readonly name: string;
  readonly isSynced: boolean;
  readonly height: number;
}

/** A block of the chain could not be read. */
class ChainReadError extends Error {}

/** One index that follows the chain. */
export class Indexer {
  readonly #parts: IndexerParts;
  /** The last block whose rows are written, or NO_ENTRY. */
  #position: BlockEntry = NO_ENTRY;
  /** The block of the checkpoint, or NO_ENTRY. */
  #saved: BlockEntry = NO_ENTRY;
  #isSynced = false;
  #isStopped = false;
  #isWanted = false;
  #running: Promise<void> | null = null;

  private constructor(parts: IndexerParts) {
    this.#parts = parts;
  }

  /** Takes an index up where it stopped. Rejects with a StorageError, whose code is `corrupt` when the index is to be built anew. */
  static async open(parts: IndexerParts): Promise<Indexer> {
    const indexer = new Indexer(parts);
    const { index, reader } = parts;
    await index.recover?.();
    const best = await indexer.#findCheckpoint();
    await index.load(best === NO_ENTRY ? null : reader.place(best));
    indexer.#position = best;
    indexer.#saved = best;
    return indexer;
  }

  async #findCheckpoint(): Promise<BlockEntry> {
    const { store, index, reader } = this.#parts;
    const bytes = await store.get(BEST_BLOCK_KEY);
    if (bytes === undefined) return NO_ENTRY;
    const decoded = decodeCheckpoint(bytes);
    if (!decoded.ok) throw corruptIndex(index.name, decoded.error.message);
    if (decoded.value === null) return NO_ENTRY;
    const entry = reader.index.find(decoded.value);
    if (entry === NO_ENTRY) throw corruptIndex(index.name, 'its best block is not known');
    return entry;
  }

  // --- looking --------------------------------------------------------------------------------------------------------

  get summary(): IndexSummary {
    const height = this.#position === NO_ENTRY ? 0 : this.#parts.reader.index.height(this.#position);
    return { name: this.#parts.index.name, isSynced: this.#isSynced, height };
  }

  /** True once the index has been up to the tip. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Where the blocks begin that the index still has to take in: the last one that it has in common with the chain, or NO_ENTRY. */
  get fork(): BlockEntry {
    return this.#position === NO_ENTRY ? NO_ENTRY : this.#parts.reader.active.fork(this.#position);
  }

  // --- following ------------------------------------------------------------------------------------------------------

  /** Begins, or goes on: the chain has moved. */
  wake(): void {
    if (this.#isStopped) return;
    this.#isWanted = true;
    this.#running ??= this.#run();
  }

  /**
   * Resolves when the index knows everything that the chain has now: true. An index that has not been up to the tip yet is not
   * waited for: false (Core BlockUntilSyncedToCurrentChain).
   */
  async catchUp(): Promise<boolean> {
    if (!this.#isSynced || this.#isStopped) return false;
    this.wake();
    await this.#running;
    return !this.#isStopped;
  }

  /** Resolves when nothing is at work any more. What was taken in is saved as far as the chain is. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#running;
    await this.#guard(() => this.#saveIfAllowed());
  }

  async #run(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      await this.#guard(() => this.#moveToTip());
    }
    this.#running = null;
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#isStopped = true;
      this.#isSynced = false;
      if (error instanceof ChainReadError) this.#parts.onFatal(error.cause);
      else if (error instanceof StorageError && error.code === 'corrupt') this.#parts.onBroken(error);
      else this.#parts.onFatal(error);
    }
  }

  async #moveToTip(): Promise<void> {
    const { reader } = this.#parts;
    let toldHeight = -LOG_BLOCKS;
    while (!this.#isStopped) {
      if (this.#next(this.fork) === NO_ENTRY) break;
      if (this.#position !== NO_ENTRY && !reader.active.contains(this.#position)) await this.#removeLast();
      else {
        if (!this.#isSynced) toldHeight = this.#tellProgress(toldHeight);
        await this.#appendSome();
      }
    }
    if (this.#isStopped) return;
    await this.#saveIfAllowed();
    this.#noteSynced();
  }

  #noteSynced(): void {
    const { reader, index, log } = this.#parts;
    // The chain may have moved while the checkpoint was written: then there is another round, and nothing is said before it.
    if (this.#isSynced || this.fork !== reader.active.tip) return;
    this.#isSynced = true;
    log.info(`${index.name} is enabled at height ${this.summary.height}`);
  }

  #tellProgress(toldHeight: number): number {
    const { index, log } = this.#parts;
    const { height } = this.summary;
    if (height < toldHeight + LOG_BLOCKS) return toldHeight;
    log.info(`Syncing ${index.name} with block chain from height ${height}`);
    return height;
  }

  /** The block of the chain after one of it; the first after none. NO_ENTRY: there is none. */
  #next(position: BlockEntry): BlockEntry {
    const { active } = this.#parts.reader;
    if (position === NO_ENTRY) return active.height < 0 ? NO_ENTRY : active.at(0);
    return active.next(position);
  }

  /** Takes blocks in until there is enough to be written. */
  async #appendSome(): Promise<void> {
    const { index, store, pacer } = this.#parts;
    const batch = new IndexBatch();
    let position = this.#position;
    for (let next = this.#next(position); next !== NO_ENTRY; next = this.#next(position)) {
      await index.append(await this.#read(next), batch, pacer);
      position = next;
      if (batch.usedBytes >= BATCH_BYTES_MAX || this.#isStopped || this.#isFarFromSaved(position)) break;
    }
    if (index.isCumulative === true) await this.#addCheckpoint(batch, position);
    if (!batch.isEmpty) await store.write(batch, false);
    this.#position = position;
    if (index.isCumulative === true) this.#saved = position;
    if (this.#isFarFromSaved(position)) await this.#saveIfAllowed();
  }

  #isFarFromSaved(position: BlockEntry): boolean {
    if (this.#isSynced) return false;
    const { index } = this.#parts.reader;
    const savedHeight = this.#saved === NO_ENTRY ? 0 : index.height(this.#saved);
    return index.height(position) >= savedHeight + CHECKPOINT_BLOCKS;
  }

  /** Gives the last block back. A checkpoint at it moves down with it. */
  async #removeLast(): Promise<void> {
    const { index, store, pacer, reader } = this.#parts;
    const entry = this.#position;
    const { parent, height } = reader.place(entry);
    const batch = new IndexBatch();
    await index.remove(await this.#readRemoved(entry), batch, pacer);
    const isSaved = this.#saved !== NO_ENTRY && reader.index.height(this.#saved) >= height;
    if (isSaved) await this.#addCheckpoint(batch, parent);
    await store.write(batch, false);
    this.#position = parent;
    if (isSaved) this.#saved = parent;
  }

  async #read(entry: BlockEntry): Promise<IndexedBlock> {
    const { reader, index } = this.#parts;
    try {
      return await reader.read(entry, index.needsUndo);
    } catch (cause) {
      throw new ChainReadError('a block of the chain cannot be read', { cause });
    }
  }

  /** A block that has left the chain may be gone; the index is built anew then, from blocks that are there. */
  async #readRemoved(entry: BlockEntry): Promise<IndexedBlock> {
    const { reader, index } = this.#parts;
    try {
      return await reader.read(entry, index.needsUndo);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      throw corruptIndex(index.name, `a block that it must give back is gone (${error.message})`);
    }
  }

  // --- the checkpoint -------------------------------------------------------------------------------------------------

  /** Saves how far the index is, unless the chain itself could be behind that after a crash. */
  async #saveIfAllowed(): Promise<void> {
    const { store, reader } = this.#parts;
    const position = this.#position;
    if (position === NO_ENTRY || position === this.#saved || !reader.isDurable(position)) return;
    const batch = new IndexBatch();
    await this.#addCheckpoint(batch, position);
    await store.write(batch, false);
    this.#saved = position;
  }

  async #addCheckpoint(batch: IndexBatch, entry: BlockEntry): Promise<void> {
    const { index, reader } = this.#parts;
    await index.saveState(batch);
    batch.put(BEST_BLOCK_KEY, encodeCheckpoint(reader.index, entry));
  }
}
