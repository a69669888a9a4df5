// Payments that wait too long: paid more for by the one who sent them, or given up.

import { RpcCallError, type RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';
import { withKeys } from './wallet-keys.ts';

/** What a payment pays as a fee now, and would pay after. */
export interface FeeRaise {
  readonly beforeSat: number;
  readonly afterSat: number;
}

interface RaiseAnswer {
  readonly origfee: number;
  readonly fee: number;
  readonly txid?: string;
}

/** What a higher fee rate would cost. Nothing is signed or sent. `feeRate` is in satoshis per 1,000 virtual bytes. */
export async function previewRaise(
  client: RpcClient,
  wallet: string,
  txid: string,
  feeRate: number,
): Promise<FeeRaise> {
  const parameters = { txid, options: { fee_rate: (feeRate / 1000).toFixed(3) } };
  const { origfee, fee } = await client.call<RaiseAnswer>('psbtbumpfee', parameters, { wallet });
  return { beforeSat: toSat(origfee), afterSat: toSat(fee) };
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

/** Whether a payment is in the memory pool of the node. */
export async function isWaiting(client: RpcClient, txid: string): Promise<boolean> {
  try {
    await client.call('getmempoolentry', [txid]);
    return true;
  } catch (error) {
    if (error instanceof RpcCallError) return false;
    throw error;
  }
}
