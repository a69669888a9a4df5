// What the index of addresses knows of one address: its balance, and its payments page by page.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';

/** What an address has. */
export interface AddressBalance {
  readonly confirmedSat: number;
  /** What the payments that wait would change. */
  readonly pendingSat: number;
  readonly historyCount: number;
  readonly unspentCount: number;
}

/** What an address has. */
export function addressBalanceQuery(client: RpcClient, address: string) {
  return queryOptions({
    queryKey: ['address', address, 'balance'],
    queryFn: (): Promise<AddressBalance> => client.call<AddressBalance>('getaddressbalance', [address]),
  });
}

/** A payment to or from an address. */
export interface AddressPayment {
  readonly txid: string;
  readonly changeSat: number;
  readonly time?: number;
  /** Of a confirmed one. */
  readonly height?: number;
  readonly blockHash?: string;
  readonly balanceAfterSat?: number;
}

/** Payments of an address, newest first. */
export interface AddressPage {
  readonly total: number;
  readonly confirmed: readonly AddressPayment[];
  /** With the first page only. */
  readonly pending: readonly AddressPayment[];
  /** Where the next page begins. */
  readonly next?: number;
}

/** Payments of a page. */
const PAGE_COUNT = 200;

/** The payments of an address, page by page. */
export function addressHistoryQuery(client: RpcClient, address: string) {
  return infiniteQueryOptions({
    queryKey: ['address', address, 'history'],
    queryFn: ({ pageParam }): Promise<AddressPage> =>
      client.call<AddressPage>(
        'getaddresshistory',
        pageParam === null ? [address, PAGE_COUNT] : [address, PAGE_COUNT, pageParam],
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}
