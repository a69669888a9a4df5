// Payments that wait too long: paid more for by the one who sent them, or given up.

import { RpcCallError, type RpcClient } from '../../api/client.ts';
import { withKeys } from './wallet-keys.ts';

interface RaiseAnswer {
  readonly txid?: string;
}

/** Sends the payment again with a higher fee; the new one takes the place of the old. */
export async function raiseFee(
  client: RpcClient,
  wallet: string,
  {
    txid,
    feeRate,
    passphrase,
  }: { readonly txid: string; readonly feeRate: number; readonly passphrase: string | null },
): Promise<string> {
  const parameters = { txid, options: { fee_rate: (feeRate / 1000).toFixed(3) } };
  const answer = await withKeys(client, wallet, passphrase, () =>
    client.call<RaiseAnswer>('bumpfee', parameters, { wallet }),
  );
  return answer.txid ?? '';
}

/** Gives a payment up that is in no memory pool: its coins are free again. */
export async function abandonPayment(client: RpcClient, wallet: string, txid: string): Promise<void> {
  await client.call('abandontransaction', { txid }, { wallet });
}

/** Virtual size of a payment in the memory pool of the node; null: it is not there. */
export async function fetchWaitingSize(client: RpcClient, txid: string): Promise<number | null> {
  try {
    const { vsize } = await client.call<{ readonly vsize: number }>('getmempoolentry', [txid]);
    return vsize;
  } catch (error) {
    if (error instanceof RpcCallError) return null;
    throw error;
  }
}
