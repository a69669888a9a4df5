// The changes that blocks make to a set of coins, held apart from the set until the blocks have proved valid (the top
// CCoinsViewCache of Core's ConnectTip). Reads fall through to the base. A coin made and spent again above the base leaves no
// trace. A block that fails half-way leaves the overlay half-changed: throw the changes away with reset().

import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { isUnspendable } from '../script/script.ts';
import { assert } from '../util/assert.ts';
import { HashMap } from '../util/hash-map.ts';
import type { Rng } from '../util/prng.ts';
import { CoinRef } from './coin.ts';
import { CoinArena } from './coin-arena.ts';
import type { CoinsView, CoinsWriter } from './coins-view.ts';

/** States of an entry. An outpoint has at most one entry that is not DROPPED. */
const DROPPED = 0;
/** A coin that the base does not have. */
const FRESH = 1;
/** A coin where the base has or may have one. */
const CHANGED = 2;
/** No coin any more, where the base has or may have one. */
const SPENT = 3;

/** Changes over a base; one owner, reused from block to block. */
export class CoinsOverlay implements CoinsView {
  #base: CoinsView;
  readonly #entries: CoinArena = new CoinArena();
  readonly #positions: HashMap;
  readonly #scratch: CoinRef = new CoinRef();

  /** `rng` salts the table of outpoints: attackers can grind txids. */
  constructor(base: CoinsView, rng: Rng) {
    this.#base = base;
    this.#positions = new HashMap({ keyBytes: OUTPOINT_BYTES, values: 'int32' }, rng);
  }

  /** Number of outpoints whose coin differs from the base's. */
  get changeCount(): number {
    return this.#positions.size;
  }

  /** True when the overlay itself knows what became of the outpoint, so that the base will not be asked. */
  hasChange(outpoints: Uint8Array, at: number): boolean {
    return this.#positions.has(outpoints, at);
  }

  readCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean {
    const position = this.#positions.get(outpoints, at);
    if (position === undefined) return this.#base.readCoin(outpoints, at, coin);
    if (this.#entries.state(position) === SPENT) return false;
    this.#entries.read(position, coin);
    return true;
  }

  hasCoin(outpoints: Uint8Array, at: number): boolean {
    const position = this.#positions.get(outpoints, at);
    if (position === undefined) return this.#base.hasCoin(outpoints, at);
    return this.#entries.state(position) !== SPENT;
  }

  /**
   * Adds a copy of the coin, unless its output can never be spent. `mayOverwrite` admits that there may be a coin already,
   * which it replaces: true for coinbases, because two old ones were repeated (BIP30), and for coins put back by an unclean
   * disconnect. Otherwise a coin above the base would be a bug of ours, and one in the base is ruled out by BIP30.
   */
  addCoin(outpoints: Uint8Array, at: number, coin: CoinRef, mayOverwrite: boolean): void {
    if (isUnspendable(coin.bytes, coin.scriptStart, coin.end)) return;
    const position = this.#positions.get(outpoints, at);
    let state = mayOverwrite ? CHANGED : FRESH;
    if (position !== undefined) {
      const before = this.#entries.state(position);
      assert(mayOverwrite || before === SPENT, 'coins overlay: a coin was added over an unspent one');
      state = before === FRESH ? FRESH : CHANGED;
      this.#entries.setState(position, DROPPED);
    }
    this.#positions.set(outpoints, at, this.#entries.append(outpoints, at, coin, state));
  }

  /** Takes the coin away and points `coin` at it, until the overlay or its base changes; false when there is none. */
  spendCoin(outpoints: Uint8Array, at: number, coin: CoinRef): boolean {
    const position = this.#positions.get(outpoints, at);
    if (position === undefined) {
      if (!this.#base.readCoin(outpoints, at, coin)) return false;
      this.#positions.set(outpoints, at, this.#entries.append(outpoints, at, null, SPENT));
      return true;
    }
    const before = this.#entries.state(position);
    if (before === SPENT) return false;
    this.#entries.read(position, coin);
    if (before === FRESH) {
      this.#entries.setState(position, DROPPED);
      this.#positions.delete(outpoints, at);
    } else {
      this.#entries.setState(position, SPENT);
    }
    return true;
  }

  /** Hands every change to `writer`, in the order in which the changes came, and forgets them. */
  flushInto(writer: CoinsWriter): void {
    const entries = this.#entries;
    for (let position = 0; position < entries.length; position = entries.next(position)) {
      const state = entries.state(position);
      if (state === SPENT) {
        writer.removeCoin(entries.bytes, entries.outpointAt(position));
      } else if (state !== DROPPED) {
        writer.putCoin(
          entries.bytes,
          entries.outpointAt(position),
          entries.read(position, this.#scratch),
          state === FRESH,
        );
      }
    }
    this.reset();
  }

  /** Keeps all changes and puts them over another base, which holds the same coins as the one before. */
  rebase(base: CoinsView): void {
    this.#base = base;
  }

  /** Forgets all changes; goes on over another base if one is given. */
  reset(base: CoinsView = this.#base): void {
    this.#base = base;
    this.#entries.clear();
    this.#positions.clear();
  }
}
