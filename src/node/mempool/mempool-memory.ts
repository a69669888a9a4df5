// What transactions and entries take in memory, by formulas whose figures were measured: test/hazards/mempool-memory.test.ts measures
// them again and compares. Limits of memory are held against them; tables and the graph account for themselves.

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { countPieceBytes, type PoolEntry } from './entry.ts';

/**
 * Bytes around a transaction in one piece: the object, the two views of its piece of memory, what the engine keeps beside a piece,
 * and the views of txid and wtxid that stay once somebody asked for them.
 */
export const TRANSACTION_OBJECTS_BYTES = 600;

/** Bytes of an entry and its lock points. */
export const ENTRY_OBJECTS_BYTES = 200;

/** Pieces of memory are given out in multiples of so many bytes. */
const GRAIN_BYTES = 16;

/** Bytes of a transaction in one piece. */
export function computeTransactionBytes(transaction: Transaction): number {
  return TRANSACTION_OBJECTS_BYTES + GRAIN_BYTES * Math.ceil(countPieceBytes(transaction) / GRAIN_BYTES);
}

/** Bytes of an entry, apart from its places in tables and in the graph. */
export function computeEntryBytes(entry: PoolEntry): number {
  return ENTRY_OBJECTS_BYTES + computeTransactionBytes(entry.transaction);
}
