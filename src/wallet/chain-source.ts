// What a wallet asks of a node, and what it is told (Core interfaces::Chain): the only thing it knows of chain and mempool. Its adapter
// to a node is api/wallet-bridge.ts. A wallet walks the chain by itself, from the block that it has seen last: signals only wake it.

import type { ChainParams } from '../kernel/consensus/params.ts';
import type { BlockHash, Txid } from '../kernel/primitives/hashes.ts';
import type { Outpoint } from '../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../kernel/primitives/transaction.ts';
import type { Unsubscribe } from '../kernel/util/signal.ts';

/** A block of the active chain without its transactions. */
export interface ChainBlock {
  readonly blockHash: BlockHash;
  readonly height: number;
  /** What its header says, in seconds. */
  readonly timeSec: number;
  /** Median of its time and those of its ten ancestors. */
  readonly medianTimeSec: number;
  /** Greatest time of it and of all its ancestors: what searches by time go by. */
  readonly maxTimeSec: number;
}

/** An output that can be spent, of the chain or of the mempool. */
export interface SpendableOutput extends TransactionOutput {
  /** Null while it waits in the mempool. */
  readonly height: number | null;
  readonly isCoinbase: boolean;
}

/** Why a transaction left the mempool (Core MemPoolRemovalReason). */
export type RemovalReason = 'expiry' | 'size-limit' | 'reorg' | 'block' | 'conflict' | 'replaced';

/** What became of a transaction that was handed to the node. */
export type BroadcastResult =
  | { readonly ok: true; readonly txid: Txid }
  /** Core's reason, as sendrawtransaction gives it, and what it is about where more is known. */
  | { readonly ok: false; readonly reason: string; readonly debug: string };

/** A transaction among its relatives in the mempool: it and its ancestors, it and its descendants. */
export interface MempoolFamily {
  readonly ancestorCount: number;
  readonly descendantCount: number;
  /** Transactions that hang together with it in any way, itself counted. */
  readonly clusterCount: number;
  readonly ancestorVsize: number;
  readonly descendantVsize: number;
  readonly ancestorFeesSat: number;
}

/** Which estimate is asked for (Core FeeEstimateMode). */
export type FeeEstimateMode = 'economical' | 'conservative';

/** What a wallet hears. Calls come in the order of what happened, one after another. */
export interface ChainListener {
  /** The last block that it has seen: those behind it are not pruned before it has. Null: it goes no further. */
  lastBlock(): BlockHash | null;
  /** The active chain has another tip: one block more, or a branch has given way. */
  tipChanged(): void;
  /** A transaction was taken into the mempool. */
  transactionAdded(transaction: Transaction): void;
  /** One has left it; `block` when a block confirmed it, which is told by the chain as well. */
  transactionRemoved(transaction: Transaction, reason: RemovalReason): void;
}

/** A node as a wallet sees it. */
export interface ChainSource {
  readonly params: ChainParams;

  tip(): ChainBlock;
  /**
   * How far a wallet can follow that has seen blocks up to a height: the tip; below a snapshot that the chain began with and that is not
   * verified yet, the last block that is.
   */
  tipFrom(height: number): ChainBlock;
  /** While a snapshot is verified: the height from which on all blocks are on this disk, the tip at most. Null: none is on its way. */
  historyHeight(): number | null;
  /** The block of the active chain at a height; null above the tip. */
  blockAt(height: number): ChainBlock | null;
  /** The height of a block of the active chain; null where it is none. */
  heightOf(blockHash: BlockHash): number | null;
  /** The last block of the active chain among a block whose header is known and its ancestors; null for others. */
  forkOf(blockHash: BlockHash): ChainBlock | null;
  /** Any block whose header is known, of the active chain or not; null for others. */
  findBlock(blockHash: BlockHash): ChainBlock | null;
  /** The first height whose blocks from there on are all on this disk: 0 without pruning. */
  firstStoredHeight(): number;
  /** The transactions of a block, in their order; null when the block is not on this disk. */
  readBlock(blockHash: BlockHash): Promise<readonly Transaction[] | null>;
  /**
   * Whether a block may touch one of the scripts, by its filter: null where no filter index has it. Lets a rescan pass by what cannot
   * concern it.
   */
  mayTouch(blockHash: BlockHash, scripts: readonly Uint8Array[]): Promise<boolean | null>;
  /** False while the node is still fetching what others have: times and fees mean little. */
  isSynchronised(): boolean;

  /** Outputs by their outpoints, from chain and mempool; null for what is spent in the chain or unknown. */
  findOutputs(outpoints: readonly Outpoint[]): Promise<readonly (SpendableOutput | null)[]>;

  isInMempool(txid: Txid): boolean;
  /** All transactions of the mempool, parents first. */
  mempoolTransactions(): readonly Transaction[];
  /** Null when it is not in the mempool. */
  mempoolFamily(txid: Txid): MempoolFamily | null;
  /** Whether something in the mempool spends the output. */
  isSpentInMempool(outpoint: Outpoint): boolean;
  /**
   * Fee that has to be added so that these unconfirmed outputs' ancestors reach a fee rate, all together (Core
   * calculateCombinedBumpFee), and each by itself (calculateIndividualBumpFees), in satoshis.
   */
  bumpFees(
    outpoints: readonly Outpoint[],
    feeRateSatPerKvb: number,
  ): {
    readonly each: readonly number[];
    readonly combined: number | null;
  };
  /** True when the transaction and its relatives in the mempool are within the limits of clusters (Core checkChainLimits). */
  checkChainLimits(transaction: Transaction): boolean;

  /** Hands a transaction to the node; `maxFeeSat` null means no limit. With `relays` false it enters the mempool and is told to nobody at once. */
  broadcast(
    transaction: Transaction,
    options: { readonly maxFeeSat: number | null; readonly relays: boolean },
  ): Promise<BroadcastResult>;

  /** Fee rate in satoshis per 1,000 virtual bytes for a confirmation within `targetBlocks`; null where nothing is known. */
  estimateFeeRate(
    targetBlocks: number,
    mode: FeeEstimateMode,
  ): { readonly satPerKvb: number; readonly targetBlocks: number } | null;
  /** Greatest target that estimates are made for. */
  estimateTargetMax(): number;
  /** What the mempool asks for now, in satoshis per 1,000 virtual bytes. */
  mempoolMinFeeRate(): number;
  relayMinFeeRate(): number;
  incrementalRelayFeeRate(): number;
  dustRelayFeeRate(): number;

  /** Tells the listener from now on. */
  follow(listener: ChainListener): Unsubscribe;
}
