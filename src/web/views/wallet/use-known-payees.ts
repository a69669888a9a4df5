// Addresses that the wallet has paid before: a payment to a new one deserves a second look.

import { useQuery } from '@tanstack/react-query';
import { useClient } from '../../data/app-context.tsx';
import { payeesQuery } from '../../data/wallet-history.ts';
import { useWallet } from './wallet-context.tsx';

/** The addresses; null: not known yet. */
export function useKnownPayees(): ReadonlySet<string> | null {
  const { name } = useWallet();
  return useQuery(payeesQuery(useClient(), name)).data ?? null;
}
