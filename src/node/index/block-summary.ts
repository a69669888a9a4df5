// What a person wants to know of a block beyond its header: size, fees, what the miner took, and the text that miners leave in the
// coinbase. Computed in one pass over block and undo data; sums over all blocks of a chain are differences between two of its rows.

import { CoinRef } from '../../kernel/consensus/coin.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { readVarint, writeVarint } from '../../kernel/encoding/varint.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Result } from '../../kernel/util/result.ts';

/** Figures of one block. */
export interface BlockSummary {
  readonly transactionCount: number;
  readonly sizeBytes: number;
  readonly weightWu: number;
  /** What the transactions pay; what the miner takes of it is in the reward. */
  readonly feesSat: number;
  /** All outputs of the coinbase: new money and fees. */
  readonly rewardSat: number;
  /** The scriptSig of the coinbase: up to 100 bytes in which miners may write what they like. */
  readonly coinbaseScript: Uint8Array;
}

/** Sums over all blocks after the first one, whose output is no coin. */
export interface LedgerTotals {
  readonly feesSat: number;
  readonly rewardSat: number;
}

/** Before the second block. */
export const NO_LEDGER_TOTALS: LedgerTotals = Object.freeze({ feesSat: 0, rewardSat: 0 });

/** A block with the sums up to it. */
export interface SummaryRow {
  readonly summary: BlockSummary;
  readonly totals: LedgerTotals;
}

/** Summarizes a block with the coins that it spent; null: it spent none, or nobody knows them, and the fees are 0. */
export function summarizeBlock(block: Block, undo: BlockUndo | null): BlockSummary {
  const coinbase = block.transaction(0);
  let feesSat = 0;
  for (let i = 1; undo !== null && i < block.txCount; i++) feesSat -= sumOutputs(block.transaction(i));
  const coin = new CoinRef();
  for (let k = 0; undo !== null && k < undo.coins.count; k++) feesSat += undo.coins.read(k, coin).valueSat;
  return {
    transactionCount: block.txCount,
    sizeBytes: block.totalSize,
    weightWu: block.weightWu,
    feesSat,
    rewardSat: sumOutputs(coinbase),
    coinbaseScript: coinbase.scriptSig(0),
  };
}

function sumOutputs(transaction: Transaction): number {
  let sumSat = 0;
  for (let j = 0; j < transaction.outputCount; j++) sumSat += transaction.valueSat(j);
  return sumSat;
}

/** The sums with one more block. */
export function addToTotals(totals: LedgerTotals, height: number, summary: BlockSummary): LedgerTotals {
  if (height === 0) return totals;
  return { feesSat: totals.feesSat + summary.feesSat, rewardSat: totals.rewardSat + summary.rewardSat };
}

/** The bytes of a row. */
export function encodeSummaryRow({ summary, totals }: SummaryRow): Uint8Array {
  const writer = new ByteWriter();
  writeVarint(writer, totals.feesSat);
  writeVarint(writer, totals.rewardSat);
  writeVarint(writer, summary.transactionCount);
  writeVarint(writer, summary.sizeBytes);
  writeVarint(writer, summary.weightWu);
  writeVarint(writer, summary.feesSat);
  writeVarint(writer, summary.rewardSat);
  return writer.varBytes(summary.coinbaseScript).finish();
}

/** A row of its bytes. */
export function decodeSummaryRow(bytes: Uint8Array): Result<SummaryRow, DecodeError> {
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    const totals = { feesSat: readVarint(reader, 'total fees'), rewardSat: readVarint(reader, 'total rewards') };
    const summary = {
      transactionCount: readVarint(reader, 'transactions'),
      sizeBytes: readVarint(reader, 'size'),
      weightWu: readVarint(reader, 'weight'),
      feesSat: readVarint(reader, 'fees'),
      rewardSat: readVarint(reader, 'reward'),
      coinbaseScript: reader.varBytes('coinbase script').slice(),
    };
    reader.finish('block summary');
    return { summary, totals };
  });
}
