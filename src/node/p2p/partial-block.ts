// A block on its way from its compact form back to itself (BIP152; Core PartiallyDownloadedBlock): transactions that came along or
// are in a pool of ours are put in their places, the places left are asked for, and the whole is checked against the header. What
// fails says nothing about the header: two transactions may share a short id, and whoever sends transactions may lie.
//
// Everything that is allocated is a small multiple of the message: a place costs its sender six bytes at least. A block that is put
// together is at most as large as a block may be, however many large transactions of the pool it names.

import { checkMerkleRoot, isBlockMutated } from '../../kernel/consensus/block-check.ts';
import { MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import type { BlockReject } from '../../kernel/consensus/reject.ts';
import { checkWitnessCommitment } from '../../kernel/consensus/witness-commitment.ts';
import { readU32 } from '../../kernel/encoding/numbers.ts';
import { type Block, decodeBlock, encodeBlock } from '../../kernel/primitives/block.ts';
import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';
import { type Transaction, WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import { equalRange } from '../../kernel/util/bytes.ts';
import type { CmpctBlockMessage } from '../wire/messages.ts';
import type { TransactionList } from '../wire/packed-lists.ts';
import { SHORT_ID_BYTES } from '../wire/protocol.ts';
import { ShortIdHasher } from './compact-block.ts';

/** Fewest bytes of a transaction that can be told from garbage: ten without witness (Core MIN_SERIALIZABLE_TRANSACTION_WEIGHT). */
const TRANSACTION_WEIGHT_MIN: number = 10 * WITNESS_SCALE_FACTOR;

/** Most transactions that a compact block may name: 100,000, as Core has it; the wire allows 65,535. */
const TRANSACTION_COUNT_MAX: number = MAX_BLOCK_WEIGHT / TRANSACTION_WEIGHT_MIN;

/** Most short ids in one bucket of the table; honest ones exceed it once in a million blocks of 16,000 transactions (Core). */
const BUCKET_SIZE_MAX = 12;

/** Transactions that a block may be put together from: the mempool, and those that were in it or almost so. */
export interface TransactionPool {
  readonly count: number;
  /** Calls `visit` with each transaction and the place of its wtxid, until it returns false. */
  forEachTransaction(visit: (wtxids: Uint8Array, at: number, transaction: Transaction) => boolean): void;
}

/** The pool of a node that keeps no transactions. */
export const EMPTY_POOL: TransactionPool = Object.freeze({ count: 0, forEachTransaction() {} });

/** What a compact block or the transactions sent after it are worth (Core ReadStatus). */
export type ReadStatus =
  | 'ok'
  /** No honest peer sends this. */
  | 'invalid'
  /** It does not work out, which may be bad luck: the whole block is the answer. */
  | 'failed';

/** A block, or why there is none. */
export type FillResult =
  | { readonly status: 'ok'; readonly block: Block }
  | { readonly status: 'invalid' }
  /** `reject`: how the block differs from what its header stands for; null when it is too large, or otherwise suspicious. */
  | { readonly status: 'failed'; readonly reject: BlockReject | null };

/** Where the transactions of a block came from, for the log. */
export interface PartialBlockCounts {
  readonly prefilled: number;
  /** From either pool. */
  readonly pool: number;
  readonly extra: number;
}

/** A block that is being put together. Made empty; {@link begin} fills what is at hand, {@link fill} the rest. */
export class PartialBlock {
  #header: BlockHeader | null = null;
  #available: (Transaction | null)[] = [];
  #prefilledCount = 0;
  #poolCount = 0;
  #extraCount = 0;

  /** False before {@link begin}, and once {@link fill} was tried: it is tried once (CVE-2024-35202). */
  get isOpen(): boolean {
    return this.#header !== null;
  }

  /** Transactions of the block; 0 unless open. */
  get txCount(): number {
    return this.#available.length;
  }

  get counts(): PartialBlockCounts {
    return { prefilled: this.#prefilledCount, pool: this.#poolCount, extra: this.#extraCount };
  }

  /** True when the transaction at a place is at hand. */
  isAvailable(place: number): boolean {
    return (this.#available[place] ?? null) !== null;
  }

  /** The places whose transactions have to be asked for, in order. */
  missing(): number[] {
    const places: number[] = [];
    this.#available.forEach((transaction, place) => {
      if (transaction === null) places.push(place);
    });
    return places;
  }

  /**
   * Takes a compact block and what `pool` and `extra` have of it. After `failed` the transactions that came along are in place, and
   * no others.
   */
  begin(message: CmpctBlockMessage, pool: TransactionPool, extra: TransactionPool): ReadStatus {
    assert(this.#header === null && this.#available.length === 0, 'partial block: begun once');
    const { header, shortIds, prefilled } = message;
    const shortIdCount = shortIds.length / SHORT_ID_BYTES;
    const count = shortIdCount + prefilled.length;
    if (header.bits === 0 || count === 0 || count > TRANSACTION_COUNT_MAX) return 'invalid';
    const available = new Array<Transaction | null>(count).fill(null);
    let last = -1;
    for (const { index, transaction } of prefilled) {
      // Places are in order, and none lies beyond those that short ids and transactions so far account for.
      if (index <= last || index >= count || isEmpty(transaction)) return 'invalid';
      last = index;
      available[index] = transaction;
    }
    this.#header = header;
    this.#available = available;
    this.#prefilledCount = prefilled.length;
    if (shortIdCount === 0) return 'ok';
    const table = ShortIdTable.create(shortIds, available);
    if (table === null) return 'failed';
    this.#match(new ShortIdHasher(header, message.nonce), table, pool, extra);
    return 'ok';
  }

  #match(hasher: ShortIdHasher, table: ShortIdTable, pool: TransactionPool, extra: TransactionPool): void {
    const available = this.#available;
    const isFromExtra = new Uint8Array(available.length);
    const wasFound = new Uint8Array(available.length);
    for (const source of [pool, extra]) {
      const extraStep = source === extra ? 1 : 0;
      source.forEachTransaction((wtxids, at, transaction) => {
        const place = table.find(hasher.hash(wtxids, at));
        if (place < 0) return true;
        const known = available[place] ?? null;
        if (wasFound[place] === 0) {
          wasFound[place] = 1;
          available[place] = transaction;
          isFromExtra[place] = extraStep;
          this.#poolCount++;
          this.#extraCount += extraStep;
        } else if (known !== null && !equalRange(known.wtxid, 0, wtxids, at, HASH_BYTES)) {
          // Two transactions of ours with one short id: asking is cheaper than putting the wrong one in.
          available[place] = null;
          this.#poolCount--;
          this.#extraCount -= isFromExtra[place]!;
        }
        return this.#poolCount < table.count;
      });
      if (this.#poolCount === table.count) return;
    }
  }

  /**
   * Puts `transactions` into the places left and checks the whole. `isSegwitActive` says whether its witnesses are committed to.
   * The partial block is not open afterwards, whatever the result.
   */
  fill(transactions: TransactionList, isSegwitActive: boolean): FillResult {
    const header = this.#header;
    if (header === null) return { status: 'invalid' };
    const available = this.#available;
    this.#header = null;
    this.#available = [];
    const missing = available.reduce((count, transaction) => (transaction === null ? count + 1 : count), 0);
    if (missing !== transactions.count) return { status: 'invalid' };
    let next = 0;
    const all = available.map((transaction) => transaction ?? transactions.transaction(next++));
    return assemble(header, all, isSegwitActive);
  }
}

function isEmpty(transaction: Transaction): boolean {
  return transaction.inputCount === 0 && transaction.outputCount === 0;
}

function assemble(header: BlockHeader, transactions: readonly Transaction[], isSegwitActive: boolean): FillResult {
  let size = 0;
  for (const transaction of transactions) size += transaction.totalSize;
  if (size > MAX_BLOCK_WEIGHT) return { status: 'failed', reject: null };
  const decoded = decodeBlock(encodeBlock(header, transactions));
  if (!decoded.ok) return { status: 'failed', reject: null };
  const block = decoded.value;
  if (!isBlockMutated(block, isSegwitActive)) return { status: 'ok', block };
  return { status: 'failed', reject: checkMerkleRoot(block) ?? checkWitnessCommitment(block, isSegwitActive) };
}

/** The places of short ids: buckets of chained entries in arrays, so that nothing is allocated per id. */
class ShortIdTable {
  readonly count: number;
  readonly #heads: Int32Array;
  readonly #nexts: Int32Array;
  readonly #lows: Uint32Array;
  readonly #highs: Uint16Array;
  readonly #places: Uint32Array;
  readonly #mask: number;

  /** Null when an id comes twice or too many share a bucket, which the sender can bring about. */
  static create(shortIds: Uint8Array, available: readonly (Transaction | null)[]): ShortIdTable | null {
    const table = new ShortIdTable(shortIds.length / SHORT_ID_BYTES);
    let place = 0;
    for (let i = 0; i < table.count; i++, place++) {
      while (available[place] !== null) place++;
      if (!table.#add(i, shortIds, place)) return null;
    }
    return table;
  }

  private constructor(count: number) {
    let buckets = 1;
    while (buckets < count) buckets *= 2;
    this.count = count;
    this.#mask = buckets - 1;
    this.#heads = new Int32Array(buckets).fill(-1);
    this.#nexts = new Int32Array(count);
    this.#lows = new Uint32Array(count);
    this.#highs = new Uint16Array(count);
    this.#places = new Uint32Array(count);
  }

  #add(i: number, shortIds: Uint8Array, place: number): boolean {
    const at = SHORT_ID_BYTES * i;
    const low = readU32(shortIds, at);
    const high = shortIds[at + 4]! + 256 * shortIds[at + 5]!;
    const bucket = low & this.#mask;
    let size = 1;
    for (let other = this.#heads[bucket]!; other >= 0; other = this.#nexts[other]!) {
      size++;
      if (size > BUCKET_SIZE_MAX || (this.#lows[other] === low && this.#highs[other] === high)) return false;
    }
    this.#lows[i] = low;
    this.#highs[i] = high;
    this.#places[i] = place;
    this.#nexts[i] = this.#heads[bucket]!;
    this.#heads[bucket] = i;
    return true;
  }

  /** The place of a short id in the block, or -1. */
  find(shortId: ShortIdHasher): number {
    const { low, high } = shortId;
    for (let i = this.#heads[low & this.#mask]!; i >= 0; i = this.#nexts[i]!) {
      if (this.#lows[i] === low && this.#highs[i] === high) return this.#places[i]!;
    }
    return -1;
  }
}
