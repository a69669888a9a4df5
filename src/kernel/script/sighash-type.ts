// The hash type of a signature: which inputs and outputs it commits to (Core SIGHASH_*; BIP143, BIP341).

/** Hash types by name. ANYONECANPAY is a bit that combines with ALL, NONE and SINGLE; DEFAULT exists in taproot only. */
export const SIGHASH: {
  readonly DEFAULT: 0;
  readonly ALL: 1;
  readonly NONE: 2;
  readonly SINGLE: 3;
  readonly ANYONECANPAY: 0x80;
} = Object.freeze({ DEFAULT: 0, ALL: 1, NONE: 2, SINGLE: 3, ANYONECANPAY: 0x80 } as const);

/** True when the signature commits to its own input only. */
export function isAnyoneCanPay(hashType: number): boolean {
  return (hashType & SIGHASH.ANYONECANPAY) !== 0;
}

/**
 * NONE, SINGLE, or else ALL: the outputs that a legacy or version 0 signature commits to. Only the low five bits count, so that
 * 0x00, 0x04 and 0x50 all mean ALL; the other bits are just hashed along (C17).
 */
export function outputChoice(hashType: number): 1 | 2 | 3 {
  const choice = hashType & 0x1f;
  return choice === SIGHASH.NONE || choice === SIGHASH.SINGLE ? choice : SIGHASH.ALL;
}

/** True for the hash types that a taproot signature may have (BIP341): 0x00 … 0x03 and 0x81 … 0x83. */
export function isTaprootHashType(hashType: number): boolean {
  return (hashType >= 0 && hashType <= 3) || (hashType >= 0x81 && hashType <= 0x83);
}
