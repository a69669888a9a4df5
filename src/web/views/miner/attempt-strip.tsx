// The attempts against the target, as a picture. To the right attempts grow rare, by a factor of two with each bit; a column is as high
// as the logarithm of how many there should be by now. The slope moves to the right as attempts are made, and wins behind the line.

import type { ReactNode } from 'react';
import { NARROW, useMedia } from '../../components/use-media.ts';
import type { MinerInfo } from '../../data/miner-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { computeHashesNeeded, computeZeroBits } from './zero-bits.ts';

/** Of the picture: so that its letters are as large as others. */
const WIDE = 900;
const SMALL = 360;
const HEIGHT = 190;
const FLOOR = 160;
const CEILING = 34;
/** Bits that are drawn behind the target. */
const BITS_BEHIND = 6;
/** Distance of the numbers below. */
const TICK_BITS = 4;

/** The picture. */
export function AttemptStrip({ miner }: { readonly miner: MinerInfo }): ReactNode {
  const { miner: texts } = useMessages();
  const figures = useFigures();
  const targetBits = computeZeroBits(miner.target);
  const bestBits = miner.bestHash === undefined ? null : computeZeroBits(miner.bestHash);
  const end = Math.ceil(Math.max(targetBits, bestBits ?? 0)) + BITS_BEHIND;
  const width = useMedia(NARROW) ? SMALL : WIDE;
  const xOf = (bits: number): number => (bits / end) * width;
  const target = figures.short(targetBits);
  // On the side where there is room for it.
  const isLeft = targetBits > end / 2;
  const best = bestBits === null ? null : figures.short(bestBits);
  return (
    <figure className="strip" aria-label={texts.stripSummary(target, best ?? '–')}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
        <rect
          className="strip-wins"
          x={xOf(targetBits)}
          y={CEILING}
          width={width - xOf(targetBits)}
          height={FLOOR - CEILING}
        />
        <Columns attempts={miner.hashesAtHeight} end={end} width={width / end} />
        <line className="strip-floor" x1="0" x2={width} y1={FLOOR} y2={FLOOR} />
        {Array.from({ length: Math.floor(end / TICK_BITS) + 1 }, (_, i) => i * TICK_BITS).map((bits) => (
          <text key={bits} className="strip-tick" x={xOf(bits) + 3} y={FLOOR + 20}>
            {bits}
          </text>
        ))}
        <line className="strip-target" x1={xOf(targetBits)} x2={xOf(targetBits)} y1={CEILING - 8} y2={FLOOR} />
        <text
          className="strip-label"
          x={xOf(targetBits) + (isLeft ? -6 : 6)}
          y={CEILING - 12}
          textAnchor={isLeft ? 'end' : 'start'}
        >
          {texts.stripTarget(target)}
        </text>
        {bestBits !== null && <circle className="strip-best" cx={xOf(bestBits)} cy={FLOOR} r="7" />}
      </svg>
      <figcaption className="strip-words">
        <span>{texts.stripTried(figures.integer(miner.hashesAtHeight))}</span>
        <span className="strip-best-words">{texts.stripBest(best)}</span>
        <span>{texts.oneIn(figures.compact(computeHashesNeeded(miner.target)))}</span>
      </figcaption>
    </figure>
  );
}

interface ColumnsProps {
  readonly attempts: number;
  readonly end: number;
  /** Of one of them. */
  readonly width: number;
}

/** Columns of attempts: one for each number of zeros. */
function Columns({ attempts, end, width }: ColumnsProps): ReactNode {
  const doublings = attempts > 0 ? Math.log2(attempts) : 0;
  return (
    <>
      {Array.from({ length: end }, (_, bits) => bits).map((bits) => {
        // The column for k zeros holds a half to the power k + 1 of all attempts.
        const height = Math.max(0, (doublings - bits) / end) * (FLOOR - CEILING);
        return (
          <rect
            key={bits}
            className="strip-column"
            x={bits * width + 1}
            y={FLOOR - height}
            width={width - 2}
            height={height}
          />
        );
      })}
    </>
  );
}
