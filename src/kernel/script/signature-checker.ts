// What a running script asks about its transaction: is this signature good, is this locktime met (Core
// GenericTransactionSignatureChecker; BIP65, BIP112, BIP143, BIP340, BIP341). Signatures and keys are copied into arrays of
// their exact length that are used over and over, hence no allocation per signature. Which encodings are allowed is decided
// before, in ops-crypto.ts.

import { normalizeS, parseSignatureLax } from '../crypto/der.ts';
import type { Secp256k1 } from '../crypto/secp256k1.ts';
import {
  isRelativeLock,
  LOCKTIME_THRESHOLD,
  SEQUENCE_FINAL,
  SEQUENCE_LOCKTIME_MASK,
  SEQUENCE_LOCKTIME_TYPE_FLAG,
} from '../primitives/locktime.ts';
import type { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { assert } from '../util/assert.ts';
import { copyRange } from '../util/bytes.ts';
import type { ScriptError } from './script-error.ts';
import { SIGNATURE_KIND, type SignatureCache } from './sig-cache.ts';
import { SIG_VERSION, type SigVersion } from './sig-version.ts';
import { SighashContext } from './sighash.ts';
import { SIGHASH } from './sighash-type.ts';

/** Bytes of a Schnorr signature without a hash type (BIP340). */
const SCHNORR_SIGNATURE_BYTES = 64;

/** No hash type: the digest at hand belongs to no signature of this script. */
const NO_HASH_TYPE = -1;

/** Length that a key's first byte announces, or 0 for no key at all (Core CPubKey::GetLen); hybrid keys count. */
function announcedKeyLength(firstByte: number): number {
  if (firstByte === 2 || firstByte === 3) return 33;
  return firstByte === 4 || firstByte === 6 || firstByte === 7 ? 65 : 0;
}

/** Answers the questions of one input's scripts after another. */
export class SignatureChecker {
  readonly #secp: Secp256k1;
  readonly #cache: SignatureCache | null;
  readonly #sighash = new SighashContext();
  readonly #signature64 = new Uint8Array(64);
  readonly #digest32 = new Uint8Array(32);
  readonly #key33 = new Uint8Array(33);
  readonly #key65 = new Uint8Array(65);
  readonly #keyX32 = new Uint8Array(32);

  #transaction: Transaction | null = null;
  #spent: SpentOutputs | null = null;
  #inputIndex = 0;
  #annexHash: Uint8Array | null = null;

  #code: Uint8Array = this.#digest32;
  #codeStart = 0;
  #codeEnd = 0;
  #sigVersion: SigVersion = SIG_VERSION.BASE;
  #digestHashType = NO_HASH_TYPE;

  constructor(secp: Secp256k1, cache: SignatureCache | null) {
    this.#secp = secp;
    this.#cache = cache;
  }

  /** Turns to another transaction and the outputs it spends. */
  setTransaction(transaction: Transaction, spent: SpentOutputs): void {
    assert(spent.count === transaction.inputCount, 'script check: a spent output for every input');
    this.#transaction = transaction;
    this.#spent = spent;
    this.#sighash.reset(transaction, spent);
  }

  /** Turns to another input of the transaction. */
  setInput(inputIndex: number): void {
    this.#inputIndex = inputIndex;
    this.#annexHash = null;
  }

  /** Names the hash of the input's annex; signatures of taproot commit to it (BIP341). */
  setAnnexHash(annexHash32: Uint8Array): void {
    this.#annexHash = annexHash32;
  }

  /** Names the script that the next ECDSA signatures commit to. */
  setScriptCode(bytes: Uint8Array, start: number, end: number, sigVersion: SigVersion): void {
    this.#code = bytes;
    this.#codeStart = start;
    this.#codeEnd = end;
    this.#sigVersion = sigVersion;
    this.#digestHashType = NO_HASH_TYPE;
  }

  /**
   * True when the ECDSA signature with its hash type byte, `signatureLength` bytes at `signatureStart`, is good for the key. Both
   * lie in `bytes`; nothing about them is taken for granted.
   */
  checkEcdsa(
    bytes: Uint8Array,
    signatureStart: number,
    signatureLength: number,
    keyStart: number,
    keyLength: number,
  ): boolean {
    if (keyLength === 0 || announcedKeyLength(bytes[keyStart]!) !== keyLength) return false;
    if (signatureLength === 0) return false;
    const hashTypeAt = signatureStart + signatureLength - 1;
    const signature = this.#signature64;
    if (!parseSignatureLax(bytes, signatureStart, hashTypeAt, signature)) return false;
    normalizeS(signature);
    const key = keyLength === 33 ? this.#key33 : this.#key65;
    copyRange(bytes, keyStart, key, 0, keyLength);
    this.#computeDigest(bytes[hashTypeAt]!);
    return this.#cache === null
      ? this.#secp.verifyEcdsa(signature, this.#digest32, key)
      : this.#checkCached(this.#cache, SIGNATURE_KIND.ECDSA, key);
  }

  /**
   * Verdict on a taproot signature with or without a hash type byte. `tapleafHash32` is null for a key path; the key is 32 bytes
   * at `keyStart` of `keyBytes`.
   */
  checkSchnorr(
    bytes: Uint8Array,
    signatureStart: number,
    signatureLength: number,
    keyBytes: Uint8Array,
    keyStart: number,
    tapleafHash32: Uint8Array | null,
    codeSeparatorPosition: number,
  ): ScriptError | null {
    let hashType: number = SIGHASH.DEFAULT;
    if (signatureLength === SCHNORR_SIGNATURE_BYTES + 1) {
      hashType = bytes[signatureStart + SCHNORR_SIGNATURE_BYTES]!;
      if (hashType === SIGHASH.DEFAULT) return 'SCHNORR_SIG_HASHTYPE';
    } else if (signatureLength !== SCHNORR_SIGNATURE_BYTES) {
      return 'SCHNORR_SIG_SIZE';
    }
    const digest = this.#digest32;
    this.#digestHashType = NO_HASH_TYPE;
    const isDefined = this.#sighash.computeTaproot(
      this.#inputIndex,
      hashType,
      this.#annexHash,
      tapleafHash32,
      codeSeparatorPosition,
      digest,
    );
    if (!isDefined) return 'SCHNORR_SIG_HASHTYPE';
    copyRange(bytes, signatureStart, this.#signature64, 0, SCHNORR_SIGNATURE_BYTES);
    copyRange(keyBytes, keyStart, this.#keyX32, 0, 32);
    const isGood =
      this.#cache === null
        ? this.#secp.verifySchnorr(this.#signature64, digest, this.#keyX32)
        : this.#checkCached(this.#cache, SIGNATURE_KIND.SCHNORR, this.#keyX32);
    return isGood ? null : 'SCHNORR_SIG';
  }

  /** True when the transaction's locktime has the kind of `locktime`, reaches it, and counts for this input (BIP65). */
  checkLocktime(locktime: number): boolean {
    const transaction = this.#currentTransaction();
    const actual = transaction.locktime;
    if (actual < LOCKTIME_THRESHOLD !== locktime < LOCKTIME_THRESHOLD) return false;
    return locktime <= actual && transaction.sequence(this.#inputIndex) !== SEQUENCE_FINAL;
  }

  /**
   * True when the input's sequence is a relative lock of the same kind as `sequence` and reaches it (BIP112). The version counts
   * unsigned (C14).
   */
  checkSequence(sequence: number): boolean {
    const transaction = this.#currentTransaction();
    const actual = transaction.sequence(this.#inputIndex);
    if (transaction.version < 2 || !isRelativeLock(actual)) return false;
    const mask = SEQUENCE_LOCKTIME_TYPE_FLAG | SEQUENCE_LOCKTIME_MASK;
    const required = sequence & mask;
    const offered = actual & mask;
    if (required < SEQUENCE_LOCKTIME_TYPE_FLAG !== offered < SEQUENCE_LOCKTIME_TYPE_FLAG) return false;
    return required <= offered;
  }

  #currentTransaction(): Transaction {
    assert(this.#transaction !== null, 'script check: a transaction has been set');
    return this.#transaction;
  }

  /** Leaves the hash that an ECDSA signature of this type commits to in the digest; kept for the script code's next signature. */
  #computeDigest(hashType: number): void {
    if (this.#digestHashType === hashType) return;
    if (this.#sigVersion === SIG_VERSION.BASE) {
      this.#sighash.computeLegacy(
        this.#inputIndex,
        this.#code,
        this.#codeStart,
        this.#codeEnd,
        hashType,
        this.#digest32,
      );
    } else {
      this.#sighash.computeWitnessV0(
        this.#inputIndex,
        this.#code,
        this.#codeStart,
        this.#codeEnd,
        this.#spent!.valueSat(this.#inputIndex),
        hashType,
        this.#digest32,
      );
    }
    this.#digestHashType = hashType;
  }

  #checkCached(cache: SignatureCache, kind: number, key: Uint8Array): boolean {
    if (cache.has(kind, this.#digest32, key, this.#signature64)) return true;
    const isGood =
      kind === SIGNATURE_KIND.ECDSA
        ? this.#secp.verifyEcdsa(this.#signature64, this.#digest32, key)
        : this.#secp.verifySchnorr(this.#signature64, this.#digest32, key);
    if (isGood) cache.add(kind, this.#digest32, key, this.#signature64);
    return isGood;
  }
}
