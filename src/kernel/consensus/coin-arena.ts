// Coins with their outpoints, packed one after another in one growing buffer. An entry is one byte for its owner's state, the
// outpoint (36 bytes), height and coinbase flag (uint32), and the serialized output. Entries keep their position for life, so a
// hash map can point at them, and walking them in order is walking them in the order they came, whatever a salt did to the map.

import { compactSizeWidth, readCompactSizeAt } from '../encoding/compact-size.ts';
import { readU32, writeU32 } from '../encoding/numbers.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { assert } from '../util/assert.ts';
import { copyRange, EMPTY_BYTES } from '../util/bytes.ts';
import type { CoinRef } from './coin.ts';

const OUTPOINT_AT = 1;
const CODE_AT = OUTPOINT_AT + OUTPOINT_BYTES;
const OUTPUT_AT = CODE_AT + 4;

/** An output of value zero with an empty script: what an entry without a coin holds. */
const NO_OUTPUT_BYTES = 9;

/** Positions fit 32 signed bits, so that a map of them makes no garbage; a larger set of coins belongs on a disk. */
const ARENA_BYTES_MAX = 0x7fffffff;

/** The packed entries of one set of coins. */
export class CoinArena {
  #bytes: Uint8Array = EMPTY_BYTES;
  #length = 0;

  /** The buffer; appending may replace it by a larger one. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Position after the last entry. */
  get length(): number {
    return this.#length;
  }

  /** Appends an entry and returns its position; without a coin it only says something about its outpoint. */
  append(outpoints: Uint8Array, at: number, coin: CoinRef | null, state: number): number {
    const position = this.#length;
    const outputBytes = coin === null ? NO_OUTPUT_BYTES : coin.end - coin.start;
    this.#reserve(position + OUTPUT_AT + outputBytes);
    const bytes = this.#bytes;
    bytes[position] = state;
    copyRange(outpoints, at, bytes, position + OUTPOINT_AT, OUTPOINT_BYTES);
    writeU32(bytes, position + CODE_AT, coin === null ? 0 : coin.code);
    if (coin === null) bytes.fill(0, position + OUTPUT_AT, position + OUTPUT_AT + outputBytes);
    else copyRange(coin.bytes, coin.start, bytes, position + OUTPUT_AT, outputBytes);
    this.#length = position + OUTPUT_AT + outputBytes;
    return position;
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    assert(needed <= ARENA_BYTES_MAX, 'coin arena: at most 2 GiB');
    const grown = new Uint8Array(Math.min(Math.max(needed, 2 * this.#bytes.length, 4096), ARENA_BYTES_MAX));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  state(position: number): number {
    return this.#bytes[position]!;
  }

  setState(position: number, state: number): void {
    this.#bytes[position] = state;
  }

  /** Offset of the entry's outpoint in {@link bytes}. */
  outpointAt(position: number): number {
    return position + OUTPOINT_AT;
  }

  /** Points `coin` at the coin of the entry. */
  read(position: number, coin: CoinRef): CoinRef {
    return coin.point(this.#bytes, position + OUTPUT_AT, this.next(position), readU32(this.#bytes, position + CODE_AT));
  }

  /** Position after the entry: that of the next, or {@link length}. */
  next(position: number): number {
    const at = position + OUTPUT_AT + 8;
    const scriptLength = readCompactSizeAt(this.#bytes, at, this.#length, 'scriptPubKey');
    return at + compactSizeWidth(this.#bytes[at]!) + scriptLength;
  }

  /** Forgets all entries and keeps the buffer. */
  clear(): void {
    this.#length = 0;
  }
}
