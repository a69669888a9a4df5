// Hashes over parts of a transaction that its inputs' signature hashes share (BIP143, BIP341; Core PrecomputedTransactionData).
// Each is computed when first asked for and then kept, so that signing n inputs costs O(n), not O(n²).

import { Sha256Hasher, sha256Into } from '../crypto/sha256.ts';
import type { SpentOutputs } from '../primitives/spent-outputs.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { assert } from '../util/assert.ts';

/** A 32-byte hash that is computed at most once per transaction. */
class LazyHash {
  readonly bytes: Uint8Array = new Uint8Array(32);
  ready = false;
}

/** The shared hashes of one transaction after another. The arrays handed out stay valid until the next reset. */
export class SighashParts {
  #transaction: Transaction | null = null;
  #spent: SpentOutputs | null = null;
  readonly #hasher = new Sha256Hasher();
  readonly #prevouts = new LazyHash();
  readonly #sequences = new LazyHash();
  readonly #outputs = new LazyHash();
  readonly #spentValues = new LazyHash();
  readonly #spentScripts = new LazyHash();
  readonly #doublePrevouts = new LazyHash();
  readonly #doubleSequences = new LazyHash();
  readonly #doubleOutputs = new LazyHash();
  readonly #singleOutput = new LazyHash();
  readonly #doubleSingleOutput = new LazyHash();
  #singleOutputIndex = -1;

  /** Turns to another transaction; the parts about spent outputs need `spent`. */
  reset(transaction: Transaction, spent: SpentOutputs | null): void {
    this.#transaction = transaction;
    this.#spent = spent;
    this.#prevouts.ready = false;
    this.#sequences.ready = false;
    this.#outputs.ready = false;
    this.#spentValues.ready = false;
    this.#spentScripts.ready = false;
    this.#doublePrevouts.ready = false;
    this.#doubleSequences.ready = false;
    this.#doubleOutputs.ready = false;
    this.#singleOutputIndex = -1;
  }

  /** SHA-256 of all outpoints (BIP341 sha_prevouts). */
  get prevoutsHash(): Uint8Array {
    const part = this.#prevouts;
    if (!part.ready) {
      const transaction = this.#current();
      const hasher = this.#hasher.reset();
      for (let i = 0; i < transaction.inputCount; i++) {
        const at = transaction.prevoutStart(i);
        hasher.update(transaction.bytes, at, at + 36);
      }
      this.#finish(part);
    }
    return part.bytes;
  }

  /** SHA-256 of all sequences (BIP341 sha_sequences). */
  get sequencesHash(): Uint8Array {
    const part = this.#sequences;
    if (!part.ready) {
      const transaction = this.#current();
      const hasher = this.#hasher.reset();
      for (let i = 0; i < transaction.inputCount; i++) {
        const at = transaction.scriptSigEnd(i);
        hasher.update(transaction.bytes, at, at + 4);
      }
      this.#finish(part);
    }
    return part.bytes;
  }

  /** SHA-256 of all outputs (BIP341 sha_outputs). */
  get outputsHash(): Uint8Array {
    const part = this.#outputs;
    if (!part.ready) {
      const transaction = this.#current();
      const hasher = this.#hasher.reset();
      if (transaction.outputCount > 0) {
        hasher.update(transaction.bytes, transaction.outputStart(0), transaction.bodyEnd);
      }
      this.#finish(part);
    }
    return part.bytes;
  }

  /** SHA-256 of the values of all spent outputs (BIP341 sha_amounts). */
  get spentValuesHash(): Uint8Array {
    const part = this.#spentValues;
    if (!part.ready) {
      const spent = this.spentOutputs;
      const hasher = this.#hasher.reset();
      for (let i = 0; i < spent.count; i++) {
        const at = spent.start(i);
        hasher.update(spent.bytes, at, at + 8);
      }
      this.#finish(part);
    }
    return part.bytes;
  }

  /** SHA-256 of the scriptPubKeys of all spent outputs, each with its length (BIP341 sha_scriptpubkeys). */
  get spentScriptsHash(): Uint8Array {
    const part = this.#spentScripts;
    if (!part.ready) {
      const spent = this.spentOutputs;
      const hasher = this.#hasher.reset();
      for (let i = 0; i < spent.count; i++) hasher.update(spent.bytes, spent.start(i) + 8, spent.end(i));
      this.#finish(part);
    }
    return part.bytes;
  }

  /** BIP143 hashPrevouts. */
  get doublePrevoutsHash(): Uint8Array {
    if (!this.#doublePrevouts.ready) this.#finishDouble(this.#doublePrevouts, this.prevoutsHash);
    return this.#doublePrevouts.bytes;
  }

  /** BIP143 hashSequence. */
  get doubleSequencesHash(): Uint8Array {
    if (!this.#doubleSequences.ready) this.#finishDouble(this.#doubleSequences, this.sequencesHash);
    return this.#doubleSequences.bytes;
  }

  /** BIP143 hashOutputs. */
  get doubleOutputsHash(): Uint8Array {
    if (!this.#doubleOutputs.ready) this.#finishDouble(this.#doubleOutputs, this.outputsHash);
    return this.#doubleOutputs.bytes;
  }

  /** SHA-256 of output `index` alone (BIP341 sha_single_output); only the last one asked for is kept. */
  singleOutputHash(index: number): Uint8Array {
    if (this.#singleOutputIndex !== index) {
      const transaction = this.#current();
      this.#hasher.reset().update(transaction.bytes, transaction.outputStart(index), transaction.outputEnd(index));
      this.#finish(this.#singleOutput);
      this.#doubleSingleOutput.ready = false;
      this.#singleOutputIndex = index;
    }
    return this.#singleOutput.bytes;
  }

  /** BIP143 hashOutputs of SIGHASH_SINGLE. */
  doubleSingleOutputHash(index: number): Uint8Array {
    const single = this.singleOutputHash(index);
    if (!this.#doubleSingleOutput.ready) this.#finishDouble(this.#doubleSingleOutput, single);
    return this.#doubleSingleOutput.bytes;
  }

  /** The spent outputs, one for every input. */
  get spentOutputs(): SpentOutputs {
    assert(this.#spent !== null, 'a taproot signature hash needs the spent outputs');
    assert(this.#spent.count === this.#current().inputCount, 'every input has a spent output');
    return this.#spent;
  }

  #current(): Transaction {
    assert(this.#transaction !== null, 'a signature hash needs a transaction');
    return this.#transaction;
  }

  #finish(part: LazyHash): void {
    this.#hasher.digestInto(part.bytes, 0);
    part.ready = true;
  }

  #finishDouble(part: LazyHash, single: Uint8Array): void {
    sha256Into(single, 0, 32, part.bytes, 0);
    part.ready = true;
  }
}
