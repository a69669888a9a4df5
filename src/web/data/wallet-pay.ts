// Paying: built once, shown, and then exactly that is signed and sent (K14). The coins are claimed when it is confirmed: of two payments
// that were built with one coin, in two windows, the first takes it and the second is refused, and never replaces the first.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { formatAmount, toSat } from '../format/amount.ts';
import {
  isReviewedTransaction,
  type PsbtAnswer,
  type PsbtContent,
  readPsbtContent,
  type TransactionAnswer,
} from './psbt-content.ts';
import type { CoinName } from './wallet-coins.ts';
import { withKeys } from './wallet-keys.ts';

/** Blocks within which each of the three usual payments is to be confirmed. */
export const FEE_TARGETS = Object.freeze({ slow: 24, normal: 6, fast: 2 });

/** What the node knows about fees, in satoshis per 1,000 virtual bytes. */
export interface FeeKnowledge {
  /** By the targets; null: the node has seen too few payments to tell. */
  readonly estimates: Readonly<Record<keyof typeof FEE_TARGETS, number | null>>;
  /** Nothing below it is passed on. */
  readonly minimum: number;
}

/** What the node knows about fees. */
export function feeKnowledgeQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['mempool', 'fee-estimates'],
    queryFn: async (): Promise<FeeKnowledge> => {
      const [slow, normal, fast, pool] = await Promise.all([
        estimate(client, FEE_TARGETS.slow),
        estimate(client, FEE_TARGETS.normal),
        estimate(client, FEE_TARGETS.fast),
        client.call<{ readonly mempoolminfee: number; readonly minrelaytxfee: number }>('getmempoolinfo'),
      ]);
      const minimum = Math.max(toSat(pool.mempoolminfee), toSat(pool.minrelaytxfee));
      return { estimates: { slow, normal, fast }, minimum };
    },
  });
}

async function estimate(client: RpcClient, blocks: number): Promise<number | null> {
  const { feerate } = await client.call<{ readonly feerate?: number }>('estimatesmartfee', [blocks]);
  return feerate === undefined ? null : toSat(feerate);
}

/** A payment as it was wished for. */
export interface PaymentOrder {
  /** An amount of null takes all that the coins hold; it stands alone then. */
  readonly recipients: readonly { readonly address: string; readonly amountSat: number | null }[];
  /** Satoshis per 1,000 virtual bytes. */
  readonly feeRate: number;
  /** Coins to pay with and no others; null: the wallet chooses. */
  readonly coins: readonly (CoinName & { readonly valueSat: number })[] | null;
  /** Whether coins may be spent that others could still take away: only to speed them up. */
  readonly spendsUnsafe?: boolean;
}

/** A payment that is ready to be shown. */
export interface BuiltPayment {
  readonly psbt: string;
  readonly content: PsbtContent;
  /** Which output is change; null: none. */
  readonly changeIndex: number | null;
  /** Positions of all outputs that come back to the wallet. */
  readonly ownOutputs: readonly number[];
  /** Satoshis per virtual byte, of the size that it will have; null: the node cannot tell. */
  readonly rate: number | null;
}

/** Builds a payment. Nothing is signed. */
export async function buildPayment(client: RpcClient, wallet: string, order: PaymentOrder): Promise<BuiltPayment> {
  const { recipients, coins, feeRate, spendsUnsafe = false } = order;
  const allSat = (coins ?? []).reduce((sum, { valueSat }) => sum + valueSat, 0);
  const outputs = recipients.map(({ address, amountSat }) => ({ [address]: formatAmount(amountSat ?? allSat) }));
  const takesAll = recipients.some(({ amountSat }) => amountSat === null);
  const answer = await client.call<{ readonly psbt: string; readonly changepos: number }>(
    'walletcreatefundedpsbt',
    {
      inputs: (coins ?? []).map(({ txid, index }) => ({ txid, vout: index })),
      outputs,
      options: {
        add_inputs: coins === null,
        include_unsafe: spendsUnsafe,
        fee_rate: formatRate(feeRate),
        replaceable: true,
        subtractFeeFromOutputs: takesAll ? [0] : [],
      },
    },
    { wallet },
  );
  const shown = await showPsbt(client, answer.psbt);
  const ownOutputs = await findOwnOutputs(client, wallet, shown.content);
  return { ...shown, psbt: answer.psbt, changeIndex: answer.changepos < 0 ? null : answer.changepos, ownOutputs };
}

