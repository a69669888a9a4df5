// The tree of all known headers and what is known of their blocks (Core CBlockIndex, BlockManager::m_block_index). An entry is an
// integer, given out in order of arrival and never taken back; its fields lie in typed arrays, about 190 bytes for an entry, so
// that a million of them are ordinary memory and no work for the garbage collector. Parents come before their children.
//
// Chainwork is exact: eight words of 32 bits, added and compared as such. Each entry knows a far ancestor (Core's skip list),
// which makes any ancestor a matter of some tens of steps, and its children, which makes walking its descendants cost no more
// than they are. What to do with all this (accept, connect, invalidate) is decided elsewhere.

import { writeU32 } from '../encoding/numbers.ts';
import { asBlockHash, asMerkleRoot, type BlockHash, HASH_BYTES, type MerkleRoot } from '../primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../primitives/header.ts';
import { assert } from '../util/assert.ts';
import { copyRange, equalRange } from '../util/bytes.ts';
import type { Rng } from '../util/prng.ts';
import { BlockHashSlots } from './block-hash-slots.ts';
import { BLOCK_FLAG, VALIDITY, VALIDITY_MASK } from './block-status.ts';
import type { BlockPosition } from './block-store.ts';
import { addWork, compareWork, readWork, WORK_WORDS, WorkTable } from './chainwork.ts';

/** A block of the index. */
export type BlockEntry = number;

/** No entry: the parent of the genesis block, or a block that is not known. */
export const NO_ENTRY: BlockEntry = -1;

/** Order of blocks of equal work: the lower, the better. Given out when a block could first be connected, so first seen wins. */
export const SEQUENCE: {
  /** Blocks of the active chain when it was loaded (Core SEQ_ID_BEST_CHAIN_FROM_DISK). */
  readonly activeFromDisk: number;
  /** All others that were loaded, and those that cannot be connected yet (Core SEQ_ID_INIT_FROM_DISK). */
  readonly fromDisk: number;
  /** The first that is given out to a block that arrives. */
  readonly first: number;
} = Object.freeze({ activeFromDisk: 0, fromDisk: 1, first: 2 });

const CAPACITY_MIN = 256;
/** Memory to spare is at most a quarter; every byte is then copied about four times while a table grows. */
const GROWTH = 1.25;
/** Status bit in memory: the entry differs from the database. */
const DIRTY = 0x8000;

/** Turns the lowest one bit of a number into a zero. */
function clearLowestBit(n: number): number {
  return n & (n - 1);
}

/** Height of the far ancestor that an entry at `height` knows; any below would do, these are found to work well (Core). */
function skipHeight(height: number): number {
  if (height < 2) return 0;
  return (height & 1) === 1 ? clearLowestBit(clearLowestBit(height - 1)) + 1 : clearLowestBit(height);
}

/** All known headers. */
export class BlockIndex {
  #count = 0;
  #capacity = 0;
  #hashes!: Uint8Array;
  #merkleRoots!: Uint8Array;
  #works!: Uint32Array;
  #parents!: Int32Array;
  #skips!: Int32Array;
  #firstChildren!: Int32Array;
  #nextSiblings!: Int32Array;
  #heights!: Int32Array;
  #versions!: Int32Array;
  #times!: Uint32Array;
  #timesMax!: Uint32Array;
  #bits!: Uint32Array;
  #nonces!: Uint32Array;
  #statuses!: Uint16Array;
  #txCounts!: Uint32Array;
  #chainTxCounts!: Float64Array;
  #files!: Int32Array;
  #dataOffsets!: Float64Array;
  #undoOffsets!: Float64Array;
  #sequences!: Int32Array;
  readonly #byHash: BlockHashSlots;
  readonly #workOfBits: WorkTable = new WorkTable();
  #dirty: BlockEntry[] = [];
  #nextSequence: number = SEQUENCE.first;
  #bestHeader: BlockEntry = NO_ENTRY;
  #bestInvalid: BlockEntry = NO_ENTRY;

