// Block filters that peers ask for (BIP157), cut into portions: a request for a thousand filters takes megabytes to answer, and the next
// portion is made when the last has been taken from us. One request of a peer waits at a time; its next message is handled when it is
// answered. Which filters there are is not known here.

import { type BlockEntry, type BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { PeerId } from './peer-id.ts';

/** Most filters of one request (Core MAX_GETCFILTERS_SIZE). */
export const FILTERS_MAX = 1000;

/** Most hashes of filters of one request (Core MAX_GETCFHEADERS_SIZE). */
export const FILTER_HASHES_MAX = 2000;

/** Blocks between two filter headers of a cfcheckpt (Core CFCHECKPT_INTERVAL). */
export const CHECKPOINT_INTERVAL = 1000;

/** Filters that are read at a time: together about as much as a block. */
const FILTERS_PER_PORTION = 50;

/** What is to be read and sent next. */
export type FilterPortion =
  /** A cfilter for each of these blocks. */
  | { readonly type: 'filters'; readonly entries: readonly BlockEntry[] }
  /** One cfheaders: the hashes for these blocks, behind the header for `before`; NO_ENTRY: they begin at the first block. */
  | { readonly type: 'hashes'; readonly before: BlockEntry; readonly entries: readonly BlockEntry[] }
  /** One cfcheckpt up to `stop`: the headers for these blocks. */
  | { readonly type: 'checkpoints'; readonly stop: BlockEntry; readonly entries: readonly BlockEntry[] };

/** What is left of a request. */
type Request =
  | { readonly type: 'filters' | 'hashes'; readonly startHeight: number; readonly stop: BlockEntry }
  | { readonly type: 'checkpoints'; readonly stop: BlockEntry };

/** Requests of peers. */
export class FilterServing {
  readonly #index: BlockIndex;
  readonly #requests: Map<PeerId, Request> = new Map();

  constructor(index: BlockIndex) {
    this.#index = index;
  }

  peerLeft(id: PeerId): void {
    this.#requests.delete(id);
  }

  /** True while a request of a peer is not answered to its end. */
  isBusy(id: PeerId): boolean {
    return this.#requests.has(id);
  }

  /** Takes up a request that was found to be within bounds. */
  add(id: PeerId, request: Request): void {
    this.#requests.set(id, request);
  }

  /** The rest of a request cannot be answered. */
  drop(id: PeerId): void {
    this.#requests.delete(id);
  }

  /** The next portion for a peer, or null. */
  takeNext(id: PeerId): FilterPortion | null {
    const request = this.#requests.get(id);
    if (request === undefined) return null;
    this.#requests.delete(id);
    const { stop } = request;
    if (request.type === 'checkpoints') {
      return { type: 'checkpoints', stop, entries: this.#checkpoints(stop) };
    }
    const { startHeight } = request;
    if (request.type === 'hashes') {
      const before = startHeight === 0 ? NO_ENTRY : this.#index.ancestor(stop, startHeight - 1);
      return { type: 'hashes', before, entries: this.#range(startHeight, stop) };
    }
    const lastHeight = Math.min(this.#index.height(stop), startHeight + FILTERS_PER_PORTION - 1);
    const last = this.#index.ancestor(stop, lastHeight);
    if (last !== stop) this.#requests.set(id, { type: 'filters', startHeight: lastHeight + 1, stop });
    return { type: 'filters', entries: this.#range(startHeight, last) };
  }

  /** The blocks of a branch from a height up to `last`. */
  #range(startHeight: number, last: BlockEntry): readonly BlockEntry[] {
    const entries: BlockEntry[] = [];
    let entry = last;
    for (let height = this.#index.height(last); height >= startHeight; height--) {
      entries.push(entry);
      entry = this.#index.parent(entry);
    }
    return entries.reverse();
  }

  #checkpoints(stop: BlockEntry): readonly BlockEntry[] {
    const count = Math.floor(this.#index.height(stop) / CHECKPOINT_INTERVAL);
    return Array.from({ length: count }, (_, i) => this.#index.ancestor(stop, (i + 1) * CHECKPOINT_INTERVAL));
  }
}