/** Outputs for which it is asked whether they are the wallet's own: more than any person reads. */
const OWN_OUTPUTS_MAX = 200;

/** Positions of the outputs that are the wallet's own. */
export async function findOwnOutputs(
  client: RpcClient,
  wallet: string,
  { outputs }: PsbtContent,
): Promise<readonly number[]> {
  const owned = await Promise.all(
    outputs.map(async ({ address }, i) => {
      if (address === null || i >= OWN_OUTPUTS_MAX) return false;
      return (await client.call<{ readonly ismine: boolean }>('getaddressinfo', [address], { wallet })).ismine;
    }),
  );
  return owned.flatMap((isOwn, i) => (isOwn ? [i] : []));
}

/** Satoshis per virtual byte with three decimals, as the node wants them. */
function formatRate(satPerKvb: number): string {
  return (satPerKvb / 1000).toFixed(3);
}

/** What a PSBT says, and the fee rate that it will have. */
export async function showPsbt(
  client: RpcClient,
  psbt: string,
): Promise<{ readonly content: PsbtContent; readonly rate: number | null }> {
  const [decoded, analysis] = await Promise.all([
    client.call<PsbtAnswer>('decodepsbt', [psbt]),
    client.call<{ readonly estimated_vsize?: number }>('analyzepsbt', [psbt]),
  ]);
  const content = readPsbtContent(decoded);
  const { estimated_vsize: vsize } = analysis;
  return { content, rate: vsize === undefined || content.feeSat === null ? null : content.feeSat / vsize };
}

/** What became of a payment: it is on its way, others have to sign, too, or nobody has signed yet. */
export type SentPayment =
  | { readonly kind: 'sent'; readonly txid: string }
  | { readonly kind: 'incomplete' | 'unsigned'; readonly psbt: string };

/** The signed transaction is not the one that was shown. It was not sent. */
export class ReviewMismatchError extends Error {
  override readonly name = 'ReviewMismatchError';
}

/** Signs a payment and sends it, if it is still the one that was shown and its coins are still there. */
export function sendPayment(
  client: RpcClient,
  wallet: string,
  payment: Pick<BuiltPayment, 'psbt' | 'content'>,
  passphrase: string | null,
): Promise<SentPayment> {
  return withKeys(client, wallet, passphrase, () =>
    withCoins(client, wallet, payment.content.inputs, () => signAndSend(client, wallet, payment)),
  );
}

/** Does something while nobody else can take the coins. Rejects where somebody has; coins that were spent need not be given free. */
async function withCoins<T>(
  client: RpcClient,
  wallet: string,
  coins: readonly CoinName[],
  act: () => Promise<T>,
): Promise<T> {
  const names = coins.map(({ txid, index }) => ({ txid, vout: index }));
  await client.call('lockunspent', { unlock: false, transactions: names }, { wallet });
  try {
    return await act();
  } finally {
    await client.call('lockunspent', { unlock: true, transactions: names }, { wallet }).catch(() => undefined);
  }
}

async function signAndSend(
  client: RpcClient,
  wallet: string,
  { psbt, content }: Pick<BuiltPayment, 'psbt' | 'content'>,
): Promise<SentPayment> {
  const signed = await client.call<{ readonly psbt: string; readonly complete: boolean; readonly hex?: string }>(
    'walletprocesspsbt',
    { psbt, sign: true, finalize: true },
    { wallet },
  );
  if (!signed.complete || signed.hex === undefined) return { kind: 'incomplete', psbt: signed.psbt };
  const transaction = await client.call<TransactionAnswer>('decoderawtransaction', [signed.hex]);
  if (!isReviewedTransaction(content, transaction)) throw new ReviewMismatchError('not what was shown');
  return { kind: 'sent', txid: await client.call<string>('sendrawtransaction', [signed.hex]) };
}
