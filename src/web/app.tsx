// The page as a whole: asks for the session, shows how to sign in where there is none, else the node.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { ConnectionError, RpcCallError } from '../api/client.ts';
import { beginVisit, logout, type Session } from '../platform/browser/session.ts';
import { Fault } from './components/notice.tsx';
import { LiveApp } from './data/live-app.tsx';
import { router } from './routes.tsx';
import { LoginPage } from './shell/login-page.tsx';

/** How often it is asked for the session while nobody answers. */
const RETRY_MS = 2000;

const RETRY_COUNT_MAX = 2;

/** A refusal stays one; what was lost on the way is tried again. */
function isWorthRetrying(failureCount: number, error: Error): boolean {
  if (error instanceof RpcCallError) return false;
  if (error instanceof ConnectionError && error.fault !== 'unreachable') return false;
  return failureCount < RETRY_COUNT_MAX;
}

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // Events say when an answer is old; nothing grows old by itself.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        retry: isWorthRetrying,
        networkMode: 'always',
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: 'always' },
    },
  });
}

type Known =
  | { readonly kind: 'asking' }
  | { readonly kind: 'fault'; readonly error: unknown }
  | { readonly kind: 'none'; readonly isRefused: boolean }
  | { readonly kind: 'session'; readonly session: Session };

function toNone(why: 'none' | 'refused'): Known {
  return { kind: 'none', isRefused: why === 'refused' };
}

/** What is known of the session, asked for again and again while nobody answers; and how to ask anew. */
function useSession(): readonly [known: Known, ask: () => void, forget: () => void] {
  const [known, setKnown] = useState<Known>({ kind: 'asking' });
  const ask = useCallback((): void => {
    beginVisit().then(
      (visit) => setKnown(typeof visit === 'object' ? { kind: 'session', session: visit } : toNone(visit)),
      (error: unknown) => setKnown({ kind: 'fault', error }),
    );
  }, []);
  useEffect(ask, [ask]);
  useEffect(() => {
    if (known.kind !== 'fault') return undefined;
    const timer = setTimeout(ask, RETRY_MS);
    return () => clearTimeout(timer);
  }, [known, ask]);
  const forget = useCallback(() => setKnown(toNone('none')), []);
  return [known, ask, forget];
}

/** The page. */
export function Tallystick(): ReactNode {
  const [known, ask, forget] = useSession();
  if (known.kind === 'asking') return null;
  if (known.kind === 'none') return <LoginPage isRefused={known.isRefused} onSignedIn={ask} />;
  if (known.kind === 'session') return <SignedIn session={known.session} onSignedOut={forget} />;
  return (
    <main className="login">
      <Fault error={known.error} onRetry={ask} />
    </main>
  );
}

interface SignedInProps {
  readonly session: Session;
  readonly onSignedOut: () => void;
}

/** What was asked for in a session is forgotten with it. */
function SignedIn({ session, onSignedOut }: SignedInProps): ReactNode {
  const [queries] = useState(createQueries);
  const signOut = useCallback(() => {
    // Where the server does not answer, the session ends with the program, or by its age.
    logout(session.bearer).then(onSignedOut, onSignedOut);
  }, [session, onSignedOut]);
  return (
    <QueryClientProvider client={queries}>
      <LiveApp session={session} onSignedOut={onSignedOut} onSignOut={signOut}>
        <RouterProvider router={router} />
      </LiveApp>
    </QueryClientProvider>
  );
}
