// Coins in memory that know a fingerprint of their whole contents at any time: the sum, bit by bit, of the SHA-256 of every coin with
// its outpoint. Equal sets have equal fingerprints whatever the order of the changes, and a change costs one hash, so that long
// runs can be compared after every block.

import { CoinRef } from '../../src/kernel/consensus/coin.ts';
import type { CoinsView, CoinsWriter } from '../../src/kernel/consensus/coins-view.ts';
import { MemoryCoins } from '../../src/kernel/consensus/memory-coins.ts';
import { Sha256Hasher } from '../../src/kernel/crypto/sha256.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { TEST_RNG } from '../model/block-builder.ts';

/** Coins in memory with a fingerprint. */
export class FingerprintedCoins implements CoinsView, CoinsWriter {
  readonly #coins: MemoryCoins = new MemoryCoins(TEST_RNG);
  readonly #sum: Uint8Array = new Uint8Array(32);
  readonly #digest: Uint8Array = new Uint8Array(32);
  readonly #hasher: Sha256Hasher = new Sha256Hasher();
  readonly #old: CoinRef = new CoinRef();

  get count(): number {
    return this.#coins.count;
  }

  /** Text that is equal for equal sets. */
  fingerprint(): string {
    return `${this.count} ${toHex(this.#sum)}`;
  }

  readCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean {
    return this.#coins.readCoin(outpoints, at, coin);
  }

  hasCoin(outpoints: Uint8Array, at: number): boolean {
    return this.#coins.hasCoin(outpoints, at);
  }

  putCoin(outpoints: Uint8Array, at: number, coin: CoinRef, _isFresh: boolean): void {
    this.removeCoin(outpoints, at);
    this.#toggle(outpoints, at, coin);
    this.#coins.putCoin(outpoints, at, coin);
  }

  removeCoin(outpoints: Uint8Array, at: number): void {
    if (this.#coins.readCoin(outpoints, at, this.#old)) this.#toggle(outpoints, at, this.#old);
    this.#coins.removeCoin(outpoints, at);
  }

  #toggle(outpoints: Uint8Array, at: number, coin: CoinRef): void {
    this.#hasher
      .reset()
      .update(outpoints, at, at + 36)
      .updateU32(coin.code)
      .update(coin.bytes, coin.start, coin.end);
    this.#hasher.digestInto(this.#digest, 0);
    for (let i = 0; i < 32; i++) this.#sum[i]! ^= this.#digest[i]!;
  }
}
