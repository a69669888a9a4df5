// Where the boxes of a trace stand: the coin's own transaction at the right, what it spent to the left of it, rewards where their money
// came into being. A box stands left of everything that spends from it, so that all lines run from left to right.

import type { TraceStep } from '../../data/audit-trace.ts';

/** A transaction in the picture. Coordinates are of the middle of its box. */
export interface TraceBox {
  readonly step: TraceStep;
  readonly x: number;
  readonly y: number;
}

/** A coin from the transaction that made it to the one that spent it. */
export interface TraceLine {
  readonly key: string;
  readonly from: TraceBox;
  readonly to: TraceBox;
  readonly thickness: number;
}

/** The picture of a trace. */
export interface TraceLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly TraceBox[];
  readonly lines: readonly TraceLine[];
}

/** Boxes that are drawn: more would be a thicket. */
export const TRACE_BOXES_MAX = 60;

const COLUMN = 172;
const ROW = 58;
const THICKNESS_MIN = 1.5;
const THICKNESS_MAX = 16;

/** The picture of the nearest transactions of a trace; the first is that of the coin. */
export function computeTraceLayout(steps: readonly TraceStep[]): TraceLayout {
  const drawn = steps.slice(0, TRACE_BOXES_MAX);
  const byTxid = new Map(drawn.map((step) => [step.txid, step]));
  const columns = listColumns(drawn, computeDepths(drawn, byTxid));
  const rows = Math.max(...columns.map((column) => column.length), 1);
  const width = columns.length * COLUMN;
  const height = rows * ROW;
  const boxes = new Map<string, TraceBox>();
  columns.forEach((column, depth) => {
    const ordered = orderColumn(column, drawn, boxes);
    ordered.forEach((step, i) => {
      const y = height / 2 + (i - (ordered.length - 1) / 2) * ROW;
      boxes.set(step.txid, { step, x: width - (depth + 0.5) * COLUMN, y });
    });
  });
  return { width, height, boxes: [...boxes.values()], lines: listLines(drawn, boxes) };
}

/** For each transaction the length of the longest way to the coin. What is made is spent later, so that no way is a circle. */
function computeDepths(
  steps: readonly TraceStep[],
  byTxid: ReadonlyMap<string, TraceStep>,
): ReadonlyMap<string, number> {
  const spenders = new Map<string, string[]>();
  for (const { txid, inputs } of steps) {
    for (const input of inputs) {
      if (byTxid.has(input.txid)) spenders.set(input.txid, [...(spenders.get(input.txid) ?? []), txid]);
    }
  }
  const depths = new Map<string, number>();
  const depthOf = (txid: string): number => {
    const known = depths.get(txid);
    if (known !== undefined) return known;
    // Noted before its spenders are looked at: a node that tells nonsense must not send the page in circles.
    depths.set(txid, 0);
    const depth = Math.max(0, ...(spenders.get(txid) ?? []).map((spender) => depthOf(spender) + 1));
    depths.set(txid, depth);
    return depth;
  };
  for (const { txid } of steps) depthOf(txid);
  return depths;
}

function listColumns(
  steps: readonly TraceStep[],
  depths: ReadonlyMap<string, number>,
): readonly (readonly TraceStep[])[] {
  const columns: TraceStep[][] = [];
  for (const step of steps) {
    const depth = depths.get(step.txid)!;
    while (columns.length <= depth) columns.push([]);
    columns[depth]!.push(step);
  }
  return columns;
}

/** Boxes stand beside what spends from them: each at the mean height of those. */
function orderColumn(
  column: readonly TraceStep[],
  steps: readonly TraceStep[],
  boxes: ReadonlyMap<string, TraceBox>,
): readonly TraceStep[] {
  const heightOf = ({ txid }: TraceStep): number => {
    const heights = steps
      .filter(({ inputs }) => inputs.some((input) => input.txid === txid))
      .flatMap((spender) => boxes.get(spender.txid)?.y ?? []);
    return heights.length === 0 ? 0 : heights.reduce((sum, y) => sum + y, 0) / heights.length;
  };
  return column
    .map((step) => ({ step, y: heightOf(step) }))
    .sort((a, b) => a.y - b.y)
    .map(({ step }) => step);
}

function listLines(steps: readonly TraceStep[], boxes: ReadonlyMap<string, TraceBox>): readonly TraceLine[] {
  const values = steps.flatMap(({ inputs }) => inputs.map(({ valueSat }) => valueSat));
  const largestSat = Math.max(...values, 1);
  return steps.flatMap(({ txid, inputs }) =>
    inputs.flatMap((input) => {
      const from = boxes.get(input.txid);
      if (from === undefined) return [];
      const thickness = Math.max(THICKNESS_MAX * Math.sqrt(input.valueSat / largestSat), THICKNESS_MIN);
      return [{ key: `${input.txid}:${input.vout}`, from, to: boxes.get(txid)!, thickness }];
    }),
  );
}
