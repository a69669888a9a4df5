// How far a wallet has followed the chain: the last block that it has seen, and some before it, so that it finds the way back when the
// node no longer knows the last one (Core CBlockLocator). Blocks further back are further apart; the list stays short.

import { type BlockHash, formatHash, parseBlockHash } from '../../kernel/primitives/hashes.ts';
import { BookRecordError } from './record-error.ts';
import type { BestBlockRecord } from './records.ts';

/** A block by its place. */
export interface BlockPlace {
  readonly height: number;
  readonly blockHash: BlockHash;
}

/** So many of the last blocks are all remembered: a day. */
const DENSE_COUNT = 144;

/** So many of the last blocks are all stored (Core's locator). */
const DENSE_STORED_COUNT = 10;

/** The last block and some before it. */
export class BlockTrail {
  /** From the last one down. */
  #blocks: BlockPlace[] = [];

  /** The last block; null: none was seen. */
  get tip(): BlockPlace | null {
    return this.#blocks[0] ?? null;
  }

  /** The blocks that are remembered, from the last one down. */
  get blocks(): readonly BlockPlace[] {
    return this.#blocks;
  }

  /** Goes on to a block: the next one, or any other where the wallet begins to follow. */
  push(block: BlockPlace): void {
    const { height, blockHash } = block;
    this.#blocks.unshift({ height, blockHash });
    if (this.#blocks.length > 2 * DENSE_COUNT) this.#thin();
  }

  /** The last block that others still have on their chain, going by heights of blocks on it; null: none of those remembered. */
  findFork(heightOf: (blockHash: BlockHash) => number | null): BlockPlace | null {
    return this.#blocks.find(({ blockHash }) => heightOf(blockHash) !== null) ?? null;
  }

  /** Goes back to a block, or to the one before all. */
  rewind(to: BlockPlace | null): void {
    this.#blocks = to === null ? [] : this.#blocks.filter(({ height }) => height < to.height);
    if (to !== null) this.#blocks.unshift({ height: to.height, blockHash: to.blockHash });
  }

  /** Keeps the last ones, and of the others those whose height is a multiple of a power of two that grows with the distance. */
  #thin(): void {
    const top = this.#blocks[0]!.height;
    this.#blocks = this.#blocks.filter(({ height }) => {
      const distance = top - height;
      if (distance < DENSE_COUNT) return true;
      return height % 2 ** Math.floor(Math.log2(distance / DENSE_COUNT) + 3) === 0;
    });
  }

  /** The last ones, of the others fewer and fewer, and the first. */
  record(): BestBlockRecord {
    const stored: BlockPlace[] = [];
    let step = 1;
    for (let i = 0; i < this.#blocks.length - 1; i += step) {
      stored.push(this.#blocks[i]!);
      if (stored.length > DENSE_STORED_COUNT) step *= 2;
    }
    const last = this.#blocks.at(-1);
    if (last !== undefined) stored.push(last);
    const blocks = stored.map(({ height, blockHash }) => ({ height, blockHash: formatHash(blockHash) }));
    return { kind: 'best-block', id: 'best', blocks };
  }

  restore({ blocks }: BestBlockRecord): void {
    this.#blocks = blocks.map(({ height, blockHash }) => {
      const parsed = parseBlockHash(blockHash);
      if (parsed === null) throw new BookRecordError('best-block', blockHash);
      return { height, blockHash: parsed };
    });
  }
}
