// Who spends whom among the entries of the pool, found through outpoints: parents and children of a transaction, and the coins that
// nobody in the pool spends any more. Nothing of this is stored.

import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { compareBytes, copyRange } from '../../kernel/util/bytes.ts';
import type { MempoolEntry, PoolEntry } from './entry.ts';
import type { MempoolIndex } from './mempool-index.ts';

/** Order of entries by txid, the bytes as they are hashed (Core CompareIteratorByHash). */
export function compareTxids(a: MempoolEntry, b: MempoolEntry): number {
  return compareBytes(a.transaction.txid, b.transaction.txid);
}

/** Entries whose outputs a transaction spends, by rising txid (Core GetParents). */
export function findParents(index: MempoolIndex, transaction: Transaction): PoolEntry[] {
  const parents = new Set<PoolEntry>();
  for (let i = 0; i < transaction.inputCount; i++) {
    const parent = index.find(transaction.bytes, transaction.prevoutStart(i));
    if (parent !== null) parents.add(parent);
  }
  return [...parents].sort(compareTxids);
}

/** Entries that spend an output of a transaction, which need not be in the pool, by rising txid (Core GetChildren). */
export function findChildren(index: MempoolIndex, transaction: Transaction): PoolEntry[] {
  const children = new Set<PoolEntry>();
  const outpoint = new Uint8Array(OUTPOINT_BYTES);
  copyRange(transaction.txid, 0, outpoint, 0, HASH_BYTES);
  for (let j = 0; j < transaction.outputCount; j++) {
    writeU32(outpoint, HASH_BYTES, j);
    const child = index.findSpender(outpoint, 0);
    if (child !== null) children.add(child);
  }
  return [...children].sort(compareTxids);
}

/**
 * The outpoints that entries which left the pool spent and that are no outputs of it, 36 bytes each: a cache of coins may forget
 * them (Core TrimToSize, pvNoSpendsRemaining).
 */
export function freedOutpoints(index: MempoolIndex, left: readonly MempoolEntry[]): Uint8Array {
  let count = 0;
  for (const { transaction } of left) count += transaction.inputCount;
  const outpoints = new Uint8Array(OUTPOINT_BYTES * count);
  let at = 0;
  for (const { transaction } of left) {
    for (let i = 0; i < transaction.inputCount; i++) {
      const prevoutAt = transaction.prevoutStart(i);
      if (index.find(transaction.bytes, prevoutAt) !== null) continue;
      copyRange(transaction.bytes, prevoutAt, outpoints, at, OUTPOINT_BYTES);
      at += OUTPOINT_BYTES;
    }
  }
  return outpoints.subarray(0, at);
}
