// 256 bits as a square of cells: dark ones are one; a ring marks those that turned over.

import type { ReactNode } from 'react';
import type { LessonDigest } from '../../../platform/browser/lesson-hash.ts';

const SIDE = 16;
const CELL = 14;
const GAP = 2;

interface BitsPictureProps {
  readonly now: LessonDigest;
  readonly before: LessonDigest;
  readonly summary: string;
}

/** The square. */
export function BitsPicture({ now, before, summary }: BitsPictureProps): ReactNode {
  const size = SIDE * CELL;
  return (
    <svg className="bits" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={summary}>
      {now.bits.map((bit, i) => (
        <rect
          key={i}
          x={(i % SIDE) * CELL + GAP / 2}
          y={Math.floor(i / SIDE) * CELL + GAP / 2}
          width={CELL - GAP}
          height={CELL - GAP}
          rx="2"
          data-bit={bit ? '1' : '0'}
          data-turned={bit !== before.bits[i]}
        />
      ))}
    </svg>
  );
}
