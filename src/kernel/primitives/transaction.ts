// Transaction: an immutable view over its serialized bytes and a table of offsets into them (Core CTransaction). Fields are
// read where they lie; hashes are computed from the original bytes, never from bytes written again.

import { sha256dInto, sha256dOfThreeInto } from '../crypto/sha256.ts';
import {
  compactSizeLength,
  compactSizeWidth,
  readCompactSizeAt,
  writeCompactSizeAt,
} from '../encoding/compact-size.ts';
import { DecodeError, decodeResult } from '../encoding/decode-error.ts';
import { readI64, readU32, writeI64, writeU32 } from '../encoding/numbers.ts';
import { copyRange } from '../util/bytes.ts';
import type { Result } from '../util/result.ts';
import { asTxid, asWtxid, HASH_BYTES, type Txid, type Wtxid } from './hashes.ts';
import { OffsetTable } from './offset-table.ts';
import { isNullOutpoint, OUTPOINT_BYTES, type Outpoint, readOutpoint, writeOutpoint } from './outpoint.ts';
import {
  RECORD_BODY_END,
  RECORD_BODY_START,
  RECORD_END,
  RECORD_HEAD_WORDS,
  RECORD_INPUT_COUNT,
  RECORD_OUTPUT_COUNT,
  RECORD_START,
  scanTransaction,
} from './scan.ts';
import { readWitnessStack, type WitnessStack, witnessStackLength, writeWitnessStack } from './witness.ts';

/** Weight of a stripped byte in weight units; a witness byte weighs 1 (BIP141). */
export const WITNESS_SCALE_FACTOR = 4;

/** An input as plain data. */
export interface TransactionInput {
  readonly prevout: Outpoint;
  readonly scriptSig: Uint8Array;
  /** uint32 */
  readonly sequence: number;
  /** Absent or empty: no witness. */
  readonly witness?: WitnessStack;
}

/** An output as plain data. */
export interface TransactionOutput {
  /** Exact within ±2^53. A decoded value beyond is rounded: it is out of money range, and only the view keeps its bytes. */
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
}

/** A transaction as plain data, to be built. */
export interface TransactionData {
  /** uint32; Core compares it unsigned (C14). */
  readonly version: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
  /** uint32 */
  readonly locktime: number;
}

/**
 * A transaction inside `bytes`, which may be a whole block. Treat the bytes as frozen. A view pins that whole buffer: what
 * outlives its block is copied once by {@link Transaction.detach}.
 */
export class Transaction {
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #record: number;
  #txid: Txid | null = null;
  /** Txids of a batch that this one's is among, and where; a view of it is made when asked for. */
  #batch: Uint8Array | null = null;
  #batchAt = 0;
  #wtxid: Wtxid | null = null;
  /** The same for wtxids. */
  #wtxidBatch: Uint8Array | null = null;
  #wtxidBatchAt = 0;

  /** For scanners: the record at `record` of `words` must have been written by scanTransaction over the same bytes. */
  constructor(bytes: Uint8Array, words: Uint32Array, record: number) {
    this.bytes = bytes;
    this.#words = words;
    this.#record = record;
  }

  /** Offset of the first byte (the version). */
  get start(): number {
    return this.#words[this.#record + RECORD_START]!;
  }

  /** Offset after the last byte (the locktime). */
  get end(): number {
    return this.#words[this.#record + RECORD_END]!;
  }

  /** Offset of the input count: the part from here to {@link bodyEnd} is hashed for the txid. */
  get bodyStart(): number {
    return this.#words[this.#record + RECORD_BODY_START]!;
  }

  /** Offset after the last output: the witness or the locktime starts here. */
  get bodyEnd(): number {
    return this.#words[this.#record + RECORD_BODY_END]!;
  }

  /** uint32: rules that compare versions compare them unsigned (C14). */
  get version(): number {
    return readU32(this.bytes, this.start);
  }

