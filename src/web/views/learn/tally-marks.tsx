// Numbers as strokes on a tally stick: four strokes and one across are five.

import type { ReactNode } from 'react';

const STROKE_GAP = 7;
const GROUP_GAP = 9;
const HEIGHT = 24;
const GROUP = 5;
const GROUP_WIDTH = 4 * STROKE_GAP + GROUP_GAP;

/** Strokes for a number, as a picture: the number itself must stand beside it, or in its place. */
export function TallyMarks({ count }: { readonly count: number }): ReactNode {
  const groups = Math.floor(count / GROUP);
  const rest = count % GROUP;
  const width = groups * GROUP_WIDTH + Math.max(rest - 1, 0) * STROKE_GAP + 8;
  return (
    <svg className="tally" viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} aria-hidden="true">
      <path d={drawMarks(count)} />
    </svg>
  );
}

function drawMarks(count: number): string {
  let path = '';
  for (let i = 0; i < count; i++) {
    const left = Math.floor(i / GROUP) * GROUP_WIDTH + 4;
    const inGroup = i % GROUP;
    if (inGroup < GROUP - 1) path += `M${left + inGroup * STROKE_GAP} 3v${HEIGHT - 6}`;
    else path += `M${left - 3} ${HEIGHT - 7}L${left + 3 * STROKE_GAP + 3} 7`;
  }
  return path;
}
