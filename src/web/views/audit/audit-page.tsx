// The audit: begin it, watch it, read what it has found.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Page, Section, Skeleton } from '../../components/layout.tsx';
import { Fault } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type AuditAnswer, abortAudit, auditQuery, startAudit } from '../../data/audit-queries.ts';
import { useMessages } from '../../i18n/messages.tsx';
import './audit.css';
import { AuditChecks } from './audit-checks.tsx';
import { AuditProgress } from './audit-progress.tsx';
import { AuditResult } from './audit-result.tsx';
import { AuditVerdict } from './audit-verdict.tsx';

/** The view of the audit. */
export function AuditPage(): ReactNode {
  const { audit: texts } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const audit = useQuery(auditQuery(client));
  const look = (): Promise<void> => queries.invalidateQueries({ queryKey: ['audit'] });
  const start = useMutation({ mutationFn: () => startAudit(client), onSettled: look });
  const abort = useMutation({ mutationFn: () => abortAudit(client), onSettled: look });
  const isRunning = audit.data?.verdict === 'running';
  const begin = (
    <Button kind="primary" icon="audit" isDisabled={start.isPending} onPress={() => start.mutate()}>
      {audit.data == null ? texts.start : texts.again}
    </Button>
  );
  const traceLink = (
    <Link to="/audit/trace" className="button">
      <Icon name="network" />
      {texts.traceOpen}
    </Link>
  );
  return (
    <Page title={texts.title} lead={texts.lead} aside={traceLink}>
      {start.error !== null && <Fault error={start.error} />}
      {abort.error !== null && <Fault error={abort.error} />}
      <Answer of={audit} waiting={<Skeleton lines={6} />}>
        {(data) =>
          data === null ? (
            <>
              <Section title={texts.neverTitle} isCard>
                <p>{texts.neverHelp}</p>
                <div className="cluster">{begin}</div>
              </Section>
              <AuditChecks audit={null} />
            </>
          ) : (
            <AuditView audit={data} action={isRunning ? <Stop onPress={() => abort.mutate()} /> : begin} />
          )
        }
      </Answer>
    </Page>
  );
}

function Stop({ onPress }: { readonly onPress: () => void }): ReactNode {
  const { audit: texts } = useMessages();
  return (
    <Button icon="close" onPress={onPress}>
      {texts.stop}
    </Button>
  );
}

function AuditView({ audit, action }: { readonly audit: AuditAnswer; readonly action: ReactNode }): ReactNode {
  return (
    <>
      {audit.verdict === 'running' ? (
        <AuditProgress audit={audit} action={action} />
      ) : (
        <AuditVerdict audit={audit} action={action} />
      )}
      <AuditChecks audit={audit} />
      {audit.verdict === 'good' && <AuditResult id={audit.id} />}
    </>
  );
}
