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
  readonly safe: boolean;
}

interface OutputAnswer {
  readonly value: number;
  readonly confirmations: number;
  readonly coinbase: boolean;
  readonly scriptPubKey: { readonly address?: string };
}

/** The coins of a wallet, the greatest first, those that are left alone with them. */
export function walletCoinsQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'coins'],
    queryFn: async (): Promise<readonly WalletCoin[]> => {
      const [mature, all, locked] = await Promise.all([
        listCoins(client, wallet, false),
        listCoins(client, wallet, true),
        client.call<readonly { readonly txid: string; readonly vout: number }[]>('listlockunspent', [], { wallet }),
      ]);
      const spendable = new Set(mature.map(({ txid, vout }) => coinKey({ txid, index: vout })));
      const free = all.map((coin) => readCoin(coin, spendable.has(coinKey({ txid: coin.txid, index: coin.vout }))));
      const held = await Promise.all(locked.map(({ txid, vout }) => fetchLocked(client, { txid, index: vout })));
      return [...free, ...held.filter((coin) => coin !== null)].sort((a, b) => b.valueSat - a.valueSat);
    },
  });
}

/** One text for a coin. */
export function coinKey({ txid, index }: CoinName): string {
  return `${txid}:${index}`;
}

function listCoins(client: RpcClient, wallet: string, includesImmature: boolean): Promise<readonly CoinAnswer[]> {
  const parameters = { minconf: 0, query_options: { include_immature_coinbase: includesImmature } };
  return client.call<readonly CoinAnswer[]>('listunspent', parameters, { wallet });
}

function readCoin(coin: CoinAnswer, isMature: boolean): WalletCoin {
  return {
    txid: coin.txid,
    index: coin.vout,
    valueSat: toSat(coin.amount),
    address: coin.address ?? null,
    label: coin.label ?? '',
    confirmations: coin.confirmations,
    isMature,
    isSafe: coin.safe,
    isLocked: false,
  };
}

/** The wallet names locked coins without their values; null: it is spent. */
async function fetchLocked(client: RpcClient, name: CoinName): Promise<WalletCoin | null> {
  const output = await client.call<OutputAnswer | null>('gettxout', [name.txid, name.index, true]);
  if (output === null) return null;
  const { confirmations, coinbase } = output;
  return {
    ...name,
    valueSat: toSat(output.value),
    address: output.scriptPubKey.address ?? null,
    label: '',
    confirmations,
    isMature: !coinbase || confirmations > REWARD_MATURITY,
    isSafe: confirmations > 0,
    isLocked: true,
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
