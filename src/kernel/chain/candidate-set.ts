// The blocks that could be the next tip: connectable, and not worse than the tip (Core setBlockIndexCandidates). Sorted by
// preference, in an array: blocks mostly arrive at its end and leave from its beginning, and it is short, except while many
// blocks are stored ahead of connecting them.

import type { BlockEntry, BlockIndex } from './block-index.ts';
import { NO_ENTRY } from './block-index.ts';
import { ChainScope } from './chain-scope.ts';

/** Candidates for the tip, worst first. Work and sequence of an entry must not change while it is in the set. */
export class CandidateSet {
  readonly #index: BlockIndex;
  readonly #scope: ChainScope;
  #entries: BlockEntry[] = [];

  constructor(index: BlockIndex, scope: ChainScope = new ChainScope()) {
    this.#index = index;
    this.#scope = scope;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The best candidate, or NO_ENTRY. */
  get best(): BlockEntry {
    return this.#entries.length === 0 ? NO_ENTRY : this.#entries[this.#entries.length - 1]!;
  }

  has(entry: BlockEntry): boolean {
    return this.#entries[this.#position(entry)] === entry;
  }

  /** Adds an entry; nothing happens when it is there, or out of scope. */
  add(entry: BlockEntry): void {
    if (!this.#scope.allows(this.#index, entry)) return;
    const at = this.#position(entry);
    if (at === this.#entries.length) this.#entries.push(entry);
    else if (this.#entries[at] !== entry) this.#entries.splice(at, 0, entry);
  }

  /** Takes an entry out; nothing happens when it is not there. */
  remove(entry: BlockEntry): void {
    const at = this.#position(entry);
    if (this.#entries[at] === entry) this.#entries.splice(at, 1);
  }

  /** Takes out every entry that is worse than `tip` (Core PruneBlockIndexCandidates). */
  removeWorseThan(tip: BlockEntry): void {
    const count = this.#position(tip);
    if (count > 0) this.#entries.splice(0, count);
  }

  clear(): void {
    this.#entries = [];
  }

  /** Position of the first entry that is not worse. */
  #position(entry: BlockEntry): number {
    const entries = this.#entries;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#index.comparePreference(entries[middle]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
