// Why no transaction came about: a kind for programs, and Core's words for people.

import { err } from '../../kernel/util/result.ts';

/** Kinds of failures; those that Core's fee bumper tells apart, and a lack of money. */
export type SpendErrorKind = 'insufficient-funds' | 'invalid-parameter' | 'wallet' | 'misc';

/** A failure with Core's words. */
export interface SpendError {
  readonly kind: SpendErrorKind;
  readonly message: string;
}

/** A failed result. */
export function spendError(
  message: string,
  kind: SpendErrorKind = 'wallet',
): { readonly ok: false; readonly error: SpendError } {
  return err({ kind, message });
}
