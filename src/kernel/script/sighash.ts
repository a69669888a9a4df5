// Signature hashes: what a signature commits to. Legacy (Core SignatureHash, SigVersion::BASE), witness version 0 (BIP143),
// taproot and tapscript (BIP341, BIP342). Everything is hashed from the original bytes of the transaction and of the outputs it
// spends; nothing is serialized again except the numbers that a rule replaces. The caller has already applied FindAndDelete and
// cut the script after its last executed OP_CODESEPARATOR; which hash types a signature may have is the interpreter's rule.

import { Sha256Hasher } from '../crypto/sha256.ts';
import type { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { assert } from '../util/assert.ts';
import { NO_VALUE, SighashCache } from './sighash-cache.ts';
import { LegacySighashWriter } from './sighash-legacy.ts';
import { SighashParts } from './sighash-parts.ts';
import { isAnyoneCanPay, isTaprootHashType, outputChoice, SIGHASH } from './sighash-type.ts';

/** Position of the last executed OP_CODESEPARATOR while there is none: hashed as 0xffffffff (BIP342), held as a small integer. */
export const NO_CODE_SEPARATOR = -1;

/** What a version 0 hash commits to in place of a part that its hash type leaves open. */
const ZERO_HASH = new Uint8Array(32);

/**
 * Computes the signature hashes of one transaction after another. It owns every buffer it needs and allocates only to grow one;
 * the arrays handed in are read during the call and not kept, except the transaction and its spent outputs.
 *
 * @example
 * const context = new SighashContext();
 * context.reset(transaction, spentOutputs);
 * context.computeWitnessV0(0, script, 0, script.length, valueSat, SIGHASH.ALL, digest);
 */
export class SighashContext {
  #transaction: Transaction | null = null;
  readonly #hasher = new Sha256Hasher();
  readonly #parts = new SighashParts();
  readonly #legacy = new LegacySighashWriter();
  readonly #cache = new SighashCache();
  /** State of a version 0 hash before its input, and which parts it left open; −1: none. */
  readonly #witnessV0Prefix = new Sha256Hasher();
  #witnessV0PrefixKind = -1;
  /** State of a taproot hash before its input, and the hash type; −1: none. */
  readonly #taprootPrefix = new Sha256Hasher();
  #taprootPrefixType = -1;

  /** Turns to another transaction. `spent` holds the outputs that its inputs spend; only taproot hashes need it. */
  reset(transaction: Transaction, spent: SpentOutputs | null): void {
    this.#transaction = transaction;
    this.#parts.reset(transaction, spent);
    this.#legacy.reset();
    this.#cache.clear();
    this.#witnessV0PrefixKind = -1;
    this.#taprootPrefixType = -1;
  }

  /**
   * Hash for a signature in a script without witness: the script is what FindAndDelete left of it after the last executed
   * OP_CODESEPARATOR; later ones are left out here (C16). `hashType` is any int32. SIGHASH_SINGLE for an input without an output
   * of the same index gives the number one, as Bitcoin always did (C17).
   */
  computeLegacy(
    inputIndex: number,
    script: Uint8Array,
    scriptStart: number,
    scriptEnd: number,
    hashType: number,
    out32: Uint8Array,
  ): void {
    const transaction = this.#current(inputIndex);
    if (outputChoice(hashType) === SIGHASH.SINGLE && inputIndex >= transaction.outputCount) {
      out32.fill(0, 0, 32);
      out32[0] = 1;
      return;
    }
    const hasher = this.#hasher;
    const cached = this.#cache.entry(hashType);
    if (cached.matches(inputIndex, NO_VALUE, script, scriptStart, scriptEnd)) {
      hasher.copyFrom(cached.state);
    } else {
      this.#legacy.update(hasher, transaction, inputIndex, script, scriptStart, scriptEnd, hashType);
      cached.store(inputIndex, NO_VALUE, script, scriptStart, scriptEnd, hasher);
    }
    hasher.updateU32(hashType).digestDoubleInto(out32, 0);
  }

  /**
   * Hash for a signature in a version 0 program (BIP143): the script is the part of the witness script after the last executed
   * OP_CODESEPARATOR, or for a key hash the pay-to-pubkey-hash script of it. `valueSat` is the value of the spent output,
   * exact within ±2^53; a coin of more is refused before its script runs.
   */
  computeWitnessV0(
    inputIndex: number,
    script: Uint8Array,
    scriptStart: number,
    scriptEnd: number,
    valueSat: number,
    hashType: number,
    out32: Uint8Array,
  ): void {
    const transaction = this.#current(inputIndex);
    const hasher = this.#hasher;
    const cached = this.#cache.entry(hashType);
    if (cached.matches(inputIndex, valueSat, script, scriptStart, scriptEnd)) {
      hasher.copyFrom(cached.state);
    } else {
      this.#startWitnessV0(transaction, hashType);
      const prevoutStart = transaction.prevoutStart(inputIndex);
      const sequenceStart = transaction.scriptSigEnd(inputIndex);
      const outputsHash = this.#witnessV0OutputsHash(transaction, inputIndex, hashType);
      hasher
        .update(transaction.bytes, prevoutStart, prevoutStart + 36)
        .updateCompactSize(scriptEnd - scriptStart)
        .update(script, scriptStart, scriptEnd)
        .updateI64(valueSat)
        .update(transaction.bytes, sequenceStart, sequenceStart + 4)
        .update(outputsHash)
        .update(transaction.bytes, transaction.end - 4, transaction.end);
      cached.store(inputIndex, valueSat, script, scriptStart, scriptEnd, hasher);
    }
    hasher.updateU32(hashType).digestDoubleInto(out32, 0);
  }

  /**
   * Hash for a taproot signature (BIP341), and for a tapscript signature (BIP342) when `tapleafHash32` is given. `annexHash32` is
   * the hash of the annex with its length, or null without one. False when no such hash exists: the hash type is undefined, or
   * SIGHASH_SINGLE has no output of the same index.
   */
  computeTaproot(
    inputIndex: number,
    hashType: number,
    annexHash32: Uint8Array | null,
    tapleafHash32: Uint8Array | null,
    codeSeparatorPosition: number,
    out32: Uint8Array,
  ): boolean {
    const transaction = this.#current(inputIndex);
    if (!isTaprootHashType(hashType)) return false;
    const isSingle = (hashType & 3) === SIGHASH.SINGLE;
    if (isSingle && inputIndex >= transaction.outputCount) return false;

    const hasher = this.#hasher;
    this.#startTaproot(transaction, hashType);
    hasher.updateU8((tapleafHash32 === null ? 0 : 2) + (annexHash32 === null ? 0 : 1));
    if (isAnyoneCanPay(hashType)) this.#updateTaprootInput(transaction, inputIndex);
    else hasher.updateU32(inputIndex);
    if (annexHash32 !== null) hasher.update(annexHash32);
    if (isSingle) hasher.update(this.#parts.singleOutputHash(inputIndex));
    if (tapleafHash32 !== null) {
      // The zero is the key version: the 32-byte keys of BIP342.
      hasher.update(tapleafHash32).updateU8(0).updateU32(codeSeparatorPosition);
    }
    hasher.digestInto(out32, 0);
    return true;
  }

  #current(inputIndex: number): Transaction {
    assert(this.#transaction !== null, 'a signature hash needs a transaction');
    assert(inputIndex >= 0 && inputIndex < this.#transaction.inputCount, 'a signature hash needs an input');
    return this.#transaction;
  }

  /** Leaves version, hashPrevouts and hashSequence in the hasher. */
  #startWitnessV0(transaction: Transaction, hashType: number): void {
    const everyInput = !isAnyoneCanPay(hashType);
    const everySequence = everyInput && outputChoice(hashType) === SIGHASH.ALL;
    const kind = (everyInput ? 1 : 0) + (everySequence ? 1 : 0);
    const prefix = this.#witnessV0Prefix;
    if (this.#witnessV0PrefixKind !== kind) {
      prefix
        .reset()
        .update(transaction.bytes, transaction.start, transaction.start + 4)
        .update(everyInput ? this.#parts.doublePrevoutsHash : ZERO_HASH)
        .update(everySequence ? this.#parts.doubleSequencesHash : ZERO_HASH);
      this.#witnessV0PrefixKind = kind;
    }
    this.#hasher.copyFrom(prefix);
  }

  #witnessV0OutputsHash(transaction: Transaction, inputIndex: number, hashType: number): Uint8Array {
    const choice = outputChoice(hashType);
    if (choice === SIGHASH.ALL) return this.#parts.doubleOutputsHash;
    if (choice === SIGHASH.NONE || inputIndex >= transaction.outputCount) return ZERO_HASH;
    return this.#parts.doubleSingleOutputHash(inputIndex);
  }

  /** Leaves all that a taproot hash of this type says before its input in the hasher. */
  #startTaproot(transaction: Transaction, hashType: number): void {
    const prefix = this.#taprootPrefix;
    if (this.#taprootPrefixType !== hashType) {
      const parts = this.#parts;
      prefix.resetTagged('TapSighash').updateU8(0).updateU8(hashType); // the zero is the epoch
      prefix
        .update(transaction.bytes, transaction.start, transaction.start + 4)
        .update(transaction.bytes, transaction.end - 4, transaction.end);
      if (!isAnyoneCanPay(hashType)) {
        prefix
          .update(parts.prevoutsHash)
          .update(parts.spentValuesHash)
          .update(parts.spentScriptsHash)
          .update(parts.sequencesHash);
      }
      if ((hashType & 3) <= SIGHASH.ALL) prefix.update(parts.outputsHash);
      this.#taprootPrefixType = hashType;
    }
    this.#hasher.copyFrom(prefix);
  }

  /** The signed input alone: outpoint, spent output, sequence. */
  #updateTaprootInput(transaction: Transaction, inputIndex: number): void {
    const spent = this.#parts.spentOutputs;
    const prevoutStart = transaction.prevoutStart(inputIndex);
    const sequenceStart = transaction.scriptSigEnd(inputIndex);
    this.#hasher
      .update(transaction.bytes, prevoutStart, prevoutStart + 36)
      .update(spent.bytes, spent.start(inputIndex), spent.end(inputIndex))
      .update(transaction.bytes, sequenceStart, sequenceStart + 4);
  }
}
