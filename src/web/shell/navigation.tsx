// The way to every view: a rail on wide screens, a bar at the bottom of phones. A new view gets one line here.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { BrandMark, Icon } from '../components/icon.tsx';
import { useApp } from '../data/app-context.tsx';
import { useMessages } from '../i18n/messages.tsx';

/** The views, in the order in which they are shown; their names are in the common texts. */
const VIEWS = [
  { name: 'ledger', to: '/ledger' },
  { name: 'wallet', to: '/wallet' },
  { name: 'miner', to: '/miner' },
  { name: 'network', to: '/network' },
  { name: 'audit', to: '/audit' },
  { name: 'learn', to: '/learn' },
] as const;

/** The navigation. */
export function Navigation(): ReactNode {
  const { common } = useMessages();
  const { session } = useApp();
  return (
    <nav className="shell-nav" aria-label={common.mainNavigation}>
      <Link to="/ledger" className="shell-brand rail-only">
        <BrandMark />
        {common.appName}
      </Link>
      <ul>
        {VIEWS.map(({ name, to }) => (
          <li key={name}>
            <Link to={to} className="nav-link">
              <Icon name={name} />
              {common[name]}
            </Link>
          </li>
        ))}
      </ul>
      <div className="rail-foot rail-only">
        <p>{common.networkName(session.network)}</p>
        <p>{common.versionName(session.version)}</p>
      </div>
    </nav>
  );
}
