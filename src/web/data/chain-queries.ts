// What the page asks of the chain besides single blocks: the next block forming, the columns of the charts, what waits.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';

/** Transactions of the next block that are asked for: more than a picture can show apart. */
const NEXT_BLOCK_LIMIT = 200;

/** A transaction of the next block. */
export interface NextTransaction {
  readonly txid: string;
  readonly feeSat: number;
  readonly vsize: number;
  /** What it and those that go with it pay, in satoshis per virtual byte. */
  readonly chunkFeerate: number;
}

/** The block that would be mined now. */
export interface NextBlock {
  readonly height: number;
  readonly previousHash: string;
  readonly target: string;
  readonly difficulty: number;
  readonly transactionCount: number;
  readonly weight: number;
  readonly weightMax: number;
  readonly feesSat: number;
  readonly rewardSat: number;
  readonly transactions: readonly NextTransaction[];
}

/** The block that would be mined now. */
export function nextBlockQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['mempool', 'next-block'],
    queryFn: (): Promise<NextBlock> => client.call<NextBlock>('getnextblock', [NEXT_BLOCK_LIMIT]),
  });
}

/** How the ledger has developed: columns of equal length. */
export interface LedgerSeries {
  readonly from: number;
  readonly to: number;
  readonly capSat: number;
  readonly height: readonly number[];
  readonly difficulty: readonly (number | null)[];
  readonly intervalSec: readonly (number | null)[];
  readonly feesSat: readonly (number | null)[];
  readonly supplySat: readonly (number | null)[];
}

/** The columns of `points` points from a height to the tip; below zero it counts back from the tip. */
export function ledgerSeriesQuery(client: RpcClient, fromHeight: number, points: number) {
  return queryOptions({
    queryKey: ['chain', 'series', fromHeight, points],
    queryFn: (): Promise<LedgerSeries> =>
      client.call<LedgerSeries>('getledgerseries', { from_height: fromHeight, points }),
  });
}

/** The payments that wait. */
export interface MempoolInfo {
  readonly transactionCount: number;
  readonly vsize: number;
  readonly feesSat: number;
  /** Below this nothing is taken, in satoshis per virtual byte. */
  readonly minimumFeerate: number;
}

/** Virtual bytes in a kilobyte of fee rates. */
const VBYTES = 1000;

/** The payments that wait. */
export function mempoolQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['mempool', 'info'],
    queryFn: async (): Promise<MempoolInfo> => {
      const info = await client.call<{ size: number; bytes: number; total_fee: number; mempoolminfee: number }>(
        'getmempoolinfo',
      );
      return {
        transactionCount: info.size,
        vsize: info.bytes,
        feesSat: toSat(info.total_fee),
        minimumFeerate: toSat(info.mempoolminfee) / VBYTES,
      };
    },
  });
}

/** The chain as a whole. */
export interface ChainInfo {
  readonly height: number;
  /** Of the last header: above `height` while blocks are fetched. */
  readonly headers: number;
  readonly difficulty: number;
}

/** The chain as a whole. */
export function chainInfoQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['chain', 'info'],
    queryFn: async (): Promise<ChainInfo> => {
      const info = await client.call<{ blocks: number; headers: number; difficulty: number }>('getblockchaininfo');
      return { height: info.blocks, headers: info.headers, difficulty: info.difficulty };
    },
  });
}

/** Hashes per second of all miners, estimated from the last blocks. */
export function networkHashRateQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['chain', 'hash-rate'],
    queryFn: (): Promise<number> => client.call<number>('getnetworkhashps'),
  });
}
