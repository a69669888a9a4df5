// The coins of the wallet that the page is about: the greatest at once, then all of them.

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useClient } from '../../data/app-context.tsx';
import { COINS_MAX, FIRST_COINS, type WalletCoins, walletCoinsQuery } from '../../data/wallet-coins.ts';
import { useWallet } from './wallet-context.tsx';

interface Coins {
  /** The best that is known so far. */
  readonly query: UseQueryResult<WalletCoins>;
  /** Whether there are no others that could be fetched. */
  readonly isAll: boolean;
}

/** The coins, asked for when they are wanted. */
export function useCoins(isWanted: boolean): Coins {
  const { name } = useWallet();
  const client = useClient();
  const first = useQuery({ ...walletCoinsQuery(client, name, FIRST_COINS), enabled: isWanted });
  const hasMore = first.data !== undefined && first.data.count > first.data.coins.length;
  const all = useQuery({ ...walletCoinsQuery(client, name, COINS_MAX), enabled: hasMore });
  if (!hasMore) return { query: first, isAll: first.data !== undefined };
  return { query: all.data === undefined && all.error === null ? first : all, isAll: all.data !== undefined };
}
