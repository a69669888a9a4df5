// A payment as a person wished for it: what is to be built, and what the review is held against.

import type { CheckedAddress } from '../../data/wallet-addresses.ts';
import type { PaymentOrder } from '../../data/wallet-pay.ts';
import type { Wish } from './review.ts';

/** The wish. */
export interface SendWish {
  readonly order: PaymentOrder;
  readonly wishes: readonly Wish[];
  /** Names for the addresses, to be noted when it was sent. */
  readonly labels: readonly { readonly address: string; readonly label: string }[];
}

/** What the node says of an address; undefined: not asked, or no answer yet; null: it is none. */
export type Checked = CheckedAddress | null | undefined;
