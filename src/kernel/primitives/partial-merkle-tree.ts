// Partial merkle trees: proof that some transactions are in a block, for merkleblock messages (BIP37) and gettxoutproof. The tree
// is walked depth first; a bit per node says whether a proved txid lies below, and where none does its hash stands for all of
// it. Mirrors Core's CPartialMerkleTree and CMerkleBlock with all checks; the recursion is no deeper than a block's tree.

import { sha256dPairsInto } from '../crypto/sha256.ts';
import { type DecodeError, decodeResult } from '../encoding/decode-error.ts';
import { ByteReader } from '../encoding/reader.ts';
import { ByteWriter } from '../encoding/writer.ts';
import { assert } from '../util/assert.ts';
import { copyRange, equalRange } from '../util/bytes.ts';
import { err, ok, type Result } from '../util/result.ts';
import { asMerkleRoot, asTxid, HASH_BYTES, type MerkleRoot, type Txid } from './hashes.ts';
import { BlockHeader, HEADER_BYTES } from './header.ts';

/** More transactions than any block can hold: the greatest block weight, 4,000,000, over the least weight of one, 4 × 60. */
const TRANSACTION_COUNT_MAX = 16_666;

/**
 * More bytes than the proof of any block has: the header, four bytes of count, every hash and a bit for every node of the tree, of
 * which there are less than twice as many and one a level, with the lengths of both lists.
 */
export const MERKLE_BLOCK_BYTES_MAX: number =
  HEADER_BYTES + 4 + 3 + HASH_BYTES * TRANSACTION_COUNT_MAX + 3 + Math.ceil((2 * TRANSACTION_COUNT_MAX + 16) / 8);

/** A partial tree as it travels. Nothing is proved until {@link extractMatches} has walked it. */
export interface PartialMerkleTree {
  /** Transactions in the block, as claimed. */
  readonly txCount: number;
  /** Hashes in depth-first order, packed. */
  readonly hashes: Uint8Array;
  /** A bit per node in depth-first order, lowest bit of a byte first; zeros fill the last byte. */
  readonly flags: Uint8Array;
}

/** A block header with a partial tree that should prove transactions under its merkle root. */
export interface MerkleBlock {
  readonly header: BlockHeader;
  readonly tree: PartialMerkleTree;
}

/** One proved transaction and its position in the block. */
export interface MerkleMatch {
  readonly txid: Txid;
  readonly position: number;
}

/** What a partial tree shows: compare the root with the header's before believing the matches. */
export interface ExtractedMatches {
  readonly merkleRoot: MerkleRoot;
  readonly matches: readonly MerkleMatch[];
}

/** Why a partial tree proves nothing. */
export type PartialMerkleTreeError =
  | 'no-transactions'
  | 'too-many-transactions'
  | 'more-hashes-than-transactions'
  | 'fewer-flags-than-hashes'
  | 'flags-exhausted'
  | 'hashes-exhausted'
  | 'equal-siblings'
  | 'flags-left-over'
  | 'hashes-left-over';

/** Nodes at `height` above the txids. */
function widthAt(txCount: number, height: number): number {
  return Math.ceil(txCount / 2 ** height);
}

function heightOf(txCount: number): number {
  let height = 0;
  while (widthAt(txCount, height) > 1) height++;
  return height;
}

/** All levels of the whole tree, txids first, each packed. */
function allLevels(txids: Uint8Array): Uint8Array[] {
  const levels = [txids];
  for (let below = txids; below.length > HASH_BYTES; ) {
    const width = below.length / HASH_BYTES;
    const level = new Uint8Array(HASH_BYTES * (width + (width % 2)));
    level.set(below);
    if (width % 2 === 1) level.copyWithin(HASH_BYTES * width, HASH_BYTES * (width - 1), HASH_BYTES * width);
    sha256dPairsInto(level, level.length / (2 * HASH_BYTES));
    below = level.slice(0, level.length / 2);
    levels.push(below);
  }
  return levels;
}

/** The partial tree over a block's packed txids that proves those at the positions for which `isMatch` is true. */
export function buildPartialMerkleTree(txids: Uint8Array, isMatch: (position: number) => boolean): PartialMerkleTree {
  const txCount = txids.length / HASH_BYTES;
  assert(Number.isInteger(txCount) && txCount > 0, 'packed txids, at least the coinbase’s');
  const levels = allLevels(txids);
  /** By height: whether each node is a match or has one below. */
  const marks: boolean[][] = [Array.from({ length: txCount }, (_, position) => isMatch(position))];
  for (let height = 1; height < levels.length; height++) {
    const below = marks[height - 1]!;
    const width = widthAt(txCount, height);
    marks.push(Array.from({ length: width }, (_, i) => below[2 * i]! || (below[2 * i + 1] ?? false)));
  }
  const hashes = new ByteWriter();
  const flags: boolean[] = [];
  const visit = (height: number, position: number): void => {
    const marked = marks[height]![position]!;
    flags.push(marked);
    if (height === 0 || !marked) {
      hashes.put(levels[height]!.subarray(HASH_BYTES * position, HASH_BYTES * (position + 1)));
      return;
    }
    visit(height - 1, 2 * position);
    if (2 * position + 1 < widthAt(txCount, height - 1)) visit(height - 1, 2 * position + 1);
  };
  visit(levels.length - 1, 0);
  const flagBytes = new Uint8Array(Math.ceil(flags.length / 8));
  flags.forEach((flag, i) => {
    if (flag) flagBytes[i >>> 3] = flagBytes[i >>> 3]! | (1 << (i & 7));
  });
  return { txCount, hashes: hashes.finish(), flags: flagBytes };
}

/** Pairs that are hashed in one step of a walk, some milliseconds. */
const PAIRS_PER_STEP = 2048;

