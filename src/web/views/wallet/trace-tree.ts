// The way back from a coin as a tree to draw: each transaction with those that its inputs come from below it. A transaction that two
// ways lead to is drawn once; the second place points to the first.

import type { CoinTrace, TraceTransaction } from '../../data/wallet-coins.ts';

/** A place in the tree. */
export interface TraceNode {
  readonly txid: string;
  /** Null: the trace ends before it. */
  readonly transaction: TraceTransaction | null;
  /** What flows from here to the place above; of the first: its value. */
  readonly valueSat: number;
  /** Whether it is drawn elsewhere with all that is below it. */
  readonly isRepeated: boolean;
  readonly parents: readonly TraceNode[];
}

/** The tree of a trace whose first transaction made the coin; null: the trace is empty. */
export function buildTraceTree({ transactions }: CoinTrace): TraceNode | null {
  const root = transactions[0];
  if (root === undefined) return null;
  const known = new Map(transactions.map((transaction) => [transaction.txid, transaction]));
  const drawn: Set<string> = new Set();
  return build(root.txid, root.valueSat, known, drawn);
}

function build(
  txid: string,
  valueSat: number,
  known: ReadonlyMap<string, TraceTransaction>,
  drawn: Set<string>,
): TraceNode {
  const transaction = known.get(txid) ?? null;
  const isRepeated = drawn.has(txid);
  if (transaction === null || isRepeated) return { txid, transaction, valueSat, isRepeated, parents: [] };
  drawn.add(txid);
  const flows: Map<string, number> = new Map();
  for (const input of transaction.inputs) flows.set(input.txid, (flows.get(input.txid) ?? 0) + input.valueSat);
  const parents = [...flows].map(([parent, flowSat]) => build(parent, flowSat, known, drawn));
  return { txid, transaction, valueSat, isRepeated, parents };
}