  /** uint32: a height below LOCKTIME_THRESHOLD, else seconds since 1970. */
  get locktime(): number {
    return readU32(this.bytes, this.end - 4);
  }

  get inputCount(): number {
    return this.#words[this.#record + RECORD_INPUT_COUNT]!;
  }

  get outputCount(): number {
    return this.#words[this.#record + RECORD_OUTPUT_COUNT]!;
  }

  /** True when serialized with a witness (BIP144), i.e. when at least one input has a witness item. */
  get hasWitness(): boolean {
    return this.bodyStart !== this.start + 4;
  }

  /** Serialized bytes with the witness. */
  get totalSize(): number {
    return this.end - this.start;
  }

  /** Serialized bytes without the witness. */
  get strippedSize(): number {
    return this.bodyEnd - this.bodyStart + 8;
  }

  /** Weight in weight units (BIP141): three times the stripped size plus the total size. */
  get weightWu(): number {
    return this.strippedSize * (WITNESS_SCALE_FACTOR - 1) + this.totalSize;
  }

  /** Offset of the 36-byte outpoint that input `i` spends. */
  prevoutStart(i: number): number {
    return this.#words[this.#record + RECORD_HEAD_WORDS + i]!;
  }

  /** Offset of the first byte of input `i`'s scriptSig. */
  scriptSigStart(i: number): number {
    const at = this.prevoutStart(i) + OUTPOINT_BYTES;
    return at + compactSizeWidth(this.bytes[at]!);
  }

  /** Offset after input `i`'s scriptSig, where its sequence lies. */
  scriptSigEnd(i: number): number {
    const at = this.prevoutStart(i) + OUTPOINT_BYTES;
    return at + compactSizeWidth(this.bytes[at]!) + readCompactSizeAt(this.bytes, at, this.end, 'scriptSig');
  }

  /** Sequence of input `i`, uint32. */
  sequence(i: number): number {
    return readU32(this.bytes, this.scriptSigEnd(i));
  }

  /** Offset of output `j`: its 8-byte value, then its scriptPubKey. */
  outputStart(j: number): number {
    return this.#words[this.#record + RECORD_HEAD_WORDS + this.inputCount + j]!;
  }

  /** Offset after output `j`. */
  outputEnd(j: number): number {
    return j + 1 < this.outputCount ? this.outputStart(j + 1) : this.bodyEnd;
  }

  /** Value of output `j` in satoshis as signed int64; exact within ±2^53, and out of money range beyond. */
  valueSat(j: number): number {
    return readI64(this.bytes, this.outputStart(j));
  }

  /** Offset of the first byte of output `j`'s scriptPubKey. */
  scriptPubKeyStart(j: number): number {
    const at = this.outputStart(j) + 8;
    return at + compactSizeWidth(this.bytes[at]!);
  }

  /** Offset after output `j`'s scriptPubKey. */
  scriptPubKeyEnd(j: number): number {
    return this.outputEnd(j);
  }

  /** Offset of the item count of input `i`'s witness stack, or -1 when the transaction has no witness. */
  witnessStart(i: number): number {
    if (!this.hasWitness) return -1;
    return this.#words[this.#record + RECORD_HEAD_WORDS + this.inputCount + this.outputCount + i]!;
  }

  /** Outpoint that input `i` spends, as a view. */
  prevout(i: number): Outpoint {
    return readOutpoint(this.bytes, this.prevoutStart(i));
  }

  /** scriptSig of input `i`, as a view. */
  scriptSig(i: number): Uint8Array {
    return this.bytes.subarray(this.scriptSigStart(i), this.scriptSigEnd(i));
  }

  /** scriptPubKey of output `j`, as a view. */
  scriptPubKey(j: number): Uint8Array {
    return this.bytes.subarray(this.scriptPubKeyStart(j), this.scriptPubKeyEnd(j));
  }

  /** Witness stack of input `i`, as views; empty when there is none. */
  witness(i: number): Uint8Array[] {
    return this.hasWitness ? readWitnessStack(this.bytes, this.witnessStart(i)) : [];
  }

