// Rows of typed arrays, for tx-announcement-table.ts: one for each announcement, and one for each transaction that was announced.
// Together they cost 120 bytes for an announcement that nobody else made, twice as much when the arrays have just grown, and no
// object (D02). Rows that were given back are used again; what the columns mean and how rows are linked is the table's business.

import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { PeerId } from './peer-id.ts';
import { NO_ROW, TxIndex } from './tx-announcement-index.ts';

/** Rows of a store that has just begun. */
const ROWS_MIN = 64;

type Column = Uint8Array | Int32Array | Float64Array;

function grow<Array extends Column>(column: Array, larger: Array): Array {
  larger.set(column);
  return larger;
}

/** A peer with announcements. */
export interface Announcer {
  readonly id: PeerId;
  total: number;
  requested: number;
  completed: number;
  /** First of its announcements that are the best choice for their transaction, and of all others. */
  firstBest: number;
  firstOther: number;
}

/** Announcements. Every column has a value for every row below the highest that was given out. */
export class AnnouncementRows {
  state: Uint8Array = new Uint8Array(ROWS_MIN);
  /** 1: announced by wtxid. */
  isWtxid: Uint8Array = new Uint8Array(ROWS_MIN);
  /** Row of the transaction. */
  tx: Int32Array = new Int32Array(ROWS_MIN);
  /** Next announcement of the same transaction; of a free row, the next free one. */
  nextOfTx: Int32Array = new Int32Array(ROWS_MIN);
  /** Neighbours in the list of the same peer. */
  previousOfPeer: Int32Array = new Int32Array(ROWS_MIN);
  nextOfPeer: Int32Array = new Int32Array(ROWS_MIN);
  /** Place in the heap of those that wait. */
  heapAt: Int32Array = new Int32Array(ROWS_MIN);
  /** The moment that it waits for, in milliseconds. */
  timeMs: Float64Array = new Float64Array(ROWS_MIN);
  sequence: Float64Array = new Float64Array(ROWS_MIN);
  priority: Float64Array = new Float64Array(ROWS_MIN);
  owner: (Announcer | null)[] = [];
  #used = 0;
  #firstFree = NO_ROW;

  /** A row whose columns hold anything. */
  allocate(): number {
    const free = this.#firstFree;
    if (free !== NO_ROW) {
      this.#firstFree = this.nextOfTx[free]!;
      return free;
    }
    if (this.#used === this.state.length) this.#grow(2 * this.#used);
    return this.#used++;
  }

  /** Gives a row back. */
  free(row: number): void {
    this.owner[row] = null;
    this.nextOfTx[row] = this.#firstFree;
    this.#firstFree = row;
  }

  #grow(rows: number): void {
    this.state = grow(this.state, new Uint8Array(rows));
    this.isWtxid = grow(this.isWtxid, new Uint8Array(rows));
    this.tx = grow(this.tx, new Int32Array(rows));
    this.nextOfTx = grow(this.nextOfTx, new Int32Array(rows));
    this.previousOfPeer = grow(this.previousOfPeer, new Int32Array(rows));
    this.nextOfPeer = grow(this.nextOfPeer, new Int32Array(rows));
    this.heapAt = grow(this.heapAt, new Int32Array(rows));
    this.timeMs = grow(this.timeMs, new Float64Array(rows));
    this.sequence = grow(this.sequence, new Float64Array(rows));
    this.priority = grow(this.priority, new Float64Array(rows));
  }
}

/** Transactions that were announced, by the hash under which they were. */
export class AnnouncedTxs {
  /** First of the announcements; of a free row, the next free one. */
  firstRow: Int32Array = new Int32Array(ROWS_MIN);
  /** The announcement that was asked for or is to be asked for next, or NO_ROW. */
  selected: Int32Array = new Int32Array(ROWS_MIN);
  /** Announcements that are not completed. */
  openCount: Int32Array = new Int32Array(ROWS_MIN);
  /** 32 bytes of each row. */
  hashes: Uint8Array = new Uint8Array(HASH_BYTES * ROWS_MIN);
  readonly #index: TxIndex;
  #used = 0;
  #firstFree = NO_ROW;

  /** `rng` salts the index. */
  constructor(rng: Rng) {
    this.#index = new TxIndex(this, rng);
  }

  get count(): number {
    return this.#index.size;
  }

  /** The row of a transaction, or NO_ROW. */
  find(hash: Uint8Array): number {
    return this.#index.find(hash);
  }

  /** A copy of the hash of a row. */
  hash(tx: number): Uint8Array {
    return this.hashes.slice(HASH_BYTES * tx, HASH_BYTES * (tx + 1));
  }

  /** The row of a transaction; one without announcements is made when there is none. */
  claim(hash: Uint8Array): number {
    const known = this.find(hash);
    if (known !== NO_ROW) return known;
    const tx = this.#allocate();
    this.hashes.set(hash, HASH_BYTES * tx);
    this.#index.add(tx);
    this.firstRow[tx] = NO_ROW;
    this.selected[tx] = NO_ROW;
    this.openCount[tx] = 0;
    return tx;
  }

  /** Gives a row back. */
  free(tx: number): void {
    this.#index.delete(tx);
    this.firstRow[tx] = this.#firstFree;
    this.#firstFree = tx;
  }

  #allocate(): number {
    const free = this.#firstFree;
    if (free !== NO_ROW) {
      this.#firstFree = this.firstRow[free]!;
      return free;
    }
    if (this.#used === this.firstRow.length) {
      const rows = 2 * this.#used;
      this.firstRow = grow(this.firstRow, new Int32Array(rows));
      this.selected = grow(this.selected, new Int32Array(rows));
      this.openCount = grow(this.openCount, new Int32Array(rows));
      this.hashes = grow(this.hashes, new Uint8Array(HASH_BYTES * rows));
    }
    return this.#used++;
  }
}
