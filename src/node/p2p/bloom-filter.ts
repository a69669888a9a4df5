// The filter that a light client sets on its connection (BIP37; Core CBloomFilter): which transactions it may care about, with as
// many others as it likes to be hidden among. A match may change the filter, so that whoever spends a matched output matches, too.
//
// Whoever sets a filter decides what matching costs: up to 50 hashes for every push of every script. The work is counted, so that
// nobody looks longer than others can wait, and cut into steps.

import { murmur3 } from '../../kernel/crypto/murmur3.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { ScriptCursor } from '../../kernel/script/script.ts';
import { classifyOutput } from '../../kernel/script/solver.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { FilterLoadMessage } from '../wire/messages.ts';
import { MAX_BLOOM_FILTER_SIZE, MAX_HASH_FUNCS } from '../wire/protocol.ts';

/** Distance of the seeds of one element's hashes (BIP37). */
const SEED_STEP = 0xfba4c795;

/** What a match of an output adds to the filter, by the lowest two bits of the flags (BIP37); anything else: nothing. */
const UPDATE_MASK = 3;
const UPDATE_ALL = 1;
const UPDATE_KEYS_ONLY = 2;

/** Bytes that are hashed in about the time that a hash costs by itself; ours. */
const BYTES_PER_WORK = 32;

/** Work between two pauses: a few milliseconds. Ours. */
const WORK_PER_STEP = 20_000;

/** A bit of a byte, by the low bits of a position. */
const BITS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/** A filter as it travels. */
export type LoadedFilter = Pick<FilterLoadMessage, 'filter' | 'hashFunctionCount' | 'tweak' | 'flags'>;

/** Whether a filter keeps to the limits of the protocol; one that does not is never made. */
export function isWithinFilterLimits({ filter, hashFunctionCount }: LoadedFilter): boolean {
  return filter.length <= MAX_BLOOM_FILTER_SIZE && hashFunctionCount <= MAX_HASH_FUNCS;
}

/** See the top of the file. */
export class BloomFilter {
  /** Work since the filter was made: a hash counts as one, and one more for every 32 bytes. */
  work = 0;
  readonly #bytes: Uint8Array;
  readonly #hashCount: number;
  readonly #tweak: number;
  readonly #update: number;
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  readonly #cursor: ScriptCursor = new ScriptCursor();
  #pauseAt = WORK_PER_STEP;

  /** The bytes are copied. */
  constructor(loaded: LoadedFilter) {
    assert(isWithinFilterLimits(loaded), 'a bloom filter within the limits');
    this.#bytes = loaded.filter.slice();
    this.#hashCount = loaded.hashFunctionCount;
    this.#tweak = loaded.tweak;
    this.#update = loaded.flags & UPDATE_MASK;
  }

  /** Memory of the filter. */
  get sizeBytes(): number {
    return this.#bytes.length;
  }

  /** Puts in `bytes` from `start` to `end`. A filter without bits stays as it is: it matches everything anyway (CVE-2013-5700). */
  insert(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#bytes.length === 0) return;
    for (let i = 0; i < this.#hashCount; i++) {
      const position = this.#position(i, bytes, start, end);
      this.#bytes[position >>> 3]! |= BITS[position & 7]!;
    }
  }

  /** Whether `bytes` from `start` to `end` were put in, or look as if. */
  contains(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    if (this.#bytes.length === 0) return true;
    for (let i = 0; i < this.#hashCount; i++) {
      const position = this.#position(i, bytes, start, end);
      if ((this.#bytes[position >>> 3]! & BITS[position & 7]!) === 0) return false;
    }
    return true;
  }

  /** Whether the client may care about a transaction; updates the filter (Core IsRelevantAndUpdate). */
  matchAndUpdate(transaction: Transaction): boolean {
    const steps = this.matchInSteps(transaction);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** {@link matchAndUpdate} with pauses, for transactions as large as a block. */
  *matchInSteps(transaction: Transaction): Generator<undefined, boolean, void> {
    if (this.#bytes.length === 0) return true;
    let isMatch = this.contains(transaction.txid);
    // Every output is looked at, whatever matched before: each that matches is put in.
    for (let j = 0; j < transaction.outputCount; j++) {
      const [start, end] = [transaction.scriptPubKeyStart(j), transaction.scriptPubKeyEnd(j)];
      if (!(yield* this.#matchPushes(transaction.bytes, start, end))) continue;
      isMatch = true;
      if (this.#isAdded(transaction.bytes, start, end)) this.#insertOutpoint(transaction, j);
    }
    for (let i = 0; i < transaction.inputCount && !isMatch; i++) {
      const prevoutAt = transaction.prevoutStart(i);
      isMatch =
        this.contains(transaction.bytes, prevoutAt, prevoutAt + OUTPOINT_BYTES) ||
        (yield* this.#matchPushes(transaction.bytes, transaction.scriptSigStart(i), transaction.scriptSigEnd(i)));
    }
    return isMatch;
  }

  /** Whether anything that a script pushes is in the filter, up to the first push that runs past its end. */
  *#matchPushes(bytes: Uint8Array, start: number, end: number): Generator<undefined, boolean, void> {
    const cursor = this.#cursor.reset(bytes, start, end);
    for (;;) {
      if (this.work >= this.#pauseAt) {
        const { position } = cursor;
        yield;
        this.#pauseAt = this.work + WORK_PER_STEP;
        // Another transaction may have been matched meanwhile.
        cursor.reset(bytes, position, end);
      }
      if (!cursor.next()) return false;
      if (cursor.dataEnd > cursor.dataStart && this.contains(bytes, cursor.dataStart, cursor.dataEnd)) return true;
    }
  }

  #isAdded(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#update !== UPDATE_KEYS_ONLY) return this.#update === UPDATE_ALL;
    const type = classifyOutput(bytes, start, end);
    return type === 'pubkey' || type === 'multisig';
  }

  #insertOutpoint({ txid }: Transaction, index: number): void {
    this.#outpoint.set(txid);
    writeU32(this.#outpoint, HASH_BYTES, index);
    this.insert(this.#outpoint);
  }

  #position(index: number, bytes: Uint8Array, start: number, end: number): number {
    this.work += 1 + Math.floor((end - start) / BYTES_PER_WORK);
    const seed = (Math.imul(index, SEED_STEP) + this.#tweak) >>> 0;
    return murmur3(seed, bytes, start, end) % (8 * this.#bytes.length);
  }
}
