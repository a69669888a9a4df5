// The operations that check signatures: OP_CHECKSIG and OP_CHECKMULTISIG before tapscript (with FindAndDelete before segwit),
// OP_CHECKSIG and OP_CHECKSIGADD in tapscript (BIP342). The order of the checks decides which error a script ends with and is
// Core's to the letter. Hashes are in ops-hash.ts.

import { copyRange } from '../util/bytes.ts';
import type { ScriptExecution } from './execution.ts';
import { findAndDelete } from './find-and-delete.ts';
import { SCRIPT_VERIFY } from './flags.ts';
import { readNumber } from './ops-numeric.ts';
import {
  MAX_PUBKEYS_PER_MULTISIG,
  MAX_SCRIPT_ELEMENT_SIZE,
  MAX_SCRIPT_SIZE,
  pushLength,
  writePushPrefixAt,
} from './script.ts';
import type { ScriptError } from './script-error.ts';
import { SIG_VERSION } from './sig-version.ts';
import { checkPublicKeyEncoding, checkSignatureEncoding } from './signature-encoding.ts';
import type { ElementStack } from './stack.ts';

/** Most operations above OP_16 that a script may contain outside tapscript (Core MAX_OPS_PER_SCRIPT). */
export const MAX_OPS_PER_SCRIPT = 201;

/** What a signature check takes from the budget of a tapscript (BIP342; Core VALIDATION_WEIGHT_PER_SIGOP_PASSED). */
export const VALIDATION_WEIGHT_PER_SIGOP_PASSED = 50;

/** Bytes of a key that tapscript knows (BIP342). */
const TAPSCRIPT_KEY_BYTES = 32;

/** Rules about the form of every key that is tried (see signature-encoding.ts). */
const KEY_FORM_FLAGS = SCRIPT_VERIFY.STRICTENC | SCRIPT_VERIFY.WITNESS_PUBKEYTYPE;

/** The script code after FindAndDelete, and the push that it looks for. Written and used within one operation only. */
const codeScratch = new Uint8Array(MAX_SCRIPT_SIZE);
const pushScratch = new Uint8Array(MAX_SCRIPT_ELEMENT_SIZE + 3);
const signatureScratch = new Uint8Array(64);

/** Executes OP_CHECKSIG or OP_CHECKSIGVERIFY: signature key → truth. */
export function executeCheckSig(execution: ScriptExecution, isVerify: boolean): ScriptError | null {
  const { stacks } = execution;
  const stack = stacks.main;
  if (stack.depth < 2) return 'INVALID_STACK_OPERATION';
  const error = checkSig(execution, stack.depth - 2, stack.depth - 1);
  if (error !== null) return error;
  stack.depth -= 2;
  if (!isVerify || !execution.isSignatureGood) stacks.pushBoolean(execution.isSignatureGood);
  return isVerify && !execution.isSignatureGood ? 'CHECKSIGVERIFY' : null;
}

/** Executes OP_CHECKSIGADD: signature n key → n, or n + 1 when the signature is good. Tapscript only. */
export function executeCheckSigAdd(execution: ScriptExecution): ScriptError | null {
  if (execution.sigVersion !== SIG_VERSION.TAPSCRIPT) return 'BAD_OPCODE';
  const { stacks } = execution;
  const stack = stacks.main;
  if (stack.depth < 3) return 'INVALID_STACK_OPERATION';
  const count = readNumber(stacks, 1, requiresMinimal(execution));
  if (Number.isNaN(count)) return 'SCRIPTNUM';
  const error = checkSig(execution, stack.depth - 3, stack.depth - 1);
  if (error !== null) return error;
  stack.depth -= 3;
  stacks.pushNumber(execution.isSignatureGood ? count + 1 : count);
  return null;
}

function requiresMinimal(execution: ScriptExecution): boolean {
  return (execution.flags & SCRIPT_VERIFY.MINIMALDATA) !== 0;
}

/** Checks the signature and key at two places of the main stack and leaves the outcome in `isSignatureGood`. */
function checkSig(execution: ScriptExecution, signatureAt: number, keyAt: number): ScriptError | null {
  return execution.sigVersion === SIG_VERSION.TAPSCRIPT
    ? checkSigTapscript(execution, signatureAt, keyAt)
    : checkSigBeforeTapscript(execution, signatureAt, keyAt);
}

function checkSigBeforeTapscript(execution: ScriptExecution, signatureAt: number, keyAt: number): ScriptError | null {
  const { stacks, flags, sigVersion, checker } = execution;
  const stack = stacks.main;
  checker.setScriptCode(execution.script, execution.codeStart, execution.end, sigVersion);
  if (sigVersion === SIG_VERSION.BASE) {
    const length = deleteSignature(execution, execution.script, execution.codeStart, execution.end, signatureAt);
    if (length >= 0) {
      if ((flags & SCRIPT_VERIFY.CONST_SCRIPTCODE) !== 0) return 'SIG_FINDANDDELETE';
      checker.setScriptCode(codeScratch, 0, length, sigVersion);
    }
  }
  const error = checkEcdsa(execution, signatureAt, keyAt);
  if (error !== null) return error;
  if (!execution.isSignatureGood && (flags & SCRIPT_VERIFY.NULLFAIL) !== 0 && stack.lengths[signatureAt] !== 0) {
    return 'SIG_NULLFAIL';
  }
  return null;
}

