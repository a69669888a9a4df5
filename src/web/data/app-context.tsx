// What every part of the page may use: the calls, the session, the events. Given once, at the top.

import { createContext, type ReactNode, useContext } from 'react';
import type { RpcClient } from '../../api/client.ts';
import type { SocketState } from '../../platform/browser/event-socket.ts';
import type { Session } from '../../platform/browser/session.ts';
import type { LedgerEvent } from './ledger-event.ts';

/** The node that the page shows. */
export interface App {
  readonly client: RpcClient;
  readonly session: Session;
  /** Whether events come. */
  readonly socketState: SocketState;
  /** Hears every event until the function that is given back is called. */
  readonly onEvent: (listener: (event: LedgerEvent) => void) => () => void;
  readonly signOut: () => void;
}

const AppContext = createContext<App | null>(null);

/** Gives the node to everything inside. */
export function AppProvider({ app, children }: { readonly app: App; readonly children: ReactNode }): ReactNode {
  return <AppContext value={app}>{children}</AppContext>;
}

/** The node that the page shows. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('useApp outside of AppProvider');
  return app;
}

/** Calls of the node. */
export function useClient(): RpcClient {
  return useApp().client;
}
