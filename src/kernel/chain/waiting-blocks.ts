// Blocks of a file whose parent has not been seen yet: where each lies, found again by its parent's hash. Blocks arrive in files in
// the order of download, which is not that of the chain. Only positions are kept, in typed arrays, and not more than a set
// number, so that a file with nothing but orphans cannot fill the memory (Core's blocks_with_unknown_parent has no bound).

import { type BlockHash, HASH_BYTES } from '../primitives/hashes.ts';
import { assert } from '../util/assert.ts';
import { HashMap } from '../util/hash-map.ts';
import type { Rng } from '../util/prng.ts';
import type { BlockPosition } from './block-store.ts';

/** More than the main chain has blocks, in any order; about 150 MB when full. */
const WAITING_BLOCKS_MAX: number = 2 ** 21;

const FIRST_CAPACITY = 1024;

/** Where a waiting block lies. */
export interface WaitingBlock extends BlockPosition {
  readonly byteLength: number;
}

/** A bounded multimap: parent hash → positions of its children. */
export class WaitingBlocks {
  /** Parent hash → last slot added for it; the others follow by #next. */
  readonly #heads: HashMap;
  readonly #countMax: number;
  #next = new Int32Array(FIRST_CAPACITY);
  #files = new Int32Array(FIRST_CAPACITY);
  #offsets = new Float64Array(FIRST_CAPACITY);
  #lengths = new Int32Array(FIRST_CAPACITY);
  /** Slots that were used so far; those taken since are chained at #free. */
  #usedSlots = 0;
  #free = -1;
  #count = 0;
  #refusedCount = 0;

  constructor(rng: Rng, countMax: number = WAITING_BLOCKS_MAX) {
    this.#heads = new HashMap({ keyBytes: HASH_BYTES, values: 'int32' }, rng);
    this.#countMax = countMax;
  }

  /** Blocks that wait. */
  get count(): number {
    return this.#count;
  }

  /** Blocks for which there was no room; another pass over the files finds them. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Notes a block that waits for `parentHash`. */
  add(parentHash: BlockHash, block: WaitingBlock): void {
    if (this.#count >= this.#countMax) {
      this.#refusedCount++;
      return;
    }
    const slot = this.#newSlot();
    this.#files[slot] = block.file;
    this.#offsets[slot] = block.offset;
    this.#lengths[slot] = block.byteLength;
    this.#next[slot] = this.#heads.get(parentHash) ?? -1;
    this.#heads.set(parentHash, 0, slot);
    this.#count++;
  }

  /** The blocks that waited for `parentHash`, in the order in which they came; they wait no longer. */
  take(parentHash: BlockHash): WaitingBlock[] {
    const blocks: WaitingBlock[] = [];
    let slot = this.#heads.get(parentHash) ?? -1;
    if (slot >= 0) this.#heads.delete(parentHash);
    while (slot >= 0) {
      blocks.push({ file: this.#files[slot]!, offset: this.#offsets[slot]!, byteLength: this.#lengths[slot]! });
      const next = this.#next[slot]!;
      this.#next[slot] = this.#free;
      this.#free = slot;
      this.#count--;
      slot = next;
    }
    return blocks.reverse();
  }

  #newSlot(): number {
    if (this.#free >= 0) {
      const slot = this.#free;
      this.#free = this.#next[slot]!;
      return slot;
    }
    if (this.#usedSlots === this.#next.length) this.#grow();
    return this.#usedSlots++;
  }

  #grow(): void {
    const capacity = 2 * this.#next.length;
    assert(capacity < 2 ** 31, 'slots that an int32 can name');
    this.#next = grown(this.#next, new Int32Array(capacity));
    this.#files = grown(this.#files, new Int32Array(capacity));
    this.#offsets = grown(this.#offsets, new Float64Array(capacity));
    this.#lengths = grown(this.#lengths, new Int32Array(capacity));
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
