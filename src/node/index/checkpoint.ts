// How far an index is saved, as Core writes it: a block locator, whose first hash is the block. The further ones let a program that
// does not know that block find one that it knows; we build the index anew then.

import { createLocator } from '../../kernel/chain/active-chain.ts';
import type { BlockEntry, BlockIndex } from '../../kernel/chain/block-index.ts';
import { type DecodeError, decodeResult } from '../../kernel/encoding/decode-error.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { asBlockHash, type BlockHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { Result } from '../../kernel/util/result.ts';

/** What Core writes as the version of a locator, and nobody reads (CBlockLocator DUMMY_VERSION). */
const LOCATOR_VERSION = 70016;

/** The bytes of a checkpoint at a block. */
export function encodeCheckpoint(index: BlockIndex, entry: BlockEntry): Uint8Array {
  return encodeHashes(createLocator(index, entry));
}

/** The bytes of a checkpoint at a block of which nothing but its hash is known. */
export function encodeCheckpointAt(blockHash: BlockHash): Uint8Array {
  return encodeHashes([blockHash]);
}

function encodeHashes(hashes: readonly BlockHash[]): Uint8Array {
  const writer = new ByteWriter(9 + HASH_BYTES * hashes.length).u32(LOCATOR_VERSION).compactSize(hashes.length);
  for (const hash of hashes) writer.put(hash);
  return writer.finish();
}

/** The block of a checkpoint; null: the index is empty. */
export function decodeCheckpoint(bytes: Uint8Array): Result<BlockHash | null, DecodeError> {
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    reader.u32('version');
    const count = reader.count(HASH_BYTES, 'locator');
    return count === 0 ? null : asBlockHash(reader.copy(HASH_BYTES, 'block hash'));
  });
}
