// Which rules a script is held to (Core script/interpreter.h SCRIPT_VERIFY_*, policy/policy.h). Every flag is a soft fork: more
// flags accept a subset of what fewer accept. Which flags a block or the mempool asks for is decided in consensus and policy;
// here are the bits, at Core's positions, and their names.

import { assert } from '../util/assert.ts';
import { err, ok, type Result } from '../util/result.ts';

/** The flags as bits, named as in Core. */
export const SCRIPT_VERIFY = {
  /** Run the redeemScript of a P2SH output (BIP16). */
  P2SH: 0x1,
  /** Signatures are strict DER with a defined hash type, keys compressed or uncompressed. Policy. */
  STRICTENC: 0x2,
  /** Signatures are strict DER (BIP66). */
  DERSIG: 0x4,
  /** Signatures have an S of at most half the order (BIP62 rule 5, BIP146). Policy. */
  LOW_S: 0x8,
  /** The superfluous element that OP_CHECKMULTISIG takes is empty (BIP147). */
  NULLDUMMY: 0x10,
  /** scriptSigs only push (BIP62 rule 2). Policy for all but P2SH, where BIP16 asks for it. */
  SIGPUSHONLY: 0x20,
  /** Pushes and numbers take their shortest form (BIP62 rules 3 and 4). Policy. */
  MINIMALDATA: 0x40,
  /** Executed NOPs that wait for a meaning fail. Policy. */
  DISCOURAGE_UPGRADABLE_NOPS: 0x80,
  /** Exactly one element remains (BIP62 rule 6). Policy outside witness scripts. Needs P2SH and WITNESS. */
  CLEANSTACK: 0x100,
  /** OP_CHECKLOCKTIMEVERIFY (BIP65). */
  CHECKLOCKTIMEVERIFY: 0x200,
  /** OP_CHECKSEQUENCEVERIFY (BIP112). */
  CHECKSEQUENCEVERIFY: 0x400,
  /** Segregated witness (BIP141, BIP143). Needs P2SH. */
  WITNESS: 0x800,
  /** Witness programs of versions without a meaning fail. Policy. */
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: 0x1000,
  /** In witness v0, OP_IF and OP_NOTIF take exactly 01 or nothing. Policy; tapscript has it as consensus. */
  MINIMALIF: 0x2000,
  /** A signature that fails is empty (BIP146). Policy. */
  NULLFAIL: 0x4000,
  /** Keys in witness v0 are compressed. Policy. */
  WITNESS_PUBKEYTYPE: 0x8000,
  /** No OP_CODESEPARATOR and nothing for FindAndDelete outside segwit. Policy. */
  CONST_SCRIPTCODE: 0x10000,
  /** Taproot and tapscript (BIP340, BIP341, BIP342). */
  TAPROOT: 0x20000,
  /** Leaf versions without a meaning fail. Policy. */
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION: 0x40000,
  /** OP_SUCCESSx fails. Policy. */
  DISCOURAGE_OP_SUCCESS: 0x80000,
  /** Tapscript keys of kinds without a meaning fail. Policy. */
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE: 0x100000,
} as const;
Object.freeze(SCRIPT_VERIFY);

/** Name of a flag. */
export type ScriptFlagName = keyof typeof SCRIPT_VERIFY;

/** No rule beyond those of 2009. */
export const SCRIPT_VERIFY_NONE = 0;

/** Every flag there is. */
export const SCRIPT_VERIFY_ALL: number = Object.values(SCRIPT_VERIFY).reduce((all, bit) => all | bit, 0);

/** All names, in the order of their bits. */
export const SCRIPT_FLAG_NAMES: readonly ScriptFlagName[] = Object.freeze(
  Object.keys(SCRIPT_VERIFY) as ScriptFlagName[],
);

/** The BIP that defines a flag, where there is one. */
export const SCRIPT_FLAG_BIP: Readonly<Record<ScriptFlagName, number | null>> = Object.freeze({
  P2SH: 16,
  STRICTENC: null,
  DERSIG: 66,
  LOW_S: 146,
  NULLDUMMY: 147,
  SIGPUSHONLY: 62,
  MINIMALDATA: 62,
  DISCOURAGE_UPGRADABLE_NOPS: null,
  CLEANSTACK: 62,
  CHECKLOCKTIMEVERIFY: 65,
  CHECKSEQUENCEVERIFY: 112,
  WITNESS: 141,
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: null,
  MINIMALIF: null,
  NULLFAIL: 146,
  WITNESS_PUBKEYTYPE: null,
  CONST_SCRIPTCODE: null,
  TAPROOT: 341,
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION: null,
  DISCOURAGE_OP_SUCCESS: null,
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE: null,
});

/** Rules that a block at the present height enforces, so that breaking them is never relayed (Core MANDATORY_SCRIPT_VERIFY_FLAGS). */
export const MANDATORY_SCRIPT_VERIFY_FLAGS: number =
  SCRIPT_VERIFY.P2SH |
  SCRIPT_VERIFY.DERSIG |
  SCRIPT_VERIFY.NULLDUMMY |
  SCRIPT_VERIFY.CHECKLOCKTIMEVERIFY |
  SCRIPT_VERIFY.CHECKSEQUENCEVERIFY |
  SCRIPT_VERIFY.WITNESS |
  SCRIPT_VERIFY.TAPROOT;

/** Rules that a transaction must keep to be relayed (Core STANDARD_SCRIPT_VERIFY_FLAGS): all but SIGPUSHONLY, which policy checks before. */
export const STANDARD_SCRIPT_VERIFY_FLAGS: number = SCRIPT_VERIFY_ALL & ~SCRIPT_VERIFY.SIGPUSHONLY;

/**
 * True for combinations that are soft forks of each other: WITNESS needs P2SH, and CLEANSTACK needs both, since otherwise
 * switching the missing one on would accept more (Core asserts this in VerifyScript).
 */
export function isValidFlagCombination(flags: number): boolean {
  if ((flags & SCRIPT_VERIFY.CLEANSTACK) !== 0 && (flags & SCRIPT_VERIFY.WITNESS) === 0) return false;
  return (flags & SCRIPT_VERIFY.WITNESS) === 0 || (flags & SCRIPT_VERIFY.P2SH) !== 0;
}

/** Stops when the caller asks for a combination that is none (see {@link isValidFlagCombination}). */
export function assertValidFlags(flags: number): void {
  assert(isValidFlagCombination(flags), 'script flags: WITNESS needs P2SH, CLEANSTACK needs WITNESS');
}

/** Bits of names separated by commas as in Core's test vectors; empty text and `NONE` are no flags. The error is the unknown word. */
export function parseScriptFlags(text: string): Result<number, string> {
  if (text === '' || text === 'NONE') return ok(SCRIPT_VERIFY_NONE);
  let flags = 0;
  for (const word of text.split(',')) {
    if (!Object.hasOwn(SCRIPT_VERIFY, word)) return err(word);
    flags |= SCRIPT_VERIFY[word as ScriptFlagName];
  }
  return ok(flags);
}

/** Names of the bits separated by commas; `NONE` for no flags. */
export function formatScriptFlags(flags: number): string {
  const names = SCRIPT_FLAG_NAMES.filter((name) => (flags & SCRIPT_VERIFY[name]) !== 0);
  return names.length === 0 ? 'NONE' : names.join(',');
}
