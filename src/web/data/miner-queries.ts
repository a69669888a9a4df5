// The miner of this node: what it does, what it has won, and switching it.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';

/** A block that this miner won. */
export interface PageWon {
  readonly height: number;
  readonly hash: string;
  readonly time: number;
  readonly rewardSat: number;
}

/** What the miner has to show. */
export interface MinerInfo {
  readonly isOn: boolean;
  /** Of the time of the machine's threads, above 0 and at most 1. */
  readonly share: number;
  readonly threads: number;
  readonly address?: string;
  readonly hashesPerSecond: number;
  readonly hashes: number;
  /** For the height that it searches, or searched last. */
  readonly hashesAtHeight: number;
  readonly height: number;
  readonly rewardSat: number;
  /** The highest hash that wins. */
  readonly target: string;
  readonly networkHashesPerSecond: number;
  readonly networkShare: number;
  readonly expectedSec?: number;
  /** The lowest hash so far for that height. */
  readonly bestHash?: string;
  readonly pagesWon: number;
  readonly pages: readonly PageWon[];
}

/** The miner. */
export function minerQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['miner', 'info'],
    queryFn: (): Promise<MinerInfo> => client.call<MinerInfo>('getminerinfo'),
  });
}

/** What may be changed; what is left out stays. */
export interface MinerChange {
  readonly on?: boolean;
  readonly share?: number;
  readonly address?: string;
}

/** Switches the miner; the answer is what it does then. */
export function changeMiner(client: RpcClient, change: MinerChange): Promise<MinerInfo> {
  return client.call<MinerInfo>('setminer', { ...change });
}

/** A fresh address of a wallet. */
export function createAddress(client: RpcClient, wallet: string, label: string): Promise<string> {
  return client.call<string>('getnewaddress', [label], { wallet });
}
