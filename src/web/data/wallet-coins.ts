// The single coins of a wallet: which there are, which are left alone, and where one comes from.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';

/** Names a coin. */
export interface CoinName {
  readonly txid: string;
  readonly index: number;
}

/** A coin of a wallet. */
export interface WalletCoin extends CoinName {
  readonly valueSat: number;
  readonly address: string | null;
  readonly label: string;
  readonly confirmations: number;
  /** Whether it can be spent now: a reward must be a hundred blocks old. */
  readonly isMature: boolean;
  /** Whether nobody else can take it away. */
  readonly isSafe: boolean;
  readonly isLocked: boolean;
}

/** Confirmations that a reward needs before it can be spent in the next block (COINBASE_MATURITY). */
export const REWARD_MATURITY = 100;

interface CoinAnswer {
  readonly txid: string;
  readonly vout: number;
  readonly address?: string;
  readonly label?: string;
  readonly amount: number;
  readonly confirmations: number;
  readonly mature: boolean;
  readonly safe: boolean;
  readonly locked: boolean;
}

interface SumAnswer {
  readonly count: number;
  readonly amount: number;
}

/** What listcoins answers. */
interface CoinsAnswer extends SumAnswer {
  readonly coins: readonly CoinAnswer[];
  readonly available: SumAnswer;
}

/** Coins that are fetched before all others: more than a screen shows. */
export const FIRST_COINS = 100;

/** Coins that are fetched at most: more than anybody looks through, and far more than fit into one payment. */
export const COINS_MAX = 10_000;

/** The coins of a wallet. */
export interface WalletCoins {
  /** The greatest first; of very many only the greatest. */
  readonly coins: readonly WalletCoin[];
  /** Of all of them. */
  readonly count: number;
  readonly sumSat: number;
}

/** So many coins of a wallet, those that are left alone with them. */
export function walletCoinsQuery(client: RpcClient, wallet: string, count: typeof FIRST_COINS | typeof COINS_MAX) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'coins', count],
    queryFn: async (): Promise<WalletCoins> => {
      const answer = await client.call<CoinsAnswer>('listcoins', { count }, { wallet });
      return { coins: answer.coins.map(readCoin), count: answer.count, sumSat: toSat(answer.amount) };
    },
  });
}

/** What a payment may be made of, without the single coins. */
export interface SpendableSum {
  /** Coins that can be spent, those included that others could still take away. */
  readonly count: number;
  /** What can be spent safely. */
  readonly availableSat: number;
}

/** What a payment may be made of. */
export function spendableQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'coins', 'sum'],
    queryFn: async (): Promise<SpendableSum> => {
      const parameters = { count: 0, include_held: false };
      const { count, available } = await client.call<CoinsAnswer>('listcoins', parameters, { wallet });
      return { count, availableSat: toSat(available.amount) };
    },
  });
}

/** One text for a coin. */
export function coinKey({ txid, index }: CoinName): string {
  return `${txid}:${index}`;
}

function readCoin(coin: CoinAnswer): WalletCoin {
  return {
    txid: coin.txid,
    index: coin.vout,
    valueSat: toSat(coin.amount),
    address: coin.address ?? null,
    label: coin.label ?? '',
    confirmations: coin.confirmations,
    isMature: coin.mature,
    isSafe: coin.safe,
    isLocked: coin.locked,
  };
}

/** Leaves coins alone, also after a restart, or gives them free. */
export async function lockCoins(
  client: RpcClient,
  wallet: string,
  coins: readonly CoinName[],
  isLocked: boolean,
): Promise<void> {
  const names = coins.map(({ txid, index }) => ({ txid, vout: index }));
  await client.call('lockunspent', { unlock: !isLocked, transactions: names, persistent: isLocked }, { wallet });
}

/** A transaction on the way back from a coin. */
export interface TraceTransaction {
  readonly txid: string;
  readonly height: number;
  readonly time: number;
  readonly reward: boolean;
  readonly valueSat: number;
  readonly inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly height: number;
    readonly valueSat: number;
  }[];
}

/** The way back from a coin to the rewards that its money was issued as; nearest first. */
export interface CoinTrace {
  readonly complete: boolean;
  readonly rewards: number;
  readonly rewardsSat: number;
  readonly transactions: readonly TraceTransaction[];
}

/** Transactions of a trace that a person would look at. */
const TRACE_MAX = 60;

/** Where a coin comes from. Only of coins in blocks. */
export function coinTraceQuery(client: RpcClient, { txid, index }: CoinName) {
  return queryOptions({
    queryKey: ['transaction', txid, 'trace', index],
    queryFn: (): Promise<CoinTrace> => client.call<CoinTrace>('tracecoin', { txid, vout: index, limit: TRACE_MAX }),
  });
}