  /** The serialized transaction with its witness, as a view. */
  serialized(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The serialized transaction without its witness; a copy when there is one. */
  stripped(): Uint8Array {
    if (!this.hasWitness) return this.serialized();
    const stripped = new Uint8Array(this.strippedSize);
    stripped.set(this.bytes.subarray(this.start, this.start + 4), 0);
    stripped.set(this.bytes.subarray(this.bodyStart, this.bodyEnd), 4);
    stripped.set(this.bytes.subarray(this.end - 4, this.end), stripped.length - 4);
    return stripped;
  }

  /** True for the first transaction of a block: one input that spends nothing (Core CTransaction::IsCoinBase). */
  get isCoinbase(): boolean {
    return this.inputCount === 1 && isNullOutpoint(this.bytes, this.prevoutStart(0));
  }

  /** Identity without the witness, computed once. */
  get txid(): Txid {
    if (this.#txid === null) {
      if (this.#batch === null) {
        this.#batch = new Uint8Array(HASH_BYTES);
        this.#computeTxidInto(this.#batch, 0);
      }
      this.#txid = asTxid(this.#batch.subarray(this.#batchAt, this.#batchAt + HASH_BYTES));
    }
    return this.#txid;
  }

  /** Identity with the witness, computed once; equals the txid when there is none. */
  get wtxid(): Wtxid {
    if (this.#wtxid === null) {
      if (!this.hasWitness) return asWtxid(this.txid);
      if (this.#wtxidBatch === null) {
        this.#wtxidBatch = new Uint8Array(HASH_BYTES);
        sha256dInto(this.bytes, this.start, this.end, this.#wtxidBatch, 0);
      }
      this.#wtxid = asWtxid(this.#wtxidBatch.subarray(this.#wtxidBatchAt, this.#wtxidBatchAt + HASH_BYTES));
    }
    return this.#wtxid;
  }

  /** Tells where this transaction's txid lies in a batch computed over the same bytes, so that it is not computed again. */
  adoptTxid(batch: Uint8Array, at: number): void {
    this.#batch = batch;
    this.#batchAt = at;
  }

  /** The same for the wtxid. */
  adoptWtxid(batch: Uint8Array, at: number): void {
    this.#wtxidBatch = batch;
    this.#wtxidBatchAt = at;
  }

  /** Writes the txid into 32 bytes of `target`. Makes no object, and remembers nothing that was not known. */
  writeTxid(target: Uint8Array, at: number): void {
    if (this.#batch === null) this.#computeTxidInto(target, at);
    else copyRange(this.#batch, this.#batchAt, target, at, HASH_BYTES);
  }

  /** Writes the wtxid into 32 bytes of `target`. Makes no object, and remembers nothing that was not known. */
  writeWtxid(target: Uint8Array, at: number): void {
    if (!this.hasWitness) this.writeTxid(target, at);
    else if (this.#wtxidBatch === null) sha256dInto(this.bytes, this.start, this.end, target, at);
    else copyRange(this.#wtxidBatch, this.#wtxidBatchAt, target, at, HASH_BYTES);
  }

  /** Hashes the serialization without its witness. */
  #computeTxidInto(target: Uint8Array, at: number): void {
    const { bytes, start, bodyStart, bodyEnd, end } = this;
    if (bodyStart === start + 4) sha256dInto(bytes, start, end, target, at);
    else sha256dOfThreeInto(bytes, start, start + 4, bodyStart, bodyEnd, end - 4, end, target, at);
  }

  /** The same transaction over a copy of its own bytes, so that it no longer pins its block. */
  detach(): Transaction {
    return scanWhole(this.bytes.slice(this.start, this.end), true);
  }
}

function scanWhole(bytes: Uint8Array, allowWitness: boolean): Transaction {
  const table = new OffsetTable(RECORD_HEAD_WORDS + 12);
  const end = scanTransaction(bytes, 0, bytes.length, table, allowWitness);
  if (end !== bytes.length) throw new DecodeError('trailing bytes', 'transaction', end, bytes.length - end, 0);
  return new Transaction(bytes, table.words, 0);
}

/**
 * Decodes one whole transaction; keeps a reference to `bytes`, which must not change afterwards. `allowWitness: false` reads the
 * form before BIP144, in which a transaction may have no inputs (Core's TX_NO_WITNESS).
 */
export function decodeTransaction(
  bytes: Uint8Array,
  options?: { readonly allowWitness?: boolean },
): Result<Transaction, DecodeError> {
  return decodeResult(() => scanWhole(bytes, options?.allowWitness ?? true));
}

function dataHasWitness(data: TransactionData): boolean {
  return data.inputs.some((input) => input.witness !== undefined && input.witness.length > 0);
}

function encodedLength(data: TransactionData, withWitness: boolean): number {
  let length = 8 + compactSizeLength(data.inputs.length) + compactSizeLength(data.outputs.length);
  if (withWitness) length += 2;
  for (const input of data.inputs) {
    length += OUTPOINT_BYTES + compactSizeLength(input.scriptSig.length) + input.scriptSig.length + 4;
    if (withWitness) length += witnessStackLength(input.witness ?? []);
  }
  for (const output of data.outputs) {
    length += 8 + compactSizeLength(output.scriptPubKey.length) + output.scriptPubKey.length;
  }
  return length;
}

function writeVarBytes(target: Uint8Array, at: number, bytes: Uint8Array): number {
  const position = writeCompactSizeAt(target, at, bytes.length);
  target.set(bytes, position);
  return position + bytes.length;
}

/** Serialized bytes of plain data; with the marker and flag of BIP144 when an input has a witness. */
export function encodeTransaction(data: TransactionData): Uint8Array {
  const withWitness = dataHasWitness(data);
  const bytes = new Uint8Array(encodedLength(data, withWitness));
  writeU32(bytes, 0, data.version);
  let at = 4;
  if (withWitness) {
    bytes[at++] = 0;
    bytes[at++] = 1;
  }
  at = writeCompactSizeAt(bytes, at, data.inputs.length);
  for (const input of data.inputs) {
    writeOutpoint(bytes, at, input.prevout);
    at = writeVarBytes(bytes, at + OUTPOINT_BYTES, input.scriptSig);
    writeU32(bytes, at, input.sequence);
    at += 4;
  }
  at = writeCompactSizeAt(bytes, at, data.outputs.length);
  for (const output of data.outputs) {
    writeI64(bytes, at, output.valueSat);
    at = writeVarBytes(bytes, at + 8, output.scriptPubKey);
  }
  if (withWitness) {
    for (const input of data.inputs) at = writeWitnessStack(bytes, at, input.witness ?? []);
  }
  writeU32(bytes, at, data.locktime);
  return bytes;
}

/** A transaction made from plain data. Without inputs it is read in the form before BIP144, as the bytes would be ambiguous. */
export function buildTransaction(data: TransactionData): Transaction {
  return scanWhole(encodeTransaction(data), data.inputs.length > 0);
}

/** Plain data of a transaction: copies, to be changed and built anew. */
export function toTransactionData(transaction: Transaction): TransactionData {
  const inputs: TransactionInput[] = [];
  for (let i = 0; i < transaction.inputCount; i++) {
    const { txid, index } = transaction.prevout(i);
    inputs.push({
      prevout: { txid: asTxid(txid.slice()), index },
      scriptSig: transaction.scriptSig(i).slice(),
      sequence: transaction.sequence(i),
      witness: transaction.witness(i).map((item) => item.slice()),
    });
  }
  const outputs: TransactionOutput[] = [];
  for (let j = 0; j < transaction.outputCount; j++) {
    outputs.push({ valueSat: transaction.valueSat(j), scriptPubKey: transaction.scriptPubKey(j).slice() });
  }
  return { version: transaction.version, inputs, outputs, locktime: transaction.locktime };
}
