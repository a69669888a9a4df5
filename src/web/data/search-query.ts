// What a text may be in the ledger: a height, a hash, a transaction, an address.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';

/** Something in the ledger that a text names. */
export type Found =
  | { readonly kind: 'block'; readonly hash: string; readonly height: number }
  | { readonly kind: 'transaction'; readonly txid: string; readonly hash?: string }
  | { readonly kind: 'address'; readonly address: string };

/** What `text` names; empty: nothing. */
export function searchQuery(client: RpcClient, text: string) {
  return queryOptions({
    queryKey: ['chain', 'search', text],
    queryFn: (): Promise<readonly Found[]> => client.call<readonly Found[]>('searchledger', [text]),
    enabled: text !== '',
  });
}
