// The equation of the books, drawn as a tally stick that was split in two: what was issued is one half, what is unspent and what is lost
// are the other, and the notches of both must meet. Below it, how much of the schedule and of the cap that is.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Amount, useUnit } from '../../components/figures.tsx';
import { Fact, Facts, Section } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import type { AuditCoins, AuditFigures } from '../../data/audit-queries.ts';
import { ledgerSeriesQuery } from '../../data/chain-queries.ts';
import { formatAmount } from '../../format/amount.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { drawSplit, STICK } from './stick-shape.ts';

interface BooksPictureProps {
  readonly figures: AuditFigures;
  readonly coins: AuditCoins;
}

/** The picture with its amounts. */
export function BooksPicture({ figures: counted, coins }: BooksPictureProps): ReactNode {
  const { audit: texts } = useMessages();
  const { issuedSat, burntSat } = counted;
  const unit = useUnit();
  const tell = (sat: number): string => `${formatAmount(sat)} ${unit}`;
  const { width, height, cut } = STICK;
  const split = drawSplit();
  const unspentEnd = (coins.unspentSat / Math.max(issuedSat, 1)) * width;
  const lostWidth = (burntSat / Math.max(issuedSat, 1)) * width;
  return (
    <Section title={texts.equation} help={texts.equationHelp} isCard>
      <figure
        className="books"
        aria-label={texts.equationSummary(tell(issuedSat), tell(coins.unspentSat), tell(burntSat))}
      >
        <div className="books-side">
          <BooksTerm kind="issued" name={texts.issued} help={texts.issuedHelp} sat={issuedSat} />
        </div>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          <clipPath id="books-lower">
            <path d={`${split.lower}`} />
          </clipPath>
          <path className="books-issued" d={split.upper} />
          <g clipPath="url(#books-lower)">
            <rect className="books-unspent" x="0" y={cut - 10} width={unspentEnd} height={height} />
            <rect className="books-lost" x={unspentEnd} y={cut - 10} width={Math.max(lostWidth, 2)} height={height} />
          </g>
        </svg>
        <div className="books-side books-terms">
          <BooksTerm kind="unspent" name={texts.unspent} help={texts.unspentHelp} sat={coins.unspentSat} />
          <span className="books-plus" aria-hidden="true">
            +
          </span>
          <BooksTerm kind="lost" name={texts.lost} help={texts.lostHelp} sat={burntSat} />
        </div>
      </figure>
      <Schedule figures={counted} />
    </Section>
  );
}

interface BooksTermProps {
  readonly kind: 'issued' | 'unspent' | 'lost';
  readonly name: string;
  readonly help: string;
  readonly sat: number;
}

function BooksTerm({ kind, name, help, sat }: BooksTermProps): ReactNode {
  return (
    <div className="books-term" data-kind={kind}>
      <span className="books-name">{name}</span>
      <span className="books-amount">
        <Amount sat={sat} />
      </span>
      <span className="faint small">{help}</span>
    </div>
  );
}

/** Points of the series that is asked for the cap alone. */
const FEW_POINTS = 2;
const SHARE_DECIMALS = 4;

function Schedule({ figures: counted }: { readonly figures: AuditFigures }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const unit = useUnit();
  const capSat = useQuery(ledgerSeriesQuery(useClient(), 0, FEW_POINTS)).data?.capSat;
  const forgoneSat = counted.scheduledSat - counted.issuedSat;
  return (
    <div className="stack">
      <h3>{texts.schedule}</h3>
      <p className="faint small">{texts.scheduleHelp}</p>
      <Facts>
        <Fact
          name={texts.scheduled}
          note={forgoneSat === 0 ? texts.exact : texts.forgone(`${formatAmount(forgoneSat)} ${unit}`)}
        >
          <Amount sat={counted.scheduledSat} />
        </Fact>
        {capSat !== undefined && (
          <Fact
            name={texts.cap}
            note={
              <>
                <meter
                  className="cap-meter"
                  value={counted.issuedSat}
                  max={capSat}
                  aria-label={texts.capSummary(figures.percent(counted.issuedSat / capSat, SHARE_DECIMALS))}
                />
                {texts.ofCap(figures.percent(counted.issuedSat / capSat, SHARE_DECIMALS))}
              </>
            }
          >
            <Amount sat={capSat} />
          </Fact>
        )}
      </Facts>
    </div>
  );
}
