// Figures and hashes of a whole set of coins (Core kernel/coinstats.cpp): how many, how much, and two hashes that are equal for
// equal sets. `hash_serialized_3` is the double SHA-256 of all coins in order of txid and index, MuHash that of the set without an
// order. A coin enters both as outpoint, code (uint32) and output, serialized as in blocks.

import { CoinRef } from '../consensus/coin.ts';
import type { CoinEntry, MemoryCoins } from '../consensus/memory-coins.ts';
import { MuHash3072 } from '../crypto/muhash.ts';
import { Sha256Hasher } from '../crypto/sha256.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { compareBytes, copyRange, equalRange } from '../util/bytes.ts';

/** What to compute besides the figures: either hash costs far more than they do, MuHash most. */
export interface UtxoStatsOptions {
  readonly serialized: boolean;
  readonly muhash: boolean;
}

/** Figures of a set of coins, as `gettxoutsetinfo` names them. */
export interface UtxoStats {
  /** Transactions with at least one coin. */
  readonly txCount: number;
  readonly coinCount: number;
  readonly totalSat: number;
  /** A measure of the set's size that no database has a part in. */
  readonly bogoSize: number;
  /** `hash_serialized_3`, in internal order; null when it was not asked for. */
  readonly hashSerialized3: Uint8Array | null;
  /** MuHash, in internal order; null when it was not asked for. */
  readonly muhash: Uint8Array | null;
}

const CODE_AT = OUTPOINT_BYTES;
const OUTPUT_AT = OUTPOINT_BYTES + 4;

/** What Core counts for a coin besides its script: txid, index, height and coinbase, amount, length of the script. */
export const BOGO_BYTES: number = 32 + 4 + 4 + 8 + 2;

/** Takes the coins of a set, those of one transaction together, and tells its figures. */
export class UtxoHasher {
  readonly #serialized: Sha256Hasher | null;
  readonly #muhash: MuHash3072 | null;
  /** Coins of one transaction, which a database does not give in the order of their indices. */
  readonly #pending: PendingCoins = new PendingCoins();
  #txCount = 0;
  #coinCount = 0;
  #totalSat = 0;
  #bogoSize = 0;

  constructor(options: UtxoStatsOptions) {
    this.#serialized = options.serialized ? new Sha256Hasher().reset() : null;
    this.#muhash = options.muhash ? new MuHash3072() : null;
  }

  /** Adds a coin. Transactions come in the order of their txids. */
  add(outpoint: Uint8Array, coin: CoinRef): void {
    if (!this.#pending.isSameTx(outpoint)) this.#endTx();
    const { bytes, start, end } = this.#pending.add(outpoint, coin);
    // A set has no order: this one need not wait for the other coins of its transaction, of which there may be many.
    this.#muhash?.insert(bytes, start, end);
    this.#coinCount++;
    this.#totalSat += coin.valueSat;
    this.#bogoSize += BOGO_BYTES + coin.end - coin.scriptStart;
  }

  #endTx(): void {
    if (this.#pending.count === 0) return;
    this.#txCount++;
    const serialized = this.#serialized;
    if (serialized === null) this.#pending.clear();
    else this.#pending.drain((bytes, start, end) => serialized.update(bytes, start, end));
  }

  /** The figures of all coins; the last call. */
  finish(): UtxoStats {
    this.#endTx();
    let hashSerialized3: Uint8Array | null = null;
    if (this.#serialized !== null) {
      hashSerialized3 = new Uint8Array(HASH_BYTES);
      this.#serialized.digestDoubleInto(hashSerialized3, 0);
    }
    return {
      txCount: this.#txCount,
      coinCount: this.#coinCount,
      totalSat: this.#totalSat,
      bogoSize: this.#bogoSize,
      hashSerialized3,
      muhash: this.#muhash === null ? null : this.#muhash.digest(),
    };
  }
}

/** The serialized coins of one transaction. */
class PendingCoins {
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;
  readonly #starts: number[] = [];
  #isSorted = true;

  get count(): number {
    return this.#starts.length;
  }

  isSameTx(outpoint: Uint8Array): boolean {
    return this.count > 0 && equalRange(outpoint, 0, this.#bytes, 0, HASH_BYTES);
  }

  /** Where the serialized coin lies, until the next one is added. */
  add(
    outpoint: Uint8Array,
    coin: CoinRef,
  ): { readonly bytes: Uint8Array; readonly start: number; readonly end: number } {
    const start = this.#length;
    const outputBytes = coin.end - coin.start;
    this.#reserve(start + OUTPUT_AT + outputBytes);
    copyRange(outpoint, 0, this.#bytes, start, OUTPOINT_BYTES);
    writeU32(this.#bytes, start + CODE_AT, coin.code);
    copyRange(coin.bytes, coin.start, this.#bytes, start + OUTPUT_AT, outputBytes);
    this.#length = start + OUTPUT_AT + outputBytes;
    const last = this.#starts[this.count - 1];
    if (last !== undefined && this.#index(last) > this.#index(start)) this.#isSorted = false;
    this.#starts.push(start);
    return { bytes: this.#bytes, start, end: this.#length };
  }

  #index(start: number): number {
    return readU32(this.#bytes, start + HASH_BYTES);
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * needed);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Visits the coins in the order of their indices, and forgets them. */
  drain(visit: (bytes: Uint8Array, start: number, end: number) => void): void {
    const starts = this.#starts;
    if (this.#isSorted) {
      starts.forEach((start, i) => {
        visit(this.#bytes, start, starts[i + 1] ?? this.#length);
      });
    } else {
      const ranges = starts.map((start, i) => ({ start, end: starts[i + 1] ?? this.#length }));
      ranges.sort((a, b) => this.#index(a.start) - this.#index(b.start));
      for (const { start, end } of ranges) visit(this.#bytes, start, end);
    }
    this.clear();
  }

  clear(): void {
    this.#starts.length = 0;
    this.#length = 0;
    this.#isSorted = true;
  }
}

/** Something that can walk over coins in the order of a coin database: {@link CoinsStore} and {@link CoinsCache}. */
export interface StoredCoins {
  forEachCoin(visit: (outpoint: Uint8Array, coin: CoinRef) => void): Promise<void>;
}

/** Figures of the coins in a store. */
export async function computeUtxoStats(coins: StoredCoins, options: UtxoStatsOptions): Promise<UtxoStats> {
  const hasher = new UtxoHasher(options);
  await coins.forEachCoin((outpoint, coin) => {
    hasher.add(outpoint, coin);
  });
  return hasher.finish();
}

/** Figures of coins in memory. */
export function computeMemoryUtxoStats(coins: MemoryCoins, options: UtxoStatsOptions): UtxoStats {
  const hasher = new UtxoHasher(options);
  const entries: CoinEntry[] = [...coins.entries()].sort((a, b) => compareBytes(a.outpoint, b.outpoint));
  const ref = new CoinRef();
  for (const { outpoint, coin } of entries) hasher.add(outpoint, ref.pointAtCopy(coin));
  return hasher.finish();
}
