// What is shown in place of a view that broke, and of an address that leads nowhere.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { Empty, Page } from '../components/layout.tsx';
import { Notice } from '../components/notice.tsx';
import { useMessages } from '../i18n/messages.tsx';

/** A view broke: a mistake of ours. */
export function FaultPage({ error }: { readonly error: unknown }): ReactNode {
  const { common } = useMessages();
  return (
    <Page title={common.faultPage}>
      <Notice kind="bad" actions={<Button onPress={() => location.reload()}>{common.tryAgain}</Button>}>
        <p>{common.faultPageHelp}</p>
        <pre className="code-block">{error instanceof Error ? `${error.name}: ${error.message}` : String(error)}</pre>
      </Notice>
    </Page>
  );
}

/** The address leads nowhere. */
export function NotFoundPage(): ReactNode {
  const { common } = useMessages();
  return (
    <Page title={common.notFoundTitle}>
      <Empty help={common.notFoundHelp}>
        <Link to="/ledger" className="button">
          {common.toLedger}
        </Link>
      </Empty>
    </Page>
  );
}
