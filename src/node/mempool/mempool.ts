// The mempool: transactions that may be in the next block (Core CTxMemPool). It keeps entries, what they spend, and their order in a
// graph of clusters; it keeps itself within its memory and forgets what waited too long. Whether a transaction may come in is not
// decided here but by acceptance, which stages it in a change set; nor does the pool know the chain, except by what it is told.
//
// Everything is synchronous: after a call the change is visible in whole, and only then are listeners told (mempool-events.ts).
// Memory is accounted for as it is (mempool-memory.ts), so that the limit is one.

import type { CoinsView } from '../../kernel/consensus/coins-view.ts';
import { toFeePerVsize } from '../../kernel/policy/fee-frac.ts';
import { computeFeerate } from '../../kernel/policy/feerate.ts';
import type { PolicyOptions } from '../../kernel/policy/options.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { ChangeSet } from './change-set.ts';
import { type LockPoints, type MempoolEntry, PoolEntry } from './entry.ts';
import { checkNextBlock, checkPool } from './mempool-check.ts';
import type { AdditionCircumstances, BlockRemovals, MempoolSignals, RemovalReason } from './mempool-events.ts';
import { findChildren, findParents, freedOutpoints } from './mempool-family.ts';
import type { MempoolIndex } from './mempool-index.ts';
import { MempoolStore } from './mempool-store.ts';
import { PoolView } from './pool-view.ts';
import { addSaturating, FeeDeltas, type PrioritisedTransaction } from './prioritise.ts';
import { RollingMinimum } from './rolling-minimum.ts';
import { TxGraph, type TxRef } from './tx-graph.ts';

/** The mempool. */
export class Mempool {
  readonly options: PolicyOptions;
  /** The order of the entries. Read it; only the pool changes it. */
  readonly graph: TxGraph;
  /** The pool as compact blocks see it. */
  readonly view: PoolView;
  /** True once loading the file of the last run was tried, whatever came of it (Core GetLoadTried). */
  isLoaded = false;
  readonly #store: MempoolStore;
  readonly #index: MempoolIndex;
  readonly #deltas: FeeDeltas;
  readonly #minimum: RollingMinimum;
  #changeSet: ChangeSet | null = null;

