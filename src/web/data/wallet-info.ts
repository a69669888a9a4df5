// What a wallet is and what it holds.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';

/** Whether the keys of a wallet are guarded by a passphrase, and whether they can be used now. */
export type KeyGuard = 'none' | 'locked' | 'unlocked';

/** A wallet. */
export interface WalletInfo {
  readonly name: string;
  /** Without keys it only watches. */
  readonly hasKeys: boolean;
  /** Made without keys, and still without. */
  readonly isBlank: boolean;
  readonly guard: KeyGuard;
  /** Made of words, which it can show again. */
  readonly hasWords: boolean;
  /** Share of the ledger that was read again; null: it reads nothing again now. */
  readonly scanShare: number | null;
  readonly birthTimeSec: number | null;
}

interface InfoAnswer {
  readonly walletname: string;
  readonly private_keys_enabled: boolean;
  readonly blank: boolean;
  readonly has_words: boolean;
  readonly unlocked_until?: number;
  readonly scanning: false | { readonly progress: number };
  readonly birthtime?: number;
}

/** A wallet that reads the ledger again tells no events of how far it is. */
const SCAN_LOOK_MS = 1500;

/** What a wallet is. */
export function walletInfoQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'info'],
    refetchInterval: ({ state }) => (state.data?.scanShare == null ? false : SCAN_LOOK_MS),
    queryFn: async (): Promise<WalletInfo> => {
      const answer = await client.call<InfoAnswer>('getwalletinfo', [], { wallet });
      return {
        name: answer.walletname,
        hasKeys: answer.private_keys_enabled,
        isBlank: answer.blank,
        hasWords: answer.has_words,
        guard: readGuard(answer.unlocked_until),
        scanShare: answer.scanning === false ? null : answer.scanning.progress,
        birthTimeSec: answer.birthtime ?? null,
      };
    },
  });
}

function readGuard(unlockedUntilSec: number | undefined): KeyGuard {
  if (unlockedUntilSec === undefined) return 'none';
  return unlockedUntilSec === 0 ? 'locked' : 'unlocked';
}

/** What a wallet holds, by how sure it is. */
export interface WalletBalance {
  /** Can be spent now. */
  readonly confirmedSat: number;
  /** From others, not in a block yet. */
  readonly pendingSat: number;
  /** Rewards that are too young to be spent. */
  readonly immatureSat: number;
}

interface BalancesAnswer {
  readonly mine: { readonly trusted: number; readonly untrusted_pending: number; readonly immature: number };
}

/** What a wallet holds. */
export function walletBalanceQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'balance'],
    queryFn: async (): Promise<WalletBalance> => {
      const { mine } = await client.call<BalancesAnswer>('getbalances', [], { wallet });
      return {
        confirmedSat: toSat(mine.trusted),
        pendingSat: toSat(mine.untrusted_pending),
        immatureSat: toSat(mine.immature),
      };
    },
  });
}

/** Height of the last block: what confirmations are counted from. */
export function tipHeightQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['chain', 'height'],
    queryFn: (): Promise<number> => client.call<number>('getblockcount'),
  });
}
