// Two branches from one page. A page is as wide as its work, so that the eye sees which branch has more.

import type { ReactNode } from 'react';
import { useFigures } from '../../i18n/messages.tsx';
import { type BranchRow, widthOf } from './branch-layout.ts';
import { useLearnTexts } from './use-texts.ts';

const FORK_X = 2;
const FORK_WIDTH = 64;
const START_X = 130;
const ROW_Y = { a: 24, b: 124 } as const;
const BOX_HEIGHT = 44;
const MIDDLE = 96;
const HEIGHT = 192;
const WIDTH_MIN = 420;

interface BranchPictureProps {
  readonly a: BranchRow;
  readonly b: BranchRow;
}

/** The picture. */
export function BranchPicture({ a, b }: BranchPictureProps): ReactNode {
  const { branches: texts } = useLearnTexts();
  const figures = useFigures();
  const width = Math.max(START_X + Math.max(widthOf(a), widthOf(b)) + 20, WIDTH_MIN);
  const winner = a.isActive ? texts.aWins : b.isActive ? texts.bWins : texts.noWinner;
  return (
    <section
      className="branch-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      aria-label={texts.picture(figures.integer(a.work), figures.integer(b.work), winner)}
    >
      <svg className="branch" viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} aria-hidden="true">
        <rect
          className="branch-fork"
          x={FORK_X}
          y={MIDDLE - BOX_HEIGHT / 2}
          width={FORK_WIDTH}
          height={BOX_HEIGHT}
          rx="6"
        />
        <text className="branch-text" x={FORK_X} y={MIDDLE + BOX_HEIGHT / 2 + 18}>
          {texts.fork}
        </text>
        <Row row={a} name="A" y={ROW_Y.a} />
        <Row row={b} name="B" y={ROW_Y.b} />
      </svg>
    </section>
  );
}

function Row({ row, name, y }: { readonly row: BranchRow; readonly name: string; readonly y: number }): ReactNode {
  const figures = useFigures();
  const middle = y + BOX_HEIGHT / 2;
  const forkEnd = FORK_X + FORK_WIDTH;
  return (
    <g className="branch-row" data-active={row.isActive} data-empty={row.boxes.length === 0}>
      <path d={`M${forkEnd} ${MIDDLE}C${forkEnd + 30} ${MIDDLE} ${START_X - 30} ${middle} ${START_X} ${middle}`} />
      {row.boxes.length > 0 && <path d={`M${START_X} ${middle}H${START_X + widthOf(row)}`} />}
      {row.boxes.map(({ page, x, width }) => (
        <g key={page.hash} transform={`translate(${START_X + x} ${y})`}>
          <rect width={width} height={BOX_HEIGHT} rx="6" />
          <text x={width / 2} y={BOX_HEIGHT / 2} dy="0.35em" textAnchor="middle">
            {figures.integer(page.work)}
          </text>
        </g>
      ))}
      <text className="branch-name" x={START_X} y={y - 8}>
        {name}
      </text>
    </g>
  );
}
