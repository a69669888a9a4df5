// The basic filter of a block (BIP158): a coded set of the scripts that it pays to and of those of the coins that it spends. Scripts
// without content, and outputs that carry data only, are left out. Filters form a chain of headers, so that peers that say different
// things are found out with few bytes. Mirrors Core's BlockFilter.

import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import { SHA256_BYTES, sha256d } from '../../kernel/crypto/sha256.ts';
import { SIPHASH_KEY_BYTES } from '../../kernel/crypto/siphash.ts';
import { decodeGolombSet, encodeGolombSet, type GolombSet } from '../../kernel/encoding/golomb.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { BlockHash } from '../../kernel/primitives/hashes.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';

/** Type of the basic filter on the wire (BIP158). */
export const BASIC_FILTER_TYPE = 0;

/** What stands before the header of the first filter. */
export const NO_FILTER_HEADER: Uint8Array = new Uint8Array(SHA256_BYTES);

/** The scripts of a block that its filter is of, repetitions included; `undo` is null for the first block. */
export function collectFilterElements(block: Block, undo: BlockUndo | null): readonly Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let i = 0; i < block.txCount; i++) {
    const transaction = block.transaction(i);
    for (let j = 0; j < transaction.outputCount; j++) {
      const script = transaction.scriptPubKey(j);
      if (script.length > 0 && script[0] !== OP.OP_RETURN) elements.push(script);
    }
  }
  if (undo === null) return elements;
  const { coins } = undo;
  for (let k = 0; k < coins.count; k++) {
    const script = coins.bytes.subarray(coins.scriptStart(k), coins.scriptEnd(k));
    if (script.length > 0) elements.push(script);
  }
  return elements;
}

function filterKey(blockHash: BlockHash): Uint8Array {
  return blockHash.subarray(0, SIPHASH_KEY_BYTES);
}

/** The basic filter of a block, encoded. */
export function computeBlockFilter(block: Block, undo: BlockUndo | null): Uint8Array {
  return encodeGolombSet(filterKey(block.header.blockHash), collectFilterElements(block, undo));
}

/** The hash of an encoded filter. */
export function hashFilter(filter: Uint8Array): Uint8Array {
  return sha256d(filter);
}

/** The header of a filter, whose hash is given, behind the header of the filter before it. */
export function computeFilterHeader(filterHash: Uint8Array, previousHeader: Uint8Array): Uint8Array {
  return sha256d(concatBytes(filterHash, previousHeader));
}

/** An encoded filter as a set that can be asked; null when the bytes are none. */
export function openFilter(blockHash: BlockHash, filter: Uint8Array): GolombSet | null {
  const decoded = decodeGolombSet(filterKey(blockHash), filter);
  return decoded.ok ? decoded.value : null;
}
