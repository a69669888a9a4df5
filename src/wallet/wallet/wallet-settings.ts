// What an operator can set for all wallets of a program (Core's wallet options).

import type { AddressType } from '../books/available-coin.ts';
import { DEFAULT_SPEND_SETTINGS, type SpendSettings } from '../tx-builder/environment.ts';

/** Settings of wallets. */
export interface WalletSettings {
  readonly spend: SpendSettings;
  /** Type of new addresses (-addresstype). */
  readonly addressType: AddressType;
  /** Type of addresses for change (-changetype); null: chosen to look like the payment. */
  readonly changeType: AddressType | null;
  /** Addresses of each row that are known ahead (-keypool). */
  readonly keypoolSize: number;
  /** Transactions are handed to the node (-walletbroadcast). */
  readonly broadcasts: boolean;
  /** Coins of one script are spent together (-avoidpartialspends). */
  readonly avoidsPartialSpends: boolean;
  /** A wallet of another chain may be loaded (-walletcrosschain). */
  readonly allowsOtherChains: boolean;
}

/** Addresses known ahead (Core DEFAULT_KEYPOOL_SIZE). */
const KEYPOOL_SIZE_DEFAULT = 1_000;

/** Core's defaults. */
export const DEFAULT_WALLET_SETTINGS: WalletSettings = Object.freeze({
  spend: DEFAULT_SPEND_SETTINGS,
  addressType: 'bech32',
  changeType: null,
  keypoolSize: KEYPOOL_SIZE_DEFAULT,
  broadcasts: true,
  avoidsPartialSpends: false,
  allowsOtherChains: false,
});
