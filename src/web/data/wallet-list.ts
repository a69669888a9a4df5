// Which wallets there are, open or closed, and the acts that make, open and close one.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';

/** A wallet in the folder of the node. */
export interface KnownWallet {
  readonly name: string;
  readonly isOpen: boolean;
}

interface FolderAnswer {
  readonly wallets: readonly { readonly name: string }[];
}

/** All wallets: the open ones in the order in which they were opened, then the others. */
export function walletsQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['wallet', 'known'],
    queryFn: async (): Promise<readonly KnownWallet[]> => {
      const [open, folder] = await Promise.all([
        client.call<readonly string[]>('listwallets'),
        client.call<FolderAnswer>('listwalletdir'),
      ]);
      const closed = folder.wallets.map(({ name }) => name).filter((name) => !open.includes(name));
      return [...open.map((name) => ({ name, isOpen: true })), ...closed.map((name) => ({ name, isOpen: false }))];
    },
  });
}

/** What the node has to say about a wallet that it made or opened. */
export interface OpenedWallet {
  readonly name: string;
  readonly warnings?: readonly string[];
}

/** Opens a wallet, and has it opened at every start. */
export function openWallet(client: RpcClient, name: string): Promise<OpenedWallet> {
  return client.call<OpenedWallet>('loadwallet', { filename: name, load_on_startup: true });
}

/** Closes a wallet, and leaves it closed at the next start. */
export async function closeWallet(client: RpcClient, name: string): Promise<void> {
  await client.call('unloadwallet', { wallet_name: name, load_on_startup: false });
}

/** Puts a backup file of the node's machine in place under a new name, and opens it. */
export function restoreWallet(client: RpcClient, name: string, path: string): Promise<OpenedWallet> {
  return client.call<OpenedWallet>('restorewallet', { wallet_name: name, backup_file: path, load_on_startup: true });
}
