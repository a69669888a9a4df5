// Chunks for a block, best first (Core BlockBuilderImpl). It walks along the index of chunks, so that beginning costs nothing and
// each step next to nothing; the main level of the graph must not change before it is closed.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { TxRef } from './cluster.ts';
import type { ChunkCursor } from './tx-graph-chunk-index.ts';
import type { GraphState } from './tx-graph-state.ts';
import { MAIN } from './tx-graph-table.ts';

/** Transactions that are mined, or evicted, together, and what they pay for their weight. */
export interface TxChunk {
  readonly refs: readonly TxRef[];
  readonly feerate: FeeFrac;
}

/** Offers one chunk after another until {@link BlockBuilder.close}. What is included before makes each chunk valid. */
export class BlockBuilder {
  readonly #graph: GraphState;
  readonly #cursor: ChunkCursor = { block: 0, at: 0 };
  /** Clusters of which a chunk was skipped: nothing after it may be included. */
  readonly #skipped: Set<number> = new Set();
  #head: TxRef | undefined;
  #isOpen = true;

  /** The main level must be settled and within its limits. */
  constructor(graph: GraphState) {
    this.#graph = graph;
    graph.observers++;
    this.#advance();
  }

  /** The chunk that is offered now, its transactions in an order in which they can stand in a block; null at the end. */
  current(): TxChunk | null {
    const { store } = this.#graph;
    const head = this.#head;
    if (head === undefined) return null;
    const feerate = { feeSat: store.table.chunkFeesSat[head]!, size: store.table.chunkWeightsWu[head]! };
    return { refs: store.chunkMembers(head), feerate };
  }

  /** The caller has taken the current chunk. */
  include(): void {
    this.#advance();
  }

  /** The caller does without the current chunk, and therefore without all further ones of its cluster. */
  skip(): void {
    if (this.#head !== undefined) {
      const home = this.#graph.store.table.homes[MAIN][this.#head]!;
      if (home >= 0) this.#skipped.add(home);
    }
    this.#advance();
  }

  /** Ends the walk; the graph may change again. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#head = undefined;
    this.#graph.observers--;
  }

  #advance(): void {
    assert(this.#isOpen, 'an open block builder');
    const { chunks, table } = this.#graph.store;
    do this.#head = chunks.next(this.#cursor);
    while (this.#head !== undefined && this.#skipped.has(table.homes[MAIN][this.#head]!));
  }
}
