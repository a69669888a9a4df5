// Finds blocks in a file that may hold anything: a block file of Core or of ours, a bootstrap.dat, one with garbage between the
// blocks, a torn tail, or the zeros of space allocated ahead (the reading half of Core LoadExternalBlockFile). A block is taken
// where magic, a plausible size, a header with proof of work and a whole block follow each other. Where that fails, the search
// goes on one byte further, so that no wrong size can hide a block behind it, where Core would skip. Rescanning costs little: each byte is
// looked at again only behind a magic, and nothing is decoded before its header has shown work.
//
// Only a few megabytes of the file are in memory. Blocks are views of what was read: keep one, and a whole piece stays.

import type { ChainParams } from '../consensus/params.ts';
import { checkProofOfWork } from '../consensus/pow.ts';
import { readU32 } from '../encoding/numbers.ts';
import { type Block, decodeBlock } from '../primitives/block.ts';
import { BlockHeader, HEADER_BYTES } from '../primitives/header.ts';
import { computeMerkleRoot } from '../primitives/merkle.ts';
import { assert } from '../util/assert.ts';
import { equalBytes, equalRange } from '../util/bytes.ts';
import { RECORD_HEADER_BYTES } from './block-store.ts';
import type { Obfuscation } from './obfuscation.ts';
import type { FileHandle } from './ports.ts';

/** Most bytes of a block (Core MAX_BLOCK_SERIALIZED_SIZE). */
export const BLOCK_BYTES_MAX = 4_000_000;

const MAGIC_BYTES = 4;

/** Bytes in memory at a time: a few blocks of the largest kind. */
const PIECE_BYTES = 4 * BLOCK_BYTES_MAX;

/** A block found in a file. */
export interface FoundBlock {
  readonly block: Block;
  /** Where its first byte lies, after magic and size. */
  readonly offset: number;
}

/** How to look for blocks. */
export interface BlockScanOptions {
  readonly params: ChainParams;
  /** Key of the folder of the file. */
  readonly obfuscation: Obfuscation;
  /** Where to begin; the start of the file if absent. */
  readonly start?: number;
  /** Bytes in memory at a time; tests want few. At least a record of the largest block. */
  readonly pieceBytes?: number;
}

/** The blocks of a file, piece by piece, in the order of the file; `end` is how far the file has been looked at. */
export async function* scanBlocks(
  file: FileHandle,
  options: BlockScanOptions,
): AsyncIterable<{ readonly blocks: readonly FoundBlock[]; readonly end: number }> {
  const pieceBytes = options.pieceBytes ?? PIECE_BYTES;
  assert(pieceBytes >= RECORD_HEADER_BYTES + BLOCK_BYTES_MAX, 'room for the largest block');
  const fileBytes = await file.size();
  const read = (position: number): Promise<Uint8Array> => {
    const length = Math.min(pieceBytes, fileBytes - position);
    return position < fileBytes ? file.read(position, length) : Promise.resolve(new Uint8Array(0));
  };
  let position = options.start ?? 0;
  let pending = read(position);
  while (position < fileBytes) {
    const bytes = await pending;
    options.obfuscation.apply(bytes, position);
    const isLast = position + bytes.length >= fileBytes;
    const { blocks, consumed } = scanPiece(bytes, position, isLast, options.params);
    position += consumed;
    // read on while the caller deals with these
    pending = read(position);
    pending.catch(() => {});
    yield { blocks, end: position };
  }
}

/** The blocks that lie whole in `bytes`, and how many bytes need not be looked at again. */
function scanPiece(
  bytes: Uint8Array,
  position: number,
  isLast: boolean,
  params: ChainParams,
): { blocks: FoundBlock[]; consumed: number } {
  const blocks: FoundBlock[] = [];
  // the first bytes of a magic at the very end belong to the next piece
  const searchEnd = isLast ? bytes.length : bytes.length - (MAGIC_BYTES - 1);
  let at = 0;
  while (at < searchEnd) {
    const start = findMagic(bytes, at, searchEnd, params.magic);
    if (start === searchEnd) return { blocks, consumed: searchEnd };
    const found = decodeRecord(bytes, start, params);
    if (found === 'cut' && !isLast) return { blocks, consumed: start };
    if (found === 'cut' || found === 'nothing') {
      at = start + 1;
      continue;
    }
    blocks.push({ block: found, offset: position + start + RECORD_HEADER_BYTES });
    at = start + RECORD_HEADER_BYTES + found.totalSize;
  }
  return { blocks, consumed: at };
}

/** Where the magic begins next, or `end`. */
function findMagic(bytes: Uint8Array, from: number, end: number, magic: Uint8Array): number {
  for (let at = bytes.indexOf(magic[0]!, from); at >= 0 && at < end; at = bytes.indexOf(magic[0]!, at + 1)) {
    if (at + MAGIC_BYTES <= bytes.length && equalRange(bytes, at, magic, 0, MAGIC_BYTES)) return at;
  }
  return end;
}

/** The block of the record at `start`, or why there is none: it goes on where `bytes` end, or it is no record. */
function decodeRecord(bytes: Uint8Array, start: number, params: ChainParams): Block | 'cut' | 'nothing' {
  const offset = start + RECORD_HEADER_BYTES;
  if (offset + HEADER_BYTES > bytes.length) return 'cut';
  const size = readU32(bytes, start + MAGIC_BYTES);
  if (size < HEADER_BYTES || size > BLOCK_BYTES_MAX) return 'nothing';
  const header = new BlockHeader(bytes, offset);
  if (!checkProofOfWork(header.blockHash, 0, header.bits, params.consensus.pow)) return 'nothing';
  if (offset + size > bytes.length) return 'cut';
  const decoded = decodeBlock(bytes.subarray(offset, offset + size), { allowTrailing: true });
  if (!decoded.ok) return 'nothing';
  const block = decoded.value;
  const isFollowed = block.totalSize === size && equalRange(bytes, offset + size, params.magic, 0, MAGIC_BYTES);
  return isFollowed || hasOwnTransactions(block) ? block : 'nothing';
}

/**
 * Half a block with something else behind it may happen to decode. Where no other record follows at once, the transactions have to
 * prove that they are the header's; elsewhere that is left to the chain, which asks anyway.
 */
function hasOwnTransactions(block: Block): boolean {
  return equalBytes(computeMerkleRoot(block.txids()).root, block.header.merkleRoot);
}
