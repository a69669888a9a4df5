// The verdict of an audit: the books balance, or the first thing that is wrong, with the page, the file, the place and the rule.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Time } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { Fact, Facts } from '../../components/layout.tsx';
import { Refusal } from '../../components/refusal.tsx';
import { type AuditAnswer, readFaultRule } from '../../data/audit-queries.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

interface AuditVerdictProps {
  readonly audit: AuditAnswer;
  /** What to do next. */
  readonly action: ReactNode;
}

/** The verdict. */
export function AuditVerdict({ audit, action }: AuditVerdictProps): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const { verdict, pagesDone, startedAt, endedAt } = audit;
  const kind = verdict === 'good' ? 'good' : verdict === 'bad' ? 'bad' : 'warn';
  const pages = figures.integer(pagesDone);
  const titles = { good: texts.goodTitle, bad: texts.badTitle, aborted: texts.abortedTitle, failed: texts.failedTitle };
  const helps = {
    good: texts.goodHelp(pages, figures.integer(audit.figures?.transactionCount ?? 0)),
    bad: texts.badHelp,
    aborted: texts.abortedHelp(pages),
    failed: `${texts.failedHelp} ${plainText(audit.failure ?? '')}`,
  };
  const told = verdict === 'running' ? 'good' : verdict;
  return (
    <section className="verdict" data-kind={kind} role={kind === 'bad' ? 'alert' : 'status'}>
      <span className="verdict-mark">
        <Icon name={kind === 'good' ? 'check' : 'warning'} />
      </span>
      <div className="stack">
        <h2>{titles[told]}</h2>
        <p>{helps[told]}</p>
        {verdict === 'bad' && <FaultFacts audit={audit} />}
        <p className="cluster faint small">
          {endedAt !== undefined && (
            <>
              <span>{texts.took(figures.span(endedAt - startedAt))}</span>
              <Time timeSec={endedAt} />
            </>
          )}
        </p>
        <div className="cluster">{action}</div>
      </div>
    </section>
  );
}

function FaultFacts({ audit }: { readonly audit: AuditAnswer }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const rule = readFaultRule(audit);
  const { fault } = audit;
  if (fault === undefined) return null;
  return (
    <>
      <Facts>
        <Fact name={texts.badWhat} note={plainText(fault.message)}>
          {texts.badKinds[fault.kind]}
        </Fact>
        {fault.height !== undefined && (
          <Fact name={texts.badPage}>
            <Link to="/block/$block" params={{ block: String(fault.height) }}>
              {figures.integer(fault.height)}
            </Link>
          </Fact>
        )}
        <Fact name={texts.badPlace}>
          <span className="hash hash-full">{plainText(fault.place)}</span>
        </Fact>
      </Facts>
      {rule !== null && <Refusal refusal={rule} title={texts.badKinds.invalid} />}
      <p>{texts.badAdvice}</p>
    </>
  );
}