/** Walks a tree, consuming flags and hashes; the first fault ends the walk. */
class Extraction {
  readonly matches: MerkleMatch[] = [];
  readonly #tree: PartialMerkleTree;
  readonly #hashCount: number;
  #pairCount = 0;
  flagsUsed = 0;
  hashesUsed = 0;
  fault: PartialMerkleTreeError | null = null;

  constructor(tree: PartialMerkleTree) {
    this.#tree = tree;
    this.#hashCount = tree.hashes.length / HASH_BYTES;
  }

  /** Writes the hash of a node to `out`; false when the walk is at an end. It pauses after every so many hashes. */
  *walk(height: number, position: number, out: Uint8Array, outAt: number): Generator<undefined, boolean, void> {
    const { txCount, hashes, flags } = this.#tree;
    if (this.flagsUsed >= 8 * flags.length) return this.#fail('flags-exhausted');
    const marked = ((flags[this.flagsUsed >>> 3]! >>> (this.flagsUsed & 7)) & 1) === 1;
    this.flagsUsed++;
    if (height === 0 || !marked) {
      if (this.hashesUsed >= this.#hashCount) return this.#fail('hashes-exhausted');
      const at = HASH_BYTES * this.hashesUsed++;
      copyRange(hashes, at, out, outAt, HASH_BYTES);
      if (marked) this.matches.push({ txid: asTxid(hashes.slice(at, at + HASH_BYTES)), position });
      return true;
    }
    const pair = new Uint8Array(2 * HASH_BYTES);
    if (!(yield* this.walk(height - 1, 2 * position, pair, 0))) return false;
    if (2 * position + 1 < widthAt(txCount, height - 1)) {
      if (!(yield* this.walk(height - 1, 2 * position + 1, pair, HASH_BYTES))) return false;
      // the txids below must all differ, so equal siblings are a list with a repeated tail (CVE-2012-2459)
      if (equalRange(pair, 0, pair, HASH_BYTES, HASH_BYTES)) return this.#fail('equal-siblings');
    } else {
      pair.copyWithin(HASH_BYTES, 0, HASH_BYTES);
    }
    sha256dPairsInto(pair, 1);
    copyRange(pair, 0, out, outAt, HASH_BYTES);
    if (++this.#pairCount % PAIRS_PER_STEP === 0) yield;
    return true;
  }

  #fail(fault: PartialMerkleTreeError): false {
    this.fault = fault;
    return false;
  }
}

/**
 * The root that the tree gives and the txids that it proves, in block order. The caller compares the root with a header, and
 * the claimed transaction count with what it knows of the block.
 */
export function extractMatches(tree: PartialMerkleTree): Result<ExtractedMatches, PartialMerkleTreeError> {
  const steps = extractMatchesInSteps(tree);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** {@link extractMatches} with pauses, for trees as large as a stranger likes. */
export function* extractMatchesInSteps(
  tree: PartialMerkleTree,
): Generator<undefined, Result<ExtractedMatches, PartialMerkleTreeError>, void> {
  const { txCount, hashes, flags } = tree;
  const hashCount = hashes.length / HASH_BYTES;
  if (txCount === 0) return err('no-transactions');
  if (txCount > TRANSACTION_COUNT_MAX) return err('too-many-transactions');
  if (hashCount > txCount) return err('more-hashes-than-transactions');
  if (8 * flags.length < hashCount) return err('fewer-flags-than-hashes');
  const extraction = new Extraction(tree);
  const merkleRoot = new Uint8Array(HASH_BYTES);
  yield* extraction.walk(heightOf(txCount), 0, merkleRoot, 0);
  if (extraction.fault !== null) return err(extraction.fault);
  if (Math.ceil(extraction.flagsUsed / 8) !== flags.length) return err('flags-left-over');
  if (extraction.hashesUsed !== hashCount) return err('hashes-left-over');
  return ok({ merkleRoot: asMerkleRoot(merkleRoot), matches: extraction.matches });
}

/** Reads a partial tree. Throws DecodeError. */
export function readPartialMerkleTree(reader: ByteReader): PartialMerkleTree {
  const txCount = reader.u32('transaction count');
  const hashCount = reader.count(HASH_BYTES, 'merkle hash count');
  const hashes = reader.copy(HASH_BYTES * hashCount, 'merkle hashes');
  const flags = reader.copy(reader.compactSize('flag bytes'), 'flag bytes');
  return { txCount, hashes, flags };
}

/** Appends a partial tree. */
export function writePartialMerkleTree(writer: ByteWriter, tree: PartialMerkleTree): void {
  writer
    .u32(tree.txCount)
    .compactSize(tree.hashes.length / HASH_BYTES)
    .put(tree.hashes)
    .varBytes(tree.flags);
}

/** Reads a header and its partial tree: the payload of a merkleblock message. Throws DecodeError. */
export function readMerkleBlock(reader: ByteReader): MerkleBlock {
  const header = new BlockHeader(reader.copy(HEADER_BYTES, 'block header'));
  return { header, tree: readPartialMerkleTree(reader) };
}

/** Decodes a header and its partial tree, and nothing behind them. */
export function decodeMerkleBlock(bytes: Uint8Array): Result<MerkleBlock, DecodeError> {
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    const merkleBlock = readMerkleBlock(reader);
    reader.finish('merkle block');
    return merkleBlock;
  });
}

/** The bytes of a header and its partial tree. */
export function encodeMerkleBlock(merkleBlock: MerkleBlock): Uint8Array {
  const writer = new ByteWriter();
  writer.put(merkleBlock.header.serialized());
  writePartialMerkleTree(writer, merkleBlock.tree);
  return writer.finish();
}
