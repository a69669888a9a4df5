// Coin: an unspent output with the height of its block and whether a coinbase made it (Core coins.h Coin). In memory a coin is
// packed: its serialized output (8-byte value, CompactSize, scriptPubKey) and one number for height and coinbase. Code that
// visits many coins moves a CoinRef over them; the plain Coin is for people and tests.

import { compactSizeLength, compactSizeWidth, writeCompactSizeAt } from '../encoding/compact-size.ts';
import { readI64, writeI64 } from '../encoding/numbers.ts';
import { EMPTY_BYTES } from '../util/bytes.ts';

/** A coin as plain data. */
export interface Coin {
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
  /** Height of the block that made it. */
  readonly height: number;
  readonly isCoinbase: boolean;
}

/** Height and coinbase flag in one uint32, as Core's databases hold them: twice the height, plus one for a coinbase. */
export function encodeCoinCode(height: number, isCoinbase: boolean): number {
  return height * 2 + (isCoinbase ? 1 : 0);
}

/** Points at a packed coin in someone's buffer. Reused from coin to coin, so copy what must outlive the next use. */
export class CoinRef {
  bytes: Uint8Array = EMPTY_BYTES;
  /** Range of the serialized output in {@link bytes}. */
  start = 0;
  end = 0;
  /** See {@link encodeCoinCode}. */
  code = 0;

  /** Points at the output in `bytes` from `start` to `end`. */
  point(bytes: Uint8Array, start: number, end: number, code: number): this {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.code = code;
    return this;
  }

  /** Points at a packed copy of a plain coin. */
  pointAtCopy(coin: Coin): this {
    const bytes = new Uint8Array(8 + compactSizeLength(coin.scriptPubKey.length) + coin.scriptPubKey.length);
    writeI64(bytes, 0, coin.valueSat);
    bytes.set(coin.scriptPubKey, writeCompactSizeAt(bytes, 8, coin.scriptPubKey.length));
    return this.point(bytes, 0, bytes.length, encodeCoinCode(coin.height, coin.isCoinbase));
  }

  get height(): number {
    return this.code >>> 1;
  }

  get isCoinbase(): boolean {
    return (this.code & 1) === 1;
  }

  get valueSat(): number {
    return readI64(this.bytes, this.start);
  }

  /** Offset of the first byte of the scriptPubKey; it ends at {@link end}. */
  get scriptStart(): number {
    return this.start + 8 + compactSizeWidth(this.bytes[this.start + 8]!);
  }

  /** The coin as plain data; a copy. */
  toCoin(): Coin {
    return {
      valueSat: this.valueSat,
      scriptPubKey: this.bytes.slice(this.scriptStart, this.end),
      height: this.height,
      isCoinbase: this.isCoinbase,
    };
  }
}
