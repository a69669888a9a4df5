// Where the entries of the pool are found: by handle, txid, wtxid and spent outpoint. The only place that knows which entries there
// are; totals, order and signals are the pool's. Txids and outpoints are compared where they lie, in the transactions; wtxids are
// copied side by side, since a compact block asks for all of them at once.

import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import { halfSipHash13 } from '../../kernel/util/hash-map.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { PoolEntry } from './entry.ts';
import { NO_SLOT, ProbeTable } from './mempool-table.ts';
import type { TxRef } from './tx-graph.ts';

/** Room for so many entries to begin with. */
const CAPACITY_MIN = 64;

/** Room to spare is at most a quarter. */
const GROWTH = 1.25;

/** Bytes of a place for an entry: a pointer and a wtxid. */
const PLACE_BYTES: number = 8 + HASH_BYTES;

/** All entries. */
export class MempoolIndex {
  #entries: (PoolEntry | null)[] = [];
  #wtxids: Uint8Array = new Uint8Array(0);
  #size = 0;
  readonly #byTxid: ProbeTable = new ProbeTable();
  readonly #byWtxid: ProbeTable = new ProbeTable();
  readonly #bySpent: ProbeTable = new ProbeTable();
  readonly #key0: number;
  readonly #key1: number;

  /** `rng` gives the salt of the tables. */
  constructor(rng: Rng) {
    this.#key0 = rng.nextU32();
    this.#key1 = rng.nextU32();
    this.#reserve(CAPACITY_MIN);
  }

  /** Number of entries. */
  get size(): number {
    return this.#size;
  }

  /** Number of inputs of all entries. */
  get spentCount(): number {
    return this.#bySpent.count;
  }

  /** Bytes of the tables and arrays; what an entry itself takes is not among them. */
  get usedBytes(): number {
    const tables = this.#byTxid.usedBytes + this.#byWtxid.usedBytes + this.#bySpent.usedBytes;
    return tables + this.#entries.length * PLACE_BYTES;
  }

  /** The entry with a handle, or null. */
  entry(ref: TxRef): PoolEntry | null {
    return this.#entries[ref] ?? null;
  }

  /** True when this very entry is in the pool. */
  contains(entry: PoolEntry): boolean {
    return this.#entries[entry.ref] === entry;
  }

