// The attempts of a search by their leading zeros: each column is half as likely as the one before it, and wins lie behind the line.

import type { ReactNode } from 'react';
import type { MiningState } from '../../../platform/browser/lesson-miner.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { useLearnTexts } from './use-texts.ts';

const WIDTH = 640;
const HEIGHT = 190;
const FLOOR = 160;
const CEILING = 26;
/** Columns of the picture. */
const COLUMNS = 20;
/** Distance of the numbers below. */
const TICK = 2;

interface MiningPictureProps {
  readonly state: MiningState;
  readonly targetBits: number;
}

/** The picture. */
export function MiningPicture({ state, targetBits }: MiningPictureProps): ReactNode {
  const { work: texts } = useLearnTexts();
  const figures = useFigures();
  const { attempts, counts, bestBits } = state;
  const column = WIDTH / COLUMNS;
  const highest = Math.max(Math.log2((counts[0] ?? 0) + 1), 1);
  const heightOf = (count: number): number => (Math.log2(count + 1) / highest) * (FLOOR - CEILING);
  const targetX = targetBits * column;
  return (
    <svg
      className="dig"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={texts.picture(figures.integer(attempts), figures.integer(bestBits), figures.integer(targetBits))}
    >
      <rect className="dig-wins" x={targetX} y={CEILING} width={WIDTH - targetX} height={FLOOR - CEILING} />
      {counts.slice(0, COLUMNS).map((count, bits) => (
        <rect
          key={bits}
          className="dig-column"
          data-wins={bits >= targetBits}
          x={bits * column + 2}
          width={column - 4}
          y={FLOOR - heightOf(count)}
          height={heightOf(count)}
        />
      ))}
      <line className="dig-floor" x1="0" x2={WIDTH} y1={FLOOR} y2={FLOOR} />
      <line className="dig-target" x1={targetX} x2={targetX} y1={CEILING - 10} y2={FLOOR} />
      <text className="dig-label" x={targetX - 6} y={CEILING - 6} textAnchor="end">
        {texts.target(figures.integer(targetBits))}
      </text>
      {Array.from({ length: COLUMNS / TICK }, (_, i) => i * TICK).map((bits) => (
        <text key={bits} className="dig-tick" x={(bits + 0.5) * column} y={FLOOR + 18} textAnchor="middle">
          {bits}
        </text>
      ))}
    </svg>
  );
}
