// Addresses that the wallet has paid before: a payment to a new one deserves a second look.

import { useQuery } from '@tanstack/react-query';
import { useClient } from '../../data/app-context.tsx';
import { payeesQuery } from '../../data/wallet-history.ts';
import { useWallet } from './wallet-context.tsx';

/** What is known of those who were paid. */
export interface KnownPayees {
  /** The addresses; null: nobody can tell. */
  readonly known: ReadonlySet<string> | null;
  /** Whether the answer is on its way: it may come with a warning, and nothing should be signed before. */
  readonly isAwaited: boolean;
}

/** The addresses. */
export function useKnownPayees(): KnownPayees {
  const { name } = useWallet();
  const { data = null, error } = useQuery(payeesQuery(useClient(), name));
  return { known: data, isAwaited: data === null && error === null };
}
