// The session at work: makes the calls and the stream of events for it, gives them to everything inside, ends them with it.

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { RpcClient } from '../../api/client.ts';
import { EventSocket, type SocketState } from '../../platform/browser/event-socket.ts';
import { FetchRpcClient } from '../../platform/browser/fetch-rpc.ts';
import type { Session } from '../../platform/browser/session.ts';
import { type App, AppProvider } from './app-context.tsx';
import { type LedgerEvent, readEvent } from './ledger-event.ts';
import { LiveQueries } from './live-queries.ts';
import { forgetToldBlocks, putNewBlock } from './recent-blocks.ts';

/** What is given to whoever listens. */
type Listeners = Set<(event: LedgerEvent) => void>;

interface LiveAppProps {
  readonly session: Session;
  readonly onSignedOut: () => void;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
}

/** Gives the node of a session to everything inside. */
export function LiveApp({ session, onSignedOut, onSignOut, children }: LiveAppProps): ReactNode {
  const queries = useQueryClient();
  const [socketState, setSocketState] = useState<SocketState>('connecting');
  const [listeners] = useState<Listeners>(() => new Set());
  const client = useMemo(() => new FetchRpcClient(session.bearer, onSignedOut), [session, onSignedOut]);
  useEffect(
    () => follow({ session, client, queries, listeners, setSocketState }),
    [session, client, queries, listeners],
  );
  const app = useMemo<App>(
    () => ({
      client,
      session,
      socketState,
      onEvent: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      signOut: onSignOut,
    }),
    [client, session, socketState, listeners, onSignOut],
  );
  return <AppProvider app={app}>{children}</AppProvider>;
}

interface Followed {
  readonly session: Session;
  readonly client: RpcClient;
  readonly queries: QueryClient;
  readonly listeners: Listeners;
  readonly setSocketState: (state: SocketState) => void;
}

/** Follows the events of a session; the function that is given back ends it. */
function follow({ session, client, queries, listeners, setSocketState }: Followed): () => void {
  const live = new LiveQueries(queries);
  const socket = new EventSocket({
    bearer: session.bearer,
    onState: (state) => {
      setSocketState(state);
      live.stateChanged(state);
    },
    // A session that ended elsewhere, as in another tab, ends here with the next call.
    onTurnedAway: () => void client.call('getblockcount').catch(() => undefined),
    onEvent: (fields) => {
      const event = readEvent(fields);
      if (event === null) return;
      if (event.type === 'block-connected') putNewBlock(queries, event);
      else if (event.type === 'block-disconnected') forgetToldBlocks(queries);
      live.eventCame(event);
      for (const listener of listeners) listener(event);
    },
  });
  const retry = (): void => {
    if (document.visibilityState !== 'visible') return;
    socket.retry();
    live.askLost();
  };
  socket.open();
  addEventListener('online', retry);
  document.addEventListener('visibilitychange', retry);
  return () => {
    removeEventListener('online', retry);
    document.removeEventListener('visibilitychange', retry);
    socket.close();
    live.close();
  };
}
