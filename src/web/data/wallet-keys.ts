// What concerns the keys of a wallet: unlocking them for one act, their passphrase, signed messages, backups. A passphrase goes from
// the field to the call and is kept nowhere.

import type { RpcClient } from '../../api/client.ts';

/** How long keys stay unlocked when the act that needs them does not lock them again: the page was closed meanwhile. */
const UNLOCK_SEC = 60;

/** Does something with the keys unlocked, and locks them again. Null: they can be used as they are. */
export async function withKeys<T>(
  client: RpcClient,
  wallet: string,
  passphrase: string | null,
  act: () => Promise<T>,
): Promise<T> {
  if (passphrase === null) return act();
  await client.call('walletpassphrase', { passphrase, timeout: UNLOCK_SEC }, { wallet });
  try {
    return await act();
  } finally {
    await client.call('walletlock', [], { wallet });
  }
}

/** Locks keys that somebody unlocked. */
export async function lockKeys(client: RpcClient, wallet: string): Promise<void> {
  await client.call('walletlock', [], { wallet });
}

/** Guards the keys of a wallet with a passphrase. */
export async function encryptWallet(client: RpcClient, wallet: string, passphrase: string): Promise<void> {
  await client.call('encryptwallet', { passphrase }, { wallet });
}

/** Changes the passphrase. */
export async function changePassphrase(
  client: RpcClient,
  wallet: string,
  change: { readonly before: string; readonly after: string },
): Promise<void> {
  const parameters = { oldpassphrase: change.before, newpassphrase: change.after };
  await client.call('walletpassphrasechange', parameters, { wallet });
}

/** Writes a copy of the wallet to a path on the machine of the node. */
export async function backUpWallet(client: RpcClient, wallet: string, path: string): Promise<void> {
  await client.call('backupwallet', { destination: path }, { wallet });
}

/** A signature that proves who owns an address. */
export function signMessage(
  client: RpcClient,
  wallet: string,
  { address, message }: { readonly address: string; readonly message: string },
): Promise<string> {
  return client.call<string>('signmessage', { address, message }, { wallet });
}

/** Whether the owner of an address signed a message. */
export function verifyMessage(
  client: RpcClient,
  { address, signature, message }: { readonly address: string; readonly signature: string; readonly message: string },
): Promise<boolean> {
  return client.call<boolean>('verifymessage', { address, signature, message });
}