  /** The entry whose txid is the 32 bytes at `at`, or null. */
  find(txids: Uint8Array, at: number): PoolEntry | null {
    const table = this.#byTxid;
    for (let slot = table.first(this.#hash(txids, at, HASH_BYTES)); slot !== NO_SLOT; slot = table.next(slot)) {
      const entry = this.#entries[table.item(slot)]!;
      if (equalRange(entry.transaction.txid, 0, txids, at, HASH_BYTES)) return entry;
    }
    return null;
  }

  /** The entry whose wtxid is the 32 bytes at `at`, or null. */
  findByWtxid(wtxids: Uint8Array, at: number): PoolEntry | null {
    const table = this.#byWtxid;
    for (let slot = table.first(this.#hash(wtxids, at, HASH_BYTES)); slot !== NO_SLOT; slot = table.next(slot)) {
      const ref = table.item(slot);
      if (equalRange(this.#wtxids, ref * HASH_BYTES, wtxids, at, HASH_BYTES)) return this.#entries[ref]!;
    }
    return null;
  }

  /** The entry that spends the outpoint whose 36 bytes are at `at`, or null. */
  findSpender(outpoints: Uint8Array, at: number): PoolEntry | null {
    const slot = this.#findSpent(outpoints, at);
    return slot === NO_SLOT ? null : this.#entries[this.#bySpent.item(slot)]!;
  }

  /** Adds an entry under its handle, with its final transaction. Nothing in the pool may have its ids or spend its coins. */
  add(entry: PoolEntry): void {
    const { ref, transaction } = entry;
    this.#reserve(ref + 1);
    assert(this.#entries[ref] === null, 'mempool index: a free handle');
    assert(this.find(transaction.txid, 0) === null, 'mempool index: a new txid');
    this.#entries[ref] = entry;
    this.#size++;
    const wtxidAt = ref * HASH_BYTES;
    transaction.writeWtxid(this.#wtxids, wtxidAt);
    this.#byTxid.add(this.#hash(transaction.txid, 0, HASH_BYTES), ref, 0);
    this.#byWtxid.add(this.#hash(this.#wtxids, wtxidAt, HASH_BYTES), ref, 0);
    for (let i = 0; i < transaction.inputCount; i++) this.#addSpent(transaction, i, ref);
  }

  /** Takes an entry out; its handle is free afterwards. */
  remove(entry: PoolEntry): void {
    const { ref, transaction } = entry;
    assert(this.contains(entry), 'mempool index: an entry of the pool');
    for (let i = 0; i < transaction.inputCount; i++) {
      const slot = this.#findSpent(transaction.bytes, transaction.prevoutStart(i));
      assert(slot !== NO_SLOT && this.#bySpent.item(slot) === ref, 'mempool index: the spender of its coins');
      this.#bySpent.release(slot);
    }
    release(this.#byWtxid, this.#hash(this.#wtxids, ref * HASH_BYTES, HASH_BYTES), ref);
    release(this.#byTxid, this.#hash(transaction.txid, 0, HASH_BYTES), ref);
    this.#entries[ref] = null;
    this.#size--;
  }

  /** All entries, in the order of handles. The pool must not change meanwhile. */
  *entries(): Generator<PoolEntry, void, undefined> {
    for (const entry of this.#entries) {
      if (entry !== null) yield entry;
    }
  }

  /** Calls `visit` with every entry and the place of its wtxid, until it returns false. The pool must not change meanwhile. */
  visit(visit: (entry: PoolEntry, wtxids: Uint8Array, at: number) => boolean): void {
    const entries = this.#entries;
    for (let ref = 0; ref < entries.length; ref++) {
      const entry = entries[ref]!;
      if (entry !== null && !visit(entry, this.#wtxids, ref * HASH_BYTES)) return;
    }
  }

  #addSpent(transaction: Transaction, input: number, ref: TxRef): void {
    const at = transaction.prevoutStart(input);
    assert(this.#findSpent(transaction.bytes, at) === NO_SLOT, 'mempool index: a coin is spent once');
    this.#bySpent.add(this.#hash(transaction.bytes, at, OUTPOINT_BYTES), ref, input);
  }

  #findSpent(outpoints: Uint8Array, at: number): number {
    const table = this.#bySpent;
    for (let slot = table.first(this.#hash(outpoints, at, OUTPOINT_BYTES)); slot !== NO_SLOT; slot = table.next(slot)) {
      const { transaction } = this.#entries[table.item(slot)]!;
      const spentAt = transaction.prevoutStart(table.part(slot));
      if (equalRange(transaction.bytes, spentAt, outpoints, at, OUTPOINT_BYTES)) return slot;
    }
    return NO_SLOT;
  }

  #hash(bytes: Uint8Array, at: number, length: number): number {
    const hash = halfSipHash13(this.#key0, this.#key1, bytes, at, length);
    return hash === 0 ? 1 : hash;
  }

  /** Room for handles below `count`. */
  #reserve(count: number): void {
    const entries = this.#entries;
    if (count <= entries.length) return;
    const capacity = Math.max(count, CAPACITY_MIN, Math.ceil(GROWTH * entries.length));
    const grown = new Array<PoolEntry | null>(capacity).fill(null);
    for (let ref = 0; ref < entries.length; ref++) grown[ref] = entries[ref]!;
    const wtxids = new Uint8Array(capacity * HASH_BYTES);
    wtxids.set(this.#wtxids);
    this.#entries = grown;
    this.#wtxids = wtxids;
  }
}

function release(table: ProbeTable, hash: number, item: number): void {
  let slot = table.first(hash);
  while (slot !== NO_SLOT && table.item(slot) !== item) slot = table.next(slot);
  assert(slot !== NO_SLOT, 'mempool index: an item of the table');
  table.release(slot);
}
