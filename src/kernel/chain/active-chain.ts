// The active chain: which entry of the block index is at which height of the chain whose coins the node holds (Core CChain). It
// has a tip, answers what is at a height and where a branch leaves it, and makes locators for those who want to compare chains.

import type { BlockHash } from '../primitives/hashes.ts';
import { assert } from '../util/assert.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';

/** Hashes of a locator before the steps between them begin to double. */
const LOCATOR_DENSE = 10;

/** Entries of the active chain by height. */
export class ActiveChain {
  readonly #index: BlockIndex;
  #entries: Int32Array = new Int32Array(1024);
  #length = 0;

  constructor(index: BlockIndex) {
    this.#index = index;
  }

  /** Height of the tip, -1 before the genesis block is connected. */
  get height(): number {
    return this.#length - 1;
  }

  /** The tip, or NO_ENTRY. */
  get tip(): BlockEntry {
    return this.#length === 0 ? NO_ENTRY : this.#entries[this.#length - 1]!;
  }

  /** The entry at a height of the chain. */
  at(height: number): BlockEntry {
    assert(height >= 0 && height < this.#length, 'active chain: a height up to the tip');
    return this.#entries[height]!;
  }

  contains(entry: BlockEntry): boolean {
    const height = this.#index.height(entry);
    return height < this.#length && this.#entries[height] === entry;
  }

  /** The entry above one of the chain, or NO_ENTRY at the tip and for entries that are not on it. */
  next(entry: BlockEntry): BlockEntry {
    const height = this.#index.height(entry) + 1;
    return this.contains(entry) && height < this.#length ? this.#entries[height]! : NO_ENTRY;
  }

  /** The last entry of the branch below `entry` that is on the chain, or NO_ENTRY while the chain is empty. */
  fork(entry: BlockEntry): BlockEntry {
    const height = this.forkHeight(entry);
    return height < 0 ? NO_ENTRY : this.#entries[height]!;
  }

  /** Height of {@link fork}; -1 while the chain is empty. */
  forkHeight(entry: BlockEntry): number {
    if (this.#length === 0) return -1;
    const tip = this.tip;
    return this.#index.height(this.#index.lastCommonAncestor(entry, tip));
  }

  /** Makes `tip` the tip, whatever the chain was before; NO_ENTRY empties it. */
  setTip(tip: BlockEntry): void {
    const length = tip === NO_ENTRY ? 0 : this.#index.height(tip) + 1;
    if (length > this.#entries.length) {
      const entries = new Int32Array(Math.max(length, 2 * this.#entries.length));
      entries.set(this.#entries.subarray(0, this.#length));
      this.#entries = entries;
    }
    const shared = Math.min(length, this.#length);
    this.#length = length;
    let entry = tip;
    for (let height = length - 1; height >= 0; height--) {
      if (height < shared && this.#entries[height] === entry) return;
      this.#entries[height] = entry;
      entry = this.#index.parent(entry);
    }
  }

  /** The first entry not below `height` whose latest time so far is not before `timeSec`, or NO_ENTRY. */
  findEarliestAtLeast(timeSec: number, height: number): BlockEntry {
    let low = Math.max(0, height);
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#index.timeMaxSec(this.#entries[middle]!) < timeSec) low = middle + 1;
      else high = middle;
    }
    return low < this.#length ? this.#entries[low]! : NO_ENTRY;
  }
}

/**
 * Hashes from `entry` down to the genesis block, dense at first and then with steps that double (Core GetLocator): enough for
 * someone else to find the last block that both have in about thirty hashes.
 */
export function createLocator(index: BlockIndex, entry: BlockEntry): readonly BlockHash[] {
  const hashes: BlockHash[] = [];
  let step = 1;
  let walk = entry;
  while (walk !== NO_ENTRY) {
    hashes.push(index.blockHash(walk));
    const height = index.height(walk);
    if (height === 0) break;
    walk = index.ancestor(walk, Math.max(height - step, 0));
    if (hashes.length > LOCATOR_DENSE) step *= 2;
  }
  return hashes;
}

/** The last block of the active chain that a locator names, or its first block (Core FindForkInGlobalIndex). */
export function findFork(index: BlockIndex, active: ActiveChain, locator: readonly BlockHash[]): BlockEntry {
  for (const blockHash of locator) {
    const entry = index.find(blockHash);
    if (entry === NO_ENTRY) continue;
    if (active.contains(entry)) return entry;
    // Someone who is ahead on our own branch agrees with us up to the tip.
    if (active.tip !== NO_ENTRY && index.descendsFrom(entry, active.tip)) return active.tip;
  }
  return active.height < 0 ? NO_ENTRY : active.at(0);
}
