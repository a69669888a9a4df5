// The coins that the inputs of a block spend, packed in input order. One buffer serves three readers: the rules about amounts
// and ages here in consensus, the script jobs of every transaction (as SpentOutputs over the same bytes), and the undo data.

import { compactSizeWidth } from '../encoding/compact-size.ts';
import { readI64 } from '../encoding/numbers.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import { copyRange } from '../util/bytes.ts';
import type { CoinRef } from './coin.ts';

/** Room per coin to begin with: a P2TR or P2WSH output has 43 bytes, the usual others fewer. */
const BYTES_PER_COIN = 40;

/** An append-only packed list of coins. */
export class SpentCoins {
  #bytes: Uint8Array;
  #offsets: Uint32Array;
  #codes: Uint32Array;
  #count = 0;

  /** `capacity` is the number of coins that will be appended, where it is known. */
  constructor(capacity = 16) {
    this.#bytes = new Uint8Array(capacity * BYTES_PER_COIN);
    this.#offsets = new Uint32Array(capacity + 1);
    this.#codes = new Uint32Array(capacity);
  }

  /** Coins appended so far. */
  get count(): number {
    return this.#count;
  }

  /** The buffer that the offsets below point into; appending may replace it by a larger one. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Appends a copy of the coin. */
  append(coin: CoinRef): void {
    const i = this.#count;
    const start = this.#offsets[i]!;
    const length = coin.end - coin.start;
    if (i === this.#codes.length) this.#growLists();
    if (start + length > this.#bytes.length) this.#growBytes(start + length);
    copyRange(coin.bytes, coin.start, this.#bytes, start, length);
    this.#offsets[i + 1] = start + length;
    this.#codes[i] = coin.code;
    this.#count = i + 1;
  }

  #growLists(): void {
    const capacity = Math.max(16, 2 * this.#codes.length);
    const offsets = new Uint32Array(capacity + 1);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const codes = new Uint32Array(capacity);
    codes.set(this.#codes);
    this.#codes = codes;
  }

  #growBytes(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  /** Height of the block that made coin `i`. */
  height(i: number): number {
    return this.#codes[i]! >>> 1;
  }

  /** True when a coinbase made coin `i`. */
  isCoinbase(i: number): boolean {
    return (this.#codes[i]! & 1) === 1;
  }

  /** Value of coin `i` in satoshis. */
  valueSat(i: number): number {
    return readI64(this.#bytes, this.#offsets[i]!);
  }

  /** Offset of the first byte of coin `i`'s scriptPubKey in {@link bytes}. */
  scriptStart(i: number): number {
    const at = this.#offsets[i]! + 8;
    return at + compactSizeWidth(this.#bytes[at]!);
  }

  /** Offset after coin `i`'s scriptPubKey in {@link bytes}. */
  scriptEnd(i: number): number {
    return this.#offsets[i + 1]!;
  }

  /** Points `coin` at coin `i`. */
  read(i: number, coin: CoinRef): CoinRef {
    return coin.point(this.#bytes, this.#offsets[i]!, this.#offsets[i + 1]!, this.#codes[i]!);
  }

  /** The outputs of `count` coins from `first` on, over the same bytes. Ask when the list is complete: growing moves it. */
  outputs(first: number, count: number): SpentOutputs {
    return new SpentOutputs(this.#bytes, this.#offsets, first, count);
  }
}
