// All chunks of the main level, best first: what is mined next is at the front, what is evicted next at the back (Core's
// m_main_chunkindex). A list of short sorted arrays, which is a tree of two floors: a chunk is found by two binary searches and
// put in by moving at most a few hundred numbers, memory is five bytes a chunk, and walking along it touches nothing else.

import { assert } from '../../kernel/util/assert.ts';
import { compareProducts } from '../../kernel/util/num.ts';
import type { TxRef } from './cluster.ts';
import type { TxTable } from './tx-graph-table.ts';

/** Chunks in one array; a full one is split in two. */
const BLOCK_SIZE = 512;

/** Two neighbours that hold no more together become one. */
const JOIN_SIZE = 256;

/** Sorted chunks in one array of fixed length. */
interface Block {
  readonly heads: Int32Array;
  count: number;
}

/** A place in the index, for walking from the best chunk on while nothing changes. */
export interface ChunkCursor {
  block: number;
  at: number;
}

/** The chunks in the order of mining. A chunk is called by its first transaction; its fields are in the table. */
export class ChunkIndex {
  readonly #table: TxTable;
  readonly #blocks: Block[] = [];
  #count = 0;

  constructor(table: TxTable) {
    this.#table = table;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Negative when chunk `a` is mined before chunk `b` (Core CompareMainTransactions): by feerate; then by the weight of its
   * cluster's chunks of this feerate up to it, which keeps the order inside clusters; then by the last of its members in the
   * order of ties. Zero for the same chunk only.
   */
  compare(a: TxRef, b: TxRef): number {
    const { chunkFeesSat, chunkWeightsWu, chunkPrefixesWu, chunkLastTies, tieBreaks } = this.#table;
    const byRate = compareProducts(chunkFeesSat[b]!, chunkWeightsWu[a]!, chunkFeesSat[a]!, chunkWeightsWu[b]!);
    if (byRate !== 0) return byRate;
    const byPrefix = chunkPrefixesWu[a]! - chunkPrefixesWu[b]!;
    if (byPrefix !== 0) return byPrefix;
    const lastA = chunkLastTies[a]!;
    const lastB = chunkLastTies[b]!;
    return tieBreaks[lastA]! - tieBreaks[lastB]! || lastA - lastB;
  }

  /** Puts a chunk in; its fields must not change while it is here. */
  insert(head: TxRef): void {
    this.#count++;
    if (this.#blocks.length === 0) this.#blocks.push({ heads: new Int32Array(BLOCK_SIZE), count: 0 });
    const number = Math.min(this.#findBlock(head), this.#blocks.length - 1);
    const block = this.#blocks[number]!;
    const at = this.#findIn(block, head);
    block.heads.copyWithin(at + 1, at, block.count);
    block.heads[at] = head;
    block.count++;
    if (block.count === BLOCK_SIZE) this.#split(number);
  }

  /** Takes a chunk out, which must be here with the fields that it was put in with. */
  remove(head: TxRef): void {
    const number = this.#findBlock(head);
    const block = this.#blocks[number];
    const at = block === undefined ? 0 : this.#findIn(block, head);
    assert(block !== undefined && block.heads[at] === head && at < block.count, 'the chunk is in the index');
    block.heads.copyWithin(at, at + 1, block.count);
    block.count--;
    this.#count--;
    this.#joinAround(number);
  }

  /** The chunk that is mined last, or undefined. */
  last(): TxRef | undefined {
    const block = this.#blocks.at(-1);
    return block === undefined ? undefined : block.heads[block.count - 1]!;
  }

  /** The chunk at the cursor, which then moves on; undefined at the end. */
  next(cursor: ChunkCursor): TxRef | undefined {
    const block = this.#blocks[cursor.block];
    if (block === undefined) return undefined;
    const head = block.heads[cursor.at]!;
    if (++cursor.at === block.count) {
      cursor.block++;
      cursor.at = 0;
    }
    return head;
  }

  /** The first block whose last chunk is not before `head`; their number when there is none. */
  #findBlock(head: TxRef): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = this.#blocks[middle]!;
      if (block.count > 0 && this.compare(block.heads[block.count - 1]!, head) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first place of a block whose chunk is not before `head`. */
  #findIn(block: Block, head: TxRef): number {
    let low = 0;
    let high = block.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(block.heads[middle]!, head) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #split(number: number): void {
    const block = this.#blocks[number]!;
    const half = block.count >>> 1;
    const upper = new Int32Array(BLOCK_SIZE);
    upper.set(block.heads.subarray(half, block.count));
    this.#blocks.splice(number + 1, 0, { heads: upper, count: block.count - half });
    block.count = half;
  }

  /** Drops a block that became empty, or joins it with a neighbour when both are small. */
  #joinAround(number: number): void {
    const block = this.#blocks[number]!;
    if (block.count === 0) this.#blocks.splice(number, 1);
    else if (number + 1 < this.#blocks.length) this.#joinWithNext(number);
    else if (number > 0) this.#joinWithNext(number - 1);
  }

  #joinWithNext(number: number): void {
    const block = this.#blocks[number]!;
    const next = this.#blocks[number + 1]!;
    if (block.count + next.count > JOIN_SIZE) return;
    block.heads.set(next.heads.subarray(0, next.count), block.count);
    block.count += next.count;
    this.#blocks.splice(number + 1, 1);
  }
}
