// Which encodings of signatures and keys a script may use, apart from whether they verify (Core CheckSignatureEncoding and
// CheckPubKeyEncoding; BIP66, BIP62, BIP146). Only strict DER is consensus; the rest is policy.

import { isLowSDerSignature, isStrictDerSignature } from '../crypto/der.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import type { ScriptError } from './script-error.ts';
import { SIG_VERSION, type SigVersion } from './sig-version.ts';
import { SIGHASH } from './sighash-type.ts';

const ANY_DER_FLAG = SCRIPT_VERIFY.DERSIG | SCRIPT_VERIFY.LOW_S | SCRIPT_VERIFY.STRICTENC;

/** Verdict on the form of an ECDSA signature with its hash type byte. An empty one is a proper way to give no signature. */
export function checkSignatureEncoding(
  bytes: Uint8Array,
  start: number,
  length: number,
  flags: number,
  scratch64: Uint8Array,
): ScriptError | null {
  if (length === 0 || (flags & ANY_DER_FLAG) === 0) return null;
  const end = start + length;
  if (!isStrictDerSignature(bytes, start, end)) return 'SIG_DER';
  if ((flags & SCRIPT_VERIFY.LOW_S) !== 0 && !isLowSDerSignature(bytes, start, end - 1, scratch64)) {
    return 'SIG_HIGH_S';
  }
  if ((flags & SCRIPT_VERIFY.STRICTENC) !== 0 && !isDefinedHashType(bytes[end - 1]!)) return 'SIG_HASHTYPE';
  return null;
}

/** Verdict on the form of a key that is given to an ECDSA check. */
export function checkPublicKeyEncoding(
  bytes: Uint8Array,
  start: number,
  length: number,
  flags: number,
  sigVersion: SigVersion,
): ScriptError | null {
  if ((flags & SCRIPT_VERIFY.STRICTENC) !== 0 && !isProperKey(bytes, start, length)) return 'PUBKEYTYPE';
  if (
    (flags & SCRIPT_VERIFY.WITNESS_PUBKEYTYPE) !== 0 &&
    sigVersion === SIG_VERSION.WITNESS_V0 &&
    !isCompressedKey(bytes, start, length)
  ) {
    return 'WITNESS_PUBKEYTYPE';
  }
  return null;
}

function isDefinedHashType(hashType: number): boolean {
  const type = hashType & ~SIGHASH.ANYONECANPAY;
  return type >= SIGHASH.ALL && type <= SIGHASH.SINGLE;
}

/** 02 or 03 and 32 bytes. */
function isCompressedKey(bytes: Uint8Array, start: number, length: number): boolean {
  return length === 33 && (bytes[start] === 2 || bytes[start] === 3);
}

/** Compressed, or 04 and 64 bytes: hybrid keys are not proper. */
function isProperKey(bytes: Uint8Array, start: number, length: number): boolean {
  return isCompressedKey(bytes, start, length) || (length === 65 && bytes[start] === 4);
}
