// The movements of the wallet that the page is about.

import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useClient } from '../../data/app-context.tsx';
import { type WalletHistory, walletHistoryQuery } from '../../data/wallet-history.ts';
import { listMovements, type Movement } from './movements.ts';
import { useWallet } from './wallet-context.tsx';

interface Movements {
  readonly query: UseQueryResult<WalletHistory>;
  readonly movements: readonly Movement[];
}

/** The movements, newest first; grouped only when the history has changed. */
export function useMovements(): Movements {
  const { name } = useWallet();
  const query = useQuery(walletHistoryQuery(useClient(), useQueryClient(), name));
  const { data } = query;
  const movements = useMemo(() => listMovements(data?.entries ?? []), [data]);
  return { query, movements };
}
