// One coin with two arrows: as soon as one payment is written, the other leads nowhere.

import type { ReactNode } from 'react';
import { useLearnTexts } from './use-texts.ts';

/** Who was paid with the coin; null: nobody yet. */
export type WrittenTo = 'baker' | 'miller' | null;

/** The picture. */
export function TwicePicture({ winner }: { readonly winner: WrittenTo }): ReactNode {
  const all = useLearnTexts();
  const { twice: texts } = all;
  const state = winner === null ? texts.unspent : winner === 'baker' ? all.people.baker : all.people.miller;
  return (
    <svg className="twice" viewBox="0 0 420 170" role="img" aria-label={texts.picture(state)}>
      <circle className="twice-coin" cx="60" cy="85" r="40" data-spent={winner !== null} />
      <text className="twice-value" x="60" y="85" dy="0.35em" textAnchor="middle">
        50
      </text>
      <Arrow d="M108 68C160 40 200 40 262 40" x={262} y={40} kind={kindOf('baker', winner)} />
      <Arrow d="M108 102C160 130 200 130 262 130" x={262} y={130} kind={kindOf('miller', winner)} />
      <text className="twice-name" x="282" y="45">
        {all.people.baker}
      </text>
      <text className="twice-name" x="282" y="135">
        {all.people.miller}
      </text>
    </svg>
  );
}

type ArrowKind = 'open' | 'won' | 'lost';

function kindOf(name: 'baker' | 'miller', winner: WrittenTo): ArrowKind {
  if (winner === null) return 'open';
  return winner === name ? 'won' : 'lost';
}

interface ArrowProps {
  readonly d: string;
  readonly x: number;
  readonly y: number;
  readonly kind: ArrowKind;
}

function Arrow({ d, x, y, kind }: ArrowProps): ReactNode {
  return (
    <g className="twice-arrow" data-kind={kind}>
      <path d={d} />
      <path d={`M${x - 10} ${y - 7}L${x} ${y}L${x - 10} ${y + 7}`} />
      {kind === 'lost' && <path d={`M${x - 78} ${y - 12}l24 24m0 -24l-24 24`} />}
    </g>
  );
}
