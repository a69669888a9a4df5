// How many attempts each of the last pages took: bars that jump up and down around a line.

import type { ReactNode } from 'react';
import type { RaceWin } from '../../../platform/browser/lesson-race.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { useLearnTexts } from './use-texts.ts';

const BARS = 60;
const WIDTH = 640;
const HEIGHT = 110;
/** Bars are cut at so many times the mean. */
const MEANS_MAX = 4;

interface LuckPictureProps {
  readonly wins: readonly RaceWin[];
  readonly mean: number;
}

/** The picture. */
export function LuckPicture({ wins, mean }: LuckPictureProps): ReactNode {
  const { race: texts } = useLearnTexts();
  const figures = useFigures();
  const first = Math.max(wins.length - BARS, 0);
  const last = wins.slice(first);
  const step = WIDTH / BARS;
  const heightOf = (attempts: number): number => Math.min(attempts / (mean * MEANS_MAX), 1) * HEIGHT;
  const meanY = HEIGHT - heightOf(mean);
  return (
    <svg
      className="luck"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={texts.luckPicture(figures.integer(last.length), figures.integer(mean))}
    >
      {last.map(({ attempts, miner }, i) => (
        <rect
          key={first + i}
          data-own={miner === 0}
          x={i * step + 1}
          width={step - 2}
          y={HEIGHT - heightOf(attempts)}
          height={heightOf(attempts)}
        />
      ))}
      <line x1="0" x2={WIDTH} y1={meanY} y2={meanY} />
    </svg>
  );
}
