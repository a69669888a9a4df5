// How far an audit is that runs.

import type { ReactNode } from 'react';
import { useNowSec } from '../../components/figures.tsx';
import type { AuditAnswer } from '../../data/audit-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

/** Before so much is done and so long it took, how long the rest will take is a guess. */
const GUESS_SHARE = 0.03;
const GUESS_AFTER_SEC = 3;

interface AuditProgressProps {
  readonly audit: AuditAnswer;
  /** What ends it. */
  readonly action: ReactNode;
}

/** The bar. */
export function AuditProgress({ audit, action }: AuditProgressProps): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const nowSec = useNowSec();
  const { pagesDone, pagesTotal, stage, startedAt } = audit;
  const share = pagesDone / Math.max(pagesTotal, 1);
  const passedSec = Math.max(nowSec - startedAt, 0);
  const leftSec =
    share > GUESS_SHARE && passedSec >= GUESS_AFTER_SEC && share < 1 ? (passedSec / share) * (1 - share) : null;
  return (
    <section className="card stack" aria-label={texts.running}>
      <div className="split">
        <h2>{stage === 'coins' ? texts.runningCoins : pagesDone === 0 ? texts.starting : texts.running}</h2>
        {action}
      </div>
      <progress className="progress" aria-label={texts.progressLabel} value={pagesDone} max={Math.max(pagesTotal, 1)} />
      <div className="split faint">
        <span>{texts.progress(figures.integer(pagesDone), figures.integer(pagesTotal))}</span>
        {leftSec !== null && <span>{texts.remaining(figures.span(leftSec))}</span>}
      </div>
    </section>
  );
}
