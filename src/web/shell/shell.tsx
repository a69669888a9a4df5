// What stands around every view. After a step to another view the focus goes to it, as a page that is loaded would do.

import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../components/button.tsx';
import { BrandMark, Icon } from '../components/icon.tsx';
import { useApp } from '../data/app-context.tsx';
import { useMessages } from '../i18n/messages.tsx';
import { LiveMark } from './live-mark.tsx';
import { Navigation } from './navigation.tsx';
import { Preferences } from './preferences.tsx';
import { SearchBox } from './search-box.tsx';

/** The frame around the views. */
export function Shell(): ReactNode {
  const { common } = useMessages();
  const { signOut, socketState } = useApp();
  const main = useRef<HTMLElement>(null);
  useFocusOnStep(main);
  const tools = (
    <>
      <Preferences />
      <Button kind="quiet" icon="out" label={common.signOut} onPress={signOut} />
    </>
  );
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        {common.skipToContent}
      </a>
      <header className="shell-top">
        <Link to="/ledger" className="shell-brand bar-only" aria-label={common.appName}>
          <BrandMark />
        </Link>
        <SearchBox />
        <div className="shell-tools">
          <LiveMark />
          <div className="cluster rail-only">{tools}</div>
          <details className="menu bar-only">
            <summary className="button icon-button" aria-label={common.menu}>
              <Icon name="more" />
            </summary>
            <div className="menu-sheet">{tools}</div>
          </details>
        </div>
      </header>
      {socketState === 'waiting' && (
        <p className="lost" role="status">
          {common.reconnecting}
        </p>
      )}
      <main id="main" className="shell-main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <Navigation />
    </div>
  );
}

function useFocusOnStep(main: { readonly current: HTMLElement | null }): void {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
