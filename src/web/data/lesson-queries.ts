// Pages of the node's own ledger, byte for byte, for the lessons' private copy.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';

/** The serialized pages of heights 0 to `count` - 1 in hexadecimal; fewer where the ledger is shorter or pages were pruned. */
export function firstPagesQuery(client: RpcClient, count: number) {
  return queryOptions({
    queryKey: ['block', 'first-pages', count],
    queryFn: async (): Promise<readonly string[]> => {
      const pages: string[] = [];
      for (let height = 0; height < count; height++) {
        try {
          const hash = await client.call<string>('getblockhash', [height]);
          pages.push(await client.call<string>('getblock', [hash, 0]));
        } catch {
          // The lesson has pages of its own.
          break;
        }
      }
      return pages;
    },
  });
}
