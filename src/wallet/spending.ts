// A transaction that is being signed, with the outputs that it spends: hashes for signatures, and verdicts on inputs as they come to
// be (Core MutableTransactionSignatureCreator with its checker).

import { encodeSignatureDer, normalizeS, parseSignatureLax } from '../kernel/crypto/der.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { SpentOutputs } from '../kernel/primitives/spent-outputs.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionData,
  type TransactionOutput,
  toTransactionData,
} from '../kernel/primitives/transaction.ts';
import { STANDARD_SCRIPT_VERIFY_FLAGS } from '../kernel/script/flags.ts';
import type { ScriptError } from '../kernel/script/script-error.ts';
import { NO_CODE_SEPARATOR, SighashContext } from '../kernel/script/sighash.ts';
import { SIGHASH } from '../kernel/script/sighash-type.ts';
import { SignatureChecker } from '../kernel/script/signature-checker.ts';
import { InputVerifier } from '../kernel/script/verify.ts';
import { assert } from '../kernel/util/assert.ts';
import { concatBytes, EMPTY_BYTES } from '../kernel/util/bytes.ts';

/** Which rules a script is signed under: those of old, or those of version 0 programs. */
export type SignedScriptKind = 'legacy' | 'witness-v0';

/** The scripts of an input. */
export interface InputScripts {
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

/** Stands for an output that nobody knows: its input is not signed, and nobody else's signature may depend on it. */
const UNKNOWN_OUTPUT: TransactionOutput = Object.freeze({ valueSat: 0, scriptPubKey: EMPTY_BYTES });

/** Most tries for a signature whose r is low; each of them fails every other time. */
const GRIND_COUNT_MAX = 1000;

/** Signs and checks one transaction. */
export class Spending {
  readonly transaction: Transaction;
  /** True when all outputs are known: taproot signatures commit to every one. */
  readonly knowsAllOutputs: boolean;
  readonly #outputs: readonly (TransactionOutput | null)[];
  readonly #secp: Secp256k1;
  readonly #spent: SpentOutputs;
  readonly #sighash = new SighashContext();
  readonly #digest = new Uint8Array(32);
  /** The transaction taken apart, once somebody asks for a verdict. */
  #data: TransactionData | null = null;
  /** Knows whether locks are reached, once somebody asks. */
  #checker: SignatureChecker | null = null;

  /** `outputs` are what the inputs spend, null where that is not known. */
  constructor(transaction: Transaction, outputs: readonly (TransactionOutput | null)[], secp: Secp256k1) {
    this.transaction = transaction;
    this.knowsAllOutputs = outputs.every((output) => output !== null);
    this.#outputs = outputs;
    this.#secp = secp;
    this.#spent = SpentOutputs.pack(outputs.map((output) => output ?? UNKNOWN_OUTPUT));
    this.#sighash.reset(transaction, this.#spent);
  }

  /** The output that an input spends, or null. */
  output(inputIndex: number): TransactionOutput | null {
    return this.#outputs[inputIndex]!;
  }

  /** An ECDSA signature with its hash type. */
  signEcdsa(
    inputIndex: number,
    script: Uint8Array,
    kind: SignedScriptKind,
    hashType: number,
    secret: Uint8Array,
  ): Uint8Array {
    // Only taproot knows a default.
    const type = hashType === SIGHASH.DEFAULT ? SIGHASH.ALL : hashType;
    this.#computeDigest(inputIndex, script, kind, type);
    const signature = signLowR(this.#secp, this.#digest, secret);
    return concatBytes(encodeSignatureDer(signature), Uint8Array.of(type));
  }

  /** True when a signature with its hash type is good for a key and a script. */
  checkEcdsa(
    inputIndex: number,
    script: Uint8Array,
    kind: SignedScriptKind,
    signature: Uint8Array,
    publicKey: Uint8Array,
  ): boolean {
    if (signature.length === 0) return false;
    const signature64 = new Uint8Array(64);
    if (!parseSignatureLax(signature, 0, signature.length - 1, signature64)) return false;
    normalizeS(signature64);
    this.#computeDigest(inputIndex, script, kind, signature.at(-1)!);
    return this.#secp.verifyEcdsa(signature64, this.#digest, publicKey);
  }

  #computeDigest(inputIndex: number, script: Uint8Array, kind: SignedScriptKind, hashType: number): void {
    const digest = this.#digest;
    if (kind === 'legacy') {
      this.#sighash.computeLegacy(inputIndex, script, 0, script.length, hashType, digest);
    } else {
      const { valueSat } = this.output(inputIndex)!;
      this.#sighash.computeWitnessV0(inputIndex, script, 0, script.length, valueSat, hashType, digest);
    }
  }

