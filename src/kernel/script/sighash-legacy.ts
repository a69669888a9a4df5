// The bytes that a legacy signature hash runs over (Core CTransactionSignatureSerializer): the transaction with every script
// but the signed input's emptied, and with sequences and outputs left out as the hash type asks. Nothing is serialized per
// input: the emptied inputs are laid out once per transaction and streamed around the signed one, and the SHA-256 state before
// the signed input is carried on to the next, so that inputs verified in order hash half of the whole.

import { Sha256Hasher } from '../crypto/sha256.ts';
import { compactSizeLength, writeCompactSizeAt } from '../encoding/compact-size.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { copyRange } from '../util/bytes.ts';
import { OP } from './opcodes.ts';
import { nextOpPosition, pushPrefixLength } from './script.ts';
import { isAnyoneCanPay, outputChoice, SIGHASH } from './sighash-type.ts';

/** Bytes of an input with an empty script: outpoint, the script's length 0, sequence. */
const EMPTIED_INPUT_BYTES = 36 + 1 + 4;

/** What SIGHASH_SINGLE puts in the place of an output before the signed one: value −1, empty script (Core's null CTxOut). */
const EMPTIED_OUTPUT: readonly number[] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];

/** Version and inputs of a transaction with all scripts emptied, and the hash state up to some input. */
class EmptiedInputs {
  readonly #zeroSequences: boolean;
  #bytes: Uint8Array = new Uint8Array(512);
  #transaction: Transaction | null = null;
  #headerLength = 0;
  #length = 0;
  readonly #prefix: Sha256Hasher = new Sha256Hasher();
  #prefixLength = 0;

  constructor(zeroSequences: boolean) {
    this.#zeroSequences = zeroSequences;
  }

  forget(): void {
    this.#transaction = null;
  }

