// The scripts of a block as work that threads share: block and spent outputs lie in memory that all of them see, copied at most
// once, and inputs are handed out by a counter in that memory. No message is needed between a thread and its next inputs, so a
// thread is never idle while another has work left, and a batch costs two messages per thread, whatever its size.
//
// Inputs are numbered through the block ("ordinals"), which is the order in which the spent outputs are packed. They are claimed
// in rising order and every claimed input below the limit is judged; a failure lowers the limit to its ordinal. So when all
// threads have finished, everything before the lowest failure was judged good: it is the first failure in block order, whoever
// was faster. Each input is claimed once, so a block is valid when the counts of good inputs add up to all of them, and a thread
// that dies with a claim leaves the sum short. Needs SharedArrayBuffer; starting threads is up to the platforms.

import type { JobVerifier, ScriptFailure } from '../consensus/script-job.ts';
import { type Block, scanBlock } from '../primitives/block.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import { assert } from '../util/assert.ts';
import type { ScriptBatch } from './ports.ts';

/** Words of `claims`. */
const CURSOR = 0;
const LIMIT = 1;
const CLAIM_WORDS = 2;

/** A claim takes at most this part of what is left, so that all threads finish at about the same time. */
const CLAIM_PART = 16;

/** What a thread needs of a batch. Every array lies in shared memory: a message passes it without a copy. */
export interface SharedBatch {
  readonly block: Uint8Array;
  /** Spent outputs of the whole block, as in SpentOutputs. */
  readonly spentBytes: Uint8Array;
  readonly spentOffsets: Uint32Array;
  readonly inputCount: number;
  readonly scriptFlags: number;
  /** See {@link ScriptBatch.knownGood}; null: nothing is known. */
  readonly knownGood: Uint8Array | null;
  /** Which inputs are taken; see {@link InputClaims}. */
  readonly claims: Int32Array;
}

/** What one thread has to say of a batch when nothing is left to claim. */
export interface BatchShare {
  /** Inputs that it judged good. */
  readonly goodCount: number;
  readonly failure: ScriptFailure | null;
}

/** Puts a batch with at least one job in shared memory. What lies there already is not copied. */
export function shareBatch({ block, connected, knownGood }: ScriptBatch): SharedBatch {
  const inputCount = countJobInputs(block, connected.scriptJobs);
  const { bytes, offsets } = connected.scriptJobs[0]!.spent;
  const offsetsEnd = 4 * (CLAIM_WORDS + inputCount + 1);
  const memory = new SharedArrayBuffer(offsetsEnd + offsets[inputCount]!);
  const claims = new Int32Array(memory, 0, CLAIM_WORDS);
  claims[LIMIT] = inputCount;
  const spentOffsets = new Uint32Array(memory, 4 * CLAIM_WORDS, inputCount + 1);
  spentOffsets.set(offsets.subarray(0, inputCount + 1));
  const spentBytes = new Uint8Array(memory, offsetsEnd);
  spentBytes.set(bytes.subarray(0, spentBytes.length));
  return {
    block: shareBytes(block.serialized()),
    spentBytes,
    spentOffsets,
    inputCount,
    scriptFlags: connected.scriptFlags,
    knownGood: knownGood === undefined ? null : shareBytes(knownGood),
    claims,
  };
}

/** Counts the inputs and holds connectBlock to what threads rely on: a job per transaction, outputs packed in order. */
function countJobInputs(block: Block, jobs: ScriptBatch['connected']['scriptJobs']): number {
  assert(jobs.length === block.txCount - 1 && jobs.length > 0, 'script batch: a job for each transaction');
  const { bytes } = jobs[0]!.spent;
  let inputCount = 0;
  for (let i = 0; i < jobs.length; i++) {
    const { txIndex, spent } = jobs[i]!;
    const isNext = txIndex === i + 1 && spent.bytes === bytes && spent.first === inputCount;
    assert(isNext, 'script batch: jobs and spent outputs in block order');
    inputCount += spent.count;
  }
  return inputCount;
}

function shareBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** Hands out ordinals to threads, by atomic operations on two words of shared memory. */
export class InputClaims {
  readonly #words: Int32Array;
  /** The inputs of the last claim. */
  start = 0;
  end = 0;

  constructor(claims: Int32Array) {
    this.#words = claims;
  }

