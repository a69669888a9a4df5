// A cluster as it is kept: its transactions in linearization order and who depends on whom, in plain arrays of numbers because
// there are tens of thousands of small ones. Immutable, so that both levels of the graph may hold the same. Transactions
// without relatives have no such record at all (see tx-graph-table.ts).

/** Handle of a transaction in a TxGraph: a small integer, used again after the transaction is gone. */
export type TxRef = number;

/** Two or more connected transactions in linearization order; positions are indices into `refs`. */
export interface Cluster {
  readonly refs: readonly TxRef[];
  /** For the transaction at position i, words 2i and 2i + 1 hold the positions of its ancestors, itself included, as bits. */
  readonly ancestors: readonly number[];
  /** Sum of the weights, which has a limit. */
  readonly weightWu: number;
}

/** What is known of every transaction by itself, indexed by its handle. */
export interface TxFacts {
  readonly feesSat: Float64Array;
  readonly weightsWu: Int32Array;
  readonly tieBreaks: Float64Array;
}
