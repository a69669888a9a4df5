// Which set of rules a script runs under (Core SigVersion).

/** The kinds of script execution. */
export const SIG_VERSION: {
  readonly BASE: 0;
  readonly WITNESS_V0: 1;
  readonly TAPSCRIPT: 3;
} = Object.freeze({
  /** Bare scripts and redeemScripts. */
  BASE: 0,
  /** Witness version 0 (BIP141, BIP143). */
  WITNESS_V0: 1,
  /** Scripts of leaf version 0xc0 in a taproot output (BIP342). */
  TAPSCRIPT: 3,
});

/** One of {@link SIG_VERSION}. */
export type SigVersion = (typeof SIG_VERSION)[keyof typeof SIG_VERSION];
