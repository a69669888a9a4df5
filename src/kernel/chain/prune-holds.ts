// Whoever still needs old blocks holds them (Core m_prune_locks): an index that has not taken them in yet, or that may have to give
// some back in a reorganisation. What is held is asked for when something is to be removed, so that nobody has to tell every step.

import type { Unsubscribe } from '../util/signal.ts';

/** Blocks below the last one that somebody has taken in which are kept for it, too: enough to go back (Core PRUNE_LOCK_BUFFER). */
const BUFFER_BLOCKS = 10;

/** How far somebody is who follows the chain. */
export interface FollowerPosition {
  readonly name: string;
  /** Height of the last block that it has taken in. */
  readonly height: number;
}

/** What limits a pruning. */
export interface PruneLimit {
  /** Who needs the blocks above. */
  readonly name: string;
  /** The highest block that may go. */
  readonly height: number;
}

/** All who hold blocks. */
export class PruneHolds {
  readonly #positions: Set<() => readonly FollowerPosition[]> = new Set();

  /** Asks `positions` from now on, before every pruning, how far those are who need the blocks above. */
  add(positions: () => readonly FollowerPosition[]): Unsubscribe {
    this.#positions.add(positions);
    return () => this.#positions.delete(positions);
  }

  /** The strictest limit; null when nobody needs anything. */
  limit(): PruneLimit | null {
    let limit: PruneLimit | null = null;
    for (const { name, height } of [...this.#positions].flatMap((positions) => positions())) {
      const heightMax = Math.max(0, height - BUFFER_BLOCKS - 1);
      if (limit === null || heightMax < limit.height) limit = { name, height: heightMax };
    }
    return limit;
  }
}
