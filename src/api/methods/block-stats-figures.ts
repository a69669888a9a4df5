// Figures of one block, as getblockstats tells them (Core rpc/blockchain.cpp). All of them are computed in one pass; amounts are in
// satoshis, feerates in whole satoshis per virtual byte.

import { CoinRef } from '../../kernel/consensus/coin.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type Transaction, WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { isUnspendable } from '../../kernel/script/script.ts';

/** What an unspent output takes beside itself: its outpoint, height and coinbase flag (Core PER_UTXO_OVERHEAD). */
const COIN_OVERHEAD_BYTES: number = 36 + 4;

/** Shares of the weight at which feerates are told. */
const PERCENTILES: readonly number[] = [10, 25, 50, 75, 90];

/** What the figures of a block depend on beside it. */
export interface BlockCircumstances {
  /** The coins that it spent; null for the first block. */
  readonly undo: BlockUndo | null;
  /** Outputs of the first block make no coins. */
  readonly isFirst: boolean;
  /** The coinbase takes the place of an earlier one (BIP30): no coin more than before. */
  readonly isRepeat: boolean;
}

/** The figures, under the names of getblockstats. */
export interface BlockFigures {
  readonly [name: string]: number | readonly number[];
}

/** Figures of single transactions, coinbase excluded. */
class Series {
  readonly values: number[] = [];
  sum = 0;

  add(value: number): void {
    this.values.push(value);
    this.sum += value;
  }

  get mean(): number {
    return this.values.length === 0 ? 0 : Math.floor(this.sum / this.values.length);
  }

  /** Of an even number of values the mean of the middle two, rounded down. */
  get median(): number {
    const sorted = Float64Array.from(this.values).sort((a, b) => a - b);
    const middle = sorted.length >>> 1;
    if (sorted.length === 0) return 0;
    return sorted.length % 2 === 1 ? sorted[middle]! : Math.floor((sorted[middle - 1]! + sorted[middle]!) / 2);
  }

  get min(): number {
    return this.values.reduce((least, value) => Math.min(least, value), this.values[0] ?? 0);
  }

  get max(): number {
    return this.values.reduce((most, value) => Math.max(most, value), 0);
  }
}

/** Coins that come and go. */
class CoinBalance {
  outputs = 0;
  inputs = 0;
  made = 0;
  bytes = 0;
  actualBytes = 0;

  addOutputs(tx: Transaction, makesCoins: boolean): number {
    let totalSat = 0;
    for (let j = 0; j < tx.outputCount; j++) {
      totalSat += tx.valueSat(j);
      const bytes = tx.outputEnd(j) - tx.outputStart(j) + COIN_OVERHEAD_BYTES;
      this.outputs++;
      this.bytes += bytes;
      if (!makesCoins || isUnspendable(tx.bytes, tx.scriptPubKeyStart(j), tx.scriptPubKeyEnd(j))) continue;
      this.made++;
      this.actualBytes += bytes;
    }
    return totalSat;
  }

  addInputs(tx: Transaction, undo: BlockUndo, first: number): number {
    const coin = new CoinRef();
    let totalSat = 0;
    for (let k = 0; k < tx.inputCount; k++) {
      undo.coins.read(first + k, coin);
      totalSat += coin.valueSat;
      const bytes = coin.end - coin.start + COIN_OVERHEAD_BYTES;
      this.inputs++;
      this.bytes -= bytes;
      this.actualBytes -= bytes;
    }
    return totalSat;
  }
}

/** Computes the figures of a block. */
export function computeBlockFigures(block: Block, { undo, isFirst, isRepeat }: BlockCircumstances): BlockFigures {
  const coins = new CoinBalance();
  const [fees, feerates, sizes, weights] = [new Series(), new Series(), new Series(), new Series()];
  const witness = { count: 0, bytes: 0, weightWu: 0 };
  let totalOutSat = 0;
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    const outSat = coins.addOutputs(tx, !isFirst && !(isRepeat && i === 0));
    if (i === 0 || undo === null) continue;
    totalOutSat += outSat;
    const feeSat = coins.addInputs(tx, undo, undo.firstCoins[i - 1]!) - outSat;
    fees.add(feeSat);
    feerates.add(Math.floor((feeSat * WITNESS_SCALE_FACTOR) / tx.weightWu));
    sizes.add(tx.totalSize);
    weights.add(tx.weightWu);
    if (!tx.hasWitness) continue;
    witness.count++;
    witness.bytes += tx.totalSize;
    witness.weightWu += tx.weightWu;
  }
  const totalWeight = weights.sum;
  return {
    avgfee: fees.mean,
    avgfeerate: totalWeight === 0 ? 0 : Math.floor((fees.sum * WITNESS_SCALE_FACTOR) / totalWeight),
    avgtxsize: sizes.mean,
    feerate_percentiles: computePercentiles(feerates.values, weights.values, totalWeight),
    ins: coins.inputs,
    maxfee: fees.max,
    maxfeerate: feerates.max,
    maxtxsize: sizes.max,
    medianfee: fees.median,
    mediantxsize: sizes.median,
    minfee: fees.min,
    minfeerate: feerates.min,
    mintxsize: sizes.min,
    outs: coins.outputs,
    swtotal_size: witness.bytes,
    swtotal_weight: witness.weightWu,
    swtxs: witness.count,
    total_out: totalOutSat,
    total_size: sizes.sum,
    total_weight: totalWeight,
    totalfee: fees.sum,
    txs: block.txCount,
    utxo_increase: coins.outputs - coins.inputs,
    utxo_size_inc: coins.bytes,
    utxo_increase_actual: coins.made - coins.inputs,
    utxo_size_inc_actual: coins.actualBytes,
  };
}

/** The feerates below which so many percent of the weight lie. */
export function computePercentiles(
  feerates: readonly number[],
  weights: readonly number[],
  totalWeight: number,
): readonly number[] {
  const order = feerates.map((_, i) => i);
  order.sort((a, b) => feerates[a]! - feerates[b]! || weights[a]! - weights[b]!);
  const found: number[] = [];
  let weight = 0;
  for (const i of order) {
    weight += weights[i]!;
    while (found.length < PERCENTILES.length && 100 * weight >= PERCENTILES[found.length]! * totalWeight) {
      found.push(feerates[i]!);
    }
  }
  return PERCENTILES.map((_, i) => found[i] ?? 0);
}
