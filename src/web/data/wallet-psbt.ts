// Transactions that are passed around to be signed: what each step of one does.

import type { RpcClient } from '../../api/client.ts';
import { isReviewedTransaction, type PsbtContent, type TransactionAnswer } from './psbt-content.ts';
import { withKeys } from './wallet-keys.ts';
import { findOwnOutputs, ReviewMismatchError, showPsbt } from './wallet-pay.ts';

/** Who is to have a PSBT next. */
export type PsbtStep = 'creator' | 'updater' | 'signer' | 'finalizer' | 'extractor';

/** A PSBT with what it says and how far it is. */
export interface ShownPsbt {
  readonly psbt: string;
  readonly content: PsbtContent;
  readonly rate: number | null;
  readonly next: PsbtStep;
  /** Positions of the outputs that come back to the wallet. */
  readonly ownOutputs: readonly number[];
  /** What the node finds wrong with it; null: nothing. */
  readonly fault: string | null;
}

interface Analysis {
  readonly next: PsbtStep;
  readonly error?: string;
}

/** Reads a PSBT; rejects where it is none. */
export async function openPsbt(client: RpcClient, wallet: string, psbt: string): Promise<ShownPsbt> {
  const [{ content, rate }, { next, error }] = await Promise.all([
    showPsbt(client, psbt),
    client.call<Analysis>('analyzepsbt', [psbt]),
  ]);
  const ownOutputs = await findOwnOutputs(client, wallet, content);
  return { psbt, content, rate, next, ownOutputs, fault: error ?? null };
}

/** Adds what the wallet knows and can sign. */
export async function signPsbt(
  client: RpcClient,
  wallet: string,
  psbt: string,
  passphrase: string | null,
): Promise<string> {
  const parameters = { psbt, sign: true, finalize: false };
  const signed = await withKeys(client, wallet, passphrase, () =>
    client.call<{ readonly psbt: string }>('walletprocesspsbt', parameters, { wallet }),
  );
  return signed.psbt;
}

/** Puts the signatures of several copies of one PSBT together. */
export function combinePsbts(client: RpcClient, psbts: readonly string[]): Promise<string> {
  return client.call<string>('combinepsbt', [psbts]);
}

/** Makes final scripts of the signatures; the transaction in hex, or null where signatures are missing. */
export async function finalizePsbt(
  client: RpcClient,
  psbt: string,
): Promise<{ readonly psbt: string; readonly hex: string | null }> {
  const answer = await client.call<{ readonly psbt?: string; readonly hex?: string }>('finalizepsbt', [psbt]);
  return { psbt: answer.psbt ?? psbt, hex: answer.hex ?? null };
}

/** Sends the finished transaction if it is the one that was shown; its id. */
export async function broadcast(client: RpcClient, content: PsbtContent, hex: string): Promise<string> {
  const transaction = await client.call<TransactionAnswer>('decoderawtransaction', [hex]);
  if (!isReviewedTransaction(content, transaction)) throw new ReviewMismatchError('not what was shown');
  return client.call<string>('sendrawtransaction', [hex]);
}