/** Form and goodness of one signature with one key. */
function checkEcdsa(execution: ScriptExecution, signatureAt: number, keyAt: number): ScriptError | null {
  const { flags, sigVersion } = execution;
  const { bytes, main: stack } = execution.stacks;
  const signatureStart = stack.starts[signatureAt]!;
  const signatureLength = stack.lengths[signatureAt]!;
  const keyStart = stack.starts[keyAt]!;
  const keyLength = stack.lengths[keyAt]!;
  const error =
    checkSignatureEncoding(bytes, signatureStart, signatureLength, flags, signatureScratch) ??
    checkPublicKeyEncoding(bytes, keyStart, keyLength, flags, sigVersion);
  if (error !== null) return error;
  execution.isSignatureGood = execution.checker.checkEcdsa(bytes, signatureStart, signatureLength, keyStart, keyLength);
  return null;
}

/**
 * Clears a script of pushes of the signature at a place of the main stack: the remaining length in `codeScratch`, or -1 when there
 * was none and the script stays what it was.
 */
function deleteSignature(
  execution: ScriptExecution,
  script: Uint8Array,
  start: number,
  end: number,
  signatureAt: number,
): number {
  const { bytes, main: stack } = execution.stacks;
  const signatureLength = stack.lengths[signatureAt]!;
  const length = pushLength(signatureLength);
  if (length > end - start) return -1;
  const dataAt = writePushPrefixAt(pushScratch, 0, signatureLength);
  copyRange(bytes, stack.starts[signatureAt]!, pushScratch, dataAt, signatureLength);
  return findAndDelete(script, start, end, pushScratch, length, codeScratch);
}

/**
 * BIP342: a signature that is not empty costs weight, whatever the key; then keys of unknown kinds come before all other rules,
 * an empty signature is a lawful "no", and any other bad signature ends the script.
 */
function checkSigTapscript(execution: ScriptExecution, signatureAt: number, keyAt: number): ScriptError | null {
  const { bytes, main: stack } = execution.stacks;
  const signatureLength = stack.lengths[signatureAt]!;
  const keyLength = stack.lengths[keyAt]!;
  execution.isSignatureGood = signatureLength !== 0;
  if (signatureLength !== 0) {
    execution.validationWeightLeft -= VALIDATION_WEIGHT_PER_SIGOP_PASSED;
    if (execution.validationWeightLeft < 0) return 'TAPSCRIPT_VALIDATION_WEIGHT';
  }
  if (keyLength === 0) return 'TAPSCRIPT_EMPTY_PUBKEY';
  if (keyLength !== TAPSCRIPT_KEY_BYTES) {
    const isDiscouraged = (execution.flags & SCRIPT_VERIFY.DISCOURAGE_UPGRADABLE_PUBKEYTYPE) !== 0;
    return isDiscouraged ? 'DISCOURAGE_UPGRADABLE_PUBKEYTYPE' : null;
  }
  if (signatureLength === 0) return null;
  return execution.checker.checkSchnorr(
    bytes,
    stack.starts[signatureAt]!,
    signatureLength,
    bytes,
    stack.starts[keyAt]!,
    execution.tapleafHash,
    execution.codeSeparatorPosition,
  );
}

/**
 * Executes OP_CHECKMULTISIG or OP_CHECKMULTISIGVERIFY: dummy signature… m key… n → truth. The dummy is taken by an old mistake
 * that has become a rule (BIP147 makes it empty).
 */
export function executeCheckMultisig(execution: ScriptExecution, isVerify: boolean): ScriptError | null {
  if (execution.sigVersion === SIG_VERSION.TAPSCRIPT) return 'TAPSCRIPT_CHECKMULTISIG';
  const { stacks, flags } = execution;
  const stack = stacks.main;
  const requireMinimal = requiresMinimal(execution);

  // Each count says how deep the stack must be before the next one can be read.
  if (stack.depth < 1) return 'INVALID_STACK_OPERATION';
  const keyCount = readNumber(stacks, 0, requireMinimal);
  if (Number.isNaN(keyCount)) return 'SCRIPTNUM';
  if (keyCount < 0 || keyCount > MAX_PUBKEYS_PER_MULTISIG) return 'PUBKEY_COUNT';
  execution.opCount += keyCount;
  if (execution.opCount > MAX_OPS_PER_SCRIPT) return 'OP_COUNT';
  if (stack.depth < keyCount + 2) return 'INVALID_STACK_OPERATION';
  const signatureCount = readNumber(stacks, keyCount + 1, requireMinimal);
  if (Number.isNaN(signatureCount)) return 'SCRIPTNUM';
  if (signatureCount < 0 || signatureCount > keyCount) return 'SIG_COUNT';
  if (stack.depth < keyCount + signatureCount + 3) return 'INVALID_STACK_OPERATION';

  const firstKeyAt = stack.depth - 2;
  const firstSignatureAt = stack.depth - 3 - keyCount;
  const error =
    setMultisigScriptCode(execution, firstSignatureAt, signatureCount) ??
    checkMultisig(execution, firstSignatureAt, signatureCount, firstKeyAt, keyCount);
  if (error !== null) return error;
  const isGood = execution.isSignatureGood;
  if (!isGood && (flags & SCRIPT_VERIFY.NULLFAIL) !== 0 && !areAllEmpty(stack, firstSignatureAt, signatureCount)) {
    return 'SIG_NULLFAIL';
  }
  stack.depth -= keyCount + signatureCount + 2;
  if ((flags & SCRIPT_VERIFY.NULLDUMMY) !== 0 && stack.lengths[stack.depth - 1] !== 0) return 'SIG_NULLDUMMY';
  stack.depth--;
  if (!isVerify || !isGood) stacks.pushBoolean(isGood);
  return isVerify && !isGood ? 'CHECKMULTISIGVERIFY' : null;
}