  /** `rng` salts the table of hashes; `expectedCount` saves growing. */
  constructor(rng: Rng, expectedCount = 0) {
    this.#byHash = new BlockHashSlots(rng);
    this.#reserve(Math.max(CAPACITY_MIN, expectedCount));
  }

  /** Number of entries; they are 0 to count - 1, parents before children. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of all arrays, for accounts of memory. */
  get usedBytes(): number {
    const perEntry = 2 * HASH_BYTES + 4 * WORK_WORDS + 12 * 4 + 2 + 3 * 8 + 4;
    return this.#capacity * perEntry + this.#byHash.usedBytes;
  }

  /** The header of most work that is not known to be invalid (Core m_best_header). */
  get bestHeader(): BlockEntry {
    return this.#bestHeader;
  }

  /** The invalid block of most work, or NO_ENTRY (Core m_best_invalid): a reason to warn when far ahead of the tip. */
  get bestInvalid(): BlockEntry {
    return this.#bestInvalid;
  }

  // --- looking up -----------------------------------------------------------------------------------------------------

  /** The entry of a block hash, or NO_ENTRY. */
  find(bytes: Uint8Array, at = 0): BlockEntry {
    return this.#byHash.find(this.#hashes, bytes, at);
  }

  /** The hash, as a copy. */
  blockHash(entry: BlockEntry): BlockHash {
    return asBlockHash(this.#hashes.slice(entry * HASH_BYTES, (entry + 1) * HASH_BYTES));
  }

  /** True when the hash of the entry is the one at `at`. */
  hasHash(entry: BlockEntry, bytes: Uint8Array, at = 0): boolean {
    return equalRange(this.#hashes, entry * HASH_BYTES, bytes, at, HASH_BYTES);
  }

  /** The merkle root, as a copy. */
  merkleRoot(entry: BlockEntry): MerkleRoot {
    return asMerkleRoot(this.#merkleRoots.slice(entry * HASH_BYTES, (entry + 1) * HASH_BYTES));
  }

  /** Writes the 80 bytes of the header. */
  writeHeader(entry: BlockEntry, out: Uint8Array, at: number): void {
    const parent = this.#parents[entry]!;
    writeU32(out, at, this.#versions[entry]!);
    if (parent === NO_ENTRY) out.fill(0, at + 4, at + 36);
    else copyRange(this.#hashes, parent * HASH_BYTES, out, at + 4, HASH_BYTES);
    copyRange(this.#merkleRoots, entry * HASH_BYTES, out, at + 36, HASH_BYTES);
    writeU32(out, at + 68, this.#times[entry]!);
    writeU32(out, at + 72, this.#bits[entry]!);
    writeU32(out, at + 76, this.#nonces[entry]!);
  }

  /** The header. */
  header(entry: BlockEntry): BlockHeader {
    const bytes = new Uint8Array(HEADER_BYTES);
    this.writeHeader(entry, bytes, 0);
    return new BlockHeader(bytes);
  }

  parent(entry: BlockEntry): BlockEntry {
    return this.#parents[entry]!;
  }

  height(entry: BlockEntry): number {
    return this.#heights[entry]!;
  }

  version(entry: BlockEntry): number {
    return this.#versions[entry]!;
  }

  timeSec(entry: BlockEntry): number {
    return this.#times[entry]!;
  }

  /** The latest time of the entry and all before it: unlike times themselves it never falls (Core nTimeMax). */
  timeMaxSec(entry: BlockEntry): number {
    return this.#timesMax[entry]!;
  }

  bits(entry: BlockEntry): number {
    return this.#bits[entry]!;
  }

  nonce(entry: BlockEntry): number {
    return this.#nonces[entry]!;
  }

  // --- the tree -------------------------------------------------------------------------------------------------------

  /** The ancestor at `height`, which is at most the entry's own. */
  ancestor(entry: BlockEntry, height: number): BlockEntry {
    assert(height >= 0 && height <= this.#heights[entry]!, 'block index: an ancestor has a height below');
    let walk = entry;
    let walkHeight = this.#heights[entry]!;
    while (walkHeight > height) {
      const skip = skipHeight(walkHeight);
      const skipOfParent = skipHeight(walkHeight - 1);
      // The far ancestor is taken unless the parent's own far ancestor leads nearer.
      if (skip === height || (skip > height && !(skipOfParent < skip - 2 && skipOfParent >= height))) {
        walk = this.#skips[walk]!;
        walkHeight = skip;
      } else {
        walk = this.#parents[walk]!;
        walkHeight--;
      }
    }
    return walk;
  }

  /** True when `entry` is `ancestor` or descends from it. */
  descendsFrom(entry: BlockEntry, ancestor: BlockEntry): boolean {
    const height = this.#heights[ancestor]!;
    return this.#heights[entry]! >= height && this.ancestor(entry, height) === ancestor;
  }

  /** The last entry that both branches have. */
  lastCommonAncestor(a: BlockEntry, b: BlockEntry): BlockEntry {
    const height = Math.min(this.#heights[a]!, this.#heights[b]!);
    let left = this.ancestor(a, height);
    let right = this.ancestor(b, height);
    while (left !== right) {
      // Far ancestors of equal heights have equal heights: jump while they differ, then go step by step.
      const isApart = this.#skips[left] !== this.#skips[right];
      left = isApart ? this.#skips[left]! : this.#parents[left]!;
      right = isApart ? this.#skips[right]! : this.#parents[right]!;
    }
    return left;
  }

  /** One of the children, or NO_ENTRY; the others follow by {@link nextSibling}. */
  firstChild(entry: BlockEntry): BlockEntry {
    return this.#firstChildren[entry]!;
  }

  /** Another child of the same parent, or NO_ENTRY. */
  nextSibling(entry: BlockEntry): BlockEntry {
    return this.#nextSiblings[entry]!;
  }

  /** Calls `visit` for every descendant, parents first, but not for the entry itself; `false` leaves out those below. */
  forEachDescendant(entry: BlockEntry, visit: (descendant: BlockEntry) => boolean): void {
    const open: BlockEntry[] = [entry];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (let child = this.firstChild(next); child !== NO_ENTRY; child = this.nextSibling(child)) {
        if (visit(child)) open.push(child);
      }
    }
  }

  // --- work -----------------------------------------------------------------------------------------------------------

  /** Work of the entry and all before it. */
  chainWork(entry: BlockEntry): bigint {
    return readWork(this.#works, entry);
  }

  /** Negative, zero or positive as `a` has less, equal or more work than `b`. */
  compareWork(a: BlockEntry, b: BlockEntry): number {
    return a === b ? 0 : compareWork(this.#works, a, b);
  }

  /** Order of preference: negative when `b` is the better tip (Core CBlockIndexWorkComparator). */
  comparePreference(a: BlockEntry, b: BlockEntry): number {
    const work = this.compareWork(a, b);
    if (work !== 0) return work;
    const sequence = this.#sequences[b]! - this.#sequences[a]!;
    return sequence !== 0 ? sequence : b - a;
  }

  sequence(entry: BlockEntry): number {
    return this.#sequences[entry]!;
  }

  /** Sets a sequence; the entry must be in no sorted set. */
  setSequence(entry: BlockEntry, sequence: number): void {
    this.#sequences[entry] = sequence;
  }

  /** Gives the entry the next sequence: it can be connected from now on. */
  assignSequence(entry: BlockEntry): void {
    this.#sequences[entry] = this.#nextSequence++;
  }

  // --- what is known of the block -------------------------------------------------------------------------------------

  /** Level and flags as the database holds them. */
  status(entry: BlockEntry): number {
    return this.#statuses[entry]! & ~DIRTY;
  }

  isFailed(entry: BlockEntry): boolean {
    return (this.#statuses[entry]! & BLOCK_FLAG.failed) !== 0;
  }

  hasData(entry: BlockEntry): boolean {
    return (this.#statuses[entry]! & BLOCK_FLAG.haveData) !== 0;
  }

  hasUndo(entry: BlockEntry): boolean {
    return (this.#statuses[entry]! & BLOCK_FLAG.haveUndo) !== 0;
  }

  /** True when the block is not failed and valid up to this level of {@link VALIDITY}. */
  isValid(entry: BlockEntry, validity: number): boolean {
    const status = this.#statuses[entry]!;
    return (status & BLOCK_FLAG.failed) === 0 && (status & VALIDITY_MASK) >= validity;
  }

  /** Raises the level of a block that is not failed. */
  raiseValidity(entry: BlockEntry, validity: number): void {
    const status = this.#statuses[entry]!;
    if ((status & BLOCK_FLAG.failed) !== 0 || (status & VALIDITY_MASK) >= validity) return;
    this.#statuses[entry] = (status & ~VALIDITY_MASK) | validity;
    this.#touch(entry);
  }

  /** Marks one block as invalid; its descendants are the caller's business. False when it was marked before. */
  markFailed(entry: BlockEntry): boolean {
    if (this.isFailed(entry)) return false;
    this.#statuses[entry]! |= BLOCK_FLAG.failed;
    this.#touch(entry);
    if (this.#bestInvalid === NO_ENTRY || this.compareWork(entry, this.#bestInvalid) > 0) this.#bestInvalid = entry;
    return true;
  }

  /** Takes the mark away from one block. */
  clearFailed(entry: BlockEntry): void {
    this.#statuses[entry]! &= ~BLOCK_FLAG.failed;
    this.#touch(entry);
    if (this.#bestInvalid === entry) this.#bestInvalid = NO_ENTRY;
  }

  /** Transactions of the block; 0 while it was never seen. */
  txCount(entry: BlockEntry): number {
    return this.#txCounts[entry]!;
  }

  /** Transactions of the block and all before it; 0 unless all of them were seen. */
  chainTxCount(entry: BlockEntry): number {
    return this.#chainTxCounts[entry]!;
  }

  /** True when the block and all before it were seen, whether or not they are still stored (Core HaveNumChainTxs). */
  isLinked(entry: BlockEntry): boolean {
    return this.#chainTxCounts[entry]! !== 0;
  }

  /** Sets the sum of transactions of a block whose parent is linked. */
  link(entry: BlockEntry): void {
    const parent = this.#parents[entry]!;
    this.#chainTxCounts[entry] = this.#txCounts[entry]! + (parent === NO_ENTRY ? 0 : this.#chainTxCounts[parent]!);
  }

  /** Sets the sum of transactions of a block from what is known of it, without the blocks before it (Core AssumeutxoData). */
  linkAs(entry: BlockEntry, chainTxCount: number): void {
    this.#chainTxCounts[entry] = chainTxCount;
  }

  /** Where the block lies; it has data. */
  dataPosition(entry: BlockEntry): BlockPosition {
    assert(this.hasData(entry), 'block index: a block that is stored');
    return { file: this.#files[entry]!, offset: this.#dataOffsets[entry]! };
  }

  /** Where the undo data lie; it has them. */
  undoPosition(entry: BlockEntry): BlockPosition {
    assert(this.hasUndo(entry), 'block index: a block whose undo data are stored');
    return { file: this.#files[entry]!, offset: this.#undoOffsets[entry]! };
  }

  /** The block is stored now. */
  setData(entry: BlockEntry, position: BlockPosition, txCount: number, hasWitnessRules: boolean): void {
    this.#txCounts[entry] = txCount;
    this.#files[entry] = position.file;
    this.#dataOffsets[entry] = position.offset;
    this.#undoOffsets[entry] = 0;
    this.#statuses[entry]! |= BLOCK_FLAG.haveData | (hasWitnessRules ? BLOCK_FLAG.witness : 0);
    this.raiseValidity(entry, VALIDITY.transactions);
    this.#touch(entry);
  }

  /** The undo data are stored now, in the file of the same number as the block's. */
  setUndo(entry: BlockEntry, offset: number): void {
    this.#undoOffsets[entry] = offset;
    this.#statuses[entry]! |= BLOCK_FLAG.haveUndo;
    this.#touch(entry);
  }

  /** What was stored to undo the block is not to be used; its bytes stay where they are. */
  clearUndo(entry: BlockEntry): void {
    this.#undoOffsets[entry] = 0;
    this.#statuses[entry]! &= ~BLOCK_FLAG.haveUndo;
    this.#touch(entry);
  }

  /** Neither block nor undo data are stored any more. */
  clearData(entry: BlockEntry): void {
    this.#files[entry] = 0;
    this.#dataOffsets[entry] = 0;
    this.#undoOffsets[entry] = 0;
    this.#statuses[entry]! &= ~(BLOCK_FLAG.haveData | BLOCK_FLAG.haveUndo);
    this.#touch(entry);
  }

  // --- changing -------------------------------------------------------------------------------------------------------

  /**
   * Adds a header that passed its checks, on top of `parent` (NO_ENTRY for the genesis block only), and returns its entry (Core
   * AddToBlockIndex). Its hash must not be in the index.
   */
  add(header: BlockHeader, parent: BlockEntry): BlockEntry {
    assert(this.find(header.blockHash) === NO_ENTRY, 'block index: a new header');
    const entry = this.#append(header, parent);
    this.#statuses[entry] = VALIDITY.tree;
    this.#touch(entry);
    if (this.#bestHeader === NO_ENTRY || this.compareWork(entry, this.#bestHeader) > 0) this.#bestHeader = entry;
    return entry;
  }

  /** Adds an entry from the database. Parents come first; {@link finishRestore} completes the index. */
  restore(header: BlockHeader, parent: BlockEntry, record: RestoredFields): BlockEntry {
    const entry = this.#append(header, parent);
    this.#statuses[entry] = record.status & ~BLOCK_FLAG.failedChild & ~DIRTY;
    this.#txCounts[entry] = record.txCount;
    this.#files[entry] = record.file;
    this.#dataOffsets[entry] = record.dataOffset;
    this.#undoOffsets[entry] = record.undoOffset;
    const isParentFailed = parent !== NO_ENTRY && this.isFailed(parent);
    const isFailed = (record.status & (BLOCK_FLAG.failed | BLOCK_FLAG.failedChild)) !== 0 || isParentFailed;
    if (isFailed) this.markFailed(entry);
    if (record.txCount > 0 && (parent === NO_ENTRY || this.isLinked(parent))) this.link(entry);
    return entry;
  }

  /** Finds the best header again, at least as good as `atLeast` (Core RecalculateBestHeader). */
  recalculateBestHeader(atLeast: BlockEntry): void {
    this.#bestHeader = atLeast;
    for (let entry = 0; entry < this.#count; entry++) {
      if (this.isFailed(entry) || !this.isValid(entry, VALIDITY.tree)) continue;
      if (this.#bestHeader === NO_ENTRY || this.compareWork(entry, this.#bestHeader) > 0) this.#bestHeader = entry;
    }
  }

  /** Entries that differ from the database; they count as written from now on. */
  takeDirty(): readonly BlockEntry[] {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const entry of dirty) this.#statuses[entry]! &= ~DIRTY;
    return dirty;
  }

  #touch(entry: BlockEntry): void {
    if ((this.#statuses[entry]! & DIRTY) !== 0) return;
    this.#statuses[entry]! |= DIRTY;
    this.#dirty.push(entry);
  }

  #append(header: BlockHeader, parent: BlockEntry): BlockEntry {
    const entry = this.#count;
    assert(parent < entry && (parent !== NO_ENTRY || entry === 0), 'block index: parents come before children');
    if (entry === this.#capacity) this.#reserve(Math.ceil(entry * GROWTH));
    this.#count = entry + 1;
    const { bytes, start } = header;
    copyRange(header.blockHash, 0, this.#hashes, entry * HASH_BYTES, HASH_BYTES);
    copyRange(bytes, start + 36, this.#merkleRoots, entry * HASH_BYTES, HASH_BYTES);
    this.#versions[entry] = header.version;
    this.#times[entry] = header.timeSec;
    this.#bits[entry] = header.bits;
    this.#nonces[entry] = header.nonce;
    this.#sequences[entry] = SEQUENCE.fromDisk;
    this.#firstChildren[entry] = NO_ENTRY;
    this.#attach(entry, parent);
    addWork(this.#works, entry, parent, this.#workOfBits.wordsOf(header.bits));
    this.#byHash.add(this.#hashes, entry);
    return entry;
  }

  #attach(entry: BlockEntry, parent: BlockEntry): void {
    this.#parents[entry] = parent;
    if (parent === NO_ENTRY) {
      this.#nextSiblings[entry] = NO_ENTRY;
      this.#skips[entry] = NO_ENTRY;
      this.#heights[entry] = 0;
      this.#timesMax[entry] = this.#times[entry]!;
      return;
    }
    const height = this.#heights[parent]! + 1;
    this.#nextSiblings[entry] = this.#firstChildren[parent]!;
    this.#firstChildren[parent] = entry;
    this.#heights[entry] = height;
    this.#skips[entry] = this.ancestor(parent, skipHeight(height));
    this.#timesMax[entry] = Math.max(this.#times[entry]!, this.#timesMax[parent]!);
  }

  #reserve(capacity: number): void {
    this.#hashes = grown(this.#hashes, new Uint8Array(capacity * HASH_BYTES));
    this.#merkleRoots = grown(this.#merkleRoots, new Uint8Array(capacity * HASH_BYTES));
    this.#works = grown(this.#works, new Uint32Array(capacity * WORK_WORDS));
    this.#parents = grown(this.#parents, new Int32Array(capacity));
    this.#skips = grown(this.#skips, new Int32Array(capacity));
    this.#firstChildren = grown(this.#firstChildren, new Int32Array(capacity));
    this.#nextSiblings = grown(this.#nextSiblings, new Int32Array(capacity));
    this.#heights = grown(this.#heights, new Int32Array(capacity));
    this.#versions = grown(this.#versions, new Int32Array(capacity));
    this.#times = grown(this.#times, new Uint32Array(capacity));
    this.#timesMax = grown(this.#timesMax, new Uint32Array(capacity));
    this.#bits = grown(this.#bits, new Uint32Array(capacity));
    this.#nonces = grown(this.#nonces, new Uint32Array(capacity));
    this.#statuses = grown(this.#statuses, new Uint16Array(capacity));
    this.#txCounts = grown(this.#txCounts, new Uint32Array(capacity));
    this.#chainTxCounts = grown(this.#chainTxCounts, new Float64Array(capacity));
    this.#files = grown(this.#files, new Int32Array(capacity));
    this.#dataOffsets = grown(this.#dataOffsets, new Float64Array(capacity));
    this.#undoOffsets = grown(this.#undoOffsets, new Float64Array(capacity));
    this.#sequences = grown(this.#sequences, new Int32Array(capacity));
    this.#capacity = capacity;
  }
}

/** What the database holds of an entry besides its header. */
export interface RestoredFields {
  readonly status: number;
  readonly txCount: number;
  readonly file: number;
  readonly dataOffset: number;
  readonly undoOffset: number;
}

function grown<T extends { set(array: T): void }>(before: T | undefined, after: T): T {
  if (before !== undefined) after.set(before);
  return after;
}
