// Where the ribbons of a transaction's picture run: from rows of inputs at the left into one bar, and from it to rows of outputs at the
// right. A ribbon is as thick as its share of the whole, the same at both ends, so that amounts can be compared with the eye.

/** A ribbon between a row and the bar. Lengths are in the unit of the row's height. */
export interface FlowRibbon {
  /** Middle of its end at the row. */
  readonly rowY: number;
  /** Middle of its end at the bar. */
  readonly barY: number;
  readonly thickness: number;
}

/** The picture of a flow. */
export interface FlowLayout {
  readonly height: number;
  readonly barTop: number;
  readonly barHeight: number;
  readonly inputs: readonly FlowRibbon[];
  readonly outputs: readonly FlowRibbon[];
}

/** Share of a row that its ribbon may take: neighbours must not touch. */
const ROW_FILL = 0.8;
/** Share of the picture that the bar may take. */
const BAR_FILL = 0.9;
/** What is paid at all can be seen. */
const THICKNESS_MIN = 1.5;

/** Rows of `rowHeight` with these amounts; the sums of both sides are taken for equal, with the fee among the outputs. */
export function computeFlow(
  inputsSat: readonly number[],
  outputsSat: readonly number[],
  rowHeight: number,
): FlowLayout {
  const totalSat = Math.max(sum(inputsSat), sum(outputsSat), 1);
  const height = rowHeight * Math.max(inputsSat.length, outputsSat.length, 1);
  const largest = Math.max(...inputsSat, ...outputsSat, 1) / totalSat;
  const scale = Math.min((rowHeight * ROW_FILL) / largest, height * BAR_FILL);
  const thicknessOf = (sat: number): number => Math.max((sat / totalSat) * scale, THICKNESS_MIN);
  const inputs = inputsSat.map(thicknessOf);
  const outputs = outputsSat.map(thicknessOf);
  const barHeight = Math.max(sum(inputs), sum(outputs));
  return {
    height,
    barTop: (height - barHeight) / 2,
    barHeight,
    inputs: placeSide(inputs, height, rowHeight),
    outputs: placeSide(outputs, height, rowHeight),
  };
}

/** Rows and ribbons of a side stand around the middle of the picture. */
function placeSide(thicknesses: readonly number[], height: number, rowHeight: number): readonly FlowRibbon[] {
  const firstRow = (height - rowHeight * thicknesses.length) / 2;
  let barY = (height - sum(thicknesses)) / 2;
  return thicknesses.map((thickness, i) => {
    const ribbon = { rowY: firstRow + (i + 0.5) * rowHeight, barY: barY + thickness / 2, thickness };
    barY += thickness;
    return ribbon;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A ribbon as a path, from (fromX, fromY) to (toX, toY), flat at both ends. */
export function drawRibbon(fromX: number, fromY: number, toX: number, toY: number, thickness: number): string {
  const half = thickness / 2;
  const middle = (fromX + toX) / 2;
  const at = (x: number, y: number): string => `${round(x)} ${round(y)}`;
  const there = `C${at(middle, fromY - half)} ${at(middle, toY - half)} ${at(toX, toY - half)}`;
  const back = `C${at(middle, toY + half)} ${at(middle, fromY + half)} ${at(fromX, fromY + half)}`;
  return `M${at(fromX, fromY - half)}${there}L${at(toX, toY + half)}${back}Z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
