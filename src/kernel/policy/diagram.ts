// Feerate diagrams: what a list of chunks, best rate first, has earned after every size (Core util/feefrac.h CompareChunks).
// One mempool is better than another when its diagram is nowhere below and somewhere above; that is what a replacement must
// show.

import { compareProducts } from '../util/num.ts';
import type { FeeFrac } from './fee-frac.ts';

/** How one diagram lies to another. Two that cross are incomparable. */
export type DiagramOrder = 'better' | 'worse' | 'equal' | 'incomparable';

/** The points of a diagram: nothing at first, then the sums after every chunk. */
export function computeDiagram(chunks: readonly FeeFrac[]): FeeFrac[] {
  const points: FeeFrac[] = [{ feeSat: 0, size: 0 }];
  let feeSat = 0;
  let size = 0;
  for (const chunk of chunks) {
    feeSat += chunk.feeSat;
    size += chunk.size;
    points.push({ feeSat, size });
  }
  return points;
}

/** A diagram that is walked: the sums up to `taken` chunks. */
interface Walk {
  readonly chunks: readonly FeeFrac[];
  taken: number;
  feeSat: number;
  size: number;
}

/**
 * How the diagram of `a` lies to that of `b`; both lists are in falling order of rate. After its last chunk a diagram goes on
 * level, so the walk looks at every corner of either and asks whether it is above or below the other line.
 */
export function compareChunks(a: readonly FeeFrac[], b: readonly FeeFrac[]): DiagramOrder {
  const left: Walk = { chunks: a, taken: 0, feeSat: 0, size: 0 };
  const right: Walk = { chunks: b, taken: 0, feeSat: 0, size: 0 };
  let better = false;
  let worse = false;
  for (;;) {
    const leftSize = nextSize(left);
    const rightSize = nextSize(right);
    if (leftSize === Infinity && rightSize === Infinity) break;
    const cornerOnLeft = leftSize <= rightSize;
    const order = cornerOnLeft ? takeCorner(left, right) : -takeCorner(right, left);
    better ||= order > 0;
    worse ||= order < 0;
    if (better && worse) return 'incomparable';
  }
  if (better) return 'better';
  return worse ? 'worse' : 'equal';
}

/** Size at the next corner; without end when there is none. */
function nextSize(walk: Walk): number {
  return walk.taken < walk.chunks.length ? walk.size + walk.chunks[walk.taken]!.size : Infinity;
}

/**
 * Takes the next corner of `walk`, which comes no later than that of `other`, and says whether it lies above (1), on (0) or
 * below (-1) the line of `other`. Corners at the same size are taken together.
 */
function takeCorner(walk: Walk, other: Walk): number {
  const chunk = walk.chunks[walk.taken++]!;
  walk.feeSat += chunk.feeSat;
  walk.size += chunk.size;
  const riseSat = walk.feeSat - other.feeSat;
  const run = walk.size - other.size;
  if (other.taken === other.chunks.length) return Math.sign(riseSat);
  const ahead = other.chunks[other.taken]!;
  const order = compareProducts(riseSat, ahead.size, ahead.feeSat, run);
  if (other.size + ahead.size === walk.size) {
    other.taken++;
    other.feeSat += ahead.feeSat;
    other.size += ahead.size;
  }
  return order;
}
