// What a TxGraph keeps for every transaction, as one typed array per field: a transaction without relatives costs nothing else.
// Handles are indices into the arrays and are used again after a transaction is gone.

import { assert } from '../../kernel/util/assert.ts';
import type { TxFacts, TxRef } from './cluster.ts';

/** A level of the graph: the mempool as it is, or with the changes that are being considered. */
export type Level = 0 | 1;
export const MAIN: Level = 0;
export const STAGING: Level = 1;

/**
 * Homes that are no cluster. Missing from staging means: as in the main level, be it there or not. Removed is said in staging
 * alone, of what the main level has. Alone is a cluster of one.
 */
export const MISSING = -1;
export const REMOVED = -2;
export const ALONE = -3;

/** Room for transactions at first, and how it grows. */
const CAPACITY_MIN = 64;
const GROWTH = 1.5;

/**
 * Bytes that a transaction takes in the arrays below and in the index of chunks (4), with the room that growing leaves unused on
 * average.
 */
export const TX_ROW_BYTES = 72;

/** Fields of all transactions by handle. */
export class TxTable implements TxFacts {
  feesSat: Float64Array;
  weightsWu: Int32Array;
  tieBreaks: Float64Array;
  /** Per level: the number of the cluster that the transaction is in, or MISSING, REMOVED, ALONE. */
  readonly homes: [Int32Array, Int32Array];
  /** Per level: the position in the cluster of that level. */
  readonly places: [Uint8Array, Uint8Array];
  /** The first transaction of the chunk that this one is in, in the main level. */
  chunkHeads: Int32Array;
  /** Fee of a chunk, at its first transaction; as all that follows. */
  chunkFeesSat: Float64Array;
  /** Weight of a chunk. */
  chunkWeightsWu: Int32Array;
  /** Weight of the chunks of the same cluster and feerate, up to this one. */
  chunkPrefixesWu: Int32Array;
  /** The member of a chunk that is last in the order of ties. */
  chunkLastTies: Int32Array;
  /** Handles given out so far, free ones included. */
  end = 0;
  readonly #free: TxRef[] = [];

  constructor() {
    this.feesSat = new Float64Array(CAPACITY_MIN);
    this.weightsWu = new Int32Array(CAPACITY_MIN);
    this.tieBreaks = new Float64Array(CAPACITY_MIN);
    this.homes = [new Int32Array(CAPACITY_MIN), new Int32Array(CAPACITY_MIN)];
    this.places = [new Uint8Array(CAPACITY_MIN), new Uint8Array(CAPACITY_MIN)];
    this.chunkHeads = new Int32Array(CAPACITY_MIN);
    this.chunkFeesSat = new Float64Array(CAPACITY_MIN);
    this.chunkWeightsWu = new Int32Array(CAPACITY_MIN);
    this.chunkPrefixesWu = new Int32Array(CAPACITY_MIN);
    this.chunkLastTies = new Int32Array(CAPACITY_MIN);
  }

  /** A handle for a new transaction, which is at neither level yet. */
  allocate(feeSat: number, weightWu: number, tieBreak: number): TxRef {
    const ref = this.#free.pop() ?? this.end++;
    if (ref === this.weightsWu.length) this.#grow();
    this.feesSat[ref] = feeSat;
    this.weightsWu[ref] = weightWu;
    this.tieBreaks[ref] = tieBreak;
    this.homes[MAIN][ref] = MISSING;
    this.homes[STAGING][ref] = MISSING;
    return ref;
  }

  /** Gives a handle back. */
  release(ref: TxRef): void {
    assert(!this.isHome(ref), 'a transaction of no level');
    this.#free.push(ref);
  }

  /** True when the transaction is at some level by itself or by its cluster. */
  isHome(ref: TxRef): boolean {
    return ref < this.end && (isPresent(this.homes[MAIN][ref]!) || isPresent(this.homes[STAGING][ref]!));
  }

  /** How many handles may be given out again before new ones are made. */
  get freeCount(): number {
    return this.#free.length;
  }

  #grow(): void {
    const capacity = Math.ceil(this.weightsWu.length * GROWTH);
    this.feesSat = copyInto(new Float64Array(capacity), this.feesSat);
    this.weightsWu = copyInto(new Int32Array(capacity), this.weightsWu);
    this.tieBreaks = copyInto(new Float64Array(capacity), this.tieBreaks);
    for (const level of [MAIN, STAGING]) {
      this.homes[level] = copyInto(new Int32Array(capacity), this.homes[level]);
      this.places[level] = copyInto(new Uint8Array(capacity), this.places[level]);
    }
    this.chunkHeads = copyInto(new Int32Array(capacity), this.chunkHeads);
    this.chunkFeesSat = copyInto(new Float64Array(capacity), this.chunkFeesSat);
    this.chunkWeightsWu = copyInto(new Int32Array(capacity), this.chunkWeightsWu);
    this.chunkPrefixesWu = copyInto(new Int32Array(capacity), this.chunkPrefixesWu);
    this.chunkLastTies = copyInto(new Int32Array(capacity), this.chunkLastTies);
  }
}

/** True when a home is a cluster, of one or more. */
export function isPresent(home: number): boolean {
  return home >= 0 || home === ALONE;
}

function copyInto<T extends Float64Array | Int32Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
