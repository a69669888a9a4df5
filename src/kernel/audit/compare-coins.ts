// Two sets of coins held against each other, in the order of their keys and without either in memory: the first coin that only one
// of them has, or that is not the same in both.

import { CoinCodec } from '../chain/coin-codec.ts';
import type { CoinEntryBytes, Pauses } from '../chain/coins-store.ts';
import { readCoinKey } from '../chain/layout.ts';
import { CoinRef } from '../consensus/coin.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { decodeResult } from '../encoding/decode-error.ts';
import { readU32 } from '../encoding/numbers.ts';
import { ByteReader } from '../encoding/reader.ts';
import { asTxid, formatHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { compareBytes, equalBytes, toHex } from '../util/bytes.ts';

/** A coin that is not the same in both sets. */
export interface CoinDifference {
  /** Transaction and number of the output. */
  readonly outpoint: string;
  /** What it is by the pages, and what it is in the node's set; null: there is none. */
  readonly audited: string | null;
  readonly kept: string | null;
}

/** Coins that can be walked through: {@link CoinsStore} and {@link CoinsCache}. */
export interface CoinEntries {
  entries(): AsyncIterable<readonly CoinEntryBytes[]>;
}

/** Coins of a store one by one, with a look ahead. */
class CoinWalk {
  readonly #chunks: AsyncIterator<readonly CoinEntryBytes[]>;
  #chunk: readonly CoinEntryBytes[] = [];
  #at = 0;

  constructor(coins: CoinEntries) {
    this.#chunks = coins.entries()[Symbol.asyncIterator]();
  }

  /** The coin at which the walk is, or null at the end. */
  get current(): CoinEntryBytes | null {
    return this.#chunk[this.#at] ?? null;
  }

  /** Goes on to the next one; waits only at the end of a chunk. */
  async advance(): Promise<void> {
    this.#at++;
    while (this.#at >= this.#chunk.length) {
      const next = await this.#chunks.next();
      this.#at = 0;
      this.#chunk = next.done === true ? [] : next.value;
      if (next.done === true) return;
    }
  }

  /** Ends the walk early. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** The first difference between the coins that pages add up to and those of a node, or null. */
export async function findCoinDifference(
  audited: CoinEntries,
  kept: CoinEntries,
  pauses: Pauses,
): Promise<CoinDifference | null> {
  const ours = new CoinWalk(audited);
  const theirs = new CoinWalk(kept);
  try {
    await Promise.all([ours.advance(), theirs.advance()]);
    for (;;) {
      const [one, other] = [ours.current, theirs.current];
      if (one === null && other === null) return null;
      const order = one === null ? 1 : other === null ? -1 : compareBytes(one[0], other[0]);
      if (order !== 0 || !equalBytes(one![1], other![1])) {
        return describe(order <= 0 ? one : null, order >= 0 ? other : null);
      }
      await ours.advance();
      await theirs.advance();
      if (pauses.isDue) await pauses.pause();
    }
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
}

function describe(audited: CoinEntryBytes | null, kept: CoinEntryBytes | null): CoinDifference {
  const key = (audited ?? kept)![0];
  const outpoint = new Uint8Array(OUTPOINT_BYTES);
  const name = readCoinKey(key, outpoint)
    ? `${formatHash(asTxid(outpoint.slice(0, HASH_BYTES)))}:${readU32(outpoint, HASH_BYTES)}`
    : `key ${toHex(key)}`;
  return { outpoint: name, audited: describeValue(audited), kept: describeValue(kept) };
}

function describeValue(entry: CoinEntryBytes | null): string | null {
  if (entry === null) return null;
  const coin = new CoinRef();
  const codec = new CoinCodec(nobleSecp256k1);
  const read = decodeResult(() => codec.readCoin(new ByteReader(entry[1]), coin));
  if (!read.ok) return `bytes that are no coin (${toHex(entry[1])})`;
  const { valueSat, height, isCoinbase } = coin;
  const script = toHex(coin.bytes.subarray(coin.scriptStart, coin.end));
  return `${valueSat} satoshis of ${isCoinbase ? 'the coinbase of ' : ''}block ${height}, script ${script}`;
}
