// Blocks for the indexes: those that were connected a moment ago from memory, others from the files, and parts of blocks for those
// who know where a transaction lies.

import type { ActiveChain } from '../../kernel/chain/active-chain.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { BlockPosition } from '../../kernel/chain/block-store.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { BlockPlace, IndexedBlock } from './chain-index.ts';

/** Bytes of blocks that are kept from their connection until the indexes have taken them in. */
const RECENT_BYTES_MAX: number = 16 * 1024 * 1024;

interface RecentBlock {
  readonly block: Block;
  readonly undo: BlockUndo;
}

/** Reads what a chain has stored. */
export class ChainReader {
  readonly #chain: Chainstate;
  /** Blocks that the chain has told of, oldest first. */
  readonly #recent: Map<BlockEntry, RecentBlock> = new Map();
  #recentBytes = 0;

  constructor(chain: Chainstate) {
    this.#chain = chain;
  }

  get index(): BlockIndex {
    return this.#chain.index;
  }

  /** The chain whose blocks are all there, or will be, in order: behind a snapshot that is not verified yet, another than the node's. */
  get active(): ActiveChain {
    return this.#chain.verified.active;
  }

  /** The last tip of the chain that has survived a power cut. */
  get durableTip(): BlockEntry {
    return this.#chain.verified.durableTip;
  }

  /** Whether the chain has a block on the disk for good, and nothing else at its height. */
  isDurable(entry: BlockEntry): boolean {
    const { index, durableTip } = this;
    if (durableTip === NO_ENTRY) return false;
    const height = index.height(entry);
    return height <= index.height(durableTip) && index.ancestor(durableTip, height) === entry;
  }

  /** Keeps a block that was connected a moment ago, if there is room: it will be asked for soon. */
  remember(entry: BlockEntry, block: Block, undo: BlockUndo): void {
    if (this.#recentBytes + block.bytes.length > RECENT_BYTES_MAX) return;
    this.#recent.set(entry, { block, undo });
    this.#recentBytes += block.bytes.length;
  }

  /** All have got what they wanted. */
  forgetRecent(): void {
    this.#recent.clear();
    this.#recentBytes = 0;
  }

  /** A block by its place. */
  place(entry: BlockEntry): BlockPlace {
    const { index } = this.#chain;
    return { entry, height: index.height(entry), blockHash: index.blockHash(entry), parent: index.parent(entry) };
  }

  /** A stored block, with the coins that it spent where they are asked for. Throws StorageError. */
  async read(entry: BlockEntry, needsUndo: boolean): Promise<IndexedBlock> {
    const place = this.place(entry);
    const recent = this.#recent.get(entry);
    if (recent !== undefined) return { ...place, ...recent };
    const { blocks } = this.#chain.state;
    const undo = needsUndo && place.height > 0 ? await blocks.readUndo(entry) : null;
    return { ...place, block: await blocks.read(entry), undo };
  }

  /** Bytes of a stored block, see {@link BlockStore.readBlockPart}. Throws StorageError. */
  readPart(position: BlockPosition, start: number, length: number): Promise<Uint8Array> {
    return this.#chain.state.store.readBlockPart(position, start, length);
  }
}
