// Coins read beside the cache, for questions that may come to nothing: does this transaction, which a stranger sent, spend coins
// that exist? What is found stays here and is forgotten with the question, so that strangers cannot fill the cache with old coins
// (Core uncaches them afterwards). When the answer matters, keep() moves the coins of a transaction into the cache, where the block
// that confirms it will look for them.
//
// What was found is out of date as soon as the cache has been flushed, and then the lookup knows nothing: ask again. What the cache
// itself knows always comes first.

import { CoinRef } from '../consensus/coin.ts';
import type { CoinsView } from '../consensus/coins-view.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { assert } from '../util/assert.ts';
import type { CoinsCache } from './coins-cache.ts';

/** A view of all coins of which those in question have been fetched. */
export class CoinsLookup implements CoinsView {
  readonly #cache: CoinsCache;
  readonly #scratch: CoinRef = new CoinRef();
  /** By the bytes of the outpoint as text; `undefined`: the store has no coin there. */
  readonly #found: Map<string, Uint8Array | undefined> = new Map();
  #flushCount = -1;

  constructor(cache: CoinsCache) {
    this.#cache = cache;
  }

  /** True when it can be said whether there is a coin at the outpoint. */
  isKnown(outpoints: Uint8Array, at: number): boolean {
    return this.#cache.isKnown(outpoints, at) || (this.#isGood && this.#found.has(keyOf(outpoints, at)));
  }

  /** Makes the first `count` outpoints (36 bytes each) known, with one wait, beside what is known already. */
  async fetch(outpoints: Uint8Array, count: number): Promise<void> {
    const values = await this.#cache.peek(outpoints, count);
    if (!this.#isGood) this.#found.clear();
    this.#flushCount = this.#cache.flushCount;
    for (const [at, value] of values) this.#found.set(keyOf(outpoints, at), value);
  }

  readCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean {
    if (this.#cache.isKnown(outpoints, at)) return this.#cache.readCoin(outpoints, at, coin);
    const value = this.#find(outpoints, at);
    if (value === undefined) return false;
    this.#cache.decodePeeked(value, this.#scratch);
    const { bytes, start, end, code } = this.#scratch;
    coin.point(bytes.slice(start, end), 0, end - start, code);
    return true;
  }

  hasCoin(outpoints: Uint8Array, at: number): boolean {
    if (this.#cache.isKnown(outpoints, at)) return this.#cache.hasCoin(outpoints, at);
    return this.#find(outpoints, at) !== undefined;
  }

  /** Moves what was found at the outpoint into the cache. */
  keep(outpoints: Uint8Array, at: number): void {
    if (this.#cache.isKnown(outpoints, at) || !this.#isGood) return;
    const key = keyOf(outpoints, at);
    if (this.#found.has(key)) this.#cache.admit(outpoints, at, this.#found.get(key));
  }

  /** Forgets what was found. */
  clear(): void {
    this.#found.clear();
  }

  get #isGood(): boolean {
    return this.#flushCount === this.#cache.flushCount;
  }

  #find(outpoints: Uint8Array, at: number): Uint8Array | undefined {
    const key = keyOf(outpoints, at);
    assert(this.#isGood && this.#found.has(key), 'coins lookup: asked about an outpoint that was not fetched');
    return this.#found.get(key);
  }
}

/** A text that names the outpoint: one character for two bytes. */
function keyOf(outpoints: Uint8Array, at: number): string {
  let key = '';
  for (let i = at; i < at + OUTPOINT_BYTES; i += 2)
    key += String.fromCharCode(outpoints[i]! + 0x100 * outpoints[i + 1]!);
  return key;
}
