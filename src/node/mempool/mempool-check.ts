// The invariants of the mempool (Core CTxMemPool::check), looked at one by one and far too slowly for anything but tests: tables
// against entries, totals against sums, the graph against what the transactions spend, and, given the coins of the tip, every entry
// against the next block.

import { CoinRef } from '../../kernel/consensus/coin.ts';
import type { CoinsView } from '../../kernel/consensus/coins-view.ts';
import { COINBASE_MATURITY } from '../../kernel/consensus/limits.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { PoolEntry } from './entry.ts';
import { findChildren, findParents } from './mempool-family.ts';
import type { MempoolIndex } from './mempool-index.ts';
import { computeEntryBytes } from './mempool-memory.ts';
import type { TxGraph } from './tx-graph.ts';

/** What is checked. */
export interface CheckedPool {
  readonly index: MempoolIndex;
  readonly graph: TxGraph;
  readonly totalVsize: number;
  readonly totalFeeSat: number;
  readonly entryBytes: number;
}

/** Throws AssertionError unless tables, totals and graph agree with the entries. */
export function checkPool(pool: CheckedPool): void {
  const { index, graph } = pool;
  let size = 0;
  let vsize = 0;
  let feeSat = 0;
  let inputCount = 0;
  let entryBytes = 0;
  for (const entry of index.entries()) {
    size++;
    vsize += entry.vsize;
    feeSat += entry.feeSat;
    inputCount += entry.transaction.inputCount;
    entryBytes += computeEntryBytes(entry);
    checkFound(index, entry);
    checkFamily(index, graph, entry);
    const { feeSat: graphFeeSat, size: graphWeightWu } = graph.individualFeerate(entry.ref);
    assert(graphFeeSat === entry.modifiedFeeSat, 'mempool check: the graph knows the modified fee');
    assert(graphWeightWu === entry.weightWu, 'mempool check: the graph knows the weight');
  }
  assert(index.size === size && graph.count === size, 'mempool check: as many entries as the graph has');
  assert(index.spentCount === inputCount, 'mempool check: every input spends one coin');
  assert(pool.totalVsize === vsize && pool.totalFeeSat === feeSat, 'mempool check: totals are sums');
  assert(pool.entryBytes === entryBytes, 'mempool check: memory is a sum');
  assert(!graph.isStaging && !graph.isOversized('main'), 'mempool check: clusters within their limits');
  graph.sanityCheck();
}

function checkFound(index: MempoolIndex, entry: PoolEntry): void {
  const { transaction } = entry;
  assert(index.entry(entry.ref) === entry, 'mempool check: found by handle');
  assert(index.find(transaction.txid, 0) === entry, 'mempool check: found by txid');
  assert(index.findByWtxid(transaction.wtxid, 0) === entry, 'mempool check: found by wtxid');
  assert(transaction.start === 0 && !transaction.isCoinbase, 'mempool check: a transaction of its own');
  for (let i = 0; i < transaction.inputCount; i++) {
    const at = transaction.prevoutStart(i);
    assert(index.findSpender(transaction.bytes, at) === entry, 'mempool check: found by what it spends');
    const parent = index.find(transaction.bytes, at);
    const output = readU32(transaction.bytes, at + HASH_BYTES);
    assert(parent === null || output < parent.transaction.outputCount, 'mempool check: the parent has that output');
  }
}

/** Parents and children name each other, and the graph has the same ancestors. */
function checkFamily(index: MempoolIndex, graph: TxGraph, entry: PoolEntry): void {
  for (const child of findChildren(index, entry.transaction)) {
    assert(findParents(index, child.transaction).includes(entry), 'mempool check: a child knows its parent');
  }
  const ancestors = new Set<PoolEntry>([entry]);
  for (const ancestor of ancestors) {
    for (const parent of findParents(index, ancestor.transaction)) {
      assert(findChildren(index, parent.transaction).includes(ancestor), 'mempool check: a parent knows its child');
      ancestors.add(parent);
    }
  }
  const refs = graph.ancestors(entry.ref);
  assert(refs.length === ancestors.size, 'mempool check: as many ancestors as the graph has');
  for (const ref of refs)
    assert(ancestors.has(index.entry(ref)!), 'mempool check: the same ancestors as the graph has');
}

/** Throws AssertionError unless every entry, in the order given, may be in the block at `nextHeight` on top of these coins. */
export function checkNextBlock(
  sorted: readonly PoolEntry[],
  index: MempoolIndex,
  coins: CoinsView,
  nextHeight: number,
): void {
  const coin = new CoinRef();
  const seen = new Set<PoolEntry>();
  for (const entry of sorted) {
    const { transaction } = entry;
    let valueSat = -entry.feeSat;
    for (let j = 0; j < transaction.outputCount; j++) valueSat -= transaction.valueSat(j);
    for (let i = 0; i < transaction.inputCount; i++) {
      const at = transaction.prevoutStart(i);
      const parent = index.find(transaction.bytes, at);
      if (parent !== null) {
        assert(seen.has(parent), 'mempool check: parents are mined before children');
        valueSat += parent.transaction.valueSat(readU32(transaction.bytes, at + HASH_BYTES));
        continue;
      }
      assert(coins.readCoin(transaction.bytes, at, coin), 'mempool check: every coin exists');
      const isMature = !coin.isCoinbase || nextHeight - coin.height >= COINBASE_MATURITY;
      assert(isMature, 'mempool check: every coinbase is mature');
      valueSat += coin.valueSat;
    }
    assert(valueSat === 0, 'mempool check: the fee is what is left over');
    seen.add(entry);
  }
}