  /** Claims up to `countMax` further inputs; false when none is left. */
  take(countMax: number): boolean {
    for (;;) {
      const start = Atomics.load(this.#words, CURSOR);
      const left = Atomics.load(this.#words, LIMIT) - start;
      if (left <= 0) return false;
      const end = start + Math.min(countMax, Math.ceil(left / CLAIM_PART));
      if (Atomics.compareExchange(this.#words, CURSOR, start, end) === start) {
        this.start = start;
        this.end = end;
        return true;
      }
    }
  }

  /** True while an input may decide: no earlier one has failed. */
  isWanted(ordinal: number): boolean {
    return ordinal < Atomics.load(this.#words, LIMIT);
  }

  /** Says that nothing from `ordinal` on needs to be judged; 0 calls the whole batch off. */
  lowerLimit(ordinal: number): void {
    for (;;) {
      const limit = Atomics.load(this.#words, LIMIT);
      if (limit <= ordinal || Atomics.compareExchange(this.#words, LIMIT, limit, ordinal) === limit) return;
    }
  }
}

/** One thread's work on a batch. */
export class BatchJudge implements BatchShare {
  readonly #batch: SharedBatch;
  readonly #block: Block;
  readonly #verifier: JobVerifier;
  readonly #claims: InputClaims;
  /** Ordinal of the first input of each transaction, and at the end the count of all. */
  readonly #firstInputs: Uint32Array;
  /** The transaction that the verifier has been set to; 0, the coinbase: none. */
  #txIndex = 0;
  goodCount = 0;
  failure: ScriptFailure | null = null;

  /** `block` spares the scan where the caller has it. The verifier serves no other batch until this one is finished. */
  constructor(batch: SharedBatch, verifier: JobVerifier, block: Block = scanBlock(batch.block, false)) {
    this.#batch = batch;
    this.#block = block;
    this.#verifier = verifier;
    this.#claims = new InputClaims(batch.claims);
    this.#firstInputs = findFirstInputs(block);
    assert(this.#firstInputs[block.txCount] === batch.inputCount, 'shared batch: the block has the inputs');
  }

  /** Claims up to `countMax` inputs and judges them; false when there was nothing left to claim. */
  judgeNext(countMax: number): boolean {
    if (!this.#claims.take(countMax)) return false;
    const { start, end } = this.#claims;
    for (let ordinal = start; ordinal < end && this.#claims.isWanted(ordinal); ordinal++) this.#judge(ordinal);
    return true;
  }

  #judge(ordinal: number): void {
    const isKnownGood = this.#turnTo(ordinal);
    const inputIndex = ordinal - this.#firstInputs[this.#txIndex]!;
    const error = isKnownGood ? null : this.#verifier.verifyInput(inputIndex, this.#batch.scriptFlags);
    if (error === null) {
      this.goodCount++;
    } else {
      this.failure = { txIndex: this.#txIndex, inputIndex, error };
      this.#claims.lowerLimit(ordinal);
    }
  }

  /** Sets the verifier to the transaction that has the input; true: its scripts are known to succeed. */
  #turnTo(ordinal: number): boolean {
    const firstInputs = this.#firstInputs;
    let txIndex = this.#txIndex;
    while (ordinal >= firstInputs[txIndex + 1]!) txIndex++;
    const isKnownGood = this.#batch.knownGood?.[txIndex] === 1;
    if (txIndex === this.#txIndex) return isKnownGood;
    this.#txIndex = txIndex;
    if (isKnownGood) return true;
    const transaction = this.#block.transaction(txIndex);
    const { spentBytes, spentOffsets } = this.#batch;
    const spent = new SpentOutputs(spentBytes, spentOffsets, firstInputs[txIndex]!, transaction.inputCount);
    this.#verifier.setTransaction(transaction, spent);
    return false;
  }
}

/** The coinbase has no input in the numbering: transactions 0 and 1 both begin at 0. */
function findFirstInputs(block: Block): Uint32Array {
  const firstInputs = new Uint32Array(block.txCount + 1);
  let count = 0;
  for (let i = 1; i < block.txCount; i++) {
    firstInputs[i] = count;
    count += block.transaction(i).inputCount;
  }
  firstInputs[block.txCount] = count;
  return firstInputs;
}
