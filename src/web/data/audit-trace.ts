// The history of a coin, back to the rewards that it was issued as. Amounts are satoshis, times seconds since 1970.

import { queryOptions } from '@tanstack/react-query';
import { RpcCallError, type RpcClient } from '../../api/client.ts';
import { RPC_CODE } from '../../api/errors.ts';

/** A coin: an output of a transaction. */
export interface CoinName {
  readonly txid: string;
  readonly vout: number;
}

/** A coin that a transaction of a trace spent. */
export interface TraceInput extends CoinName {
  readonly height: number;
  readonly valueSat: number;
}

/** A transaction that the money of a coin went through. */
export interface TraceStep {
  readonly txid: string;
  readonly height: number;
  readonly time: number;
  /** Whether the money came into being here. */
  readonly reward: boolean;
  /** Sum of its outputs. */
  readonly valueSat: number;
  readonly inputs: readonly TraceInput[];
}

/** The history of a coin, nearest transactions first. */
export interface Trace extends CoinName {
  readonly complete: boolean;
  readonly rewards: number;
  readonly rewardsSat: number;
  readonly transactions: readonly TraceStep[];
}

/** The largest number of an output (uint32). */
const VOUT_MAX = 0xffff_ffff;

/** The coin that a text names; null: none. */
export function parseCoinName(text: string): CoinName | null {
  const match = /^([0-9a-f]{64}):(\d{1,10})$/.exec(text.trim().toLowerCase());
  const vout = Number(match?.[2]);
  return match === null || vout > VOUT_MAX ? null : { txid: match[1]!, vout };
}

/** A coin as a text. */
export function formatCoinName({ txid, vout }: CoinName): string {
  return `${txid}:${vout}`;
}

async function traceCoin(client: RpcClient, { txid, vout }: CoinName, limit: number): Promise<Trace | null> {
  try {
    return await client.call<Trace>('tracecoin', { txid, vout, limit });
  } catch (error) {
    if (!(error instanceof RpcCallError) || error.code !== RPC_CODE.INVALID_ADDRESS_OR_KEY) throw error;
  }
  // It was spent, or never was: where there is an index of transactions, it knows the page.
  const found = await client.call<readonly { readonly kind: string; readonly height?: number }[]>('searchledger', [
    txid,
  ]);
  const height = found.find(({ kind }) => kind === 'transaction')?.height;
  return height === undefined ? null : await client.call<Trace>('tracecoin', { txid, vout, limit, height });
}

/** The trace of a coin; null: there is no such coin. */
export function traceQuery(client: RpcClient, coin: CoinName, limit: number) {
  return queryOptions({
    queryKey: ['chain', 'trace', formatCoinName(coin), limit],
    queryFn: (): Promise<Trace | null> => traceCoin(client, coin, limit),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Pages that are looked at for a payment to begin with. */
const RECENT_PAGES = 20;

interface RecentBlock {
  readonly hash: string;
  readonly transactionCount: number;
}

/** Coins of the newest payments, for those who have none at hand. */
export function recentCoinsQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['audit', 'recent-coins'],
    queryFn: async (): Promise<readonly CoinName[]> => {
      const blocks = await client.call<readonly RecentBlock[]>('getrecentblocks', [RECENT_PAGES]);
      const block = blocks.find(({ transactionCount }) => transactionCount > 1);
      if (block === undefined) return [];
      const { tx } = await client.call<{ readonly tx: readonly string[] }>('getblock', [block.hash, 1]);
      return tx.slice(1, 4).map((txid) => ({ txid, vout: 0 }));
    },
  });
}
