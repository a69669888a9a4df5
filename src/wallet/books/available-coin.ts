// A coin as coin selection and lists see it (Core COutput), and which coins are asked for (Core CoinFilterParams with the parts of
// CCoinControl that concern availability).

import type { Outpoint } from '../../kernel/primitives/outpoint.ts';

/** Output types as people choose them (Core OutputType). */
export type AddressType = 'legacy' | 'p2sh-segwit' | 'bech32' | 'bech32m';

/** An own output that nothing spends, or nothing that still counts. */
export interface AvailableCoin {
  readonly outpoint: Outpoint;
  /** `txid:index`. */
  readonly name: string;
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
  /** The same, hexadecimal: the name of its address. */
  readonly scriptHex: string;
  /** Blocks on top of it with its own; 0: it waits in the mempool. */
  readonly depth: number;
  /** The wallet has a descriptor that says how to spend it. */
  readonly isSolvable: boolean;
  /** Confirmed, or own change that nobody else can take away; and not part of a replacement (Core `safe`). */
  readonly isSafe: boolean;
  /** It comes from a transaction that spends own coins. */
  readonly isFromMe: boolean;
  readonly isLocked: boolean;
  /** Coins of its address were spent before. */
  readonly isReused: boolean;
  /** A reward that is too young to be spent. */
  readonly isImmature: boolean;
  /** The time of its transaction as shown. */
  readonly timeSec: number;
  /** Version of its transaction. */
  readonly version: number;
  /** TRUC allows its transaction one child, and there is one in the mempool. */
  readonly hasTrucChild: boolean;
  /** Transactions of the mempool among its own and its ancestors, and in its cluster; 0 once it is confirmed. */
  readonly ancestorCount: number;
  readonly clusterCount: number;
}

/** Relatives of a transaction in the mempool, itself counted. */
export interface MempoolRelatives {
  readonly ancestorCount: number;
  readonly clusterCount: number;
}

/** Which coins are asked for. What is left out does not limit; depth is 0 at least. */
export interface CoinFilter {
  readonly minDepth?: number;
  readonly maxDepth?: number;
  /** Least value; 1 when not given. */
  readonly minAmountSat?: number;
  readonly maxAmountSat?: number;
  /** Stops when this sum is reached. */
  readonly minSumSat?: number;
  /** Stops at so many coins; 0: no limit. */
  readonly maxCount?: number;
  readonly includesUnsafe?: boolean;
  readonly includesImmatureCoinbase?: boolean;
  readonly includesLocked?: boolean;
  /** Takes coins of addresses that were spent from, though the wallet avoids them. */
  readonly includesUsedAddresses?: boolean;
}
