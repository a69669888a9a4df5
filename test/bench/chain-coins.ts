// The coins that a generated chain can spend: in columns, in the order in which they were made, so that a coin of a given age is
// found by its place. A spent coin leaves a gap; gaps are closed when they outnumber the coins.

import type { Rng } from '../../src/kernel/util/prng.ts';

/** A coin taken out of the pool. */
export interface PoolCoin {
  readonly txid: Uint8Array;
  readonly index: number;
  readonly valueSat: number;
  /** Number of the address whose script locks it. */
  readonly address: number;
}

const TXID_BYTES = 32;

/** Gaps below this number are not worth closing. */
const GAPS_MIN = 4096;

/** Columns of one capacity. */
interface Columns {
  readonly txids: Uint8Array;
  readonly indexes: Uint32Array;
  readonly valuesSat: Float64Array;
  readonly addresses: Uint32Array;
  readonly isThere: Uint8Array;
}

function makeColumns(capacity: number): Columns {
  return {
    txids: new Uint8Array(TXID_BYTES * capacity),
    indexes: new Uint32Array(capacity),
    valuesSat: new Float64Array(capacity),
    addresses: new Uint32Array(capacity),
    isThere: new Uint8Array(capacity),
  };
}

/** Coins from the oldest to the newest. */
export class CoinPool {
  #columns: Columns = makeColumns(1024);
  /** Places in use, gaps included. */
  #length = 0;
  #count = 0;

  /** Number of coins. */
  get count(): number {
    return this.#count;
  }

  /** Adds the newest coin. */
  add(txid: Uint8Array, index: number, valueSat: number, address: number): void {
    if (this.#length === this.#columns.indexes.length) this.#makeRoom();
    const place = this.#length++;
    const { txids, indexes, valuesSat, addresses, isThere } = this.#columns;
    txids.set(txid, TXID_BYTES * place);
    indexes[place] = index;
    valuesSat[place] = valueSat;
    addresses[place] = address;
    isThere[place] = 1;
    this.#count++;
  }

  /** Takes a coin from among about the newest `span`; there must be one in the pool. */
  take(rng: Rng, span: number): PoolCoin {
    const drawn = this.#length - 1 - rng.below(Math.min(span, this.#length));
    const place = this.#findFrom(drawn);
    const { txids, indexes, valuesSat, addresses, isThere } = this.#columns;
    isThere[place] = 0;
    this.#count--;
    return {
      txid: txids.slice(TXID_BYTES * place, TXID_BYTES * (place + 1)),
      index: indexes[place]!,
      valueSat: valuesSat[place]!,
      address: addresses[place]!,
    };
  }

  /** The place itself, or the next older coin's, or else the next newer one's. */
  #findFrom(place: number): number {
    const { isThere } = this.#columns;
    for (let older = place; older >= 0; older--) if (isThere[older] === 1) return older;
    for (let newer = place + 1; newer < this.#length; newer++) if (isThere[newer] === 1) return newer;
    throw new Error('no coin left to take');
  }

  #makeRoom(): void {
    const gaps = this.#length - this.#count;
    const mayShrink = gaps > GAPS_MIN && 2 * gaps > this.#length;
    const old = this.#columns;
    const columns = makeColumns(mayShrink ? old.indexes.length : 2 * old.indexes.length);
    let to = 0;
    for (let from = 0; from < this.#length; from++) {
      if (old.isThere[from] === 0) continue;
      columns.txids.set(old.txids.subarray(TXID_BYTES * from, TXID_BYTES * (from + 1)), TXID_BYTES * to);
      columns.indexes[to] = old.indexes[from]!;
      columns.valuesSat[to] = old.valuesSat[from]!;
      columns.addresses[to] = old.addresses[from]!;
      columns.isThere[to] = 1;
      to++;
    }
    this.#columns = columns;
    this.#length = to;
  }
}
