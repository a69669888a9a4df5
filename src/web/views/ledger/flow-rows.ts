// The rows of a transaction's picture: its inputs, its outputs and the fee. Of many, the largest are shown apart and the rest together.

import type { Transaction } from '../../data/transaction-query.ts';

/** A row. */
export interface FlowRow {
  readonly key: string;
  readonly kind: 'input' | 'coinbase' | 'output' | 'data' | 'fee' | 'more';
  /** Null: not known here. */
  readonly sat: number | null;
  readonly address: string | null;
  /** The type of script where there is no address. */
  readonly type: string | null;
  /** How many a row of kind `more` stands for. */
  readonly count: number;
}

/** Rows of a side; more would be a picture of nothing. */
const ROWS_MAX = 10;

/** The rows of both sides; the fee is the last one at the right. */
export function listFlowRows(transaction: Transaction): {
  readonly inputs: readonly FlowRow[];
  readonly outputs: readonly FlowRow[];
} {
  const { inputs, outputs, feeSat } = transaction;
  const left = inputs.map(({ outpoint, spent }, i): FlowRow => {
    const row = { key: `i${i}`, address: spent?.script.address ?? null, type: spent?.script.type ?? null, count: 1 };
    if (outpoint !== null) return { ...row, kind: 'input', sat: spent?.valueSat ?? null };
    return { ...row, kind: 'coinbase', sat: outputs.reduce((sum, { valueSat }) => sum + valueSat, 0) };
  });
  const right = outputs.map(
    ({ index, valueSat, script }): FlowRow => ({
      key: `o${index}`,
      kind: script.type === 'nulldata' ? 'data' : 'output',
      sat: valueSat,
      address: script.address,
      type: script.type,
      count: 1,
    }),
  );
  const fee: readonly FlowRow[] =
    feeSat === null || feeSat === 0
      ? []
      : [{ key: 'fee', kind: 'fee', sat: feeSat, address: null, type: null, count: 1 }];
  return { inputs: gatherRest(left), outputs: [...gatherRest(right), ...fee] };
}

/** The largest rows in their order, and one for the rest. */
function gatherRest(rows: readonly FlowRow[]): readonly FlowRow[] {
  if (rows.length <= ROWS_MAX) return rows;
  const largest = new Set([...rows].sort((a, b) => (b.sat ?? 0) - (a.sat ?? 0)).slice(0, ROWS_MAX - 1));
  const rest = rows.filter((row) => !largest.has(row));
  const isKnown = rest.every(({ sat }) => sat !== null);
  return [
    ...rows.filter((row) => largest.has(row)),
    {
      key: 'more',
      kind: 'more',
      sat: isKnown ? rest.reduce((sum, { sat }) => sum + (sat ?? 0), 0) : null,
      address: null,
      type: null,
      count: rest.length,
    },
  ];
}

/** Amounts of rows for a picture: what is not known shares evenly what the other side has more. */
export function fillUnknown(rows: readonly FlowRow[], otherSumSat: number): readonly number[] {
  const knownSat = rows.reduce((sum, { sat }) => sum + (sat ?? 0), 0);
  const unknownCount = rows.filter(({ sat }) => sat === null).length;
  const each = unknownCount === 0 ? 0 : Math.max(0, otherSumSat - knownSat) / unknownCount;
  return rows.map(({ sat }) => sat ?? each);
}
