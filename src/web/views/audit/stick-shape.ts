// The shape of a split tally stick: two halves along a line with notches, which fit only each other.

/** Sizes of the picture; it is stretched to the width there is. */
export const STICK = Object.freeze({ width: 640, height: 92, cut: 46, gap: 3 });

/** Notches in the split line: distances from the left end and depths, as a knife would leave them. */
const NOTCHES: readonly (readonly [x: number, depth: number])[] = Object.freeze([
  [52, 9],
  [84, 9],
  [116, 9],
  [148, 9],
  [236, 14],
  [286, 14],
  [372, 6],
  [392, 6],
  [412, 6],
  [432, 6],
  [452, 6],
  [540, 12],
  [580, 12],
]);

/** Half of the width of a notch. */
const NOTCH_HALF = 8;

/** The two halves as paths. */
export function drawSplit(): { readonly upper: string; readonly lower: string } {
  const { width, height, cut, gap } = STICK;
  const line = (y: number): string =>
    NOTCHES.map(([x, depth]) => `L${x - NOTCH_HALF} ${y}L${x} ${y - depth}L${x + NOTCH_HALF} ${y}`).join('');
  const back = (y: number): string =>
    [...NOTCHES]
      .reverse()
      .map(([x, depth]) => `L${x + NOTCH_HALF} ${y}L${x} ${y - depth}L${x - NOTCH_HALF} ${y}`)
      .join('');
  const above = cut - gap / 2;
  const below = cut + gap / 2;
  return {
    upper: `M0 6Q0 0 6 0H${width - 6}Q${width} 0 ${width} 6V${above}${back(above)}L0 ${above}Z`,
    lower: `M0 ${below}${line(below)}L${width} ${below}V${height - 6}Q${width} ${height} ${width - 6} ${height}H6Q0 ${height} 0 ${height - 6}Z`,
  };
}
