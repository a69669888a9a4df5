// What consensus asks of a set of coins: reads that answer at once (whatever may be on disk was fetched before), and the
// changes that a connected or disconnected block hands on. Outpoints are named by their 36 bytes where they lie, in a
// transaction or a scratch buffer, so that no key object is made per input (Core coins.h CCoinsView, without the caching).

import type { CoinRef } from './coin.ts';

/** A set of coins to read from. */
export interface CoinsView {
  /** Points `coin` at the coin of the outpoint at `at`, until the set changes; false when there is none. */
  readCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean;
  /** True when the outpoint at `at` names a coin of the set. */
  hasCoin(outpoints: Uint8Array, at: number): boolean;
}

/** A set of coins that takes changes. */
export interface CoinsWriter {
  /**
   * Stores a copy of the coin, in place of what the set may have there. `isFresh` promises that the set has no coin there, so
   * that a coin which is spent again soon need never reach a disk.
   */
  putCoin(outpoints: Uint8Array, at: number, coin: CoinRef, isFresh: boolean): void;
  /** Forgets the coin of the outpoint, if the set has one. */
  removeCoin(outpoints: Uint8Array, at: number): void;
}

/** The set without coins: under the first block of a ledger. */
export const NO_COINS: CoinsView = Object.freeze({
  readCoin: (): boolean => false,
  hasCoin: (): boolean => false,
});
