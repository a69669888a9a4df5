// The checks of an audit, each with what was counted so far: all of them go on page by page, the coins come last.

import type { ReactNode } from 'react';
import { Amount } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { Section } from '../../components/layout.tsx';
import { AUDIT_CHECKS, type AuditAnswer, type AuditCheck, checkOfFault } from '../../data/audit-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

type CheckState = 'done' | 'now' | 'waiting' | 'bad';

/** Where a check stands. */
function stateOf(check: AuditCheck, audit: AuditAnswer | null): CheckState {
  if (audit === null) return 'waiting';
  const { verdict, stage } = audit;
  if (verdict === 'good') return 'done';
  if (verdict === 'bad' && checkOfFault(audit) === check) return 'bad';
  if (verdict !== 'running') return 'waiting';
  if (check === 'coins') return stage === 'coins' ? 'now' : 'waiting';
  return stage === 'pages' ? 'now' : 'done';
}

/** The list of checks; without an audit, what one would look at. */
export function AuditChecks({ audit }: { readonly audit: AuditAnswer | null }): ReactNode {
  const { audit: texts } = useMessages();
  const words = { done: texts.checkDone, now: texts.checkNow, waiting: texts.checkWaiting, bad: texts.checkBad };
  return (
    <Section title={texts.checks}>
      <ul className="checks">
        {AUDIT_CHECKS.map((check) => {
          const state = stateOf(check, audit);
          return (
            <li key={check} className="check" data-state={state}>
              <span className="check-mark">
                {state === 'done' && <Icon name="check" />}
                {state === 'bad' && <Icon name="close" />}
                <span className="visually-hidden">{words[state]}</span>
              </span>
              <h3>{texts.checkNames[check]}</h3>
              <p className="check-count">{audit !== null && <CheckCount check={check} audit={audit} />}</p>
              <p className="check-help">{texts.checkHelp[check]}</p>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** Expected hashes as a number that is good enough to be read. */
function readWork(hex: string): number {
  return Number(`0x${hex}`);
}

function CheckCount({ check, audit }: { readonly check: AuditCheck; readonly audit: AuditAnswer }): ReactNode {
  const { audit: texts } = useMessages();
  const { integer, compact } = useCounts();
  const { figures, coins } = audit;
  if (figures === undefined) return null;
  switch (check) {
    case 'hashes':
      return texts.countHashes(integer(figures.height + 1), integer(figures.transactionCount));
    case 'links':
      return texts.countLinks(integer(Math.max(figures.height, 0)));
    case 'work':
      return texts.countWork(compact(readWork(figures.work)));
    case 'signatures':
      return texts.countSignatures(integer(figures.scriptCount));
    case 'amounts':
      return texts.countAmounts(integer(figures.inputCount), integer(figures.outputCount));
    case 'supply':
      return <Amount sat={figures.issuedSat} />;
    case 'coins':
      return coins === undefined ? null : texts.countCoins(integer(coins.coinCount));
  }
}

function useCounts(): { readonly integer: (value: number) => string; readonly compact: (value: number) => string } {
  const figures = useFigures();
  return { integer: (value) => figures.integer(value), compact: (value) => figures.compact(value) };
}