  /** Leaves version, input count and the inputs before `inputIndex` in the hasher. */
  updateBefore(hasher: Sha256Hasher, transaction: Transaction, inputIndex: number): void {
    if (this.#transaction !== transaction) this.#layOut(transaction);
    const wanted = this.#headerLength + inputIndex * EMPTIED_INPUT_BYTES;
    if (wanted < this.#prefixLength) {
      this.#prefix.reset();
      this.#prefixLength = 0;
    }
    this.#prefix.update(this.#bytes, this.#prefixLength, wanted);
    this.#prefixLength = wanted;
    hasher.copyFrom(this.#prefix);
  }

  /** Hashes the inputs after `inputIndex`. */
  updateAfter(hasher: Sha256Hasher, inputIndex: number): void {
    hasher.update(this.#bytes, this.#headerLength + (inputIndex + 1) * EMPTIED_INPUT_BYTES, this.#length);
  }

  #layOut(transaction: Transaction): void {
    const { bytes, inputCount } = transaction;
    const length = 4 + compactSizeLength(inputCount) + inputCount * EMPTIED_INPUT_BYTES;
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    const target = this.#bytes;
    copyRange(bytes, transaction.start, target, 0, 4);
    let at = writeCompactSizeAt(target, 4, inputCount);
    this.#headerLength = at;
    for (let i = 0; i < inputCount; i++) {
      copyRange(bytes, transaction.prevoutStart(i), target, at, 36);
      target[at + 36] = 0;
      if (this.#zeroSequences) target.fill(0, at + 37, at + EMPTIED_INPUT_BYTES);
      else copyRange(bytes, transaction.scriptSigEnd(i), target, at + 37, 4);
      at += EMPTIED_INPUT_BYTES;
    }
    this.#length = at;
    this.#prefix.reset();
    this.#prefixLength = 0;
    this.#transaction = transaction;
  }
}

/** Feeds legacy signature hashes of one transaction after another into a hasher; owns the buffers for it. */
export class LegacySighashWriter {
  readonly #keptSequences = new EmptiedInputs(false);
  readonly #zeroSequences = new EmptiedInputs(true);
  #emptiedOutputs: Uint8Array = new Uint8Array(0);

  /** Another transaction comes. */
  reset(): void {
    this.#keptSequences.forget();
    this.#zeroSequences.forget();
  }

  /** Hashes everything up to the locktime; the hash type itself comes after it. SINGLE needs an output of the same index. */
  update(
    hasher: Sha256Hasher,
    transaction: Transaction,
    inputIndex: number,
    script: Uint8Array,
    scriptStart: number,
    scriptEnd: number,
    hashType: number,
  ): void {
    const { bytes } = transaction;
    const choice = outputChoice(hashType);
    const others = this.#othersFor(hashType);
    if (others === null)
      hasher
        .reset()
        .update(bytes, transaction.start, transaction.start + 4)
        .updateU8(1);
    else others.updateBefore(hasher, transaction, inputIndex);

    const prevoutStart = transaction.prevoutStart(inputIndex);
    const sequenceStart = transaction.scriptSigEnd(inputIndex);
    hasher.update(bytes, prevoutStart, prevoutStart + 36);
    updateScriptCode(hasher, script, scriptStart, scriptEnd);
    hasher.update(bytes, sequenceStart, sequenceStart + 4);
    others?.updateAfter(hasher, inputIndex);

    if (choice === SIGHASH.ALL) hasher.update(bytes, outputCountStart(transaction), transaction.bodyEnd);
    else if (choice === SIGHASH.SINGLE) this.#updateSingleOutput(hasher, transaction, inputIndex);
    else hasher.updateU8(0);
    hasher.update(bytes, transaction.end - 4, transaction.end);
  }

  #othersFor(hashType: number): EmptiedInputs | null {
    if (isAnyoneCanPay(hashType)) return null;
    return outputChoice(hashType) === SIGHASH.ALL ? this.#keptSequences : this.#zeroSequences;
  }

  #updateSingleOutput(hasher: Sha256Hasher, transaction: Transaction, index: number): void {
    const emptiedLength = index * EMPTIED_OUTPUT.length;
    if (this.#emptiedOutputs.length < emptiedLength) {
      const grown = new Uint8Array(2 * emptiedLength);
      for (let i = 0; i < grown.length; i++) grown[i] = EMPTIED_OUTPUT[i % EMPTIED_OUTPUT.length]!;
      this.#emptiedOutputs = grown;
    }
    hasher.updateCompactSize(index + 1);
    hasher.update(this.#emptiedOutputs, 0, emptiedLength);
    hasher.update(transaction.bytes, transaction.outputStart(index), transaction.outputEnd(index));
  }
}

function outputCountStart(transaction: Transaction): number {
  const { outputCount } = transaction;
  const firstOutput = outputCount === 0 ? transaction.bodyEnd : transaction.outputStart(0);
  return firstOutput - compactSizeLength(outputCount);
}

/**
 * Hashes a script with its length, leaving out every OP_CODESEPARATOR operation (not the same byte inside a push). Of a push
 * that runs past the end, Core hashes opcode and length field but no data, under the full length; so do we, although such a
 * script always fails in the end.
 */
function updateScriptCode(hasher: Sha256Hasher, script: Uint8Array, start: number, end: number): void {
  let separators = 0;
  let position = start;
  let hashedEnd = end;
  while (position < end) {
    const next = nextOpPosition(script, position, end);
    if (next < 0) {
      hashedEnd = truncatedOpEnd(script, position, end);
      break;
    }
    if (script[position] === OP.OP_CODESEPARATOR) separators++;
    position = next;
  }
  hasher.updateCompactSize(end - start - separators);
  if (separators === 0) hasher.update(script, start, hashedEnd);
  else updateBetweenSeparators(hasher, script, start, hashedEnd);
}

function updateBetweenSeparators(hasher: Sha256Hasher, script: Uint8Array, start: number, end: number): void {
  let pieceStart = start;
  let position = start;
  while (position < end) {
    const next = nextOpPosition(script, position, end);
    if (next < 0) break;
    if (script[position] === OP.OP_CODESEPARATOR) {
      hasher.update(script, pieceStart, position);
      pieceStart = next;
    }
    position = next;
  }
  hasher.update(script, pieceStart, end);
}

function truncatedOpEnd(script: Uint8Array, position: number, end: number): number {
  const dataStart = position + pushPrefixLength(script[position]!);
  return dataStart <= end ? dataStart : position + 1;
}