  /** `rng` salts the tables. */
  constructor(options: PolicyOptions, rng: Rng) {
    const { clusterCountMax, clusterWeightMax } = options;
    this.options = options;
    this.graph = new TxGraph({ clusterCountMax, clusterWeightMax });
    this.#store = new MempoolStore(rng);
    this.#index = this.#store.index;
    this.#deltas = new FeeDeltas(rng);
    this.#minimum = new RollingMinimum(options.incrementalFeerate);
    this.view = new PoolView(this.#index);
  }

  get signals(): MempoolSignals {
    return this.#store.emitters;
  }

  /** Number of entries. */
  get size(): number {
    return this.#index.size;
  }

  /** Sum of the entries' virtual sizes. */
  get totalVsize(): number {
    return this.#store.totalVsize;
  }

  /** Sum of the entries' fees, without what the operator added. */
  get totalFeeSat(): number {
    return this.#store.totalFeeSat;
  }

  /** Memory that the pool takes, in bytes: what is held against the limit (Core DynamicMemoryUsage). */
  get usedBytes(): number {
    return this.#store.usedBytes + this.#deltas.usedBytes + this.graph.usedBytes;
  }

  /** The sequence number that the next addition or removal gets (Core GetSequence). */
  get sequence(): number {
    return this.#store.sequence;
  }

  /** Counts additions, removals and changed fees: another number means that a block template may be stale. */
  get transactionsUpdated(): number {
    return this.#store.updates;
  }

  /** Counts something else that makes templates stale, such as another tip (Core AddTransactionsUpdated). */
  addTransactionsUpdated(count: number): void {
    this.#store.countUpdates(count);
  }

  // --- looking up -----------------------------------------------------------------------------------------------------

  /** The entry whose txid is the 32 bytes at `at`, or null. */
  get(txids: Uint8Array, at = 0): MempoolEntry | null {
    return this.#index.find(txids, at);
  }

  /** The entry whose wtxid is the 32 bytes at `at`, or null. */
  getByWtxid(wtxids: Uint8Array, at = 0): MempoolEntry | null {
    return this.#index.findByWtxid(wtxids, at);
  }

  /** The entry with a handle of the graph, which must be one of the pool's. */
  entry(ref: TxRef): MempoolEntry {
    return this.#entryOf(ref);
  }

  has(txids: Uint8Array, at = 0): boolean {
    return this.#index.find(txids, at) !== null;
  }

  hasWtxid(wtxids: Uint8Array, at = 0): boolean {
    return this.#index.findByWtxid(wtxids, at) !== null;
  }

  /** True while this very entry is in the pool. */
  contains(entry: MempoolEntry): boolean {
    return this.#index.entry(entry.ref) === entry;
  }

  /** The entry that spends the outpoint whose 36 bytes are at `at`, or null (Core GetConflictTx, isSpent). */
  spender(outpoints: Uint8Array, at = 0): MempoolEntry | null {
    return this.#index.findSpender(outpoints, at);
  }

  /** Entries whose outputs an entry spends, by rising txid. It need not be in the pool (yet). */
  parents(entry: { readonly transaction: Transaction }): MempoolEntry[] {
    return findParents(this.#index, entry.transaction);
  }

  /** Entries that spend outputs of an entry, by rising txid. It need not be in the pool (any more). */
  children(entry: { readonly transaction: Transaction }): MempoolEntry[] {
    return findChildren(this.#index, entry.transaction);
  }

  /** An entry with all that it descends from. */
  ancestors(entry: MempoolEntry): MempoolEntry[] {
    return this.#entriesOf(this.graph.ancestors(this.#refOf(entry)));
  }

  /** An entry with all that descend from it. */
  descendants(entry: MempoolEntry): MempoolEntry[] {
    return this.#entriesOf(this.graph.descendants(this.#refOf(entry)));
  }

  /** The cluster of an entry, in the order of mining. */
  cluster(entry: MempoolEntry): MempoolEntry[] {
    return this.#entriesOf(this.graph.cluster(this.#refOf(entry)));
  }

  /** All entries, in no useful order. The pool must not change meanwhile. */
  entries(): IterableIterator<MempoolEntry> {
    return this.#index.entries();
  }

  /** All entries in the order of mining, parents before children (Core entryAll, infoAll): a new array. */
  sorted(): MempoolEntry[] {
    return this.#sorted();
  }

  // --- adding ---------------------------------------------------------------------------------------------------------

  /** Begins a change. There is one at a time, and until it is applied or aborted nothing else changes the pool. */
  begin(): ChangeSet {
    this.#assertNoChangeSet();
    this.#changeSet = new ChangeSet({
      graph: this.graph,
      index: this.#index,
      deltas: this.#deltas,
      bytesPerSigop: this.options.bytesPerSigop,
      changeSetEnded: (additions, removals) => this.#changeSetEnded(additions, removals),
    });
    return this.#changeSet;
  }

  /** Tells listeners that an entry was added: acceptance does, once the pool has been limited and the entry is still there. */
  tellAdded(entry: MempoolEntry, circumstances: AdditionCircumstances): void {
    this.#store.tellAdded(entry, circumstances);
  }

  /**
   * Tells the graph of the children that entries from disconnected blocks found in the pool, and lets go what no longer fits into a
   * cluster (Core UpdateTransactionsFromBlock). `parents` are in the order in which they were added. Returns what left.
   */
  linkChildren(parents: readonly MempoolEntry[]): MempoolEntry[] {
    this.#assertNoChangeSet();
    for (let i = parents.length - 1; i >= 0; i--) {
      const parent = parents[i]!;
      if (!this.contains(parent)) continue;
      for (const child of findChildren(this.#index, parent.transaction))
        this.graph.addDependency(parent.ref, child.ref);
    }
    const left = this.#entriesOf(this.graph.trim());
    // The graph has let them go already.
    for (const entry of left) this.#store.remove(entry, 'sizelimit');
    this.#store.tellRemoved();
    return left;
  }

  // --- removing -------------------------------------------------------------------------------------------------------

  /** Removes an entry and its descendants; returns them. */
  removeRecursive(entry: MempoolEntry, reason: RemovalReason): MempoolEntry[] {
    return this.#removeAll([this.#refOf(entry)], reason);
  }

  /** Removes a transaction that may be in the pool, and all that descend from it if it is not (Core removeRecursive(tx)). */
  removeTransaction(transaction: Transaction, reason: RemovalReason): MempoolEntry[] {
    const entry = this.#index.find(transaction.txid, 0);
    const first = entry === null ? findChildren(this.#index, transaction) : [entry];
    return this.#removeAll(refsOf(first), reason);
  }

  /** Removes what a connected block contains and what it contradicts, and forgets what was added to the fees of either. */
  removeForBlock(block: Block, height: number, nowSec: number): BlockRemovals {
    this.#assertNoChangeSet();
    const entries: MempoolEntry[] = [];
    const conflicts: MempoolEntry[] = [];
    if (this.size > 0 || this.#deltas.count > 0) {
      const txids = block.txids();
      for (let i = 0; i < block.txCount; i++) {
        const entry = this.#index.find(txids, HASH_BYTES * i);
        if (entry !== null) {
          entries.push(entry);
          this.#remove(entry, 'block');
        }
        this.#removeConflicts(block.transaction(i), conflicts);
        this.#deltas.clear(txids, HASH_BYTES * i);
      }
    }
    this.#minimum.blockConnected(nowSec);
    this.#store.tellRemoved();
    this.#store.emitters.removedForBlock.emit({ entries, height });
    return { entries, conflicts };
  }

  /** After a reorganisation: removes the entries that `isInvalid` says are no longer valid in the next block, with descendants. */
  removeForReorg(isInvalid: (entry: MempoolEntry) => boolean): MempoolEntry[] {
    const invalid: TxRef[] = [];
    for (const entry of this.#index.entries()) {
      if (isInvalid(entry)) invalid.push(entry.ref);
    }
    return this.#removeAll(invalid, 'reorg');
  }

  /** Notes that the relative locktimes of an entry were counted anew. */
  setLockPoints(entry: MempoolEntry, lockPoints: LockPoints): void {
    assert(entry instanceof PoolEntry, 'mempool: an entry of a pool');
    entry.lockPoints = lockPoints;
  }

  /** Removes what waited longer than allowed, with descendants; returns it. */
  expire(nowSec: number): MempoolEntry[] {
    this.#assertNoChangeSet();
    const expired = this.#store.takeOlderThan(nowSec - this.options.expirySec);
    return this.#removeAll(refsOf(expired), 'expiry');
  }

  /**
   * Removes the chunks of the lowest feerate until the pool is within its memory; what comes must then pay more than they did.
   * Returns the outpoints, 36 bytes each, that the cache of coins need not keep for the pool any more.
   */
  trimToSize(): Uint8Array {
    this.#assertNoChangeSet();
    const left: MempoolEntry[] = [];
    let minimumFeerate = 0;
    while (this.size > 0 && this.usedBytes > this.options.mempoolBytesMax) {
      const worst = this.graph.worstChunk();
      assert(worst !== null, 'mempool: a pool with entries has chunks');
      const { feeSat, size } = toFeePerVsize(worst.feerate);
      minimumFeerate = Math.max(minimumFeerate, this.#minimum.evicted(computeFeerate(feeSat, size)));
      for (const entry of this.#entriesOf(worst.refs)) {
        this.#remove(entry, 'sizelimit');
        left.push(entry);
      }
    }
    this.#store.tellRemoved();
    if (left.length > 0) this.#store.emitters.trimmed.emit({ count: left.length, minimumFeerate });
    return freedOutpoints(this.#index, left);
  }

  /** Lowest feerate that the pool takes, in satoshis per 1,000 virtual bytes; 0 when it has not been full lately (Core GetMinFee). */
  minimumFeerate(nowSec: number): number {
    return this.#minimum.feerate(nowSec, { usedBytes: this.usedBytes, limitBytes: this.options.mempoolBytesMax });
  }

  // --- what the operator and the wallet say ---------------------------------------------------------------------------

  /** Adds to the fee of a transaction, in the pool or not, as far as order and limits go. Returns the sum of all that was added. */
  prioritise(txid: Uint8Array, deltaSat: number): number {
    this.#assertNoChangeSet();
    const sumSat = this.#deltas.add(txid, deltaSat);
    const entry = this.#index.find(txid, 0);
    if (entry !== null) {
      entry.modifiedFeeSat = addSaturating(entry.feeSat, sumSat);
      this.graph.setFee(entry.ref, entry.modifiedFeeSat);
      this.#store.countUpdates(1);
    }
    return sumSat;
  }

  /** What was added to the fee of a transaction, in the pool or not (Core ApplyDelta). */
  feeDelta(txids: Uint8Array, at = 0): number {
    return this.#deltas.get(txids, at);
  }

  /** All that was added to fees, by rising txid. */
  prioritised(): PrioritisedTransaction[] {
    return this.#deltas.list().map((delta) => ({ ...delta, entry: this.#index.find(delta.txid, 0) }));
  }

  /** Notes that a transaction of the pool is to be announced until a peer asks for it; others are not noted. */
  addUnbroadcast(txid: Uint8Array): void {
    if (this.has(txid)) this.#store.unbroadcast.add(txid);
  }

  /** Notes that a peer asked for it; false when it was not waiting. */
  removeUnbroadcast(txids: Uint8Array, at = 0): boolean {
    return this.#store.unbroadcast.delete(txids, at);
  }

  isUnbroadcast(txids: Uint8Array, at = 0): boolean {
    return this.#store.unbroadcast.has(txids, at);
  }

  /** Txids that wait for a peer to ask for them, rising. */
  unbroadcast(): Txid[] {
    return this.#store.unbroadcast.list();
  }

  /**
   * Throws AssertionError unless everything fits together (Core CTxMemPool::check). With the coins of the tip and the height of the
   * next block, also that every entry is worth what it says and may be in that block.
   */
  sanityCheck(coins?: CoinsView, nextHeight?: number): void {
    this.#assertNoChangeSet();
    const { graph, totalVsize, totalFeeSat } = this;
    checkPool({ index: this.#index, graph, totalVsize, totalFeeSat, entryBytes: this.#store.entryBytes });
    for (const txid of this.#store.unbroadcast.list())
      assert(this.has(txid), 'mempool check: what waits to be asked for is here');
    for (const { feeSat, modifiedFeeSat, transaction } of this.#index.entries()) {
      const deltaSat = this.#deltas.get(transaction.txid);
      assert(
        modifiedFeeSat === addSaturating(feeSat, deltaSat),
        'mempool check: the modified fee is the fee and the delta',
      );
    }
    if (coins !== undefined && nextHeight !== undefined) checkNextBlock(this.#sorted(), this.#index, coins, nextHeight);
  }

  // --- inside ---------------------------------------------------------------------------------------------------------

  #assertNoChangeSet(): void {
    assert(this.#changeSet === null, 'mempool: no change set is open');
  }

  /** The handle of an entry, which may be another's once the entry has left: that would be a bug. */
  #refOf(entry: MempoolEntry): TxRef {
    assert(this.contains(entry), 'mempool: an entry that is in the pool');
    return entry.ref;
  }

  #entryOf(ref: TxRef): PoolEntry {
    const entry = this.#index.entry(ref);
    assert(entry !== null, 'mempool: a handle of the pool');
    return entry;
  }

  #entriesOf(refs: readonly TxRef[]): PoolEntry[] {
    return refs.map((ref) => this.#entryOf(ref));
  }

  #sorted(): PoolEntry[] {
    const sorted: PoolEntry[] = [];
    const chunks = this.graph.beginBlock();
    for (let chunk = chunks.current(); chunk !== null; chunks.include(), chunk = chunks.current()) {
      for (const ref of chunk.refs) sorted.push(this.#entryOf(ref));
    }
    chunks.close();
    return sorted;
  }

  #changeSetEnded(additions: readonly PoolEntry[], removals: readonly PoolEntry[]): void {
    this.#changeSet = null;
    for (const entry of removals) this.#store.remove(entry, 'replaced');
    for (const entry of additions) this.#store.add(entry);
    this.#store.tellRemoved();
  }

  /** Removes entries and all that descend from them, and tells. */
  #removeAll(refs: readonly TxRef[], reason: RemovalReason): MempoolEntry[] {
    this.#assertNoChangeSet();
    if (refs.length === 0) return [];
    const entries = this.#entriesOf(this.graph.descendantsOfAll(refs));
    for (const entry of entries) this.#remove(entry, reason);
    this.#store.tellRemoved();
    return entries;
  }

  /** Removes what spends the coins of a transaction of a block, and adds it to `conflicts`. */
  #removeConflicts(transaction: Transaction, conflicts: MempoolEntry[]): void {
    for (let i = 0; i < transaction.inputCount; i++) {
      const spender = this.#index.findSpender(transaction.bytes, transaction.prevoutStart(i));
      if (spender === null) continue;
      this.#deltas.clear(spender.transaction.txid);
      for (const entry of this.#entriesOf(this.graph.descendants(spender.ref))) {
        this.#remove(entry, 'conflict');
        conflicts.push(entry);
      }
    }
  }

  #remove(entry: PoolEntry, reason: RemovalReason): void {
    this.graph.remove(entry.ref);
    this.#store.remove(entry, reason);
  }
}

function refsOf(entries: readonly MempoolEntry[]): TxRef[] {
  return entries.map((entry) => entry.ref);
}
