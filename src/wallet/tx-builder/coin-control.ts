// What the owner wants of one transaction beside its recipients (Core CCoinControl): coins to spend in any case, the rate or how it is
// estimated, where change goes, which coins may be taken. Plain data.

import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { TransactionOutput } from '../../kernel/primitives/transaction.ts';
import type { WitnessStack } from '../../kernel/primitives/witness.ts';
import type { FeeEstimateMode } from '../chain-source.ts';
import type { KeyRing } from '../descriptor/key-ring.ts';

/** An input that is to be there in any case (Core PreselectedInput). */
export interface PresetInput {
  readonly outpoint: Outpoint;
  /** The output that it spends; null: nobody knows it. */
  readonly output: TransactionOutput | null;
  /** The output is not one of the wallet: it is measured with the solving data of {@link CoinControl}. */
  readonly isExternal: boolean;
  /** Confirmations of an output of the wallet. */
  readonly depth: number;
  /** Version of the transaction of an output of the wallet. */
  readonly version: number;
  /** Weight of the signed input, where the owner says so. */
  readonly weightWu?: number | null;
  /** Sequence, where the owner says so. */
  readonly sequence?: number | null;
  readonly scriptSig?: Uint8Array;
  readonly witness?: WitnessStack;
}

/** Wishes for one transaction. */
export interface CoinControl {
  /** In the order in which they are to stand first. */
  readonly presetInputs: readonly PresetInput[];
  /** Coins of the wallet may be added to the preset ones. */
  readonly allowsOtherInputs: boolean;
  /** Unconfirmed coins of strangers and of replacements may be spent. */
  readonly includesUnsafe: boolean;
  /** Where change goes; null: to a new address. */
  readonly changeScript: Uint8Array | null;
  /** Rate in sat/kvB; null: it is estimated. */
  readonly feeRate: number | null;
  /** The given rate is taken even below the lowest that is usual. */
  readonly overridesFeeRate: boolean;
  /** Blocks until the confirmation; null: as the wallet is set. */
  readonly confirmTarget: number | null;
  /** null: economical when the transaction says that it may be replaced, else conservative. */
  readonly estimateMode: FeeEstimateMode | null;
  /** Says that it may be replaced (BIP125); null: as the wallet is set. */
  readonly signalsReplacement: boolean | null;
  /** Coins of one script are spent together. */
  readonly avoidsPartialSpends: boolean;
  /** Coins of scripts that were spent from before are left alone. */
  readonly avoidsReuse: boolean;
  readonly depthMin: number;
  readonly depthMax: number;
  /** Keys and scripts for the size of inputs that are not of the wallet. */
  readonly externalRing: KeyRing | null;
  readonly version: number;
  /** null: chosen against fee sniping. */
  readonly locktime: number | null;
  /** Heaviest transaction; null: the heaviest that is relayed. */
  readonly weightMaxWu: number | null;
}

/** No wishes (Core's defaults). */
export const DEFAULT_COIN_CONTROL: CoinControl = Object.freeze({
  presetInputs: [],
  allowsOtherInputs: true,
  includesUnsafe: false,
  changeScript: null,
  feeRate: null,
  overridesFeeRate: false,
  confirmTarget: null,
  estimateMode: null,
  signalsReplacement: null,
  avoidsPartialSpends: false,
  avoidsReuse: false,
  depthMin: 0,
  // Core DEFAULT_MAX_DEPTH
  depthMax: 9_999_999,
  externalRing: null,
  version: 2,
  locktime: null,
  weightMaxWu: null,
});