/** Names the script code; before segwit, after clearing it of every one of the signatures. */
function setMultisigScriptCode(
  execution: ScriptExecution,
  firstSignatureAt: number,
  signatureCount: number,
): ScriptError | null {
  const { sigVersion, flags } = execution;
  let code = execution.script;
  let start = execution.codeStart;
  let end = execution.end;
  if (sigVersion === SIG_VERSION.BASE) {
    for (let k = 0; k < signatureCount; k++) {
      const length = deleteSignature(execution, code, start, end, firstSignatureAt - k);
      if (length < 0) continue;
      if ((flags & SCRIPT_VERIFY.CONST_SCRIPTCODE) !== 0) return 'SIG_FINDANDDELETE';
      code = codeScratch;
      start = 0;
      end = length;
    }
  }
  execution.checker.setScriptCode(code, start, end, sigVersion);
  return null;
}

/**
 * Goes through keys and signatures from the top of the stack: each signature takes the next keys until one fits. Fails as soon as
 * fewer keys than signatures are left, so not every form is checked then, and that is part of the rule.
 */
function checkMultisig(
  execution: ScriptExecution,
  firstSignatureAt: number,
  signatureCount: number,
  firstKeyAt: number,
  keyCount: number,
): ScriptError | null {
  const { multisigs, stacks } = execution;
  const { starts } = stacks.main;
  // With a key for each signature there is nothing to choose.
  const hasChoice = signatureCount > 0 && signatureCount < keyCount;
  const lastKeyAt = firstKeyAt - keyCount + 1;
  const place = hasChoice ? multisigs.placeOf(stacks.bytes, starts[firstKeyAt]!, starts[lastKeyAt]!) : 0;
  const guess = hasChoice ? multisigs.guess(place, signatureCount, keyCount) : 0;
  // Under rules about the form of keys, those that a guess passes over must have it as well.
  if (guess !== 0 && (execution.flags & KEY_FORM_FLAGS) === 0) {
    if (isGoodForKeys(execution, guess, firstSignatureAt, firstKeyAt)) return null;
    multisigs.forget(place);
  }
  let signaturesLeft = signatureCount;
  let fitting = 0;
  for (let key = 0; signaturesLeft > 0 && signaturesLeft <= keyCount - key; key++) {
    const error = checkEcdsa(execution, firstSignatureAt - signatureCount + signaturesLeft, firstKeyAt - key);
    if (error !== null) return error;
    if (!execution.isSignatureGood) continue;
    fitting += 2 ** key;
    signaturesLeft--;
  }
  execution.isSignatureGood = signaturesLeft === 0;
  if (hasChoice && execution.isSignatureGood) multisigs.learn(place, fitting);
  return null;
}

/**
 * True when the signatures are good for a set of keys in their order, leaving `isSignatureGood` so: then taking the keys in turn
 * finds a key for each, too, that of the set or an earlier one. False says nothing.
 */
function isGoodForKeys(
  execution: ScriptExecution,
  keys: number,
  firstSignatureAt: number,
  firstKeyAt: number,
): boolean {
  let signatureAt = firstSignatureAt;
  for (let key = 0; keys >>> key !== 0; key++) {
    if (((keys >>> key) & 1) === 0) continue;
    const error = checkEcdsa(execution, signatureAt, firstKeyAt - key);
    if (error !== null || !execution.isSignatureGood) return false;
    signatureAt--;
  }
  return true;
}

function areAllEmpty(stack: ElementStack, topAt: number, count: number): boolean {
  for (let k = 0; k < count; k++) {
    if (stack.lengths[topAt - k] !== 0) return false;
  }
  return true;
}

/** Executes OP_CODESEPARATOR: later signatures commit to what follows. Where it is not allowed at all, interpreter.ts has said so. */
export function executeCodeSeparator(execution: ScriptExecution): void {
  execution.codeStart = execution.position;
  execution.codeSeparatorPosition = execution.opIndex;
}
