// Addresses that a wallet gave out, and what was paid to them.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';

/** Kinds of addresses, in the node's words, the usual one first. */
export const ADDRESS_TYPES = ['bech32', 'bech32m', 'p2sh-segwit', 'legacy'] as const;

/** A kind of addresses. */
export type AddressType = (typeof ADDRESS_TYPES)[number];

/** An address that was given out. */
export interface GivenAddress {
  readonly address: string;
  readonly label: string;
  /** All that was ever paid to it. */
  readonly receivedSat: number;
  readonly paymentCount: number;
}

interface ReceivedAnswer {
  readonly address: string;
  readonly amount: number;
  readonly label: string;
  readonly txids: readonly string[];
}

/** Addresses that were given out, with those that nothing was paid to, in the order in which the wallet keeps them. */
export function givenAddressesQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'addresses'],
    queryFn: async (): Promise<readonly GivenAddress[]> => {
      const parameters = { minconf: 0, include_empty: true, include_immature_coinbase: true };
      const [rows, others] = await Promise.all([
        client.call<readonly ReceivedAnswer[]>('listreceivedbyaddress', parameters, { wallet }),
        listAddressesOfOthers(client, wallet),
      ]);
      const own = rows.filter(({ address }) => !others.has(address));
      return own.map(({ address, amount, label, txids }) => ({
        address,
        label,
        receivedSat: toSat(amount),
        paymentCount: txids.length,
      }));
    },
  });
}

/** Addresses of those who were paid and have a name: the address book has them beside the wallet's own. */
async function listAddressesOfOthers(client: RpcClient, wallet: string): Promise<ReadonlySet<string>> {
  const labels = await client.call<readonly string[]>('listlabels', ['send'], { wallet });
  const lists = await Promise.all(
    labels.map((label) =>
      client.call<Readonly<Record<string, { readonly purpose: string }>>>('getaddressesbylabel', [label], { wallet }),
    ),
  );
  const others = lists.flatMap((list) => Object.entries(list).filter(([, { purpose }]) => purpose === 'send'));
  return new Set(others.map(([address]) => address));
}

/** A fresh address. */
export function createTypedAddress(
  client: RpcClient,
  wallet: string,
  { label, type }: { readonly label: string; readonly type: AddressType },
): Promise<string> {
  return client.call<string>('getnewaddress', [label, type], { wallet });
}

/** An address as the node reads it. */
export interface CheckedAddress {
  /** As the node writes it: the one that is shown and paid. */
  readonly address: string;
  readonly scriptHex: string;
}

interface ValidityAnswer {
  readonly isvalid: boolean;
  readonly address?: string;
  readonly scriptPubKey?: string;
}

/** Whether a text is an address of this ledger; null: it is none. */
export function checkedAddressQuery(client: RpcClient, text: string) {
  return queryOptions({
    queryKey: ['address', 'check', text],
    enabled: text !== '',
    queryFn: () => checkAddress(client, text),
  });
}

/** The same, asked once. */
export async function checkAddress(client: RpcClient, text: string): Promise<CheckedAddress | null> {
  const { isvalid, address, scriptPubKey } = await client.call<ValidityAnswer>('validateaddress', [text]);
  return isvalid && address !== undefined && scriptPubKey !== undefined ? { address, scriptHex: scriptPubKey } : null;
}
