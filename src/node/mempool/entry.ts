// A transaction of the mempool with what is known of it (Core kernel/mempool_entry.h). An entry outlives its place in the pool: who
// was given one may keep it, and its transaction does not change. Parents and children are not here: the pool finds them.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { computeAdjustedWeight, computeVsize } from '../../kernel/policy/options.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OffsetTable } from '../../kernel/primitives/offset-table.ts';
import { RECORD_HEAD_WORDS, scanTransaction } from '../../kernel/primitives/scan.ts';
import { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { copyRange } from '../../kernel/util/bytes.ts';
import type { TxRef } from './tx-graph.ts';

/** Since when a transaction's relative locktimes (BIP68) are met, and what that rests on (Core LockPoints). */
export interface LockPoints {
  /** Height that the chain must have reached. */
  readonly height: number;
  /** Median time past that the chain must have passed. */
  readonly timeSec: number;
  /** The highest block with a coin that was looked at: while the chain contains it, the above holds. NO_ENTRY: no such block. */
  readonly maxInputBlock: BlockEntry;
}

/** What acceptance found out about a transaction that is to be added. */
export interface AdditionFacts {
  /** Any view of it; the pool keeps a copy of its own. */
  readonly transaction: Transaction;
  /** Value of the spent coins minus that of the outputs. */
  readonly feeSat: number;
  readonly sigopsCost: number;
  /** When it came. */
  readonly timeSec: number;
  /** Height of the chain when it came. */
  readonly entryHeight: number;
  /** {@link Mempool.sequence} when it came, or 0 when it was in a block before: who asks for it may then be told at once. */
  readonly sequence: number;
  /** True when a coin that it spends was made by a coinbase: it may become immature again. */
  readonly spendsCoinbase: boolean;
  readonly lockPoints: LockPoints;
}

/** A transaction of the mempool. */
export interface MempoolEntry {
  /** Over bytes of its own, once the entry is in the pool; before, the view that was staged. */
  readonly transaction: Transaction;
  /** Its handle in the graph. Given to another once the entry has left the pool. */
  readonly ref: TxRef;
  readonly feeSat: number;
  /** The fee with what the operator added to it or took off: the one that decides the order. */
  readonly modifiedFeeSat: number;
  readonly sigopsCost: number;
  /** Weight, or what the signature operations count for if that is more (Core GetAdjustedWeight). */
  readonly weightWu: number;
  /** The same in virtual bytes (Core GetTxSize). */
  readonly vsize: number;
  readonly timeSec: number;
  readonly entryHeight: number;
  /** Sequence of the pool when it came (Core entry_sequence): who was told of the pool before that does not know it. */
  readonly sequence: number;
  readonly spendsCoinbase: boolean;
  readonly lockPoints: LockPoints;
}

/** The entry as its pool sees it: some fields change. Only files of the pool use it. */
export class PoolEntry implements MempoolEntry {
  transaction: Transaction;
  readonly ref: TxRef;
  readonly feeSat: number;
  modifiedFeeSat: number;
  readonly sigopsCost: number;
  readonly weightWu: number;
  readonly vsize: number;
  readonly timeSec: number;
  readonly entryHeight: number;
  readonly sequence: number;
  readonly spendsCoinbase: boolean;
  lockPoints: LockPoints;

  /** `modifiedFeeSat`: the fee with what the operator added. `claimRef` asks the graph for a handle. */
  constructor(
    facts: AdditionFacts,
    modifiedFeeSat: number,
    bytesPerSigop: number,
    claimRef: (modifiedFeeSat: number, weightWu: number) => TxRef,
  ) {
    const { transaction, sigopsCost } = facts;
    this.transaction = transaction;
    this.feeSat = facts.feeSat;
    this.modifiedFeeSat = modifiedFeeSat;
    this.sigopsCost = sigopsCost;
    this.weightWu = computeAdjustedWeight(transaction.weightWu, sigopsCost, bytesPerSigop);
    this.vsize = computeVsize(transaction.weightWu, sigopsCost, bytesPerSigop);
    this.ref = claimRef(modifiedFeeSat, this.weightWu);
    this.timeSec = facts.timeSec;
    this.entryHeight = facts.entryHeight;
    this.sequence = facts.sequence;
    this.spendsCoinbase = facts.spendsCoinbase;
    this.lockPoints = facts.lockPoints;
  }
}

/** Offsets that the table of a transaction holds. */
export function countWords(transaction: Transaction): number {
  const { inputCount, outputCount, hasWitness } = transaction;
  return RECORD_HEAD_WORDS + inputCount + outputCount + (hasWitness ? inputCount : 0);
}

/** Bytes of the piece that {@link detachInOnePiece} makes of a transaction. */
export function countPieceBytes(transaction: Transaction): number {
  const hashCount = transaction.hasWitness ? 2 : 1;
  return 4 * countWords(transaction) + transaction.totalSize + hashCount * HASH_BYTES;
}

/**
 * The same transaction in one piece of memory: its table of offsets, its bytes, its txid and its wtxid. Some arrays less than
 * {@link Transaction.detach} makes, which counts when there are hundreds of thousands; and neither hash is computed again. One that
 * is in one piece is returned as it is.
 */
export function detachInOnePiece(transaction: Transaction): Transaction {
  const { totalSize, hasWitness } = transaction;
  const wordCount = countWords(transaction);
  const pieceBytes = countPieceBytes(transaction);
  if (transaction.bytes.byteOffset === 4 * wordCount && transaction.bytes.buffer.byteLength === pieceBytes) {
    return transaction;
  }
  const piece = new ArrayBuffer(pieceBytes);
  const words = new Uint32Array(piece, 0, wordCount);
  const bytes = new Uint8Array(piece, 4 * wordCount);
  copyRange(transaction.bytes, transaction.start, bytes, 0, totalSize);
  const table = new OffsetTable(0);
  table.words = words;
  scanTransaction(bytes, 0, totalSize, table, true);
  assert(table.words === words && table.length === wordCount, 'mempool entry: as many offsets as were counted');
  const detached = new Transaction(bytes, words, 0);
  transaction.writeTxid(bytes, totalSize);
  detached.adoptTxid(bytes, totalSize);
  if (hasWitness) {
    transaction.writeWtxid(bytes, totalSize + HASH_BYTES);
    detached.adoptWtxid(bytes, totalSize + HASH_BYTES);
  }
  return detached;
}
