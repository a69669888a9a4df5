// Who has which coins: discs whose areas are to each other as their amounts.

import type { ReactNode } from 'react';
import type { LessonCoin } from '../../../platform/browser/lesson-ledger.ts';
import { formatAmount } from '../../format/amount.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { useLearnTexts } from './use-texts.ts';

/** A person who can be paid. */
export type Payee = 'you' | 'baker' | 'miller';

/** Everybody whose coins are shown. */
export const PAYEES: readonly Payee[] = Object.freeze(['you', 'baker', 'miller']);

/** Radius of a coin of 50, and of the smallest. */
const RADIUS_OF_50 = 30;
const RADIUS_MIN = 9;
const FIFTY_SAT = 5_000_000_000;

/** An amount without the zeros at its end. */
export function shortAmount(sat: number): string {
  return formatAmount(sat).replace(/\.?0+$/, '');
}

interface PeoplePictureProps {
  readonly coins: readonly LessonCoin[];
}

/** Everybody with his coins. */
export function PeoplePicture({ coins }: PeoplePictureProps): ReactNode {
  return (
    <ul className="people">
      {PAYEES.map((name) => (
        <Person key={name} name={name} coins={coins.filter(({ owner }) => owner === name)} />
      ))}
    </ul>
  );
}

function Person({ name, coins }: { readonly name: Payee; readonly coins: readonly LessonCoin[] }): ReactNode {
  const all = useLearnTexts();
  const sumSat = coins.reduce((sum, { valueSat }) => sum + valueSat, 0);
  return (
    <li className="person" data-who={name}>
      <h3>{all.people[name]}</h3>
      <p className="person-balance">
        <span className="faint small">{all.payment.balance}</span> {shortAmount(sumSat)}
      </p>
      {coins.length === 0 ? (
        <p className="faint small">{all.payment.noCoins}</p>
      ) : (
        <ul className="coins">
          {coins.map((coin) => (
            <Coin key={coin.id} coin={coin} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Coin({ coin: { valueSat, height } }: { readonly coin: LessonCoin }): ReactNode {
  const { payment: texts } = useLearnTexts();
  const figures = useFigures();
  const radius = Math.max(RADIUS_OF_50 * Math.sqrt(valueSat / FIFTY_SAT), RADIUS_MIN);
  const size = 2 * radius + 4;
  const words = texts.coinFrom(shortAmount(valueSat), figures.integer(height));
  return (
    <li>
      <svg className="coin" viewBox={`0 0 ${size} ${size}`} width={size} height={size} role="img" aria-label={words}>
        <title>{words}</title>
        <circle cx={size / 2} cy={size / 2} r={radius} />
        <text x={size / 2} y={size / 2} dy="0.35em" textAnchor="middle">
          {shortAmount(valueSat)}
        </text>
      </svg>
    </li>
  );
}
