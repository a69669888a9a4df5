// A history as a file: one line for each output, amounts in units with eight decimals, times in UTC. Names of columns are those of the
// program, in English in every language: other programs read them.

import { formatAmount } from '../../format/amount.ts';
import { formatTable } from './csv-cells.ts';
import type { Movement } from './movements.ts';

const COLUMNS = [
  'time',
  'kind',
  'amount',
  'fee',
  'label',
  'address',
  'txid',
  'output',
  'height',
  'block',
  'void',
] as const;

const SECOND_MS = 1000;

function formatTime(timeSec: number): string {
  return new Date(timeSec * SECOND_MS).toISOString();
}

/** As a table. The fee of a transaction stands in its first line only, so that a sum over the column is right. */
export function formatHistoryTable(movements: readonly Movement[]): string {
  return formatTable(COLUMNS, listRows(movements));
}

function* listRows(movements: readonly Movement[]): Generator<readonly (string | number | null)[]> {
  for (const { kind, entries, feeSat, timeSec, txid, height, blockHash, isVoid } of movements) {
    for (const [i, { amountSat, label, address, index }] of entries.entries()) {
      const fee = i === 0 && feeSat > 0 ? formatAmount(feeSat) : null;
      const place = [txid, index, height, blockHash, isVoid ? 'yes' : 'no'];
      yield [formatTime(timeSec), kind, formatAmount(amountSat), fee, label, address, ...place];
    }
  }
}

/** As data, one object for each transaction. */
export function formatHistoryJson(movements: readonly Movement[]): string {
  const rows = movements.map(({ kind, changeSat, entries, feeSat, timeSec, txid, height, blockHash, isVoid }) => ({
    time: formatTime(timeSec),
    kind,
    change: formatAmount(changeSat),
    fee: formatAmount(feeSat),
    txid,
    height,
    block: blockHash,
    void: isVoid,
    outputs: entries.map(({ index, address, label, amountSat }) => ({
      output: index,
      address,
      label,
      amount: formatAmount(amountSat),
    })),
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}
