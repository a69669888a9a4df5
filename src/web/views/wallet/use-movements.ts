// The movements of the wallet that the page is about: the latest at once, then all of them.

import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useClient } from '../../data/app-context.tsx';
import { type LatestHistory, latestHistoryQuery, walletHistoryQuery } from '../../data/wallet-history.ts';
import { listMovements, type Movement } from './movements.ts';
import { useWallet } from './wallet-context.tsx';

interface LatestMovements {
  readonly query: UseQueryResult<LatestHistory>;
  /** Newest first. */
  readonly movements: readonly Movement[];
}

/** The latest movements. */
export function useLatestMovements(): LatestMovements {
  const { name } = useWallet();
  const query = useQuery(latestHistoryQuery(useClient(), name));
  const { data } = query;
  const movements = useMemo(() => listMovements(data?.entries ?? []), [data]);
  return { query, movements };
}

interface Movements extends LatestMovements {
  /** Whether these are all of them. */
  readonly isAll: boolean;
  /** What went wrong with the others. */
  readonly error: Error | null;
}

/**
 * All movements, as soon as they are there; the latest until then. Grouped only when the history has changed. Who is content with
 * `enough` of them gets the latest alone where these are so many: one payment to many may be all that the latest entries tell of.
 */
export function useMovements(enough: number = Number.POSITIVE_INFINITY): Movements {
  const { name } = useWallet();
  const latest = useLatestMovements();
  const isShort = latest.query.data?.isAll === true;
  const areEnough = latest.movements.length >= enough;
  const options = walletHistoryQuery(useClient(), useQueryClient(), name);
  const { data, error } = useQuery({ ...options, enabled: latest.query.data?.isAll === false && !areEnough });
  const all = useMemo(() => (data === undefined ? null : listMovements(data.entries)), [data]);
  if (isShort || areEnough || all === null) return { ...latest, isAll: isShort, error };
  return { query: latest.query, movements: all, isAll: true, error: null };
}
