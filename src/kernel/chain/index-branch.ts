// The branch below any entry of the block index, read by height: what the rules of headers and blocks ask about the ancestors of a
// block. One object serves for many branches: it is moved, not made anew, since every header that arrives needs one. The last
// heights are remembered as the rules ask for them again and again; what lies on the active chain is looked up there.

import type { HeaderBranch } from '../consensus/header-branch.ts';
import type { BlockHash } from '../primitives/hashes.ts';
import { assert } from '../util/assert.ts';
import type { ActiveChain } from './active-chain.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';

/** Entries below the tip that are remembered: the median time past takes eleven. */
const RECENT = 16;

/** A branch of the index, as consensus sees it. */
export class IndexBranch implements HeaderBranch {
  readonly #index: BlockIndex;
  readonly #active: ActiveChain | null;
  #tip: BlockEntry = NO_ENTRY;
  #height = -1;
  /** Entries from the tip down. */
  readonly #recent: Int32Array = new Int32Array(RECENT);
  #recentCount = 0;
  /** Height up to which the branch is the active chain; -2 while not known. */
  #sharedHeight = -2;

  /** With the active chain, ancestors on it are found at once. */
  constructor(index: BlockIndex, active: ActiveChain | null = null) {
    this.#index = index;
    this.#active = active;
  }

  /** Makes `tip` the tip of the branch; NO_ENTRY: nothing is below. To be called again when the active chain changes. */
  moveTo(tip: BlockEntry): this {
    this.#tip = tip;
    this.#height = tip === NO_ENTRY ? -1 : this.#index.height(tip);
    this.#recent[0] = tip;
    this.#recentCount = 1;
    this.#sharedHeight = -2;
    return this;
  }

  get height(): number {
    return this.#height;
  }

  /** The entry at a height of the branch. */
  entry(height: number): BlockEntry {
    const depth = this.#height - height;
    assert(depth >= 0 && height >= 0, 'a height on the branch');
    return depth < RECENT ? this.#recentAt(depth) : this.#farAt(height);
  }

  timeSec(height: number): number {
    return this.#index.timeSec(this.entry(height));
  }

  bits(height: number): number {
    return this.#index.bits(this.entry(height));
  }

  version(height: number): number {
    return this.#index.version(this.entry(height));
  }

  blockHash(height: number): BlockHash {
    return this.#index.blockHash(this.entry(height));
  }

  #recentAt(depth: number): BlockEntry {
    const recent = this.#recent;
    for (; this.#recentCount <= depth; this.#recentCount++) {
      recent[this.#recentCount] = this.#index.parent(recent[this.#recentCount - 1]!);
    }
    return recent[depth]!;
  }

  #farAt(height: number): BlockEntry {
    const active = this.#active;
    if (active !== null) {
      if (this.#sharedHeight === -2) this.#sharedHeight = active.forkHeight(this.#tip);
      if (height <= this.#sharedHeight) return active.at(height);
    }
    return this.#index.ancestor(this.#tip, height);
  }
}
