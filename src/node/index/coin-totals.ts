// Running totals over all blocks up to one (Core index/coinstatsindex.cpp DBVal): what the set of coins is, what went into it and out of
// it, and what was lost. Three of the totals grow with every payment for ever and soon exceed what a number holds exactly; they are
// 256-bit integers in the rows.

import { decodeResult } from '../../kernel/encoding/decode-error.ts';
import { readU64BigInt } from '../../kernel/encoding/numbers.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';

/** Bytes of a 256-bit integer. */
const WIDE_BYTES = 32;

/** What the words of a wide integer count up to. */
const WORD: bigint = 2n ** 64n;

/** Bytes of a row: a hash, two counts, two amounts, three wide amounts, four amounts. */
const ROW_BYTES: number = HASH_BYTES + 4 * 8 + 3 * WIDE_BYTES + 4 * 8;

/** Money that no coin holds any more, in satoshis, by how it was lost. */
export interface LostAmounts {
  /** The subsidy of the first block, which nobody can spend. */
  readonly genesisSat: number;
  /** Coinbases that a later one of the same txid replaced (BIP30). */
  readonly bip30Sat: number;
  /** Paid to scripts that nothing can satisfy. */
  readonly scriptsSat: number;
  /** Rewards that miners did not take. */
  readonly unclaimedSat: number;
}

/** The totals up to a block. */
export interface CoinTotals {
  readonly coinCount: number;
  /** See {@link UtxoStats.bogoSize}. */
  readonly bogoSize: number;
  /** Of all coins. */
  readonly totalSat: number;
  readonly subsidySat: number;
  readonly spentSat: bigint;
  /** Outputs of all transactions but coinbases. */
  readonly createdSat: bigint;
  readonly coinbaseSat: bigint;
  readonly lost: LostAmounts;
}

/** A row: totals, and the MuHash of all coins. */
export interface CoinStats extends CoinTotals {
  readonly muhash: Uint8Array;
}

/** Totals of no block at all. */
export const NO_TOTALS: CoinTotals = Object.freeze({
  coinCount: 0,
  bogoSize: 0,
  totalSat: 0,
  subsidySat: 0,
  spentSat: 0n,
  createdSat: 0n,
  coinbaseSat: 0n,
  lost: Object.freeze({ genesisSat: 0, bip30Sat: 0, scriptsSat: 0, unclaimedSat: 0 }),
});

/** The sum of what was lost. */
export function sumLost({ genesisSat, bip30Sat, scriptsSat, unclaimedSat }: LostAmounts): number {
  return genesisSat + bip30Sat + scriptsSat + unclaimedSat;
}

/**
 * Totals with what is missing between money that came in and money that went out counted as unclaimed: what was spent and the
 * subsidy are all there is to be paid, and what was paid to nobody is lost.
 */
export function withUnclaimed(totals: CoinTotals): CoinTotals {
  const { spentSat, subsidySat, createdSat, coinbaseSat, lost } = totals;
  const missing = spentSat + BigInt(subsidySat) - createdSat - coinbaseSat - BigInt(sumLost(lost));
  return { ...totals, lost: { ...lost, unclaimedSat: lost.unclaimedSat + Number(missing) } };
}

function writeWide(writer: ByteWriter, value: bigint): void {
  let rest = value;
  for (let i = 0; i < WIDE_BYTES / 8; i++) {
    writer.u64(rest % WORD);
    rest /= WORD;
  }
}

function readWide(reader: ByteReader): bigint {
  const at = reader.skip(WIDE_BYTES, 'total');
  let value = 0n;
  for (let word = WIDE_BYTES - 8; word >= 0; word -= 8) value = value * WORD + readU64BigInt(reader.bytes, at + word);
  return value;
}

/** The bytes of a row. */
export function encodeCoinStats(stats: CoinStats): Uint8Array {
  const writer = new ByteWriter(ROW_BYTES).put(stats.muhash).i64(stats.coinCount).i64(stats.bogoSize);
  writer.i64(stats.totalSat).i64(stats.subsidySat);
  for (const wide of [stats.spentSat, stats.createdSat, stats.coinbaseSat]) writeWide(writer, wide);
  const { genesisSat, bip30Sat, scriptsSat, unclaimedSat } = stats.lost;
  return writer.i64(genesisSat).i64(bip30Sat).i64(scriptsSat).i64(unclaimedSat).finish();
}

/** A row of its bytes; null when they are none. */
export function decodeCoinStats(bytes: Uint8Array): CoinStats | null {
  const decoded = decodeResult((): CoinStats => {
    const reader = new ByteReader(bytes);
    const stats = {
      muhash: reader.copy(HASH_BYTES, 'muhash'),
      coinCount: reader.i64('coin count'),
      bogoSize: reader.i64('bogo size'),
      totalSat: reader.i64('total'),
      subsidySat: reader.i64('subsidy'),
      spentSat: readWide(reader),
      createdSat: readWide(reader),
      coinbaseSat: readWide(reader),
      lost: {
        genesisSat: reader.i64('genesis'),
        bip30Sat: reader.i64('bip30'),
        scriptsSat: reader.i64('scripts'),
        unclaimedSat: reader.i64('unclaimed'),
      },
    };
    reader.finish('row');
    return stats;
  });
  return decoded.ok ? decoded.value : null;
}
