// The descriptors of an account (BIP44, BIP49, BIP84, BIP86): for each type of address one row to be paid at and one for change, as a
// new wallet of Core has them (GenerateWalletDescriptor). They start at the root, so that their hardened steps need its secret once.

import { assert } from '../../kernel/util/assert.ts';
import { type ExtendedPublicKey, HARDENED_START } from '../keys/extended-key.ts';
import type { DerivedKey, Descriptor } from './descriptor.ts';

/** Types of addresses, as Core's RPC calls them (OutputType). */
export type AccountType = 'legacy' | 'p2sh-segwit' | 'bech32' | 'bech32m';

/** All of them, in Core's order. */
export const ACCOUNT_TYPES: readonly AccountType[] = ['legacy', 'p2sh-segwit', 'bech32', 'bech32m'];

/** First step of the way to an account: the number of the paper that says how its addresses are made. */
const PURPOSES: Readonly<Record<AccountType, number>> = Object.freeze({
  legacy: 44,
  'p2sh-segwit': 49,
  bech32: 84,
  bech32m: 86,
});

/** Whose addresses a row gives: others pay there, or what is left over goes there. */
export type AccountUse = 'receive' | 'change';

/** Last step before the row (BIP44). */
const USE_STEPS: Readonly<Record<AccountUse, number>> = Object.freeze({ receive: 0, change: 1 });

/** Which account. */
export interface AccountPlace {
  /** Any network but the main one has coin type 1 (SLIP44). */
  readonly isTestChain: boolean;
  /** From 0. */
  readonly accountNumber: number;
}

/** A descriptor of an account. */
export interface AccountDescriptor {
  readonly type: AccountType;
  readonly use: AccountUse;
  readonly descriptor: Descriptor;
}

/** The descriptors of an account, in Core's order: those to be paid at first. */
export function createAccountDescriptors(root: ExtendedPublicKey, place: AccountPlace): readonly AccountDescriptor[] {
  return (['receive', 'change'] as const).flatMap((use) =>
    ACCOUNT_TYPES.map((type) => ({ type, use, descriptor: createAccountDescriptor(root, place, type, use) })),
  );
}

/** One of them. */
export function createAccountDescriptor(
  root: ExtendedPublicKey,
  { isTestChain, accountNumber }: AccountPlace,
  type: AccountType,
  use: AccountUse,
): Descriptor {
  assert(accountNumber >= 0 && accountNumber < HARDENED_START, 'account: its number is below 2^31');
  const hardened = [PURPOSES[type], isTestChain ? 1 : 0, accountNumber].map((step) => step + HARDENED_START);
  const paths = [[...hardened, USE_STEPS[use]]];
  const key: DerivedKey = { kind: 'derived', root, paths, range: 'unhardened', usesApostrophe: false, origin: null };
  switch (type) {
    case 'legacy':
      return { type: 'pkh', key, isInTree: false };
    case 'p2sh-segwit':
      return { type: 'sh', inner: { type: 'wpkh', key, isInTree: false } };
    case 'bech32':
      return { type: 'wpkh', key, isInTree: false };
    case 'bech32m':
      return { type: 'tr', internalKey: key, leaves: [] };
  }
}
