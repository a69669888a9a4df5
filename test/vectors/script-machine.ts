// Runs a single script without a transaction, and signs spends by the slow model of the signature hashes. For tests.

import { encodeSignatureDer } from '../../src/kernel/crypto/der.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { toTransactionData } from '../../src/kernel/primitives/transaction.ts';
import { ScriptExecution } from '../../src/kernel/script/execution.ts';
import { beginScript, runScript } from '../../src/kernel/script/interpreter.ts';
import type { ScriptError } from '../../src/kernel/script/script-error.ts';
import { SIG_VERSION, type SigVersion } from '../../src/kernel/script/sig-version.ts';
import { SignatureChecker } from '../../src/kernel/script/signature-checker.ts';
import { concatBytes, toHex } from '../../src/kernel/util/bytes.ts';
import {
  type ModelTapscript,
  modelLegacySighash,
  modelTaprootSighash,
  modelWitnessV0Sighash,
} from '../model/sighash-model.ts';
import { assembleScript } from './asm.ts';
import { getCurve } from './curve.ts';
import type { Spend } from './script-case.ts';

/** How a lone script ended, and what it left on the stacks, as hexadecimal text, bottom first. */
export interface MachineResult {
  readonly error: ScriptError | null;
  readonly stack: readonly string[];
  readonly altstack: readonly string[];
}

/** Under which rules a lone script runs. */
export interface MachineOptions {
  readonly flags?: number;
  readonly sigVersion?: SigVersion;
}

/** Runs a script, given as bytes or as text, on an empty stack. It must not ask about a transaction. */
export function runLoneScript(script: Uint8Array | string, options: MachineOptions = {}): MachineResult {
  const bytes = typeof script === 'string' ? assembleScript(script) : script;
  const execution = new ScriptExecution(new SignatureChecker(getCurve(), null));
  const { flags = 0, sigVersion = SIG_VERSION.BASE } = options;
  const error = beginScript(execution, bytes, 0, bytes.length, sigVersion, flags) ?? runScript(execution);
  const { stacks } = execution;
  return {
    error,
    stack: stacks.copyElements(stacks.main).map(toHex),
    altstack: stacks.copyElements(stacks.alt).map(toHex),
  };
}

/** A curve that finds every signature good, or every one bad, without looking. */
export function createStubCurve(answer: boolean): Secp256k1 {
  return {
    ...getCurve(),
    name: 'stub',
    verifyEcdsa: () => answer,
    verifySchnorr: () => answer,
    checkXOnlyTweak: () => answer,
  };
}

/** A key for tests: the secret is `n`, and must be kept from no one. */
export interface TestKey {
  readonly secret: Uint8Array;
  readonly compressed: Uint8Array;
  readonly uncompressed: Uint8Array;
  readonly xOnly: Uint8Array;
}

/** The key of a small secret. */
export function createTestKey(n: number): TestKey {
  const secret = new Uint8Array(32);
  secret[31] = n;
  const curve = getCurve();
  const compressed = curve.createPublicKey(secret, true)!;
  return {
    secret,
    compressed,
    uncompressed: curve.createPublicKey(secret, false)!,
    xOnly: compressed.slice(1),
  };
}

/** Signature with hash type byte of input 0 in a script without witness. */
export function signLegacy(spend: Spend, key: TestKey, scriptCode: Uint8Array, hashType = 1): Uint8Array {
  return withHashType(modelLegacySighash(toTransactionData(spend.transaction), 0, scriptCode, hashType), key, hashType);
}

/** Signature with hash type byte of input 0 in a script of witness version 0. */
export function signWitnessV0(spend: Spend, key: TestKey, scriptCode: Uint8Array, hashType = 1): Uint8Array {
  const data = toTransactionData(spend.transaction);
  return withHashType(modelWitnessV0Sighash(data, 0, scriptCode, spend.spent.valueSat(0), hashType), key, hashType);
}

/** An ECDSA signature of any digest, with a hash type byte. */
export function withHashType(digest: Uint8Array, key: TestKey, hashType: number): Uint8Array {
  return concatBytes(encodeSignatureDer(getCurve().signEcdsa(digest, key.secret)!), Uint8Array.of(hashType));
}

/** What a taproot signature commits to besides the transaction. */
export interface TaprootSigning {
  readonly hashType?: number;
  readonly annex?: Uint8Array;
  readonly tapscript?: ModelTapscript;
}

/** Taproot signature of input 0; with a hash type byte unless the type is 0. */
export function signTaproot(spend: Spend, secret: Uint8Array, signing: TaprootSigning = {}): Uint8Array {
  const { hashType = 0, annex = null, tapscript = null } = signing;
  const spent = [{ valueSat: spend.spent.valueSat(0), scriptPubKey: spend.spent.script(0) }];
  const data = toTransactionData(spend.transaction);
  const digest = modelTaprootSighash(data, spent, 0, hashType, annex, tapscript)!;
  const signature = getCurve().signSchnorr(digest, secret, new Uint8Array(32))!;
  return hashType === 0 ? signature : concatBytes(signature, Uint8Array.of(hashType));
}
