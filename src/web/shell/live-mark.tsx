// Whether what is on screen is up to date.

import type { ReactNode } from 'react';
import { useApp } from '../data/app-context.tsx';
import { useMessages } from '../i18n/messages.tsx';

/** A dot and a word. */
export function LiveMark(): ReactNode {
  const { common } = useMessages();
  const { socketState } = useApp();
  const words = {
    open: common.live,
    connecting: common.connecting,
    waiting: common.connecting,
    closed: common.connecting,
  };
  return (
    <span className="live" data-state={socketState} title={words[socketState]}>
      <span className="live-dot" aria-hidden="true" />
      <span className="live-text">{words[socketState]}</span>
    </span>
  );
}
