// The mempool as relay sees it: which transactions there are, in what order they are worth announcing, and when one goes.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { SignalSource } from '../../kernel/util/signal.ts';
import { EMPTY_POOL, type TransactionPool } from './partial-block.ts';

/** A transaction of the mempool. A MempoolEntry is one. */
export interface RelayEntry {
  readonly transaction: Transaction;
  /** A small number that no other entry has as long as this one is in the pool. */
  readonly ref: number;
  readonly feeSat: number;
  readonly vsize: number;
  /** {@link RelayPool.sequence} when it came: who was told of the pool before does not know it. 0: anybody may know it. */
  readonly sequence: number;
}

/** What relay needs of the mempool. A Mempool is one. */
export interface RelayPool {
  readonly options: {
    /** What it asks for in any case, in satoshis per 1,000 virtual bytes (-minrelaytxfee). */
    readonly minRelayFeerate: number;
  };
  readonly graph: {
    /** Fee and size of the chunk that a transaction would be mined in. */
    chunkFeerate(ref: number): FeeFrac;
    /** Negative when `a` would be mined before `b`; parents come before their children (Core CompareMiningScoreWithTopology). */
    compareMiningOrder(a: number, b: number): number;
  };
  readonly signals: { readonly removed: SignalSource<{ readonly entry: RelayEntry }> };
  /** For blocks in compact form. */
  readonly view: TransactionPool;
  /** Rises with every transaction that comes or goes. */
  readonly sequence: number;
  get(txid: Uint8Array): RelayEntry | null;
  getByWtxid(wtxid: Uint8Array): RelayEntry | null;
  /** True while this very entry is in the pool. */
  contains(entry: RelayEntry): boolean;
  /** An entry with all that it descends from. */
  ancestors(entry: RelayEntry): readonly RelayEntry[];
  /** All of them, in no useful order. */
  entries(): Iterable<RelayEntry>;
  /** The lowest fee rate that gets in at the moment; 0: any. */
  minimumFeerate(nowSec: number): number;
  /** Txids of our own transactions that nobody has fetched yet. */
  unbroadcast(): readonly Uint8Array[];
  /** Somebody has fetched it. */
  removeUnbroadcast(txid: Uint8Array): void;
}

/** The mempool of a node that keeps no transactions. */
export const NO_RELAY_POOL: RelayPool = Object.freeze({
  options: { minRelayFeerate: 0 },
  graph: { chunkFeerate: () => ({ feeSat: 0, size: 0 }), compareMiningOrder: () => 0 },
  signals: { removed: { subscribe: () => () => {} } },
  view: EMPTY_POOL,
  sequence: 1,
  get: () => null,
  getByWtxid: () => null,
  contains: () => false,
  ancestors: () => [],
  entries: () => [],
  minimumFeerate: () => 0,
  unbroadcast: () => [],
  removeUnbroadcast: () => {},
});