  /** A signature for the key path of a taproot output, or for a leaf of its tree; null when there is no such hash. */
  signTaproot(
    inputIndex: number,
    hashType: number,
    secret: Uint8Array,
    leafHash: Uint8Array | null = null,
  ): Uint8Array | null {
    const digest = this.computeTaprootDigest(inputIndex, hashType, leafHash);
    if (digest === null) return null;
    // The nonce comes from secret and digest alone, as Core's does: the same call gives the same transaction.
    const signature = this.#secp.signSchnorr(digest, secret, new Uint8Array(32));
    assert(signature !== null, 'sign: the secret was checked');
    return withHashType(signature, hashType);
  }

  /** What such a signature commits to; null when there is no such hash, or when outputs are unknown. */
  computeTaprootDigest(inputIndex: number, hashType: number, leafHash: Uint8Array | null): Uint8Array | null {
    if (!this.knowsAllOutputs) return null;
    const isDefined = this.#sighash.computeTaproot(
      inputIndex,
      hashType,
      null,
      leafHash,
      NO_CODE_SEPARATOR,
      this.#digest,
    );
    return isDefined ? this.#digest.slice() : null;
  }

  /** Whether the transaction's lock is one like `locktime`, reaches it, and counts for the input (BIP65). */
  reachesLocktime(inputIndex: number, locktime: number): boolean {
    return this.#lockChecker(inputIndex).checkLocktime(locktime);
  }

  /** Whether the input's sequence is a relative lock like `sequence` and reaches it (BIP112). */
  reachesSequence(inputIndex: number, sequence: number): boolean {
    return this.#lockChecker(inputIndex).checkSequence(sequence);
  }

  #lockChecker(inputIndex: number): SignatureChecker {
    if (this.#checker === null) {
      this.#checker = new SignatureChecker(this.#secp, null);
      this.#checker.setTransaction(this.transaction, this.#spent);
    }
    this.#checker.setInput(inputIndex);
    return this.#checker;
  }

  /** Why an input with these scripts may not spend its output by the rules of relay; null: it may. */
  verify(inputIndex: number, scripts: InputScripts): ScriptError | null {
    this.#data ??= toTransactionData(this.transaction);
    const data = this.#data;
    const inputs = data.inputs.map((input, i) => (i === inputIndex ? { ...input, ...scripts } : input));
    const verifier = new InputVerifier(this.#secp);
    verifier.setTransaction(buildTransaction({ ...data, inputs }), this.#spent);
    return verifier.verifyInput(inputIndex, STANDARD_SCRIPT_VERIFY_FLAGS);
  }
}

/** A Schnorr signature as it stands in a witness: the usual hash type is left out (BIP341). */
export function withHashType(signature64: Uint8Array, hashType: number): Uint8Array {
  return hashType === SIGHASH.DEFAULT ? signature64 : concatBytes(signature64, Uint8Array.of(hashType));
}

/** A deterministic signature whose r has no leading bit, so that it takes 71 bytes at most (Core CKey::Sign). */
function signLowR(secp: Secp256k1, digest32: Uint8Array, secret: Uint8Array): Uint8Array {
  let signature = secp.signEcdsa(digest32, secret);
  const entropy = new Uint8Array(32);
  for (let counter = 1; signature !== null && signature[0]! >= 0x80 && counter <= GRIND_COUNT_MAX; counter++) {
    entropy[0] = counter % 256;
    entropy[1] = Math.floor(counter / 256);
    signature = secp.signEcdsa(digest32, secret, entropy);
  }
  assert(signature !== null, 'sign: the secret was checked');
  return signature;
}
