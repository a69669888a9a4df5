// A set of coins in memory: for tests, for short ledgers, and as the plain twin of the sets that keep coins on a disk. Packed
// entries and a table of their positions; space of spent coins is taken back when it outgrows what is left.

import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { HashMap } from '../util/hash-map.ts';
import type { Rng } from '../util/prng.ts';
import { type Coin, CoinRef } from './coin.ts';
import { CoinArena } from './coin-arena.ts';
import type { CoinsView, CoinsWriter } from './coins-view.ts';

const LIVE = 1;
const GONE = 0;

/** Dead space below this many bytes is not worth collecting. */
const COLLECT_BYTES_MIN = 65_536;

/** A coin and the 36 bytes of its outpoint; copies. */
export interface CoinEntry {
  readonly outpoint: Uint8Array;
  readonly coin: Coin;
}

/** Coins in memory. */
export class MemoryCoins implements CoinsView, CoinsWriter {
  #entries: CoinArena = new CoinArena();
  readonly #positions: HashMap;
  readonly #scratch: CoinRef = new CoinRef();
  #goneBytes = 0;

  /** `rng` salts the table of outpoints: attackers can grind txids. */
  constructor(rng: Rng) {
    this.#positions = new HashMap({ keyBytes: OUTPOINT_BYTES, values: 'int32' }, rng);
  }

  /** Number of coins. */
  get count(): number {
    return this.#positions.size;
  }

  readCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean {
    const position = this.#positions.get(outpoints, at);
    if (position === undefined) return false;
    this.#entries.read(position, coin);
    return true;
  }

  hasCoin(outpoints: Uint8Array, at: number): boolean {
    return this.#positions.has(outpoints, at);
  }

  putCoin(outpoints: Uint8Array, at: number, coin: CoinRef): void {
    this.removeCoin(outpoints, at);
    this.#positions.set(outpoints, at, this.#entries.append(outpoints, at, coin, LIVE));
  }

  removeCoin(outpoints: Uint8Array, at: number): void {
    const position = this.#positions.get(outpoints, at);
    if (position === undefined) return;
    this.#positions.delete(outpoints, at);
    this.#entries.setState(position, GONE);
    this.#goneBytes += this.#entries.next(position) - position;
    if (this.#goneBytes > COLLECT_BYTES_MIN && 2 * this.#goneBytes > this.#entries.length) this.#collect();
  }

  /** Every coin, oldest first. */
  *entries(): Generator<CoinEntry> {
    const entries = this.#entries;
    for (let position = 0; position < entries.length; position = entries.next(position)) {
      if (entries.state(position) !== LIVE) continue;
      const at = entries.outpointAt(position);
      yield {
        outpoint: entries.bytes.slice(at, at + OUTPOINT_BYTES),
        coin: entries.read(position, this.#scratch).toCoin(),
      };
    }
  }

  #collect(): void {
    const old = this.#entries;
    const kept = new CoinArena();
    for (let position = 0; position < old.length; position = old.next(position)) {
      if (old.state(position) !== LIVE) continue;
      const at = old.outpointAt(position);
      this.#positions.set(old.bytes, at, kept.append(old.bytes, at, old.read(position, this.#scratch), LIVE));
    }
    this.#entries = kept;
    this.#goneBytes = 0;
  }
}
