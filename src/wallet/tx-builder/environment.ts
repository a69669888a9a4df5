// What a transaction is built from, handed in as data and narrow functions: the coins, the settings of the wallet (Core CWallet's
// options), the node as far as fees go, the tip, the time, chance.

import { COIN } from '../../kernel/primitives/amount.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { AvailableCoin } from '../books/available-coin.ts';
import type { ChainSource } from '../chain-source.ts';
import type { InputMeasure } from '../descriptor/input-size.ts';

/** Options of a wallet that payments follow; rates in sat/kvB. */
export interface SpendSettings {
  /** Blocks until a confirmation that estimates are for (-txconfirmtarget). */
  readonly confirmTarget: number;
  /** Change may be spent before it is confirmed (-spendzeroconfchange). */
  readonly spendsUnconfirmedChange: boolean;
  /** Transactions say that they may be replaced (-walletrbf). */
  readonly signalsReplacement: boolean;
  /** Lowest rate that is paid (-mintxfee). */
  readonly feeRateMin: number;
  /** Rate where there is no estimate; 0: none is built then (-fallbackfee). */
  readonly fallbackFeeRate: number;
  /** Change that would cost more to spend at this rate is given to the miner (-discardfee). */
  readonly discardFeeRate: number;
  /** Rate of quiet times, at which coins are better gathered than spared (-consolidatefeerate). */
  readonly consolidateFeeRate: number;
  /** Fee that may be added to spend coins of one script together; -1: that is not tried (-maxapsfee). */
  readonly groupingFeeMaxSat: number;
  /** Highest fee of a transaction (-maxtxfee). */
  readonly feeMaxSat: number;
  /** Transactions that the mempool would refuse for their relatives are not built (-walletrejectlongchains). */
  readonly rejectsLongChains: boolean;
  /** Limits of relatives that peers may have (-limitancestorcount, -limitdescendantcount). */
  readonly ancestorCountMax: number;
  readonly descendantCountMax: number;
}

/** Core's defaults (wallet/wallet.h, policy/policy.h). */
export const DEFAULT_SPEND_SETTINGS: SpendSettings = Object.freeze({
  confirmTarget: 6,
  spendsUnconfirmedChange: true,
  signalsReplacement: true,
  feeRateMin: 1_000,
  fallbackFeeRate: 0,
  discardFeeRate: 10_000,
  consolidateFeeRate: 10_000,
  groupingFeeMaxSat: 0,
  feeMaxSat: COIN / 10,
  rejectsLongChains: true,
  ancestorCountMax: 25,
  descendantCountMax: 25,
});

/** The node as far as payments need it: any {@link ChainSource} will do. */
export type SpendChain = Pick<
  ChainSource,
  | 'bumpFees'
  | 'checkChainLimits'
  | 'estimateFeeRate'
  | 'estimateTargetMax'
  | 'mempoolMinFeeRate'
  | 'relayMinFeeRate'
  | 'incrementalRelayFeeRate'
  | 'dustRelayFeeRate'
>;

/** A script for change, or why there is none, in words for a person. */
export type ChangeSource =
  | { readonly script: Uint8Array; readonly fault: null }
  | { readonly script: null; readonly fault: string };

/** What transactions are built from. */
export interface SpendEnvironment {
  readonly chain: SpendChain;
  readonly settings: SpendSettings;
  /** Everything unspent of the wallet: unsafe, locked and immature coins too. */
  readonly coins: readonly AvailableCoin[];
  /** How large the input is that spends a script of the wallet, signed by it; null for scripts of others or without solution. */
  readonly measureInput: (scriptPubKey: Uint8Array) => InputMeasure | null;
  /** A new script for change; it is used up only when the result has change. */
  readonly change: ChangeSource;
  /** The block that the wallet has seen last. */
  readonly tip: { readonly height: number; readonly timeSec: number };
  /** The node is not fetching old blocks. */
  readonly isSynchronised: boolean;
  readonly nowSec: number;
  readonly rng: Rng;
}
